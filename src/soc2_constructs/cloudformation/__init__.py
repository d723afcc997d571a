"""Reading and evaluating CloudFormation: documents, intrinsic functions, references, cloud assemblies."""

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.evaluation import Evaluation
from soc2_constructs.cloudformation.indexes import OPEN, is_output, referring_or_open, shared, with_keys
from soc2_constructs.cloudformation.loading import read_assembly
from soc2_constructs.cloudformation.resource import Resource, Value
from soc2_constructs.cloudformation.template import Declaration, Template
from soc2_constructs.cloudformation.template_loader import document_assembly
from soc2_constructs.cloudformation.values import Reference, Text, Unresolved
from soc2_constructs.cloudformation.verdicts import (
    FAIL,
    PASS,
    UNRESOLVED,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)

__all__ = [
    "FAIL",
    "OPEN",
    "PASS",
    "UNRESOLVED",
    "Assembly",
    "Declaration",
    "Evaluation",
    "InputError",
    "Reference",
    "Resource",
    "Template",
    "Text",
    "Unresolved",
    "Value",
    "Verdict",
    "all_of",
    "any_of",
    "document_assembly",
    "failed",
    "is_output",
    "passed",
    "read_assembly",
    "referring_or_open",
    "shared",
    "unresolved",
    "with_keys",
]

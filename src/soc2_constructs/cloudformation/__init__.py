"""What a template says: documents, intrinsic functions, references, cloud assemblies."""

from soc2_constructs.cloudformation.assembly import Assembly
from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.template import Resource, Template
from soc2_constructs.cloudformation.values import Reference, Text, Unresolved, Value
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
    "PASS",
    "UNRESOLVED",
    "Assembly",
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
    "failed",
    "passed",
    "unresolved",
]

"""Limits on inputs: far beyond what CloudFormation accepts, and small enough to bound time and memory."""

from __future__ import annotations

#: Size of a template. CloudFormation accepts 1 MB.
MAX_TEMPLATE_BYTES = 16 * 1024 * 1024
#: Size of a YAML template, which takes much longer to parse than JSON.
MAX_YAML_BYTES = 2 * 1024 * 1024
#: Size of the other files of an assembly: manifests, metadata.
MAX_BYTES = 64 * 1024 * 1024
#: Digits of a number: no property accepts longer ones, and arithmetic on them is slow.
MAX_DIGITS = 300
#: Nesting of objects and lists in a document.
MAX_DEPTH = 256
#: Nodes of a YAML file after its aliases are expanded.
MAX_NODES = 500_000
#: Nesting of intrinsic functions, conditions and their targets over all templates of an assembly.
MAX_EVALUATION_DEPTH = 100
#: Characters of a computed string: functions can double their input.
MAX_TEXT = 1_000_000
#: Parts of a partly known string.
MAX_PARTS = 10_000
#: Levels of nested stacks.
MAX_NESTING = 32
#: Templates of one assembly; a nested stack counts each time that it is deployed.
MAX_TEMPLATES = 5_000
#: Scenarios of one check: beyond this number the verdict is unresolved.
MAX_SCENARIOS = 128
#: Nodes that the loops of a template expand to.
MAX_LOOP_NODES = 500_000
#: The newest major version of the schema of cloud assemblies that was tested.
KNOWN_ASSEMBLY_VERSION = 55

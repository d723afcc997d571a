"""The `cdk` extra: the distributions that constructs and the rule pack need, and the error where they are missing.

The checker (`soc2 check`) needs none of them. Every module that imports the CDK calls `require_cdk` first.
"""

from __future__ import annotations

#: Distribution → the module that it installs and its minimum version, as in the `cdk` extra of pyproject.toml.
FLOORS = {
    "aws-cdk-lib": ("aws_cdk", (2, 275)),
    "cdk-nag": ("cdk_nag", (3, 0, 2)),
    "constructs": ("constructs", (10, 5, 1)),
    "jsii": ("jsii", (1, 142)),
}
INSTALL = 'pip install "soc2-constructs[cdk]"'


def require_cdk(name: str) -> None:
    """Check that the `cdk` extra is installed.

    Args:
        name: The module or public name that needs the extra; the error names it.

    Raises:
        ImportError: A distribution of the extra is missing, or older than its minimum version.
    """
    problems = list(filter(None, (_problem(*item) for item in FLOORS.items())))
    if problems:
        raise ImportError(f"{name} requires the CDK: {'; '.join(problems)}. Run: {INSTALL}", name=name)


def _problem(distribution: str, requirement: tuple[str, tuple[int, ...]]) -> str | None:
    from importlib import metadata, util

    module, floor = requirement
    if util.find_spec(module) is None:
        return f"{distribution} is not installed"
    try:
        installed = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None  # bundled without metadata, as in a zipped layer: its version is unknown
    if _numbers(installed, len(floor)) < floor:
        return f"{distribution} {installed} is installed, {'.'.join(map(str, floor))} or newer is required"
    return None


def _numbers(version: str, length: int) -> tuple[int, ...]:
    """The release numbers of a version, padded with zeros: `"2.275.0rc1"`, 2 → `(2, 275)`."""
    import re

    numbers = [int(number) for number in re.findall(r"\d+", version)[:length]]
    return tuple(numbers + [0] * (length - len(numbers)))

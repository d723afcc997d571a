"""The `cdk` extra: the distributions that constructs and the rule pack need, and the error if they are missing.

`pip install soc2-constructs` installs the checker alone, which needs none of them. Call `require_cdk` before the first
import of the CDK.
"""

from __future__ import annotations

#: Distribution → the module that it installs.
DISTRIBUTIONS = {"aws-cdk-lib": "aws_cdk", "cdk-nag": "cdk_nag", "constructs": "constructs", "jsii": "jsii"}
INSTALL = 'pip install --upgrade "soc2-constructs[cdk]"'


def require_cdk() -> None:
    """Check that the `cdk` extra is installed, in the minimum versions that pyproject.toml declares.

    Raises:
        ImportError: A distribution of the extra is missing, or older than its minimum version.
    """
    minimums = _minimums()
    for distribution, module in DISTRIBUTIONS.items():
        if (problem := _problem(distribution, module, minimums.get(distribution, ""))) is not None:
            raise ImportError(f"{problem}; the constructs and the rule pack require it. Run: {INSTALL}", name=module)


def _problem(distribution: str, module: str, minimum: str) -> str | None:
    from importlib import metadata, util

    if util.find_spec(module) is None:
        return f"{distribution} is not installed"
    try:
        installed = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None  # bundled without its metadata, as in a zipped layer
    if _numbers(installed) < _numbers(minimum):
        return f"{distribution} {installed} is installed instead of {minimum} or newer"
    return None


def _minimums() -> dict[str, str]:
    """Distribution → its minimum version; nothing if this library runs from a checkout that is not installed."""
    import re
    from importlib import metadata

    try:
        requirements = metadata.requires("soc2-constructs") or []
    except metadata.PackageNotFoundError:
        return {}
    matches = (re.match(r"([\w-]+)[^;]*>=([\d.]+)", requirement) for requirement in requirements)
    return {match[1]: match[2] for match in matches if match}


def _numbers(version: str) -> tuple[int, ...]:
    """The leading release numbers of a version: `"2.275.0rc1"` → `(2, 275, 0)`."""
    import re

    release = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()

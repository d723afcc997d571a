"""Check that the AWS CDK is installed, in a version that this library supports.

`pip install soc2-constructs` installs the command alone; the extra `cdk` adds the packages that constructs need. Every
module above the command imports `soc2_constructs.hardening` first, so this check precedes the first import of the CDK.
"""

from __future__ import annotations

import re
from importlib import metadata

#: The distributions that constructs need.
DISTRIBUTIONS = ("aws-cdk-lib", "constructs", "jsii")
#: The command that installs them.
COMMAND = 'pip install "soc2-constructs[cdk]"'


def require_cdk() -> None:
    """Check that the CDK is installed, in the minimum versions that the metadata of this library declares.

    Raises:
        ImportError: a distribution is missing or too old.
    """
    for name, minimum in _minimum_versions().items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError as error:
            raise ImportError(
                f"{name} is not installed; constructs of soc2-constructs require {name} {minimum} or newer. "
                f"Type: {COMMAND}",
                name=name,
            ) from error
        if _numbers(version) < _numbers(minimum):
            raise ImportError(
                f"{name} is installed in version {version}; constructs of soc2-constructs require {minimum} or newer. "
                f"Type: {COMMAND} --upgrade",
                name=name,
            )


def _minimum_versions() -> dict[str, str]:
    """The minimum version of each distribution, from the metadata of this library; 0 if it declares none."""
    try:
        requirements = metadata.requires("soc2-constructs") or []
    except metadata.PackageNotFoundError:
        # The source is used without being installed.
        requirements = []
    minimums = dict.fromkeys(DISTRIBUTIONS, "0")
    for requirement in requirements:
        match = re.match(r"\s*([\w.-]+)[^;]*?>=\s*([\d.]+)", requirement)
        if match and match[1].lower() in minimums:
            minimums[match[1].lower()] = match[2]
    return minimums


def _numbers(version: str) -> tuple[int, ...]:
    """The release segment of a version, for comparison: "2.275.0" becomes (2, 275, 0)."""
    release = re.match(r"[\d.]*\d", version)
    return tuple(map(int, release[0].split("."))) if release else ()

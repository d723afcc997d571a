"""The minimal constructors of `tests/programs/aws_<service>.py`, with CDK classes or with drop-in classes.

The files are programs of the CDK. With the drop-in classes they run with another import, and no other change.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import soc2_constructs
from generate import hardened_classes

PROGRAMS = Path(__file__).parent.parent / "programs"
#: The drop-in modules.
MODULES = sorted(path.stem for path in Path(soc2_constructs.__file__).parent.glob("aws_*"))

#: Creates a construct: stack, id, properties.
Make = Callable[..., Any]


def with_drop_in_modules(text: str) -> str:
    """A program of the CDK with the drop-in modules imported instead."""
    return re.sub(
        rf"^from aws_cdk import ({'|'.join(MODULES)})\b(?!_)", r"from soc2_constructs import \1", text, flags=re.M
    )


@functools.cache
def constructors(*, drop_in: bool) -> dict[str, Make]:
    """The minimal constructors, by class: `aws_s3.Bucket`.

    Args:
        drop_in: Whether they create the drop-in classes; otherwise those of the CDK.
    """
    found: dict[str, Make] = {}
    for path in sorted(PROGRAMS.glob("aws_*.py")):
        text = path.read_text()
        names: dict[str, Any] = {"__name__": path.stem}
        exec(compile(with_drop_in_modules(text) if drop_in else text, str(path), "exec"), names)
        found |= {f"{path.stem}.{name}": make for name, make in names["MINIMAL"].items()}
    return found


def hardened() -> dict[str, type[Any]]:
    """The hardened classes, by module and name: `aws_s3.Bucket`."""
    return {f"{module}.{cls.__name__}": cls for module, cls in hardened_classes()}


def check_complete(classes: Iterable[str], known: Mapping[str, Make]) -> None:
    """Check that each class has a minimal constructor, and each constructor a class.

    Raises:
        AssertionError: one of them is missing; the message says what to add.
    """
    wanted = set(classes)
    for name in sorted(wanted - set(known)):
        module, _, cls = name.partition(".")
        raise AssertionError(
            f"{name} has no minimal constructor. In tests/programs/{module}.py, write a function that creates a {cls} "
            f'with no more arguments than the CDK requires, and add "{cls}" to MINIMAL.'
        )
    for name in sorted(set(known) - wanted):
        module, _, cls = name.partition(".")
        raise AssertionError(
            f'{name} is no hardened class. Remove "{cls}" from MINIMAL in tests/programs/{module}.py, or decorate the '
            f"class with @hardened in src/soc2_constructs/{module}."
        )

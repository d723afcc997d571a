"""The catalogue of controls: one module per AWS service, one decorated function per control.

A control is written once, here; constructs, the rule pack, reports and documentation read it from the catalogue.

    @control(
        on="AWS::S3::Bucket",
        criteria=("A1.2", "C1.2"),
        severity="high",
        fix="Set `versioned=True` (VersioningConfiguration.Status: Enabled).",
        config_rule="S3_BUCKET_VERSIONING_ENABLED",
    )
    def s3_bucket_versioning_enabled(bucket: Resource) -> Verdict:
        \"\"\"Buckets keep earlier versions of objects.

        Why it matters …
        \"\"\"
        return bucket["VersioningConfiguration.Status"].equals("Enabled")
"""

from __future__ import annotations

import importlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Check = TypeVar("Check", bound=Callable[..., Any])

#: From the gravest to the least; high and medium fail a synth by default, low is shown.
SEVERITIES = ("high", "medium", "low")


class Control:
    """One control: what it asks of which resources, for which criteria, and how to comply."""

    __slots__ = (
        "check",
        "config_parameters",
        "config_rule",
        "criteria",
        "documentation",
        "each",
        "fix",
        "id",
        "on",
        "prowler",
        "runtime",
        "service",
        "severity",
        "thresholds",
        "title",
    )

    id: str
    title: str
    service: str
    on: tuple[str, ...]
    each: str
    criteria: tuple[str, ...]
    severity: str
    fix: str
    config_rule: str | None
    config_parameters: Mapping[str, str]
    prowler: tuple[str, ...]
    runtime: bool
    check: Callable[..., Any] | None
    documentation: str
    thresholds: Mapping[str, float]

    def __repr__(self) -> str:
        return f"<Control {self.id}>"


_found: dict[str, Control] = {}
_complete = False


def control(
    *,
    on: str | tuple[str, ...] = (),
    each: str = "resource",
    criteria: tuple[str, ...],
    severity: str,
    fix: str,
    config_rule: str | None = None,
    config_parameters: Mapping[str, str] | None = None,
    prowler: tuple[str, ...] = (),
    runtime: bool = False,
) -> Callable[[Check], Check]:
    """Enter a check into the catalogue; the function's name is the control's id, its docstring its documentation.

    Keyword-only arguments of the check with a number as default are thresholds that a user may raise.

    Args:
        on: The CloudFormation resource types that are judged. A control without any is judged on the live account
            only: it has no verdict of its own, and holds where the assembly deploys its AWS Config rule.
        each: `"resource"` calls the check with each resource; `"region"` calls it once per region that holds one of
            the types, with a list of those resources, to judge them together.
        criteria: Ids of the Trust Services Criteria that the control supports.
        severity: `"high"`, `"medium"` or `"low"`.
        fix: What to type, in CDK terms and in CloudFormation's.
        config_rule: Identifier of the AWS Config managed rule that detects the same in a live account.
        config_parameters: Parameters of that rule.
        prowler: Names of Prowler's checks for the same thing.
        runtime: The template shows only part of it: the rest needs the AWS Config rule.
    """

    def enter(check: Check) -> Check:
        entry = Control()
        entry.id = check.__name__
        title, _, rest = (check.__doc__ or "").strip().partition("\n")
        entry.title = title.rstrip(".")
        entry.documentation = "\n".join(line.removeprefix("    ") for line in rest.strip().splitlines())
        entry.service = check.__module__.rpartition(".")[2]
        entry.on = (on,) if isinstance(on, str) else on
        entry.each = each
        entry.criteria = criteria
        entry.severity = severity
        entry.fix = fix
        entry.config_rule = config_rule
        entry.config_parameters = config_parameters or {}
        entry.prowler = prowler
        entry.runtime = runtime or not entry.on
        entry.check = check if entry.on else None
        entry.thresholds = check.__kwdefaults__ or {}
        if entry.id in _found and _found[entry.id].check is not check:
            raise ValueError(f"the control {entry.id} is defined twice")
        _found[entry.id] = entry
        return check

    return enter


def catalogue() -> Mapping[str, Control]:
    """Every control by its id, ordered by service and then as its module orders them."""
    global _complete
    if not _complete:
        for name in sorted(os.listdir(os.path.dirname(__file__))):
            if name.endswith(".py") and not name.startswith("_"):
                importlib.import_module(f"{__name__}.{name[:-3]}")
        ordered = sorted(_found.values(), key=lambda entry: entry.service)
        _found.clear()
        _found.update((entry.id, entry) for entry in ordered)
        _complete = True
    return _found


class UnknownControlError(ValueError):
    """A control id that is not in the catalogue."""

    def __init__(self, name: str) -> None:
        import difflib

        close = difflib.get_close_matches(name, catalogue(), n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`soc2 controls` lists them all."
        super().__init__(f"There is no control {name!r}. {hint}")
        self.name = name


def find(name: str) -> Control:
    """The control of that id.

    Raises:
        UnknownControlError: naming the ids that come close.
    """
    try:
        return catalogue()[name]
    except KeyError:
        raise UnknownControlError(name) from None

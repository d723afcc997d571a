"""The catalogue of controls: one module per AWS service, one decorated function per control.

A control is written once, here; constructs, the rule pack, reports and documentation read it from the catalogue.

    @control(
        resource_types="AWS::S3::Bucket",
        kind="backups",
        severity="high",
        fix="Set `versioned=True` (VersioningConfiguration.Status: Enabled).",
        config_rule="S3_BUCKET_VERSIONING_ENABLED",
    )
    def s3_bucket_versioning_enabled(bucket: Resource) -> Verdict:
        \"\"\"Buckets keep previous object versions.

        Why it matters …
        \"\"\"
        return bucket["VersioningConfiguration.Status"].equals("Enabled")
"""

from __future__ import annotations

import importlib
import os

from soc2_constructs.controls._kinds import KINDS, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Check = TypeVar("Check", bound=Callable[..., Any])
    #: A number such as a retention in days, or a list of numbers such as ports.
    Threshold = float | tuple[float, ...]

#: From the most to the least severe. High and medium fail a synthesis by default; low is reported only.
SEVERITIES = ("high", "medium", "low")

#: A preview control is shown and fails nothing; a deprecated one will be removed in the next minor release.
STATES = ("preview", "stable", "deprecated")

#: What the index keeps of a control, in this order: all but its check and its documentation.
FIELDS = (
    "id",
    "title",
    "service",
    "resource_types",
    "scope",
    "kind",
    "severity",
    "severity_reason",
    "fix",
    "config_rules",
    "config_parameters",
    "prowler",
    "live_only",
    "thresholds",
    "aliases",
    "implies",
    "state",
    "since",
    "also_mapped",
)


class Control:
    """One control: what it asks of which resources, for which criteria, and how to comply."""

    __slots__ = FIELDS

    #: What a user calls it: in waivers, acknowledgements and options.
    id: str
    #: The compliant state, in one sentence without a full stop.
    title: str
    #: The module of this package that defines it, named as the module of `aws_cdk` without `aws_`.
    service: str
    #: The CloudFormation resource types that it judges; none where only a live account can show it.
    resource_types: tuple[str, ...]
    #: What it judges at a time: a `"resource"`, all of its types in a `"region"` or an `"account"`, or a `"waiver"`.
    scope: str
    #: What the control is about: the id of a `Kind`, which gives the criteria.
    kind: str
    severity: str
    #: Why the severity is what it is, where that is not obvious; else empty.
    severity_reason: str
    fix: str
    #: Identifiers of the AWS Config managed rules that detect the same in a live account.
    config_rules: tuple[str, ...]
    config_parameters: Mapping[str, str]
    prowler: tuple[str, ...]
    #: Whether the template shows only a part of it, or nothing: the rest needs the AWS Config rule.
    live_only: bool
    #: Numbers, or lists of numbers, that a user may change, by name, each with its default.
    thresholds: Mapping[str, Threshold]
    #: Other ids of the same control, by which it is found as well.
    aliases: tuple[str, ...]
    #: Controls that pass whenever this one passes on the same resource: their failure is the same finding.
    implies: tuple[str, ...]
    #: One of `STATES`.
    state: str
    #: The version of this library in which the control first appeared.
    since: str
    #: Criteria to which other public sets map the same control, by the set. Shown and exported, never used to select.
    also_mapped: Mapping[str, tuple[str, ...]]

    def __init__(self, *values: Any) -> None:
        (
            self.id,
            self.title,
            self.service,
            self.resource_types,
            self.scope,
            self.kind,
            self.severity,
            self.severity_reason,
            self.fix,
            self.config_rules,
            parameters,
            self.prowler,
            self.live_only,
            thresholds,
            self.aliases,
            self.implies,
            self.state,
            self.since,
            also_mapped,
        ) = values
        # The index holds constants only, so mappings are stored as pairs.
        self.config_parameters, self.thresholds = dict(parameters), dict(thresholds)
        self.also_mapped = dict(also_mapped)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Ids of the Trust Services Criteria that the control supports, the primary one first."""
        return KINDS[self.kind].criteria

    def rationale(self, criterion: str) -> str:
        """Return the sentence that explains why the control supports a criterion."""
        return KINDS[self.kind].rationale(criterion)

    @property
    def check(self) -> Callable[..., Any] | None:
        """The check, whose module is imported when it is first asked for; None for a live account's control."""
        return None if self.live_only and not self.resource_types else self._definition

    @property
    def documentation(self) -> str:
        """Why it matters, and what changes when it is switched on: the docstring after its first line."""
        _, _, rest = (self._definition.__doc__ or "").strip().partition("\n")
        return "\n".join(line.removeprefix("    ") for line in rest.strip().splitlines())

    @property
    def fix_terms(self) -> tuple[str, str]:
        """The fix in CDK terms, and its one pair of parentheses outside backticks, which holds CloudFormation's.

        The second is empty where there is no such pair, or more than one, or where it holds code itself: then the
        first is the whole fix.
        """
        pairs = []
        start, depth, in_code = 0, 0, False
        for at, letter in enumerate(self.fix):
            if letter == "`":
                in_code = not in_code
            elif in_code:
                continue
            elif letter == "(":
                start = at if depth == 0 else start
                depth += 1
            elif letter == ")":
                depth -= 1
                if depth == 0:
                    pairs.append((start, at))
        if len(pairs) != 1 or "`" in self.fix[pairs[0][0] : pairs[0][1]]:
            return self.fix, ""
        ((start, end),) = pairs
        return self.fix[:start].rstrip() + self.fix[end + 1 :], self.fix[start + 1 : end]

    @property
    def _definition(self) -> Callable[..., Any]:
        if self.id not in _checks:
            importlib.import_module(f"{__name__}.{self.service}")
        return _checks[self.id]

    def __repr__(self) -> str:
        return f"<Control {self.id}>"


_defined: dict[str, Control] = {}
_checks: dict[str, Callable[..., Any]] = {}
_catalogue: dict[str, Control] = {}


def control(
    *,
    resource_types: str | tuple[str, ...] = (),
    scope: str = "resource",
    kind: str,
    severity: str,
    severity_reason: str = "",
    fix: str,
    config_rule: str | tuple[str, ...] = (),
    config_parameters: Mapping[str, str] | None = None,
    prowler: tuple[str, ...] = (),
    live_only: bool = False,
    aliases: tuple[str, ...] = (),
    implies: tuple[str, ...] = (),
    state: str = "stable",
    since: str = "0.1.0",
    also_mapped: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Check], Check]:
    """Enter a check into the catalogue; the function's name is the control's id, its docstring its documentation.

    Keyword-only arguments of the check with a number, or a tuple of numbers, as default are thresholds that a user may
    change.

    Args:
        resource_types: The CloudFormation resource types that are judged. A control without any is judged on the live
            account only: it has no verdict of its own, and holds where the assembly deploys its AWS Config rule.
        scope: `"resource"` calls the check with each resource; `"region"` calls it once per region that holds one of
            the types, and `"account"` once per account, with a list of those resources, to judge them together;
            `"waiver"` calls it with each waiver, whether it was used, and the day.
        kind: What the control is about: the id of a kind in `controls/_kinds.py`, which gives its criteria.
        severity: `"high"` where a failure exposes or loses data or opens a way in, `"medium"` where an auditor would
            write an exception, `"low"` for hygiene.
        severity_reason: Why, where the severity is not obvious. Default: nothing.
        fix: What to type, in CDK terms and in CloudFormation's.
        config_rule: Identifier of the AWS Config managed rule, or of several, that detects the same in a live account.
        config_parameters: Parameters of that rule.
        prowler: Names of Prowler's checks for the same thing.
        live_only: The template shows only part of it: the rest needs the AWS Config rule.
        aliases: Other ids by which the same control is known and found.
        implies: Controls that pass whenever this one passes on the same resource. Where both fail, reports show one
            finding. Default: none.
        state: `"preview"` (shown, fails nothing), `"stable"` or `"deprecated"`. Default `"stable"`.
        since: The version of this library in which the control first appeared. Default `"0.1.0"`.
        also_mapped: Criteria to which other public sets map the same control, by the set (`"Powerpipe"`, `"Prowler"`,
            or `"inferred"` where the inventory derived them from these sets). Default: none.
    """

    def enter(check: Check) -> Check:
        name = check.__name__
        if name in _checks:
            raise ValueError(f"the control {name} is defined twice")
        kinds = (resource_types,) if isinstance(resource_types, str) else resource_types
        _checks[name] = check
        _defined[name] = Control(
            name,
            (check.__doc__ or "").strip().partition("\n")[0].rstrip("."),
            check.__module__.rpartition(".")[2],
            kinds,
            scope,
            kind,
            severity,
            severity_reason,
            fix,
            (config_rule,) if isinstance(config_rule, str) else config_rule,
            config_parameters or {},
            prowler,
            live_only or (not kinds and scope != "waiver"),
            check.__kwdefaults__ or {},
            aliases,
            implies,
            state,
            since,
            also_mapped or {},
        )
        return check

    return enter


def definitions() -> list[Control]:
    """Every control as its module defines it, ordered by service and then as its module orders them.

    It imports every module; `scripts/generate.py` writes the index from it.
    """
    for name in sorted(os.listdir(os.path.dirname(__file__))):
        if name.endswith(".py") and not name.startswith("_"):
            importlib.import_module(f"{__name__}.{name[:-3]}")
    return sorted(_defined.values(), key=lambda entry: entry.service)


def catalogue() -> Mapping[str, Control]:
    """Every control by its id, ordered by service and then as its module orders them.

    It reads the index: the module of a control is imported when its check or its documentation is first asked for.
    """
    if not _catalogue:
        from soc2_constructs.controls._index import ENTRIES

        for entry in (Control(*values) for values in ENTRIES):
            _catalogue[entry.id] = entry
    return _catalogue


class UnknownControlError(ValueError):
    """A control id that is not in the catalogue."""

    def __init__(self, name: str) -> None:
        import difflib

        known = [other for entry in catalogue().values() for other in (entry.id, *entry.aliases)]
        close = difflib.get_close_matches(name, known, n=3)
        if close:
            hint = f"Did you mean {' or '.join(close)}?"
        elif any(id.startswith(name.lower()) for id in known):
            hint = f"`soc2 controls {name}` lists those that begin with it."
        else:
            hint = "`soc2 controls` lists them all."
        super().__init__(f"There is no control {name!r}. {hint}")
        self.name = name


def canonical_id(name: str) -> str:
    """The control id of an alias; other names as they are."""
    if name in catalogue():
        return name
    return next((entry.id for entry in catalogue().values() if name in entry.aliases), name)


def find(name: str) -> Control:
    """The control with an id or an alias.

    Raises:
        UnknownControlError: naming the ids that come close.
    """
    control = lookup(name)
    if control is None:
        raise UnknownControlError(name)
    return control


def lookup(name: str) -> Control | None:
    """Return the control that has this id or alias; None if there is no such control."""
    return catalogue().get(canonical_id(name))


def format_threshold(value: Threshold) -> str:
    """A threshold as the command takes it: ``365``, or ``80,443``."""
    return ",".join(f"{number:g}" for number in (value if isinstance(value, (list, tuple)) else (value,)))


__all__ = [
    "FIELDS",
    "KINDS",
    "SEVERITIES",
    "STATES",
    "Control",
    "Kind",
    "UnknownControlError",
    "canonical_id",
    "catalogue",
    "control",
    "definitions",
    "find",
    "format_threshold",
    "lookup",
]

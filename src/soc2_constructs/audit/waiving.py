"""Waivers that apply to the results of an audit."""

from __future__ import annotations

from soc2_constructs.audit.implications import covered_by, is_same_weakness, place_of
from soc2_constructs.audit.results import WAIVED, Result
from soc2_constructs.cloudformation import FAIL, UNRESOLVED
from soc2_constructs.controls import canonical_id, find
from soc2_constructs.output import counted
from soc2_constructs.waivers import closest_first, days_between, read_assembly_waivers, waivers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from soc2_constructs.cloudformation import Assembly, Declaration, Template
    from soc2_constructs.controls import Control
    from soc2_constructs.waivers import Waiver


#: The number of days from today within which a waiver must expire, by default.
MAX_WAIVER_DAYS = 365


class WaiverPolicy:
    """The waivers that an organization accepts.

    Args:
        max_days: The number of days from today within which a waiver must expire. Default 365.
        do_not_waive: Ids of controls that no waiver may cover. Default: none.
        trust_assembly: Whether waivers in cloud assemblies apply. Default True.

    Raises:
        ValueError: A control does not exist, or the number of days is not positive.
    """

    __slots__ = ("do_not_waive", "max_days", "trust_assembly")

    def __init__(
        self, *, max_days: int = MAX_WAIVER_DAYS, do_not_waive: Iterable[str] = (), trust_assembly: bool = True
    ) -> None:
        if isinstance(max_days, bool) or not isinstance(max_days, int) or max_days < 1:
            raise ValueError(f"The longest time of a waiver is {max_days!r}; it must be a positive number of days")
        self.max_days = max_days
        self.do_not_waive = frozenset(find(name).id for name in do_not_waive)
        self.trust_assembly = trust_assembly

    def refusal(self, waiver: Waiver, today: str) -> str | None:
        """Return the reason why a waiver is not accepted, or None."""
        if waiver.problem is not None:
            return waiver.problem
        if canonical_id(waiver.control) in self.do_not_waive:
            return "names a control that must not be waived (--do-not-waive)"
        if days_between(today, waiver.expires) > self.max_days:
            return f"expires on {waiver.expires}, more than {self.max_days} days from today"
        return None


class AssemblyWaivers:
    """The waivers of an assembly and of the caller, and which of them were used."""

    def __init__(
        self, assembly: Assembly, today: str, others: Iterable[Waiver], policy: WaiverPolicy | None = None
    ) -> None:
        policy = policy or WaiverPolicy()
        self._today = today
        self._used: set[tuple[str | None, ...]] = set()
        #: Each waiver once, with the template whose metadata contains it.
        self._all: dict[tuple[str | None, ...], tuple[Waiver, Template | None]] = {}
        #: The reason why a waiver is refused, by its key.
        self._refusals: dict[tuple[str | None, ...], str] = {}
        self._by_control: dict[str, list[Waiver]] = {}
        found: list[tuple[Waiver, Template | None]] = [(waiver, None) for waiver in others]
        if policy.trust_assembly:
            found += [(waiver, None) for folder in assembly.folders for waiver in read_assembly_waivers(folder)]
            found += [(waiver, template) for template in assembly.templates for waiver in waivers_of(template)]
        for waiver, place in found:
            self._all.setdefault(waiver.key, (waiver, place))
        for waiver in closest_first(waiver for waiver, _ in self._all.values()):
            reason = policy.refusal(waiver, today) or _ambiguity(waiver, assembly)
            if reason is not None:
                self._refusals[waiver.key] = reason
                continue
            self._by_control.setdefault(canonical_id(waiver.control), []).append(waiver)
        self._do_not_waive = policy.do_not_waive

    def all(self) -> list[Waiver]:
        """Every waiver, in force or not."""
        return [waiver for waiver, _ in self._all.values()]

    def about(self, control: Control) -> bool:
        """Whether any waiver names the control."""
        return control.id in self._by_control

    def covering(self, control: Control, declaration: Declaration) -> Waiver | None:
        """The closest waiver in force for a control on a resource."""
        return self._closest(control, lambda waiver: waiver.covers(declaration))

    def on_stack(self, control: Control, template: Template) -> Waiver | None:
        """The closest waiver in force for a control of a region or an account: one on the stack, or above it."""
        return self._closest(control, lambda waiver: waiver.covers_stack(template))

    def _closest(self, control: Control, covers: Callable[[Waiver], bool]) -> Waiver | None:
        covering = [waiver for waiver in self._by_control.get(control.id, ()) if covers(waiver)]
        self._used.update(waiver.key for waiver in covering)
        return next((waiver for waiver in covering if waiver.holds_on(self._today)), None)

    def extend_to_implied(self, results: Iterable[Result]) -> None:
        """Apply the waiver of each waived result to the results on the same resource that it covers."""
        if not self._by_control:
            return
        waived: list[Result] = []
        not_waived: dict[tuple[Any, ...], dict[str, Result]] = {}
        for result in results:
            if result.status in (FAIL, UNRESOLVED):
                not_waived.setdefault(place_of(result), {})[result.control.id] = result
            elif result.status is WAIVED and result.control.implies:
                waived.append(result)
        for result in waived:
            others = not_waived.get(place_of(result), {})
            for id in covered_by(result.control):
                implied = others.get(id)
                if implied is not None and id not in self._do_not_waive and is_same_weakness(result, implied):
                    implied.waive(result.waiver)

    def judged(self, selected: Iterable[Control]) -> list[Result]:
        """The results of the controls about waivers; a waiver counts as used where its control was not selected."""
        controls = tuple(selected)
        ids = {control.id for control in controls}
        results = []
        for control in controls:
            if control.scope == "waiver" and control.check is not None:
                for key, (waiver, template) in self._all.items():
                    refusal = self._refusals.get(key)
                    used = key in self._used or canonical_id(waiver.control) not in ids or refusal is not None
                    verdict = control.check(waiver, used=used, today=self._today, refusal=refusal)
                    results.append(Result(control, verdict, template=template, judged_waiver=waiver))
        return results


def _ambiguity(waiver: Waiver, assembly: Assembly) -> str | None:
    """Return the reason why a waiver is refused that names a logical id of several templates, or None."""
    paths = {
        template.path
        for template in assembly.templates
        if (declaration := template.resources.get(waiver.resource or "")) is not None
        and waiver.covers_by_id(declaration)
    }
    if len(paths) < 2:
        return None
    return f"names {waiver.resource}, which is in {counted(len(paths), 'template')}; add `template`"

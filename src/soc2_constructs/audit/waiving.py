"""Waivers that apply to the results of an audit."""

from __future__ import annotations

from soc2_constructs.audit.implications import covered_by
from soc2_constructs.audit.results import Result
from soc2_constructs.controls import canonical_id, catalogue
from soc2_constructs.waivers import METADATA_TYPE, closest_first, read_assembly_waivers, waivers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soc2_constructs.cloudformation import Assembly, Declaration, Template
    from soc2_constructs.controls import Control
    from soc2_constructs.waivers import Waiver


class AssemblyWaivers:
    """The waivers of an assembly and of the caller, and which of them were used."""

    def __init__(self, assembly: Assembly, today: str, others: Iterable[Waiver]) -> None:
        self._today = today
        self._used: set[tuple[str | None, ...]] = set()
        #: Each waiver once, with the template whose metadata contains it.
        self._all: dict[tuple[str | None, ...], tuple[Waiver, Template | None]] = {}
        self._by_control: dict[str, list[Waiver]] = {}
        found: list[tuple[Waiver, Template | None]] = [(waiver, None) for waiver in others]
        found += [(waiver, None) for folder in assembly.folders for waiver in read_assembly_waivers(folder)]
        for template in assembly.templates:
            found += [(waiver, template) for waiver in waivers_of(template.notes.of_type(METADATA_TYPE))]
        for waiver, place in found:
            self._all.setdefault(waiver.key, (waiver, place))
        for waiver in closest_first(waiver for waiver, _ in self._all.values()):
            id = canonical_id(waiver.control)
            implied = covered_by(catalogue()[id]) if id in catalogue() else ()
            for each in (id, *implied):
                self._by_control.setdefault(each, []).append(waiver)

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
        return self._closest(control, lambda waiver: waiver.covers_path(template.stack_path or ""))

    def _closest(self, control: Control, covers: Callable[[Waiver], bool]) -> Waiver | None:
        covering = [waiver for waiver in self._by_control.get(control.id, ()) if covers(waiver)]
        self._used.update(waiver.key for waiver in covering)
        return next((waiver for waiver in covering if waiver.holds_on(self._today)), None)

    def judged(self, selected: Iterable[Control]) -> list[Result]:
        """The results of the controls about waivers; a waiver counts as used where its control was not selected."""
        controls = tuple(selected)
        ids = {control.id for control in controls}
        results = []
        for control in controls:
            if control.scope == "waiver" and control.check is not None:
                for key, (waiver, template) in self._all.items():
                    used = key in self._used or canonical_id(waiver.control) not in ids
                    verdict = control.check(waiver, used=used, today=self._today)
                    results.append(Result(control, verdict, template=template, judged_waiver=waiver))
        return results

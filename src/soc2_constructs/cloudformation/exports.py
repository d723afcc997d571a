"""Exports of stacks, by name.

Source: "Fn::ImportValue", AWS CloudFormation User Guide: an export is visible in its own account and region.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.scenarios import Scenario

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from soc2_constructs.cloudformation.context import Context
    from soc2_constructs.cloudformation.intrinsics import Intrinsics


class ExportIndex:
    """The outputs that are exported, by name; a name that depends on the scenario is resolved anew in each."""

    def __init__(self, context: Context, scopes: Iterable[Intrinsics]) -> None:
        self._context = context
        self._fixed: dict[str, list[tuple[Intrinsics, str]]] = {}
        self._changing: list[tuple[Intrinsics, str, Any]] = []
        outer = context.scenario
        try:
            for scope in scopes:
                for name, output in scope.template.outputs.items():
                    export = output.get("Export") if type(output) is dict else None
                    if type(export) is not dict:
                        continue
                    context.scenario = Scenario()
                    exported = scope.resolve(export.get("Name"))
                    if context.scenario.met:
                        self._changing.append((scope, name, export["Name"]))
                    elif type(exported) is str:
                        self._fixed.setdefault(exported, []).append((scope, name))
        finally:
            context.scenario = outer

    def exported(self, name: str, importer: Intrinsics) -> tuple[Intrinsics, str] | None:
        """The stack that exports a name to the importer, and its output; None where no single one is known to."""
        here = _place(importer)
        reached = []
        for exporter, output in self._exporters(name):
            there = _place(exporter)
            if here == there and exporter.has_output(output):
                return exporter, output
            if _may_be_same(here, there) and exporter.has_output(output):
                reached.append((exporter, output))
        return reached[0] if len(reached) == 1 else None

    def _exporters(self, name: str) -> list[tuple[Intrinsics, str]]:
        exporters = self._fixed.get(name, [])
        if self._changing:
            cache = self._context.scenario.cache
            by_name = cache.get("exports")
            if by_name is None:
                by_name = cache["exports"] = {}
                for scope, output, node in self._changing:
                    exported = scope.resolve(node)
                    if type(exported) is str:
                        by_name.setdefault(exported, []).append((scope, output))
            exporters = exporters + by_name.get(name, [])
        return exporters


def _place(scope: Intrinsics) -> tuple[str | None, str | None]:
    return scope.template.account, scope.template.region


def _may_be_same(here: tuple[str | None, ...], there: tuple[str | None, ...]) -> bool:
    """Whether two places, each an account and a region, may be the same; None stands for an unknown one."""
    return all(one == other or None in (one, other) for one, other in zip(here, there, strict=True))

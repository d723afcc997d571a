"""Runs of a pack: auditing a synthesized app, or one scope of it, and collecting the outcome of each run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, cast

from soc2_constructs.hardening import places_below, waivers_on

import aws_cdk as cdk
import cdk_nag
from constructs import IConstruct

from soc2_constructs.audit import FAIL_ON, Audit, audit
from soc2_constructs.audit.baseline import Baseline
from soc2_constructs.cloudformation.sources import CONTEXT_KEY, is_off, write_sources
from soc2_constructs.pack.acknowledgements import Acknowledgements, not_acknowledged, scopes_above_stacks
from soc2_constructs.pack.violations import is_below, path_of
from soc2_constructs.waivers import Waiver, write_assembly_waivers

#: Where packs record their runs during `watched()`; None outside of it.
_recorded: ContextVar[list[PackRun] | None] = ContextVar("recorded_pack_runs", default=None)
#: Whether packs report nothing: `audit_scope` synthesizes an app only to read its templates.
_muted: ContextVar[bool] = ContextVar("muted_packs", default=False)


class PackRun:
    """The outcome of a pack in one synthesis."""

    def __init__(
        self,
        pack: cdk_nag.NagPack,
        stacks: Iterable[cdk.PolicyValidationStack],
        audit: Audit | None = None,
        fail_on: str = FAIL_ON,
        strict: bool = False,
        error: Exception | None = None,
    ) -> None:
        self.pack = pack
        self.stacks = {stack.stack_construct_path for stack in stacks}
        #: The audit without acknowledged results; None where the pack raised an error.
        self.audit = audit
        self.fail_on = fail_on
        self.strict = strict
        self.error = error

    @property
    def passes(self) -> bool:
        """Whether there is nothing to fix."""
        return self.audit is not None and not self.audit.failures(self.fail_on, strict=self.strict)


@contextlib.contextmanager
def watched() -> Iterator[list[PackRun]]:
    """Collect the runs of all packs inside the context."""
    runs: list[PackRun] = []
    token = _recorded.set(runs)
    try:
        yield runs
    finally:
        _recorded.reset(token)


def record(run: Callable[[], PackRun]) -> None:
    """Record a run inside `watched()`; it is built only there, as that costs time."""
    runs = _recorded.get()
    if runs is not None:
        runs.append(run())


def is_muted() -> bool:
    """Return whether packs report nothing in the present synthesis."""
    return _muted.get()


def audit_scope(
    scope: IConstruct, *, waivers: Iterable[Waiver] = (), baseline: Baseline | None = None, **options: Any
) -> Audit:
    """Synthesize the app of a construct, and audit the construct and the constructs below it.

    Acknowledged results are left out, and so are controls that only a live account can show.

    Args:
        scope: The construct.
        waivers: Waivers in addition to those in the app. Default: none.
        baseline: Known failures. Default: none.
        options: Further options of `audit`.

    Raises:
        ValueError: The construct is not part of an app.
    """
    root = scope.node.root
    if not isinstance(root, cdk.Stage):
        raise ValueError(
            f"{scope.node.path or scope.node.id!r} is not part of an app; create it in a Stack, and that in an App"
        )
    token = _muted.set(True)
    try:
        root.synth()
    finally:
        _muted.reset(token)
    stacks = [node.node.path for node in root.node.find_all() if isinstance(node, cdk.Stack)]
    whole = audit_assembly(root, stacks, waivers=waivers, baseline=baseline, **options)
    path = scope.node.path
    below = [result for result in whole.results if result.template is not None and is_below(path_of(result), path)]
    return whole.with_results(not_acknowledged(Acknowledgements(whole, root), below))


def audit_assembly(
    root: IConstruct,
    stacks: Iterable[str],
    *,
    waivers: Iterable[Waiver],
    sources: bool = True,
    writers: Iterable[Callable[[str], None]] = (),
    **options: Any,
) -> Audit:
    """Audit the assembly of an app, after writing into it the facts that its templates do not hold.

    Args:
        root: The app or stage, synthesized.
        stacks: Construct paths of its stacks.
        waivers: Waivers in addition to those in the app.
        sources: Whether to write the source lines of constructs. Default True.
        writers: Called with the folder of the assembly before the audit. Default: none.
        options: Further options of `audit`.
    """
    outdir = cast(cdk.Stage, root).outdir
    write_assembly_waivers(outdir, _waivers_above(root, stacks))
    with_sources = sources and not is_off(root.node.try_get_context(CONTEXT_KEY))
    write_sources(outdir, places_below(root.node.root) if with_sources else {})
    for write in writers:
        write(outdir)
    return audit(outdir, waivers=waivers, **options)


def _waivers_above(root: IConstruct, stacks: Iterable[str]) -> list[Waiver]:
    """Return the waivers on scopes above the stacks, such as the app: the metadata of no stack contains them."""
    return [
        waiver
        for scope in scopes_above_stacks(root, stacks)
        for waiver in waivers_on(scope)
        if waiver.scope == scope.node.path
    ]

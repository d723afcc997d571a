"""The verdict cache: resources with the same fingerprint get the same verdict.

Apps repeat themselves. A check of `VersioningConfiguration` runs once for all buckets without one and once for all that
have it enabled; the first run records in the read log that nothing else counts:

    Bucket A {}                                      → runs the check                → FAIL, key (None,)
    Bucket B {"BucketName": "b"}                     → key (None,)                   → FAIL, from the cache
    Bucket C {"VersioningConfiguration": {…Enabled}} → key (b"…Enabled…",) is new    → runs the check, PASS

Without it, `benchmarks/pack.py` takes several times as long.
"""

from __future__ import annotations

from soc2_constructs.audit.scenario_verdicts import verdict_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from soc2_constructs.cloudformation import Evaluation, Resource, Verdict
    from soc2_constructs.cloudformation.read_log import ReadKey


class VerdictCache:
    """The verdicts of one check on resources of one type.

    Args:
        evaluation: The evaluation of the assembly.
        check: The check.
        enabled: Whether verdicts are reused. Default True.
    """

    __slots__ = ("_check", "_enabled", "_evaluation", "_keys", "_verdicts")

    def __init__(self, evaluation: Evaluation, check: Callable[..., Verdict], *, enabled: bool = True) -> None:
        self._evaluation = evaluation
        self._check = check
        self._enabled = enabled
        self._verdicts: dict[tuple[Any, ...] | None, Verdict] = {}
        #: Every key that the check has read so far.
        self._keys: tuple[ReadKey, ...] = ()

    def judged(self, resources: Iterable[Resource]) -> Iterator[tuple[Resource, Verdict, str]]:
        """Each resource with its verdict, and the conditions on which the verdict depends in words."""
        evaluation, verdicts = self._evaluation, self._verdicts
        for resource in resources:
            if verdicts and not resource.is_conditional:
                verdict = verdicts.get(evaluation.fingerprint(resource, self._keys))
                if verdict is not None:
                    yield resource, verdict, ""
                    continue
            yield resource, *self._judge(resource)

    def _judge(self, resource: Resource) -> tuple[Verdict, str]:
        evaluation = self._evaluation
        scenario = evaluation.scenario
        if self._enabled:
            evaluation.log.start(resource)
        verdict, suffix = verdict_of(evaluation, self._check, resource, resource)
        reads = evaluation.log.end()
        # A verdict that depends on the scenario leaves another one behind.
        if reads is not None and evaluation.scenario is scenario and not resource.is_conditional:
            if not reads.issubset(self._keys):
                self._keys = (*self._keys, *(key for key in reads if key not in self._keys))
                self._verdicts.clear()
            if (fingerprint := evaluation.fingerprint(resource, self._keys)) is not None:
                self._verdicts[fingerprint] = verdict
        return verdict, suffix

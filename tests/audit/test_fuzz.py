"""Mutated templates of the project's own corpus: no check breaks, no audit hangs, equal input gives equal bytes.

`make fuzz` runs the same for longer, guided by coverage.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.mutations import corpus, examine, mutated


def test_the_corpus_is_large() -> None:
    assert len(corpus()) > 1000


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_mutated_template_gets_an_answer(data: st.DataObject) -> None:
    document = mutated(lambda count: data.draw(st.integers(0, count - 1)))
    assert examine(document) is None

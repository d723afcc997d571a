"""Verdicts combine as Kleene's three-valued logic says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc2_constructs.cloudformation.verdicts import (
    FAIL,
    PASS,
    UNRESOLVED,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    render_path,
    unresolved,
)

verdicts = st.builds(lambda status, text: Verdict(status, text), st.sampled_from([PASS, FAIL, UNRESOLVED]), st.text())
#: How true a verdict is: conjunction is the least, disjunction the greatest.
TRUTH = {FAIL: 0, UNRESOLVED: 1, PASS: 2}


def truth(verdict: Verdict) -> int:
    return TRUTH[verdict.status]


@given(verdicts, verdicts, verdicts)
def test_kleene_laws(a: Verdict, b: Verdict, c: Verdict) -> None:
    assert truth(a & b) == min(truth(a), truth(b))
    assert truth(a | b) == max(truth(a), truth(b))
    assert truth(~a) == 2 - truth(a)
    assert truth(~(a & b)) == truth(~a | ~b)
    assert truth(a & (b | c)) == truth((a & b) | (a & c))
    assert truth((a & b) & c) == truth(a & (b & c)) == truth(all_of(a, b, c))
    assert truth(a.implies(b)) == truth(~a | b)


@given(st.lists(verdicts))
def test_any_number_of_parts(parts: list[Verdict]) -> None:
    assert truth(all_of(parts)) == min(map(truth, parts), default=2)
    assert truth(any_of(iter(parts))) == max(map(truth, parts), default=0)
    assert all_of(parts).message is not None
    assert any_of(*parts).message is not None


def test_messages_join_what_decides() -> None:
    assert all_of(failed("a"), passed("b"), failed("c"), failed("a")).message == "a; c"
    assert any_of(unresolved("a"), failed("b"), unresolved("{c}")).message == "a; {c}"
    assert any_of(passed("first"), passed("second")).message == "first"
    assert all_of().message == "nothing to check"
    assert any_of().message == "nothing found"
    assert failed("b").implies(passed()).message == "does not apply: b"


def test_because_rewords_only_failures() -> None:
    assert failed("a", path=("A", 0)).with_message("b {}").message == "b {}"
    assert failed("a", path=("A", 0)).with_message("b").property_path == "A[0]"
    assert failed("a", path=("A", 0)).with_message("b", ("A",)).property_path == "A"
    assert passed("a").with_message("b").message == "a"
    assert unresolved("a").with_message("b").message == "a"


def test_a_verdict_decides_no_if() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(passed())


def test_paths_and_repr() -> None:
    assert render_path(("A", 0, "B", 1, 2, "C")) == "A[0].B[1][2].C"
    assert render_path(()) == ""
    verdict = failed("{} is {}", "x", 1, path=("A",))
    assert repr(verdict) == "<Verdict FAIL A: x is 1>"
    assert verdict.path == ("A",)

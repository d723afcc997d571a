"""The criteria: all of them, in our own words, and honest about what infrastructure can show."""

from __future__ import annotations

import pytest

from soc2_constructs.controls import KINDS, catalogue
from soc2_constructs.criteria import CATEGORIES, CRITERIA, EVIDENCE, Criterion, UnknownCriterionError, find

#: How many criteria each series has, from its first to its last.
SERIES = {
    "CC": (5, 3, 4, 2, 3, 8, 5, 1, 2),
    "A": (3,),
    "C": (2,),
    "PI": (5,),
    "P": (1, 1, 2, 3, 2, 7, 1, 1),
}

#: Turns of phrase of the AICPA's own text.
THEIRS = (
    "coso",
    "the entity",
    "entity's",
    "internal control",
    "data subject",
    "meet its objectives",
    "objectives related to",
    "management establishes",
    "timely manner",
)

every_criterion = pytest.mark.parametrize("criterion", CRITERIA.values(), ids=list(CRITERIA))


def test_all_61_are_there_in_the_official_order() -> None:
    official = [
        f"{series}{number}.{part}"
        for series, sizes in SERIES.items()
        for number, size in enumerate(sizes, 1)
        for part in range(1, size + 1)
    ]
    assert len(official) == 61
    assert list(CRITERIA) == official
    assert [criterion.id for criterion in CRITERIA.values()] == official


def test_categories_come_in_their_order() -> None:
    assert tuple(dict.fromkeys(criterion.category for criterion in CRITERIA.values())) == CATEGORIES


@every_criterion
def test_every_text_is_there(criterion: Criterion) -> None:
    assert criterion.evidence in EVIDENCE
    assert criterion.title[0].isupper()
    assert criterion.title[-1].isalpha()
    assert len(criterion.title) <= 60
    for text in (criterion.summary, criterion.remains):
        assert text[0].isupper()
        assert text[-1] == "."
        assert 40 < len(text) < 260
        assert text.count(". ") <= 1, "one or two sentences"
        assert "  " not in text
        assert "\n" not in text
        assert "Yours:" not in text


def test_no_text_stands_twice() -> None:
    for name in ("title", "summary", "remains"):
        assert len({getattr(criterion, name) for criterion in CRITERIA.values()}) == 61


@every_criterion
def test_the_words_are_our_own(criterion: Criterion) -> None:
    text = f"{criterion.title} {criterion.summary} {criterion.remains}".lower()
    assert not [phrase for phrase in THEIRS if phrase in text]


def test_the_criteria_of_every_control_exist() -> None:
    for control in catalogue().values():
        assert control.criteria, control.id
        assert not set(control.criteria) - set(CRITERIA), control.id


def test_no_control_serves_what_infrastructure_cannot_show() -> None:
    for control in catalogue().values():
        for name in control.criteria:
            assert CRITERIA[name].evidence != "none", f"{control.id} refers to {name}"


def test_evidence_is_claimed_for_exactly_what_a_kind_of_controls_supports() -> None:
    supported = {name for kind in KINDS.values() for name in kind.criteria}
    assert {name for name, criterion in CRITERIA.items() if criterion.evidence != "none"} == supported


def test_what_people_do_is_never_said_to_be_met_by_templates() -> None:
    for name, criterion in CRITERIA.items():
        if name.startswith(("CC1.", "CC2.", "CC3.", "CC4.", "CC5.", "CC9.", "P1.", "P2.", "P3.", "P4.", "P5.", "P6.")):
            assert criterion.evidence != "infrastructure", name


def test_find_takes_small_letters_too() -> None:
    assert find("pi1.4") is CRITERIA["PI1.4"]
    assert repr(find("CC6.1")) == "<Criterion CC6.1>"


def test_an_unknown_id_names_those_that_come_close() -> None:
    with pytest.raises(UnknownCriterionError, match=r"no criterion 'c1.3'\. Did you mean .*\bC1\.") as caught:
        find("c1.3")
    assert caught.value.name == "c1.3"
    with pytest.raises(UnknownCriterionError, match=r"`soc2 criteria` lists them all"):
        find("versioning")

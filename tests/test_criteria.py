"""The criteria: complete, in our own words, and explicit about what infrastructure cannot show."""

from __future__ import annotations

import re

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

#: The texts of a criterion beside its title.
FIELDS = ("summary", "shows", "does_not_show", "records")

#: Phrases that the AICPA's text uses.
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


def test_all_61_criteria_are_present_in_official_order() -> None:
    official = [
        f"{series}{number}.{part}"
        for series, sizes in SERIES.items()
        for number, size in enumerate(sizes, 1)
        for part in range(1, size + 1)
    ]
    assert len(official) == 61
    assert list(CRITERIA) == official
    assert [criterion.id for criterion in CRITERIA.values()] == official


def test_criteria_are_ordered_by_category() -> None:
    assert tuple(dict.fromkeys(criterion.category for criterion in CRITERIA.values())) == CATEGORIES


@every_criterion
def test_every_text_is_complete_and_short(criterion: Criterion) -> None:
    assert criterion.evidence in EVIDENCE
    assert criterion.title[0].isupper()
    assert criterion.title[-1].isalpha()
    assert len(criterion.title) <= 60
    for name in FIELDS:
        text = getattr(criterion, name)
        assert text[0].isupper(), name
        assert text[-1] == ".", name
        assert 40 <= len(text) < 260, name
        assert text.count(". ") <= 1, f"{name}: one or two sentences"
        assert all(len(sentence.split()) <= 25 for sentence in text.split(". ")), f"{name}: up to 25 words a sentence"
        assert "  " not in text, name
        assert "\n" not in text, name
        assert not re.search(r"\b(?:Shows|Does not show|Records):", text), name


@every_criterion
def test_infrastructure_shows_nothing_where_the_evidence_is_none(criterion: Criterion) -> None:
    assert criterion.shows.startswith("Nothing") == (criterion.evidence == "none")


def test_a_criterion_refers_to_criteria_that_a_kind_supports() -> None:
    supported = {name for kind in KINDS.values() for name in kind.criteria}
    references = 0
    for criterion in CRITERIA.values():
        for name in re.findall(r"\b(?:CC|PI|A|C|P)\d\.\d", f"{criterion.shows} {criterion.does_not_show}"):
            references += 1
            assert name in supported, f"{criterion.id} refers to {name}"
    assert references > 5


def test_texts_are_unique() -> None:
    for name in ("title", "summary", "does_not_show", "records"):
        assert len({getattr(criterion, name) for criterion in CRITERIA.values()}) == 61


@every_criterion
def test_no_text_quotes_the_aicpa(criterion: Criterion) -> None:
    text = " ".join([criterion.title, *(getattr(criterion, name) for name in FIELDS)]).lower()
    assert not [phrase for phrase in THEIRS if phrase in text]


def test_every_control_has_known_criteria() -> None:
    for control in catalogue().values():
        assert control.criteria, control.id
        assert not set(control.criteria) - set(CRITERIA), control.id


def test_no_control_supports_a_criterion_without_evidence() -> None:
    for control in catalogue().values():
        for name in control.criteria:
            assert CRITERIA[name].evidence != "none", f"{control.id} refers to {name}"


def test_evidence_is_none_exactly_where_no_kind_supports_the_criterion() -> None:
    supported = {name for kind in KINDS.values() for name in kind.criteria}
    assert {name for name, criterion in CRITERIA.items() if criterion.evidence != "none"} == supported


def test_criteria_about_people_and_processes_are_never_infrastructure() -> None:
    for name, criterion in CRITERIA.items():
        if name.startswith(("CC1.", "CC2.", "CC3.", "CC4.", "CC5.", "CC9.", "P1.", "P2.", "P3.", "P4.", "P5.", "P6.")):
            assert criterion.evidence != "infrastructure", name


def test_find_ignores_case() -> None:
    assert find("pi1.4") is CRITERIA["PI1.4"]
    assert repr(find("CC6.1")) == "<Criterion CC6.1>"


def test_an_unknown_id_suggests_similar_ids() -> None:
    with pytest.raises(UnknownCriterionError, match=r"no criterion 'c1.3'\. Did you mean .*\bC1\.") as caught:
        find("c1.3")
    assert caught.value.name == "c1.3"
    with pytest.raises(UnknownCriterionError, match=r"`soc2 criteria` lists them all"):
        find("versioning")

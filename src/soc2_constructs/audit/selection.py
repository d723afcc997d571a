"""Selection of controls and validation of the options of an audit."""

from __future__ import annotations

from soc2_constructs.controls import SEVERITIES, Control, catalogue, find
from soc2_constructs.criteria import CATEGORIES, CRITERIA, category_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import TypeGuard

    from soc2_constructs.controls import Threshold

#: The control that reports what could not be judged: a selection of other controls does not silence it.
VISIBILITY = "soc2_template_visible"

#: Minimum severity that fails a synth or a check by default.
FAIL_ON = "medium"


def validate_options(
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    thresholds: Mapping[str, float | Sequence[float]] | None = None,
    fail_on: str = FAIL_ON,
) -> None:
    """Refuse at once what an audit would refuse later.

    Raises:
        ValueError: where a category, a control, a threshold or a severity does not exist.
    """
    select(categories=categories, include=include, exclude=exclude)
    known_thresholds(thresholds or {})
    failing_severities(fail_on)


def select(
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
) -> tuple[Control, ...]:
    """The controls that the options leave, in the order of the catalogue.

    Raises:
        ValueError: where a category or a control does not exist.
    """
    wanted = None if include is None else {find(name).id for name in include}
    unwanted = {find(name).id for name in exclude}
    committed = set(CATEGORIES) if categories is None else {"Security", *map(category_named, categories)}
    return tuple(
        control
        for control in catalogue().values()
        if (wanted is None or control.id in wanted or control.id == VISIBILITY)
        and control.id not in unwanted
        and any(CRITERIA[name].category in committed for name in control.criteria)
    )


def known_thresholds(thresholds: Mapping[str, float | Sequence[float]]) -> Mapping[str, Threshold]:
    """The user's thresholds, each of which some control has; lists as tuples."""
    known = {name: value for control in catalogue().values() for name, value in control.thresholds.items()}
    valid: dict[str, Threshold] = {}
    for name, value in thresholds.items():
        if name not in known:
            raise ValueError(f"There is no threshold {name!r}; the thresholds are {', '.join(sorted(known))}")
        if isinstance(known[name], tuple):
            numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,)
            if not all(map(_is_number, numbers)):
                raise ValueError(f"The threshold {name} is {value!r}; it must be numbers that are not negative")
            valid[name] = numbers
        elif _is_number(value):
            valid[name] = value
        else:
            raise ValueError(f"The threshold {name} is {value!r}; it must be a number that is not negative")
    return valid


def _is_number(value: object) -> TypeGuard[float]:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value >= 0


def failing_severities(fail_on: str) -> tuple[str, ...]:
    if fail_on == "none":
        return ()
    if fail_on not in SEVERITIES:
        raise ValueError(f"fail_on is {fail_on!r}; it must be one of high, medium, low or none")
    return SEVERITIES[: SEVERITIES.index(fail_on) + 1]

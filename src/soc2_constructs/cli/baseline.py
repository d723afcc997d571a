"""`soc2 baseline`: the failures of today in a file, so that a check stops new ones only."""

from __future__ import annotations

import os

from soc2_constructs.audit import audit
from soc2_constructs.audit.baseline import Baseline, is_frozen, read_baseline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def freeze(*paths: str, file: str, add: bool, **options: Any) -> tuple[str, str]:
    """What belongs into the file, and what has been done, in one line.

    A file that is there only loses what is fixed, unless new failures are to be added.
    """
    exists = os.path.exists(file)
    baseline = read_baseline(file) if exists else Baseline(file)
    found = audit(*paths, baseline=baseline, **options)
    fixed = len(baseline.fixed)
    new = sum(is_frozen(result) and not result.in_baseline for result in found.results)
    baseline.shrink()
    if add or not exists:
        baseline.add(found.results)
    done = f"{file}: {_counted(len(baseline), 'known failure')}"
    if exists:
        done += f"; {fixed} fixed and dropped, {new} new and {'added' if add else 'not added'}"
        done += " (--add takes them up)" if new and not add else ""
    return baseline.render(), done


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

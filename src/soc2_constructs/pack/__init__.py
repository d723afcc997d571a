"""Soc2Checks, the cdk-nag rule pack: evaluates the controls on the templates that an app synthesizes.

    cdk.Validations.of(app).add_plugins(Soc2Checks(app))

The pack reads the final templates, once, in one callback. It covers raw overrides, Aspects, CfnInclude and nested
stacks, and costs about as much as parsing the JSON. It never fails open: an internal error is reported as a violation.

- `checks`: the pack with its options.
- `runs`: auditing an app or a scope of it, and collecting the outcome of each run.
- `violations`: results as the framework's violations.
- `acknowledgements`: acknowledgements in the app, and those that match nothing.
"""

from __future__ import annotations

from soc2_constructs.pack.checks import PackOptions, Soc2Checks
from soc2_constructs.pack.runs import PackRun, audit_scope, watched
from soc2_constructs.pack.violations import (
    HELD_BACK,
    NOT_REACHED,
    NOTHING_HELD_BACK,
    REMARKS,
    Violation,
    enforcement_remark,
)

__all__ = [
    "HELD_BACK",
    "NOTHING_HELD_BACK",
    "NOT_REACHED",
    "REMARKS",
    "PackOptions",
    "PackRun",
    "Soc2Checks",
    "Violation",
    "audit_scope",
    "enforcement_remark",
    "watched",
]

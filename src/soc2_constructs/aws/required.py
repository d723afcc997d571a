"""Properties that are required where they appear, and whose empty value CloudFormation or the service rejects."""

from __future__ import annotations

from soc2_constructs.cloudformation import UNRESOLVED, Value, Verdict, passed


def is_given(value: Value) -> Verdict:
    """Whether a required property is set.

    A parameter or another value that is not known before deployment counts as set, because a deployment with an empty
    value fails.
    """
    verdict = value.is_set()
    return passed("{} is set", value) if verdict.status is UNRESOLVED else verdict

"""Required properties, which are set even where their value is not known before deployment."""

from __future__ import annotations

from soc2_constructs.cloudformation import PASS, Value, Verdict


def is_given(value: Value) -> Verdict:
    """Whether a property is set that CloudFormation or the service requires and rejects when it is empty.

    A parameter or an import can be empty, so `is_set` is unresolved for it. An empty value of such a property stops the
    deployment, so every deployed resource has one.
    """
    if value.unresolved is not None:
        return Verdict(PASS, "{} is set to a value that is known after deployment", value, path=value.path)
    return value.is_set()

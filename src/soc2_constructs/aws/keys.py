"""Which KMS key a property names."""

from __future__ import annotations

from soc2_constructs.cloudformation import Text, Unresolved, Value, Verdict, failed, unresolved


def is_customer_managed(key: Value, service: str) -> Verdict:
    """Whether a key is named and is not the one that AWS manages for the service, such as ``alias/aws/kinesis``."""
    end = key.node.parts[-1] if type(key.node) is Text else key.node
    if is_aws_managed(key, service):
        return failed("the key is the one that AWS manages for it", path=key.path)
    if type(end) is Unresolved:
        return unresolved("{} is not known before deployment: {}", key, end.reason, path=key.path)
    return key.is_set()


def is_aws_managed(key: Value, service: str) -> bool:
    """Whether a key is the one that AWS manages for the service, by its alias."""
    end = key.node.parts[-1] if type(key.node) is Text else key.node
    return type(end) is str and end.rpartition(":")[2] in (f"alias/aws/{service}", f"aws/{service}")

"""Permission for the default key, for the principals that the policy of a resource lets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from soc2_constructs.hardening import Phase, View, as_list, finish

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from soc2_constructs.aws_kms.data_key import _DataKey
from soc2_constructs.cloudformation.wildcards import wildcard_match

_READ, _WRITE = ("kms:Decrypt",), ("kms:GenerateDataKey*",)
#: By service and action: the key actions that the service asks for. Pages: "Using server-side encryption with AWS KMS
#: keys" (S3), "Key management" (SNS and SQS), "Permissions to use user-generated KMS keys" (Kinesis), "Encryption at
#: rest: How it works" (DynamoDB), "Secret encryption and decryption" (Secrets Manager).
_ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "s3": {
        "GetObject": _READ,
        "GetObjectVersion": _READ,
        "PutObject": _WRITE,
        "ReplicateObject": ("kms:Encrypt",),
    },
    "sns": {"Publish": _READ + _WRITE},
    "sqs": {"SendMessage": _READ + _WRITE, "ReceiveMessage": _READ},
    "kinesis": {"PutRecord": _WRITE, "PutRecords": _WRITE, "GetRecords": _READ, "SubscribeToShard": _READ},
    "dynamodb": dict.fromkeys(
        ("GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "GetRecords"),
        ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
    ),
    "secretsmanager": {"GetSecretValue": _READ, "PutSecretValue": _READ + _WRITE, "UpdateSecret": _READ + _WRITE},
}
#: Condition keys on the source of a request, which services pass to KMS as well.
_SOURCE_KEYS = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
#: Condition keys on the caller, which are the same in the request to KMS.
_PRINCIPAL_KEYS = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn")


def let_in(resource: cdk.CfnResource, key: kms.IKey, service: str, key_property: str) -> None:
    """At synthesis, let the principals that the policies of a resource let in use the default key.

    Args:
        resource: The resource that the key encrypts.
        key: The default key of the stack.
        service: The service, by the first part of its endpoint, such as `s3`.
        key_property: The path of the property that holds the key. Without a value the key is not in use any more.
    """
    assert isinstance(key, _DataKey)
    writing = _READ if service == "s3" else ()

    def step(view: View) -> None:
        if not view.read(resource, key_property):
            return
        # With a bucket key, S3 also decrypts it when an object is written. Amazon S3 User Guide, "Reducing the cost of
        # SSE-KMS with Amazon S3 Bucket Keys".
        rule = "BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled"
        by_service = writing if service == "s3" and view.read(resource, rule) else ()
        for statement in view.statements(resource):
            if statement.get("Effect") == "Allow":
                actions = _key_actions(statement, service)
                if actions:
                    _let_services_in(key, statement, _with(actions, by_service))
                    _let_principals_in(key, statement, _with(actions, writing), service)

    finish(resource, Phase.LET_IN, step)


def _with(actions: set[str], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(actions.union(more if "kms:GenerateDataKey*" in actions else ())))


def _key_actions(statement: Mapping[str, Any], service: str) -> set[str]:
    patterns = [str(each).lower() for each in as_list(statement.get("Action", "*"))]
    return {
        needed
        for action, needs in _ACTIONS[service].items()
        if any(wildcard_match(pattern, f"{service}:{action}".lower()) for pattern in patterns)
        for needed in needs
    }


def _conditions(statement: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The conditions of a statement on some keys."""
    kept: dict[str, dict[str, Any]] = {}
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition") or {}
    for operator, pairs in conditions.items():
        for key, value in pairs.items():
            if key.lower() in keys:
                kept.setdefault(operator, {})[key] = value
    return kept


def _let_services_in(key: _DataKey, statement: Mapping[str, Any], actions: tuple[str, ...]) -> None:
    principal = statement.get("Principal")
    services = as_list(principal.get("Service")) if isinstance(principal, Mapping) else []
    conditions = _conditions(statement, _SOURCE_KEYS)
    foreign = any(
        _is_foreign(name.lower(), each, key.stack)
        for pairs in conditions.values()
        for name, value in pairs.items()
        for each in as_list(value)
    )
    for service in services:
        if foreign:
            key.let_principal_use({"Service": service}, actions, conditions)
        elif isinstance(service, str):
            key.let_service_use(service, actions, None)


def _is_foreign(name: str, value: Any, stack: cdk.Stack) -> bool:
    """Whether the source of a request may be in another account."""
    if not isinstance(value, str):
        return False
    if name == "aws:sourcearn":
        # The ARN of a bucket names no account.
        account = (value.split(":") + [""] * 5)[4]
        return account != stack.account
    return name != "aws:sourceaccount" or value != stack.account


def _let_principals_in(key: _DataKey, statement: Mapping[str, Any], actions: tuple[str, ...], service: str) -> None:
    principal = statement.get("Principal")
    callers = as_list(principal.get("AWS")) if isinstance(principal, Mapping) else as_list(principal)
    conditions = _conditions(statement, _PRINCIPAL_KEYS)
    let = [each for each in callers if (conditions if each == "*" else _is_of_another_account(each, key.stack))]
    if let:
        via = {"kms:ViaService": key.endpoint(service)}
        key.let_principal_use(
            {"AWS": let}, actions, {**conditions, "StringEquals": {**conditions.get("StringEquals", {}), **via}}
        )


def _is_of_another_account(caller: Any, stack: cdk.Stack) -> bool:
    """Whether a principal is of another account; the account-wide statement lets in those of the own account."""
    texts = list(_texts(caller))
    own = stack.account
    if not any(any(part.isdigit() and len(part) == 12 for part in text.split(":")) for text in texts):
        return False
    return all(own not in text.split(":") for text in texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)

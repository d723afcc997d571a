"""AWS KMS: all of `aws_cdk.aws_kms`, with compliant keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from soc2_constructs.hardening import (
    Hardening,
    PropsContext,
    default,
    hardened,
    provide,
    refuse,
    require,
    stack_singleton,
)

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_kms import *

    __all__ = ["Key", "allow_logs", "data_key", "is_own", "let_senders_use", "let_use", "logs_key", "of_account"]
    __all__ += kms.__all__


def _rotates(context: PropsContext) -> bool:
    """Whether KMS can rotate the key: automatic rotation supports symmetric encryption keys only."""
    return context.props.get("key_spec") in (None, kms.KeySpec.SYMMETRIC_DEFAULT)


def _is_deleted_with_its_stack(context: PropsContext) -> bool:
    return context.props.get("removal_policy") == cdk.RemovalPolicy.DESTROY


def _waits_a_month(window: Any, _: PropsContext) -> bool:
    return not isinstance(window, cdk.Duration) or bool(window.is_unresolved() or window.to_days() >= 30)


KEY = Hardening(
    kms.Key,
    require(
        "enable_key_rotation",
        True,
        "kms_cmk_rotation_enabled",
        bad_value=False,
        bad_override=("EnableKeyRotation", False),
        when=_rotates,
    ),
    default("removal_policy", cdk.RemovalPolicy.RETAIN),
    refuse(
        "pending_window",
        "kms_key_not_pending_deletion",
        accepts=_waits_a_month,
        required="a waiting period of 30 days (the maximum) for a key that is deleted with its stack",
        bad_value=None,
        when=_is_deleted_with_its_stack,
    ),
    provide("pending_window", lambda _: cdk.Duration.days(30), None, required="30 days by default"),
)


@hardened(KEY)
class Key(kms.Key):
    """A key with yearly rotation, which is retained when its stack is deleted.

    A deleted key has a waiting period of 30 days.

    Controls: kms_cmk_rotation_enabled, kms_key_not_pending_deletion.
    """


class _SharedKey(Key):
    """A key whose policy refers to no resource of the app, because many resources depend on the key.

    The grants of the CDK add the readers of a secret and the senders to a queue to the key policy. These may be roles
    of other stacks or buckets that the key encrypts, which would create a circular dependency.
    """

    def add_to_resource_policy(
        self, statement: iam.PolicyStatement, allow_no_op: bool | None = None
    ) -> iam.AddToResourcePolicyResult:
        """Add a statement; a reference to a resource of the app becomes a condition on its account and service."""
        written = statement.to_json()
        stack = cdk.Stack.of(self)
        if written.get("Effect") == "Allow" and _detach(written, stack.resolve(written), stack):
            statement = iam.PolicyStatement.from_json(written)
        return super().add_to_resource_policy(statement, allow_no_op)


def _detach(written: dict[str, Any], resolved: Mapping[str, Any], stack: cdk.Stack) -> bool:
    """Remove the references to resources of the app from a statement; return whether there were any."""
    principal = resolved.get("Principal")
    terms = [
        (operator, key, value)
        for operator, pairs in resolved.get("Condition", {}).items()
        for key, value in pairs.items()
    ]
    if not isinstance(principal, Mapping) or len(terms) > 1:
        return False
    if not terms:
        reader = _target(written["Principal"].get("AWS"))
        if reader is None or reader.region == stack.region:
            return False
        # For a role in another region, the CDK also writes the key into the policy of the role, which is sufficient.
        written["Principal"] = {"AWS": f"arn:{stack.partition}:iam::{reader.account}:root"}
        return True
    operator, key, value = terms[0]
    if key == "kms:ViaService" and _names_resource(principal.get("AWS")):
        # As in the policy of an AWS managed key: principals that may use the resource may use the key.
        written["Principal"] = {"AWS": "*"}
        written["Condition"] = {
            operator: {key: written["Condition"][operator][key], "kms:CallerAccount": stack.account}
        }
        return True
    if key.lower() == "aws:sourcearn" and _names_resource(value):
        source = _target(written["Condition"][operator][key]) or stack
        service = str(principal.get("Service")).removesuffix(".amazonaws.com")
        if service == "s3":
            # The ARN of a bucket names no account.
            written["Condition"] = {"StringEquals": {"aws:SourceAccount": source.account}}
        else:
            written["Condition"] = {"ArnLike": {key: f"arn:{stack.partition}:{service}:*:{source.account}:*"}}
        return True
    return False


def _names_resource(value: Any) -> bool:
    """Whether a resolved value refers to a resource of the app."""
    if isinstance(value, Mapping):
        reference = value.get("Ref")
        if reference is not None:
            return not str(reference).startswith("AWS::")
        return "Fn::GetAtt" in value or any(map(_names_resource, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_names_resource, value))


def _target(arn: Any) -> cdk.Stack | None:
    """The stack of the resource whose attribute the ARN is; None for other values."""
    token = cdk.Tokenization.reverse_string(arn).first_token if isinstance(arn, str) else None
    return cdk.Stack.of(token.target) if isinstance(token, cdk.Reference) else None


def data_key(scope: IConstruct) -> kms.Key:
    """The default key for the data of a stack; one per stack, created on the first call."""
    return stack_singleton(
        scope, "DataKey", lambda holder, id: _SharedKey(holder, id, description="Data of this stack (soc2-constructs)")
    )


def of_account(scope: IConstruct) -> dict[str, dict[str, str]]:
    """The condition that a service acts on behalf of the account of a scope."""
    return {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}


def let_use(key: kms.Key, sid: str | None, services: Sequence[iam.IPrincipal], scope: IConstruct, *more: str) -> None:
    """Allow services to use a key on behalf of the account.

    Args:
        key: The key.
        sid: The id of the statement; None for none.
        services: The services.
        scope: A construct in the account.
        more: Further actions, beside `kms:Decrypt` and `kms:GenerateDataKey*`.
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid=sid,
            principals=services,
            actions=["kms:Decrypt", "kms:GenerateDataKey*", *more],
            resources=["*"],
            conditions=of_account(scope),
        )
    )


def let_senders_use(statement: Mapping[str, Any], scope: IConstruct, but: Collection[str] = ()) -> None:
    """Allow the services that a resource policy allows to use the default key of the stack, each once.

    Args:
        statement: The statement, as in a template.
        scope: The resource that the key encrypts.
        but: Services that are already allowed.
    """
    principal = statement.get("Principal")
    services = principal.get("Service") if isinstance(principal, Mapping) else None
    for service in services if isinstance(services, list) else [services]:
        if isinstance(service, str) and service not in but and statement.get("Effect") == "Allow":

            def make(_: Construct, __: str, service: str = service) -> str:
                let_use(data_key(scope), None, [iam.ServicePrincipal(service)], scope)
                return service

            stack_singleton(scope, f"DataKey-{service}", make)


def is_own(key: Any, _: PropsContext) -> bool:
    """Whether a key is customer managed; an alias may refer to an AWS managed key."""
    return not str(getattr(key, "alias_name", "")).startswith("alias/aws/")


def logs_key(scope: IConstruct) -> kms.Key:
    """The default key for the log groups of a stack; one per stack, created on the first call."""

    def make(holder: Construct, id: str) -> kms.Key:
        key = Key(holder, id, description="Log groups of this stack (soc2-constructs)")
        allow_logs(key, scope)
        return key

    return stack_singleton(scope, "LogsKey", make)


def allow_logs(key: kms.IKey, scope: IConstruct) -> None:
    """Allow CloudWatch Logs to use a key for the log groups in the account and region of a scope.

    AWS page: "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
    """
    stack = cdk.Stack.of(scope)
    groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchLogs",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )


if MYPY:
    from aws_cdk.aws_kms import *  # type: ignore[assignment]

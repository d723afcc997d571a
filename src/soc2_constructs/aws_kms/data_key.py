"""The default key for the data of a stack, which acts like the key that AWS manages for each service it serves.

An account-wide statement for each service in use lets in the principals that the service authorizes: roles with
hand-written or managed policies, imported roles, and grants of the CDK that name no key. AWS's managed keys have the
same statement, so a principal that could use a resource before it was encrypted still can.

Trade-off: permission for the resource includes permission for the key, and tools that report any `*` principal report
the statement, although its conditions limit it to the account and the service. With the context key
`soc2:key-access` set to `grants`, the statement is left out: each principal then needs permission for the key. Only a
grant of a secret still lets in all principals that may read the secret.

AWS pages: "AWS managed keys", "kms:ViaService" and "kms:CallerAccount" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from soc2_constructs.hardening import Phase, View, finish, key_access, stack_singleton

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

from soc2_constructs.aws_kms.key import Key

_DATA = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*")
_ALL = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
#: The key actions that each service asks for on behalf of a caller, as in the policy of its managed key.
_SERVICES = {
    "backup": _ALL,
    "dynamodb": _ALL,
    "ec2": _ALL,
    "ecr": _ALL,
    "elasticfilesystem": _ALL,
    "kinesis": _DATA,
    "lambda": _ALL,
    "rds": _ALL,
    "s3": _ALL,
    "secretsmanager": _ALL,
    "sns": _DATA,
    "sqs": _DATA,
}
#: The services that create grants on behalf of a caller, for resources that they use later in their own name.
_GRANTING = ("backup", "dynamodb", "ec2", "ecr", "elasticfilesystem", "lambda", "rds")

#: The actions of a service that acts in its own name, if the service needs both reading and writing.
USE = ("kms:Decrypt", "kms:GenerateDataKey*")


def data_key(scope: IConstruct, *services: str) -> kms.Key:
    """The default key for the data of a stack; one per stack, created on the first call.

    Args:
        scope: A construct in the stack.
        services: The services whose data the key encrypts, by the first part of their endpoints, such as `s3`.
    """
    key = stack_singleton(
        scope, "DataKey", lambda holder, id: _DataKey(holder, id, description="Data of this stack (soc2-constructs)")
    )
    for service in services:
        key.serve(service)
    return key


def is_data_key(key: Any) -> bool:
    """Whether a key is the default key of a stack."""
    return isinstance(key, _DataKey)


def let_service_use(key: kms.IKey, service: str, *actions: str, account: str | None = None) -> None:
    """Allow a service that acts in its own name to use the default key, under the condition that its page documents.

    All uses of one service become one statement.

    Args:
        key: The default key of a stack.
        service: The service principal, such as `cloudwatch.amazonaws.com`.
        actions: The key actions. Default: `kms:Decrypt` and `kms:GenerateDataKey*`.
        account: The account on behalf of which the service acts. Default: the account of the key.
    """
    assert isinstance(key, _DataKey)
    key.let_service_use(service, actions or USE, account)


def of_account(scope: IConstruct) -> dict[str, dict[str, str]]:
    """The condition that a service acts on behalf of the account of a scope."""
    return {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}


class _DataKey(Key):
    """A key whose policy refers to no resource of the app, because many resources depend on the key.

    The grants of the CDK add readers and senders to the key policy. These may be roles of other stacks or buckets that
    the key encrypts, which would create a circular dependency. The statements for services replace them.
    """

    def __init__(self, scope: Construct, id: str, **props: Any) -> None:
        super().__init__(scope, id, **props)
        self._account_wide = key_access(scope) == "account"
        self._served: set[str] = set()
        #: By service principal and account: the key actions.
        self._senders: dict[tuple[str, str], set[str]] = {}
        self._written: set[str] = set()

    # The account-wide statements

    def serve(self, service: str) -> None:
        """Let in the principals of the account that a service authorizes."""
        if service in self._served or not self._account_wide:
            return
        self._served.add(service)
        via = {"kms:ViaService": self.endpoint(service), "kms:CallerAccount": self.stack.account}
        self._allow({"AWS": "*"}, _SERVICES[service], {"StringEquals": via})
        if service in _GRANTING:
            granting = {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}}
            self._allow({"AWS": "*"}, ("kms:CreateGrant",), granting)

    def endpoint(self, service: str) -> str:
        """The name by which a service of this region calls KMS."""
        region = self.stack.region
        if cdk.Token.is_unresolved(region):
            suffix = self.stack.url_suffix
        else:
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return f"{service}.{region}.{suffix}"

    # The services that act in their own name

    def let_service_use(self, service: str, actions: tuple[str, ...], account: str | None) -> None:
        """See `let_service_use`."""
        if not self._senders:
            finish(self, Phase.WRITE, self._write)
        self._senders.setdefault((service, account or self.stack.account), set()).update(actions)

    def _write(self, _: View) -> None:
        """Write one statement for each service."""
        for (service, account), actions in self._senders.items():
            self._allow({"Service": service}, tuple(sorted(actions)), self._condition(service, account))
        self._senders.clear()

    def _condition(self, service: str, account: str) -> dict[str, dict[str, str]]:
        if service == "events.amazonaws.com":
            # To KMS, EventBridge passes neither the account nor the rule for encrypted topics: with a condition on
            # them, no event would arrive. Amazon SNS Developer Guide, "Key management".
            return {}
        if service == "codestar-notifications.amazonaws.com":
            # Developer Tools console User Guide, "Configure Amazon SNS topics for notifications".
            return {"StringEquals": {"kms:ViaService": self.endpoint("sns")}}
        if service == "cloudfront.amazonaws.com":
            # Amazon CloudFront Developer Guide, "Restrict access to an Amazon S3 origin".
            return {"ArnLike": {"aws:SourceArn": f"arn:{self.stack.partition}:cloudfront::{account}:distribution/*"}}
        return {"StringEquals": {"aws:SourceAccount": account}}

    # Other principals

    def let_principal_use(
        self, principal: Mapping[str, Any], actions: tuple[str, ...], conditions: Mapping[str, Any]
    ) -> None:
        """Let in a principal that the policy of a resource lets in."""
        self._allow(principal, actions, conditions)

    def add_to_resource_policy(
        self, statement: iam.PolicyStatement, allow_no_op: bool | None = None
    ) -> iam.AddToResourcePolicyResult:
        """Add a statement; a reference to a resource of the app becomes a condition on its account and service."""
        written = statement.to_json()
        if written.get("Effect") == "Allow" and isinstance(written.get("Principal"), Mapping):
            if self._replaces(written):
                return iam.AddToResourcePolicyResult(statement_added=True, policy_dependable=self)
            statement = iam.PolicyStatement.from_json(written)
        return super().add_to_resource_policy(statement, allow_no_op)

    def _replaces(self, written: dict[str, Any]) -> bool:
        """Whether the statements of this class replace a statement, which may change."""
        principal = written["Principal"]
        if "CanonicalUser" in principal:
            # A key policy takes no canonical user, and an origin access identity cannot use KMS.
            return True
        terms = [(key, value) for pairs in written.get("Condition", {}).values() for key, value in pairs.items()]
        if len(terms) > 1 or "Sid" in written:
            return False
        if set(principal) == {"Service"}:
            return self._replaces_service(written, terms)
        readers = principal.get("AWS")
        stacks = [stack for reader in _listed(readers) if (stack := _target(reader)) is not None]
        if not stacks:
            return False
        if terms and terms[0][0] == "kms:ViaService":
            if self._account_wide:
                self.serve(str(terms[0][1]).partition(".")[0])
                return True
            # The CDK grants a secret in the key policy only. The role would be a circular reference, so the grant lets
            # in those that may read the secret.
            written["Principal"] = {"AWS": "*"}
            ((operator, pairs),) = written["Condition"].items()
            written["Condition"] = {operator: {**pairs, "kms:CallerAccount": self.stack.account}}
            return False
        if not terms and any(stack.region != self.stack.region for stack in stacks):
            # The CDK also allows the role itself to use the key; the ARN of a role without a name cannot be written
            # in another region.
            accounts = dict.fromkeys(stack.account for stack in stacks)
            written["Principal"] = {"AWS": [f"arn:{self.stack.partition}:iam::{each}:root" for each in accounts]}
        return False

    def _replaces_service(self, written: dict[str, Any], terms: list[tuple[str, Any]]) -> bool:
        account = None
        for key, value in terms:
            source = _target(value)
            if key.lower() == "aws:sourcearn" and source is not None:
                account = source.account
            elif key.lower() != "aws:sourceaccount" or value != self.stack.account:
                return False
        for service in _listed(written["Principal"]["Service"]):
            self.let_service_use(str(self.stack.resolve(service)), tuple(_listed(written["Action"])), account)
        return True

    def _allow(self, principal: Mapping[str, Any], actions: tuple[str, ...], conditions: Mapping[str, Any]) -> None:
        written = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
        if conditions:
            written["Condition"] = conditions
        text = repr(written)
        if text not in self._written:
            self._written.add(text)
            super().add_to_resource_policy(iam.PolicyStatement.from_json(written))


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]


def _target(arn: Any) -> cdk.Stack | None:
    """The stack of the resource whose attribute the ARN is; None for other values."""
    token = cdk.Tokenization.reverse_string(arn).first_token if isinstance(arn, str) else None
    return cdk.Stack.of(token.target) if isinstance(token, cdk.Reference) else None

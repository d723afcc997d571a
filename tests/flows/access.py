"""Requests that a data flow makes, and whether AWS would serve them: IAM, KMS, and the rules that no policy states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import yaml
from constructs import IConstruct

from flows.evaluator import Decision, Document, Guard, Principal, Request, evaluate
from flows.world import ACCOUNT, ORGANIZATION, Resource, TwoPolicies, World, dig

_DATA: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "services.yaml").read_text())
SERVICES, OPERATIONS, VIA = _DATA["services"], _DATA["operations"], _DATA["via"]

#: Accounts of the organization; every other one is a stranger.
MEMBERS = (ACCOUNT, "222222222222")

#: Where a resource type names its KMS key, and the value that stands for the key AWS manages for the service.
_S3_DEFAULT = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault"


def place(construct: IConstruct) -> tuple[str, str]:
    """The template and the logical id of a construct."""
    element = construct if cdk.CfnElement.is_cfn_element(construct) else construct.node.default_child
    assert isinstance(element, cdk.CfnElement), f"{construct.node.path} is no resource"
    stack = cdk.Stack.of(element)
    key = stack.template_file if stack.nested_stack_parent else stack.artifact_id
    return key, stack.resolve(element.logical_id)


def resource_of(world: World, construct: IConstruct) -> Resource:
    return world.resource(*place(construct))


# -- callers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """The caller of a request.

    Attributes:
        principal: The principal, once the templates are there.
        passes: Condition keys of its requests that a resource policy judges.
        to_kms: Condition keys of the requests to KMS that a service such as `sns` makes for the caller.
        never: Services whose KMS-encrypted resources the caller cannot use at all.
        label: For messages and tables.
        key: The key that the caller names in its requests, in place of the resource's own; as a trail does.
    """

    principal: Callable[[World], Principal]
    passes: Callable[[World], Mapping[str, str]]
    to_kms: Callable[[World, str], Mapping[str, str]] | None
    never: tuple[str, ...]
    label: str
    key: Callable[[World], str | None] = lambda _: None

    def does(self, action: str, on: IConstruct, below: str = "", **context: str) -> Access:
        """The request for an action on a construct.

        Args:
            action: An action of `services.yaml`.
            on: The construct of the resource.
            below: The rest of the resource's ARN, such as `/key`. Default: empty.
            **context: Further condition keys, with `__` for `:`.
        """
        return Access(self, action, on, below, {key.replace("__", ":"): value for key, value in context.items()})

    def cannot(self, action: str, on: IConstruct, below: str = "", **context: str) -> Refusal:
        """The request that AWS has to refuse; as for `does`."""
        return Refusal(self.does(action, on, below, **context))


def role(construct: Any, *policies: Document) -> Caller:
    """A role of the app, or an imported one with the policies that it has outside the app."""

    def principal(world: World) -> Principal:
        if isinstance(construct, str):
            return world.role(construct, policies)
        child = construct.node.default_child
        if isinstance(child, cdk.CfnResource) or cdk.CfnElement.is_cfn_element(construct):
            return world.role(resource_of(world, construct).arn, policies)
        stack = cdk.Stack.of(construct)
        return world.role(world.resolve(stack.resolve(construct.role_arn), world.stacks[stack.artifact_id]), policies)

    def passes(world: World) -> dict[str, str]:
        found = principal(world)
        context = {
            "aws:PrincipalArn": found.id,
            "aws:PrincipalAccount": found.account,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            **_TLS,
        }
        return {**context, "aws:PrincipalOrgID": ORGANIZATION} if found.account in MEMBERS else context

    label = construct if isinstance(construct, str) else construct.node.id
    return Caller(principal, passes, None, (), f"role {label}")


def account(number: str, *actions: str) -> Caller:
    """A role of another account whose identity policy allows actions on everything."""
    allow = {"Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": "*"}]}
    return role(f"arn:aws:iam::{number}:role/reader", allow)


def service(name: str, source: IConstruct | str | None = None, source_account: str = ACCOUNT) -> Caller:
    """A service that acts in its own name, for a source such as a rule or an alarm."""
    facts = SERVICES[name]
    principal_name = name.partition("/")[0]

    def known(world: World) -> dict[str, str]:
        if isinstance(source, str):
            arn = source
        elif source is not None:
            arn = resource_of(world, source).arn
        else:
            arn = f"arn:aws:{principal_name.split('.')[0]}:us-east-1:{source_account}:source/x"
        return {
            "aws:SourceAccount": source_account,
            "aws:SourceArn": arn,
            "aws:SourceOwner": source_account,
            **({"aws:SourceOrgID": ORGANIZATION} if source_account in MEMBERS else {}),
            "s3:x-amz-acl": "bucket-owner-full-control",
            "sts:ExternalId": source_account,
        }

    def some(keys: list[str], world: World) -> dict[str, str]:
        # A service that passes the account of its source passes the organization of that account as well.
        more = ["aws:SourceOrgID"] if "aws:SourceAccount" in keys else []
        found = {key: value for key, value in known(world).items() if key in [*keys, *more]}
        return {**found, "aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal_name, **_TLS}

    def key(world: World) -> str | None:
        # Where a trail names a key, CloudTrail encrypts with that one, not with the bucket's.
        made = world.find(known(world)["aws:SourceArn"], "AWS::CloudTrail::Trail")
        return made.get("KMSKeyId") if made else None

    def to_kms(world: World, by: str) -> dict[str, str]:
        keys = facts.get("kms", facts["passes"])
        keys = keys[by] if isinstance(keys, dict) else keys
        return some([key for key in keys if key.startswith("aws:") and key != "aws:SourceOwner"], world)

    return Caller(
        lambda _: Principal("service", principal_name),
        lambda world: some(facts["passes"], world),
        to_kms,
        tuple(facts.get("never", ())),
        name,
        key,
    )


def anyone(*, tls: bool = True) -> Caller:
    """A caller without credentials; it cannot use KMS ("Using server-side encryption with AWS KMS keys")."""
    context = {**_TLS} if tls else {"aws:SecureTransport": "false"}
    every = ("s3", "sns", "sqs")
    return Caller(lambda _: Principal("anonymous"), lambda _: context, None, every, "anyone")


def origin_access_identity(construct: Any) -> Caller:
    """An OAI of CloudFront, which reads no object under a KMS key.

    "Restrict access to an Amazon S3 origin: Migrate from origin access identity" of the CloudFront guide.
    """

    def principal(world: World) -> Principal:
        made = resource_of(world, construct)
        return Principal("canonical", f"{made.name}-S3CanonicalUserId")

    return Caller(principal, lambda _: _TLS, None, ("s3",), "origin access identity")


def load_balancing(construct_region_account: str = "127311923021") -> Caller:
    """The account of Elastic Load Balancing for a region, which delivers access logs; SSE-S3 only."""
    arn = f"arn:aws:iam::{construct_region_account}:root"
    allow = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    principal = Principal("root", arn, construct_region_account, (allow,))
    context = {"s3:x-amz-acl": "bucket-owner-full-control", **_TLS}
    return Caller(lambda _: principal, lambda _: context, None, ("s3",), "Elastic Load Balancing")


_TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "s3:signatureversion": "AWS4-HMAC-SHA256"}


# -- requests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Access:
    """One request of a flow, with the requests to KMS that AWS makes for it."""

    caller: Caller
    action: str
    on: IConstruct
    below: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.caller.label}: {self.action} on {self.on.node.path}{self.below}"

    def problem(self, world: World) -> str | None:
        """The reason why AWS refuses the request; None where it serves it."""
        target = resource_of(world, self.on)
        return serve(world, self.caller, self.action, target, self.below, self.context)


@dataclass(frozen=True)
class Refusal:
    """A request that AWS has to refuse: hardening opens nothing."""

    access: Access

    @property
    def on(self) -> IConstruct:
        return self.access.on

    def __str__(self) -> str:
        return f"never {self.access}"

    def problem(self, world: World) -> str | None:
        """That AWS serves the request; None where it refuses it."""
        return None if self.access.problem(world) else "AWS would serve it"


def serve(
    world: World, caller: Caller, action: str, target: Resource, below: str = "", context: Mapping[str, str] = {}
) -> str | None:
    """The reason why AWS refuses a request; None where it serves it."""
    operation = OPERATIONS[action]
    action = operation.get("as", action)
    try:
        guard = world.guard(target)
    except TwoPolicies as error:
        return str(error)
    if action == "sts:AssumeRole":
        guard = Guard(target.stack.account, target.get("AssumeRolePolicyDocument"))
    if target.type == "AWS::EFS::FileSystem" and guard.policy is None:
        # Without a file system policy every client that reaches a mount target may mount ("Default EFS policy").
        return None
    principal = caller.principal(world)
    if target.type == "AWS::S3::Bucket" and principal.kind == "anonymous" and _blocks_public(target):
        return f"the public access block of {target} restricts the policy"
    asked = {**caller.passes(world), **context}
    arn = target.arn.removesuffix(":*") if target.type == "AWS::Logs::LogGroup" else target.arn
    decision = evaluate(Request(principal, action, arn + below, asked), guard)
    if not decision:
        return decision.reason
    key = caller.key(world) or key_of(target)
    if key is None:
        return None
    prefix = action.partition(":")[0]
    if prefix in caller.never:
        return f"{caller.label} cannot use {target}, which is encrypted with a KMS key"
    actions = list(operation["kms"])
    if action == "s3:PutObject" and target.get("BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled"):
        # With an S3 Bucket Key log delivery and CloudTrail need kms:Decrypt ("Reducing the cost of SSE-KMS with Amazon
        # S3 Bucket Keys").
        actions = list(dict.fromkeys([*actions, "kms:Decrypt"])) if principal.kind == "service" else actions
    for each in actions:
        refused = _use_key(world, caller, each, key, target, prefix)
        if not refused:
            return f"KMS: {refused.reason}"
    return None


def _blocks_public(bucket: Resource) -> bool:
    """Whether public policies are ignored; new buckets have all four blocks on unless a template turns them off."""
    block = bucket.get("PublicAccessBlockConfiguration")
    if block is None:
        # CloudFormation applies the settings of new buckets ("Blocking public access to your Amazon S3 storage").
        return True
    return any(block.get(name) in (True, "true") for name in ("BlockPublicPolicy", "RestrictPublicBuckets"))


def key_of(resource: Resource) -> str | None:
    """The key that encrypts a resource: an id, ARN or alias; None where no KMS key of the account takes part."""
    kind = resource.type
    if kind == "AWS::S3::Bucket":
        default = resource.get(_S3_DEFAULT, {})
        uses = str(default.get("SSEAlgorithm", "")).startswith("aws:kms")
        return default.get("KMSMasterKeyID", "alias/aws/s3") if uses else None
    if kind in ("AWS::SNS::Topic", "AWS::SQS::Queue"):
        return resource.get("KmsMasterKeyId")
    if kind == "AWS::Kinesis::Stream":
        return resource.get("StreamEncryption.KeyId")
    if kind == "AWS::DynamoDB::Table":
        uses = resource.get("SSESpecification.SSEEnabled") is True
        return resource.get("SSESpecification.KMSMasterKeyId", "alias/aws/dynamodb") if uses else None
    if kind == "AWS::DynamoDB::GlobalTable":
        if resource.get("SSESpecification.SSEEnabled") is not True:
            return None
        for replica in resource.get("Replicas", []):
            if replica.get("Region") == resource.stack.region:
                return dig(replica, "SSESpecification.KMSMasterKeyId", "alias/aws/dynamodb")
        return "alias/aws/dynamodb"
    if kind == "AWS::SecretsManager::Secret":
        return resource.get("KmsKeyId", "alias/aws/secretsmanager")
    return None


def _use_key(world: World, caller: Caller, action: str, key: str, target: Resource, prefix: str) -> Decision:
    """Decide on the request to KMS that a service makes for a caller, or in its own name."""
    region, owner = target.stack.region, target.stack.account
    principal = caller.principal(world)
    via = VIA[prefix]
    through = via["service"].format(region=region)
    if caller.to_kms is None:
        context: dict[str, str] = {
            **caller.passes(world),
            "kms:ViaService": through,
            "kms:CallerAccount": principal.account,
        }
    else:
        context = {**caller.to_kms(world, prefix)}
        if "kms:ViaService" in SERVICES.get(caller.label, {}).get("kms", ()):
            context["kms:ViaService"] = through
    context[f"kms:EncryptionContext:{via['context']}"] = target.arn
    if caller.key(world):
        context["kms:EncryptionContext:aws:cloudtrail:arn"] = caller.passes(world)["aws:SourceArn"]
    if key.rpartition(":")[2].startswith("alias/aws/"):
        managed = {"StringEquals": {"kms:ViaService": through, "kms:CallerAccount": owner}}
        allow = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": managed}
        # The policy of the key that AWS manages for a service ("AWS managed keys").
        request = Request(principal, action, f"arn:aws:kms:{region}:{owner}:{key}", context)
        return evaluate(request, Guard(owner, {"Statement": [allow]}, is_key=True))
    made = find_key(world, key)
    if made is None:
        return Decision(False, f"nothing is known of the key {key}")
    return evaluate(Request(principal, action, made.arn, context), world.guard(made))


def find_key(world: World, name: str) -> Resource | None:
    alias = world.find(name, "AWS::KMS::Alias")
    return world.find(alias.get("TargetKeyId") if alias else name, "AWS::KMS::Key")


# -- facts that are not requests ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A condition of a flow that no policy states.

    Attributes:
        name: The condition, as it holds.
        page: The AWS page that asks for it.
        test: The problem it finds in the deployed app; None where there is none.
        on: The construct it is about.
    """

    name: str
    page: str
    test: Callable[[World], str | None]
    on: IConstruct

    def __str__(self) -> str:
        return self.name

    def problem(self, world: World) -> str | None:
        return self.test(world)


#: A condition for a flow to work.
Need = Access | Refusal | Fact

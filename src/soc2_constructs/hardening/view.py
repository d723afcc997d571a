"""The resources of a stage as its templates will have them, and the references between them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct

#: By resource type: the types that attach a policy to it, with the properties of the resource and of the document.
_POLICIES = {
    "AWS::S3::Bucket": {"AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument")},
    "AWS::SNS::Topic": {
        "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument"),
        "AWS::SNS::TopicInlinePolicy": ("TopicArn", "PolicyDocument"),
    },
    "AWS::SQS::Queue": {
        "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument"),
        "AWS::SQS::QueueInlinePolicy": ("Queue", "PolicyDocument"),
    },
    "AWS::Kinesis::Stream": {"AWS::Kinesis::ResourcePolicy": ("ResourceArn", "ResourcePolicy")},
    "AWS::SecretsManager::Secret": {"AWS::SecretsManager::ResourcePolicy": ("SecretId", "ResourcePolicy")},
}
#: The property of the policy document, for types that have one themselves.
_OWN_POLICY = {
    "AWS::DynamoDB::Table": "ResourcePolicy.PolicyDocument",
    "AWS::DynamoDB::GlobalTable": "Replicas.0.ResourcePolicy.PolicyDocument",
}
#: By resource type: the property that names the resource.
_NAMES = {"AWS::S3::Bucket": "BucketName", "AWS::SNS::Topic": "TopicName", "AWS::SQS::Queue": "QueueName"}


class View:
    """The resources of a stage. Resolving a property takes two calls to Node, so each is resolved on demand, once.

    Args:
        stage: The app or stage.
    """

    def __init__(self, stage: IConstruct) -> None:
        self._stage = stage
        self._stacks: dict[str, cdk.Stack] = {}
        self._raw: dict[str, Mapping[str, Any]] = {}
        self._properties: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._local: dict[str, set[tuple[str, str]]] = {}
        self._indexes: dict[tuple[str, str], dict[str, list[cdk.CfnResource]]] = {}

    @functools.cached_property
    def _by_type(self) -> dict[str, list[cdk.CfnResource]]:
        found: dict[str, list[cdk.CfnResource]] = {}
        nested: set[str] = set()
        for construct in self._stage.node.find_all():
            if identity(construct) in nested:
                continue
            if isinstance(construct, cdk.Stage) and identity(construct) != identity(self._stage):
                # A nested stage is synthesized before this one, with its own finishing step.
                nested.update(map(identity, construct.node.find_all()))
            elif isinstance(construct, cdk.CfnResource):
                found.setdefault(_type_of(construct), []).append(construct)
        return found

    def all(self, *types: str) -> list[cdk.CfnResource]:
        """The resources of some types."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]

    def read(self, resource: cdk.CfnResource, path: str) -> Any:
        """The resolved value at a property path such as `LoggingConfiguration.DestinationBucketName`."""
        first, *rest = path.split(".")
        known = self._properties.setdefault(identity(resource), {})
        if first not in known:
            # The typed properties of some L1 classes cannot be read: jsii rejects tokens in them.
            known[first] = self._stack(resource).resolve(_step(self._unresolved(resource), first))
        value: Any = known[first]
        for step in rest:
            value = _step(value, step)
        return value

    def forget(self, resource: cdk.CfnResource) -> None:
        """Read a resource again, after a change of its properties."""
        self._properties.pop(identity(resource), None)
        self._raw.pop(identity(resource), None)

    def referrers(self, target: cdk.CfnResource, type_: str, path: str) -> list[cdk.CfnResource]:
        """The resources of a type that refer to a resource in the property at a path."""
        index = self._indexes.get((type_, path))
        if index is None:
            index = self._indexes[type_, path] = {}
            for resource in self.all(type_):
                for name in dict.fromkeys(_names(self.read(resource, path))):
                    index.setdefault(name, []).append(resource)
        found = {identity(each): each for name in self._target_names(target) for each in index.get(name, ())}
        found.pop(identity(target), None)
        return [each for each in found.values() if self._is_near(each, target)]

    def policies(self, target: cdk.CfnResource) -> list[cdk.CfnResource]:
        """The resources that attach a policy to a resource."""
        attaching = _POLICIES.get(_type_of(target), {})
        return [each for type_, (owner, _) in attaching.items() for each in self.referrers(target, type_, owner)]

    def statements(self, target: cdk.CfnResource) -> list[Mapping[str, Any]]:
        """The statements of all policies of a resource."""
        kind = _type_of(target)
        attaching = _POLICIES.get(kind, {})
        documents = [self.read(each, attaching[_type_of(each)][1]) for each in self.policies(target)]
        if kind in _OWN_POLICY:
            documents.append(self.read(target, _OWN_POLICY[kind]))
        return [
            statement
            for document in documents
            if isinstance(document, Mapping)
            for statement in as_list(document.get("Statement"))
            if isinstance(statement, Mapping)
        ]

    def _unresolved(self, resource: cdk.CfnResource) -> Mapping[str, Any]:
        key = identity(resource)
        if key not in self._raw:
            self._raw[key] = resource._cfn_properties
        return self._raw[key]

    def _stack(self, construct: IConstruct) -> cdk.Stack:
        key = identity(construct)
        if key not in self._stacks:
            self._stacks[key] = cdk.Stack.of(construct)
        return self._stacks[key]

    def _id(self, resource: cdk.CfnResource) -> str:
        key = identity(resource)
        if key not in self._ids:
            self._ids[key] = self._stack(resource).get_logical_id(resource)
        return self._ids[key]

    def _target_names(self, target: cdk.CfnResource) -> list[str]:
        """The logical id, with the prefix `#`, and the fixed name if there is one."""
        key = identity(target)
        if key not in self._names:
            names = [f"#{self._id(target)}"]
            property = _NAMES.get(_type_of(target))
            name = _step(self._unresolved(target), property) if property else None
            if isinstance(name, str) and not cdk.Token.is_unresolved(name):
                names.append(name)
            self._names[key] = names
        return self._names[key]

    def _is_near(self, source: cdk.CfnResource, target: cdk.CfnResource) -> bool:
        """Whether a logical id in a resource means the target, and not a resource of that id in the own stack.

        References between stacks are not rendered yet: they look like references in one stack.
        """
        here = identity(self._stack(source))
        if here == identity(self._stack(target)):
            return True
        kind = _type_of(target)
        if kind not in self._local:
            self._local[kind] = {(identity(self._stack(each)), self._id(each)) for each in self.all(kind)}
        return (here, self._id(target)) not in self._local[kind]


def identity(construct: IConstruct) -> str:
    """The identity of a construct: jsii returns a new Python object each time for a construct that the CDK created."""
    return str(construct.__jsii_ref__.ref)  # type: ignore[attr-defined]


def as_list(value: Any) -> list[Any]:
    """A value of a policy as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _type_of(resource: cdk.CfnResource) -> str:
    return _type_of_class(type(resource)) or resource.cfn_resource_type


@functools.cache
def _type_of_class(cls: Any) -> str | None:
    """The type of an L1 class, which only Node knows; None for `CfnResource` itself."""
    kind = getattr(cls, "CFN_RESOURCE_TYPE_NAME", None)
    return kind if isinstance(kind, str) else None


def _step(value: Any, step: str) -> Any:
    """A member; L1 classes of the CDK spell `KMSMasterKeyID` as `kmsMasterKeyId`."""
    if isinstance(value, Mapping):
        return next((each for name, each in value.items() if name.lower() == step.lower()), None)
    if isinstance(value, list) and step.isdigit():
        return value[int(step)] if int(step) < len(value) else None
    return None


def _names(value: Any) -> Iterator[str]:
    """The logical ids, with the prefix `#`, and the names in a resolved value."""
    if isinstance(value, str):
        yield value.rpartition(":")[2].partition("/")[0]
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key == "Ref":
                yield f"#{each}"
            elif key == "Fn::GetAtt":
                yield f"#{each[0] if isinstance(each, list) else str(each).partition('.')[0]}"
            elif key == "Fn::Sub":
                for id in re.findall(r"\$\{([\w]+)[.\w]*\}", str(each)):
                    yield f"#{id}"
            else:
                yield from _names(each)

"""References between the resources of an assembly, across its templates.

A resource refers to another one by `Ref`, by `Fn::GetAtt`, through outputs, exports and parameters of nested stacks, or
by the literal name that the other one has:

>>> from soc2_constructs.cloudformation.assembly import Assembly
>>> from soc2_constructs.cloudformation.evaluation import Evaluation
>>> evaluation = Evaluation(Assembly.of_document({"Resources": {
...     "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}},
...     "ByRef": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Logs"}}},
...     "ByName": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "logs"}},
... }}))
>>> [logs] = evaluation.of_type("AWS::S3::Bucket")
>>> logs.referrers("AWS::S3::BucketPolicy", via="Bucket")
[<AWS::S3::BucketPolicy ByRef>, <AWS::S3::BucketPolicy ByName>]

Both questions, which resources refer to one and which names a resource has, are answered from an index that is built
once. It contains the answers of all scenarios; an answer that depends on the scenario is verified each time.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.context import Context, References
from soc2_constructs.cloudformation.fingerprints import is_plain, plain_reference, plain_references
from soc2_constructs.cloudformation.read_log import untracked
from soc2_constructs.cloudformation.resource import Resource, Value
from soc2_constructs.cloudformation.scenarios import Scenario, scenarios
from soc2_constructs.cloudformation.values import Reference, Text, Unresolved, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

#: The property with the name of a resource; the same literal name elsewhere refers to the resource.
_NAME_PROPERTIES = {
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::EMR::SecurityConfiguration": "Name",
    "AWS::ElasticLoadBalancing::LoadBalancer": "LoadBalancerName",
    "AWS::Glue::SecurityConfiguration": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::DeliverySource": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBClusterParameterGroup": "DBClusterParameterGroupName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::RDS::GlobalCluster": "GlobalClusterIdentifier",
    "AWS::Redshift::Cluster": "ClusterIdentifier",
    "AWS::Redshift::ClusterParameterGroup": "ParameterGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Serverless::SimpleTable": "TableName",
}

#: Types whose names are unique across regions.
_GLOBAL_NAMES = (
    "AWS::IAM::Group",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::RDS::GlobalCluster",
    "AWS::S3::Bucket",
)


class ReferenceIndex(References):
    """The references between the resources of an evaluation."""

    def __init__(self, context: Context) -> None:
        self._context = context
        #: By type and property: the resources that refer to a target, each with whether it does in every scenario.
        self._referring: dict[tuple[str, str], dict[int, list[tuple[Resource, bool]]]] = {}
        self._names: dict[Any, list[tuple[str, Resource]]] | None = None
        self._mentioning: dict[int, list[tuple[Resource, bool]]] | None = None

    def resource_named(self, value: Value) -> Resource | None:
        """The resource that a value names, by reference or by literal name."""
        named = self._all_named(value)
        if len(named) > 1:
            return next((resource for resource in named if resource.exists), named[0])
        return named[0] if named else None

    def names(self, value: Value, resource: Resource) -> bool:
        """Whether a value names a resource; several resources may have one literal name."""
        return any(named is resource for named in self._all_named(value))

    def _all_named(self, value: Value) -> list[Resource]:
        node = value.node
        if type(node) is Reference:
            self._context.log.mark_uncacheable()
            return [node._resource]
        if type(node) is Text:
            references = [part._resource for part in node.parts if type(part) is Reference]
            self._context.log.mark_uncacheable()
            if references:
                return references if len(references) == 1 else []
        elif type(node) is not Unresolved and (type(node) is not str or not node):
            return []
        candidates = [pair for name in _possible_names(node) for pair in self._by_name().get(name, ())]
        if not candidates:
            return []
        self._context.log.mark_uncacheable()
        place, names = _place(value.resource), _possible_names(node)
        return [
            resource
            for resource_type, resource in candidates
            if (resource_type in _GLOBAL_NAMES or _place(resource) == place)
            and resource[_NAME_PROPERTIES[resource_type]].node in names
        ]

    def _by_name(self) -> dict[Any, list[tuple[str, Resource]]]:
        """Resources by the names that they have in any scenario, with their type.

        An unknown name counts as a name: two names from the same parameter are equal.
        """
        if self._names is None:
            self._names = {}
            with untracked(self._context.log):
                self._index_names(self._names)
        return self._names

    def _index_names(self, index: dict[Any, list[tuple[str, Resource]]]) -> None:
        for resource_type, property in _NAME_PROPERTIES.items():
            for resource in self._context.of_type(resource_type):
                if is_plain(resource._properties) and property not in resource._properties:
                    continue
                for name in in_any_scenario(self._context, resource, lambda source: [source[property].node])[0]:  # noqa: B023
                    if type(name) in (str, Text, Unresolved):
                        index.setdefault(name, []).append((resource_type, resource))

    def referrers(self, target: Resource, resource_type: str, via: str) -> list[Resource]:
        """The resources of a type whose property `via` names the target in the present scenario."""
        if not self._index_of(resource_type, via):
            # The same for every resource, so it tells none from another.
            return []
        sources = [
            source
            for source, fixed in self._sources_of(target, resource_type, via)
            if source.exists and (fixed or any(self.names(value, target) for value in source.values(via)))
        ]
        self._context.log.refer(target, resource_type, via, sources)
        return sources

    def fixed_referrers(self, target: Resource, resource_type: str, via: str) -> list[Resource] | None:
        """The same, where they are the same in every scenario; else None."""
        sources = self._sources_of(target, resource_type, via)
        if all(fixed and source._declaration.condition is None for source, fixed in sources):
            return [source for source, _ in sources]
        return None

    def _sources_of(self, target: Resource, resource_type: str, via: str) -> Sequence[tuple[Resource, bool]]:
        """The resources that name the target in any scenario, each with whether it does in every one."""
        return self._index_of(resource_type, via).get(id(target), ())

    def _index_of(self, resource_type: str, via: str) -> Mapping[int, list[tuple[Resource, bool]]]:
        """Referrers by id of their target; empty where no resource of the type refers to any."""
        index = self._referring.get((resource_type, via))
        if index is None:
            index = self._referring[resource_type, via] = {}
            with untracked(self._context.log):
                self._index_referrers(index, resource_type, via)
        return index

    def _index_referrers(self, index: dict[int, list[tuple[Resource, bool]]], resource_type: str, via: str) -> None:
        steps = via.split(".")
        for source in self._context.of_type(resource_type):
            targets, fixed = _plain_targets(source, steps), True
            if targets is None:
                targets, fixed = in_any_scenario(self._context, source, lambda one: self._named_by(one, via))
            for target in targets:
                index.setdefault(id(target), []).append((source, fixed))

    def is_possible(self, resource: Resource) -> bool:
        """Whether a resource is created in some scenario."""
        self._context.log.mark_uncacheable()
        condition = resource._declaration.condition
        if condition is None:
            return True
        if condition not in resource._declaration.template.conditions:
            return False
        with untracked(self._context.log):
            return any(in_any_scenario(self._context, resource, lambda one: [one.exists])[0])

    def mentioning(self, target: Resource) -> list[Resource]:
        """The resources that refer to the target anywhere in their properties, in the present scenario."""
        self._context.log.mark_uncacheable()
        if self._mentioning is None:
            self._mentioning = {}
            for source in self._context.resources():
                names = plain_references(source._properties, source._declaration.template)
                if names is not None:
                    targets, fixed = [source._scope.resources[name] for name in names], True
                else:
                    targets, fixed = in_any_scenario(self._context, source, _mentioned)
                for mentioned in targets:
                    self._mentioning.setdefault(id(mentioned), []).append((source, fixed))
        return [
            source
            for source, fixed in self._mentioning.get(id(target), ())
            if source is not target
            and source.exists
            and (fixed or any(mentioned is target for mentioned in _mentioned(source)))
        ]

    def _named_by(self, source: Resource, via: str) -> list[Resource]:
        return [named for value in source.values(via) for named in self._all_named(value)]


def _mentioned(source: Resource) -> list[Resource]:
    return [reference._resource for reference in source.references()]


def _place(resource: Resource) -> tuple[str | None, str | None]:
    template = resource._declaration.template
    return template.account, template.region


def _plain_targets(source: Resource, steps: list[str]) -> list[Resource] | None:
    """The targets of plain references at a path; None where functions or names must be evaluated."""
    template = source._declaration.template
    if template.unexpanded:
        return None
    nodes: list[Any] = [source._properties]
    for step in steps:
        name = step.removesuffix("[]")
        below: list[Any] = []
        for node in nodes:
            if not is_plain(node):
                return None
            child = node.get(name)
            if child is None:
                continue
            if name is step:
                below.append(child)
            elif type(child) is list:
                below += child
            else:
                return None
        nodes = below
    targets = []
    for node in nodes:
        name = plain_reference(node) if type(node) is dict and len(node) == 1 else ""
        if name not in template.resources or name in template.parameters:
            return None
        targets.append(source._scope.resources[name])
    return targets if len(targets) < 2 else list({id(target): target for target in targets}.values())


def in_any_scenario(
    context: Context, source: Resource, find: Callable[[Resource], list[Any]]
) -> tuple[list[Any], bool]:
    """The results of `find` in any scenario, each once, and whether they are the same in all of them."""
    outer, results = context.scenario, []
    try:
        # Most calls meet no choice: then the default scenario serves for the next call as well.
        first = context.scenario = context.default_scenario
        once = find(source)
        if not first.choices:
            return once if len(once) < 2 else [item for at, item in enumerate(once) if item not in once[:at]], True
        context.default_scenario = Scenario()
        for scenario in scenarios():
            context.scenario = scenario
            results += [item for item in find(source) if item not in results]
    finally:
        context.scenario = outer
    return results, False


def _possible_names(node: Any) -> tuple[Any, ...]:
    """The names that a value may stand for: an ARN ends with the name, after a colon or a slash.

    The ARN of a log group may have `:*` after the name.
    """
    if type(node) is Text and str(node.parts[0]).startswith("arn:"):
        *others, last = node.parts
        end = _after((*others, last.removesuffix(":*") if type(last) is str else last), ":")
        return tuple(dict.fromkeys((text_of([*end]), text_of([*_after(end, "/")]))))
    if type(node) is not str or not node.startswith("arn:"):
        return (node,)
    name = node.removesuffix(":*").rpartition(":")[2]
    return tuple(dict.fromkeys((name, name.rpartition("/")[2])))


def _after(parts: tuple[Any, ...], separator: str) -> tuple[Any, ...]:
    """The parts of a text after the last separator."""
    for at in range(len(parts) - 1, -1, -1):
        if type(parts[at]) is str and separator in parts[at]:
            return (parts[at].rpartition(separator)[2], *parts[at + 1 :])
    return parts

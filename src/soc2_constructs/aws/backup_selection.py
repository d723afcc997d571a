"""Whether a backup plan selects a resource.

A selection includes the resources that its ARNs or its ListOfTags match, or all resources if it has neither. It then
excludes resources that do not meet all Conditions or that NotResources match. It covers only its own account and
region.

Source: AWS Backup Developer Guide, "Assigning resources to a backup plan".
https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from __future__ import annotations

from soc2_constructs.aws.places import is_in
from soc2_constructs.aws.schedules import never_fires
from soc2_constructs.cloudformation import (
    OPEN,
    Reference,
    Resource,
    Text,
    Unresolved,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
    with_keys,
)
from soc2_constructs.cloudformation.values import as_string
from soc2_constructs.cloudformation.wildcards import wildcard_match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

PLAN = "AWS::Backup::BackupPlan"
SELECTION = "AWS::Backup::BackupSelection"

_GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"

_TAG_PREFIX = "aws:ResourceTag/"
#: Placeholders for text that is not known before deployment: the name of the resource, and any other text.
_OWN, _OPEN = "\ue000", "\ue001"

#: For each type, the service and the resource prefix in its ARN, and the property that can set the name.
_SPELLINGS = {
    _GLOBAL_TABLE: ("dynamodb", "table/", "TableName"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/", "TableName"),
    "AWS::EC2::Instance": ("ec2", "instance/", ""),
    "AWS::EC2::Volume": ("ec2", "volume/", ""),
    "AWS::EFS::FileSystem": ("elasticfilesystem", "file-system/", ""),
    "AWS::FSx::FileSystem": ("fsx", "file-system/", ""),
    "AWS::FSx::Volume": ("fsx", "volume/", ""),
    "AWS::RDS::DBCluster": ("rds", "cluster:", "DBClusterIdentifier"),
    "AWS::RDS::DBInstance": ("rds", "db:", "DBInstanceIdentifier"),
    "AWS::Serverless::SimpleTable": ("dynamodb", "table/", "TableName"),
}
#: The prefixes of resources in ARNs.
_PREFIXES = tuple(dict.fromkeys(prefix for _, prefix, _ in _SPELLINGS.values()))
#: The tag property of types where it is not `Tags`.
_TAGS = {"AWS::EFS::FileSystem": "FileSystemTags"}


class _Copy:
    """A resource in one region; a global table has a replica with its own tags in each of several regions."""

    __slots__ = ("region", "resource", "tags")

    def __init__(self, resource: Resource, region: str | None, tags: Value) -> None:
        self.resource = resource
        self.region = region
        self.tags = tags


def _copies(resource: Resource) -> list[_Copy]:
    if resource.type != _GLOBAL_TABLE:
        return [_Copy(resource, resource.region, resource[_TAGS.get(resource.type, "Tags")])]
    here, copies = resource.present_region, []
    for replica in resource["Replicas"].each():
        region = replica["Region"].known
        # The replica in the region of the stack is deployed with the stack, even if that region is not known yet.
        copies.append(_Copy(resource, resource.region if region == here else region, replica["Tags"]))
    return copies


def selected(resource: Resource) -> Verdict:
    """Whether a plan in the account and region selects the resource; of a global table, any one of its replicas."""
    return any_of(
        all_of(
            is_in(selection, resource.template.account, copy.region), _selects(selection, copy), _runs(selection)
        ).with_pass_message("the backup selection {} selects it", selection.logical_id)
        for copy in _copies(resource)
        for selection in with_keys(resource, SELECTION, _keys, _wanted_keys(copy))
    ).with_message("no selection of a backup plan in its account and region covers it")


#: Kinds of keys of a selection: a resource that it names, a tag, any tag, the start of a name, and a longer start.
_REFERENCE, _TAG, _TAGGED, _START, _LONG_START = "reference", "tag", "tagged", "start", "long start"


def _keys(selection: Resource) -> Iterator[Hashable]:
    """The keys of the resources that a selection may include; OPEN where it may include any."""
    body = selection["BackupSelection"]
    arns, tags = body["Resources"].each(), body["ListOfTags"].each()
    for arn in arns:
        yield from _arn_keys(arn.node)
    for tag in tags:
        name, text = tag["ConditionKey"].known, tag["ConditionValue"].known
        if isinstance(name, str) and isinstance(text, str):
            yield _TAG, name.removeprefix(_TAG_PREFIX), text
            yield _TAGGED
        else:
            yield OPEN
    if not [*arns, *tags]:
        yield OPEN


def _arn_keys(node: object) -> Iterator[Hashable]:
    parts = node.parts if type(node) is Text else (node,)
    referred = [(_REFERENCE, id(part.resource)) for part in parts if type(part) is Reference]
    if referred:
        yield from referred
        return
    match "".join(part if type(part) is str else _OPEN for part in parts).split(":", 5):
        case [_, _, _, _, _, name]:
            start = name.partition("*")[0].partition("?")[0].partition(_OPEN)[0]
            yield _START, start
            if start != name:
                # A resource without a known name may match.
                yield from ((_LONG_START, prefix) for prefix in _PREFIXES if start.startswith(prefix))
        case _:
            # A wildcard covers several fields of the ARN.
            yield OPEN


def _wanted_keys(copy: _Copy) -> Iterator[Hashable]:
    """The keys of the selections that may include a resource."""
    yield OPEN
    yield _REFERENCE, id(copy.resource)
    prefix = _SPELLINGS[copy.resource.type][1]
    name = f"{prefix}{_own_name(copy.resource)}"
    yield from ((_START, name[:length]) for length in range(len(name) + 1))
    if name.endswith(_OWN):
        yield _LONG_START, prefix
    if type(copy.tags.node) is dict:
        # In the Serverless Application Model, tags are an object.
        tags = [(key, copy.tags.member(key)) for key in copy.tags.keys()]  # noqa: SIM118 - a value, not a dict
    else:
        tags = [(tag["Key"].known, tag["Value"]) for tag in copy.tags.each()]
    for key, value in tags:
        if isinstance(key, str) and value.unresolved is None:
            yield _TAG, key, as_string(value.node)
        else:
            yield _TAGGED


def _runs(selection: Resource) -> Verdict:
    """Whether the plan of a selection has a rule that runs."""
    plan = selection["BackupPlanId"].target_of(PLAN)
    if plan is None:
        return unresolved("the plan of {} is not part of the assembly", selection.logical_id)
    return any_of(_has_runs(rule["ScheduleExpression"]) for rule in plan["BackupPlan.BackupPlanRule"].each())


def _has_runs(schedule: Value) -> Verdict:
    if schedule.is_absent:
        return passed("{} is not set, so AWS Backup runs daily", schedule)
    return schedule.satisfies(
        lambda text: isinstance(text, str) and not never_fires(text), "a schedule that fires in the future"
    )


def _selects(selection: Resource, copy: _Copy) -> Verdict:
    body = selection["BackupSelection"]
    arns, tags = body["Resources"], body["ListOfTags"]
    named = any_of(
        *(_names(arn, copy) for arn in arns.each()),
        *(_has_tag(copy.tags, entry["ConditionKey"], entry["ConditionValue"], like=False) for entry in tags.each()),
    )
    everything = (~arns.is_set()) & (~tags.is_set())
    excluded = any_of(_names(arn, copy) for arn in body["NotResources"].each())
    return all_of(everything | named, ~excluded, *_conditions(body["Conditions"], copy.tags))


def _conditions(conditions: Value, tags: Value) -> list[Verdict]:
    verdicts = []
    for operator, negated, like in (
        ("StringEquals", False, False),
        ("StringLike", False, True),
        ("StringNotEquals", True, False),
        ("StringNotLike", True, True),
    ):
        for entry in conditions[operator].each():
            verdict = _has_tag(tags, entry["ConditionKey"], entry["ConditionValue"], like=like)
            verdicts.append(~verdict if negated else verdict)
    return verdicts


def has_tag(resource: Resource, key: Value, wanted: Value) -> Verdict:
    """Whether a resource has a tag with that key and value."""
    return _has_tag(resource["Tags"], key, wanted, like=False)


def _has_tag(tags: Value, key: Value, wanted: Value, *, like: bool) -> Verdict:
    if not isinstance(key.known, str) or not isinstance(wanted.known, str):
        return unresolved("a tag of the selection is known only at deployment")
    name, text = key.known.removeprefix(_TAG_PREFIX), wanted.known
    if type(tags.node) is dict:
        # In the Serverless Application Model, tags are an object.
        return _agrees(tags.member(name), text, like)
    for tag in tags.each():
        if tag.unresolved is not None or tag["Key"].unresolved is not None:
            return unresolved("a tag of the resource is known only at deployment")
        if tag["Key"].known == name:
            return _agrees(tag["Value"], text, like)
    return failed("it has no tag {}", name)


def _agrees(value: Value, text: str, like: bool) -> Verdict:
    return value.satisfies(lambda found: wildcard_match(text, str(found)), text) if like else value.equals(text)


def _names(arn: Value, copy: _Copy) -> Verdict:
    """Whether an ARN of the selection, which can contain wildcards, matches the resource."""
    resource = copy.resource
    if type(arn.node) is Reference:
        return passed("{} refers to it", arn) if arn.node.resource is resource else failed("{} refers to another", arn)
    pattern = _pattern(arn.node, resource)
    if pattern is None:
        return unresolved("an ARN of the selection is known only at deployment")
    service, prefix, _ = _SPELLINGS[resource.type]
    name = f"{prefix}{_own_name(resource)}"
    region, account = copy.region or _OPEN, resource.template.account or _OPEN
    fields = pattern.split(":", 5)
    if len(fields) < 6:
        # A wildcard covers several fields of the ARN.
        return _field(pattern.replace(_OPEN, "*"), f"arn:aws:{service}:{region}:{account}:{name}")
    _, _, *wanted = fields
    return all_of(_field(*pair) for pair in zip(wanted, (service, region, account, name), strict=True))


def _field(wanted: str, actual: str) -> Verdict:
    if wildcard_match(wanted, actual):
        return passed("the ARN matches it")
    if _OPEN in wanted or actual == _OPEN:
        return unresolved("an ARN of the selection is known only at deployment")
    before, own, _ = actual.partition(_OWN)
    start = wanted.partition("*")[0].partition("?")[0]
    if own and start != wanted and (start.startswith(before) or before.startswith(start)):
        return unresolved("the name of the resource is known only at deployment")
    return failed("the ARN matches another resource")


def _pattern(node: object, resource: Resource) -> str | None:
    """The ARN as text, in which the name of the resource or a placeholder replaces a reference to it."""
    parts = node.parts if type(node) is Text else (node,)
    text = ""
    for part in parts:
        if type(part) is str:
            text += part
        elif type(part) is Reference:
            text += _own_name(resource) if part.resource is resource else f"<{part.resource.logical_id}>"
        elif type(part) is Unresolved and part.present:
            text += _OPEN
        else:
            return None
    return text


def _own_name(resource: Resource) -> str:
    service, _, named = _SPELLINGS[resource.type]
    given = resource[named].known if named else None
    if not isinstance(given, str):
        return _OWN
    return given.lower() if service == "rds" else given

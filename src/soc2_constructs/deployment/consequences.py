"""Consequences of a change that CloudFormation's effects do not show: requests that fail afterward, and costs.

CloudFormation calls a change "no interruption" if the resource stays available. A method that requires authorization
from now on stays available, and rejects its callers.
"""

from __future__ import annotations

from soc2_constructs.cloudformation.values import as_number, as_string, is_intrinsic, same
from soc2_constructs.deployment.plan import ADD, CHANGE, RENAME
from soc2_constructs.deployment.updates import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

    from soc2_constructs.cloudformation import Declaration
    from soc2_constructs.deployment.plan import Change, Step

    #: Whether a change from one value to another has the consequence.
    Rule = Callable[[Any, Any], bool]

_TLS = "connections without TLS are rejected"
_KEY = "principals without permission to use the key are rejected"


def _set(before: Any, after: Any) -> bool:
    """Whether a value is set that was not set, or off."""
    return after is not None and not same(after, False) and (before is None or same(before, False))


def _unset(before: Any, after: Any) -> bool:
    return _set(after, before)


def _another(before: Any, after: Any) -> bool:
    return after is not None and plain(before) != plain(after)


def _requires_authorization(before: Any, after: Any) -> bool:
    return _is_open(before) and not _is_open(after)


def _is_open(authorization: Any) -> bool:
    return authorization is None or same(authorization, "NONE")


def _requires_https(before: Any, after: Any) -> bool:
    return same(before, "allow-all") and not same(after, "allow-all")


def _becomes(*values: str) -> Rule:
    return lambda before, after: as_string(after) in values and as_string(before) not in values


def _uses_kms(before: Any, after: Any) -> bool:
    return _algorithms(after) - _algorithms(before) > set()


def _algorithms(node: Any) -> set[str]:
    """The KMS algorithms that occur in the encryption of a bucket, or in a part of it."""
    if type(node) is dict:
        return {found for child in node.values() for found in _algorithms(child)}
    if type(node) is list:
        return {found for child in node for found in _algorithms(child)}
    return {node} if type(node) is str and node.startswith("aws:kms") else set()


def _grows(before: Any, after: Any) -> bool:
    numbers = as_number(before if before is not None else 0), as_number(after)
    return numbers[0] is not None and numbers[1] is not None and bool(numbers[1] > numbers[0])


#: By type and property: the rule, and the requests that fail afterward.
_ACCESS: dict[str, dict[str, tuple[Rule, str]]] = {
    "AWS::ApiGateway::Method": {
        "AuthorizationType": (_requires_authorization, "callers without authorization are rejected")
    },
    "AWS::ApiGatewayV2::Route": {
        "AuthorizationType": (_requires_authorization, "callers without authorization are rejected")
    },
    "AWS::CloudFront::Distribution": {
        "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy": (
            _requires_https,
            "HTTP requests are redirected or rejected",
        )
    },
    "AWS::EC2::Instance": {
        "MetadataOptions.HttpTokens": (_becomes("required"), "programs that use IMDSv1 get no credentials")
    },
    "AWS::EC2::Subnet": {"MapPublicIpOnLaunch": (_unset, "new instances have no public address")},
    "AWS::Kinesis::Stream": {"StreamEncryption.KeyId": (_another, _KEY)},
    "AWS::RDS::DBClusterParameterGroup": {
        "Parameters.rds.force_ssl": (_becomes("1"), _TLS),
        "Parameters.require_secure_transport": (_becomes("1", "ON"), _TLS),
    },
    "AWS::RDS::DBInstance": {"PubliclyAccessible": (_unset, "connections from the internet are rejected")},
    "AWS::RDS::DBParameterGroup": {
        "Parameters.rds.force_ssl": (_becomes("1"), _TLS),
        "Parameters.require_secure_transport": (_becomes("1", "ON"), _TLS),
    },
    "AWS::RDS::DBProxy": {"RequireTLS": (_set, _TLS)},
    "AWS::S3::Bucket": {
        "BucketEncryption": (_uses_kms, _KEY),
        "PublicAccessBlockConfiguration": (_another, "public requests are rejected"),
    },
    "AWS::SNS::Topic": {"KmsMasterKeyId": (_another, _KEY)},
    "AWS::SQS::Queue": {"KmsMasterKeyId": (_another, _KEY)},
    "AWS::SecretsManager::Secret": {"KmsKeyId": (_another, _KEY)},
}

#: By type of a resource that is added: the property that refers to another resource, and the requests that fail there
#: afterward.
_ACCESS_BY_ADDITION = {
    "AWS::WAFv2::WebACLAssociation": ("ResourceArn", "requests that the web ACL blocks are rejected"),
    "Custom::VpcRestrictDefaultSG": ("DefaultSecurityGroupId", "the default security group allows no traffic"),
}

#: By type of a policy: the property that refers to the resource with the policy.
_POLICIES = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
_DENIED = "requests that a new Deny statement matches are rejected"

#: By type of a resource that is added: the costs.
_COSTS_OF_ADDITION = {
    "AWS::Backup::BackupSelection": "backup storage",
    "AWS::Backup::RestoreTestingPlan": "restore tests",
    "AWS::CloudTrail::Trail": "events and storage",
    "AWS::CloudWatch::Alarm": "an alarm",
    "AWS::EC2::FlowLog": "flow logs",
    "AWS::EC2::NatGateway": "a NAT gateway and its traffic",
    "AWS::KMS::Key": "a key and its requests",
    "AWS::RDS::DBInstance": "a database instance",
    "AWS::SecretsManager::Secret": "a secret",
    "AWS::WAFv2::WebACL": "a web ACL, its rules and requests",
}

#: By type and property: the rule, and the costs of the change.
_COSTS: dict[str, dict[str, tuple[Rule, str]]] = {
    "AWS::ApiGateway::Stage": {"TracingEnabled": (_set, "traces")},
    "AWS::DynamoDB::Table": {
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": (_set, "continuous backups")
    },
    "AWS::EC2::Instance": {"Monitoring": (_set, "detailed monitoring")},
    "AWS::Kinesis::Stream": {"RetentionPeriodHours": (_grows, "longer retention")},
    "AWS::Lambda::Function": {"TracingConfig.Mode": (_becomes("Active"), "traces")},
    "AWS::RDS::DBCluster": {"BackupRetentionPeriod": (_grows, "backup storage")},
    "AWS::RDS::DBInstance": {
        "BackupRetentionPeriod": (_grows, "backup storage"),
        "MonitoringInterval": (_grows, "enhanced monitoring"),
        "MultiAZ": (_set, "a standby instance"),
    },
    "AWS::S3::Bucket": {
        "ReplicationConfiguration": (_another, "a second copy of all objects and its transfer"),
        "VersioningConfiguration.Status": (_becomes("Enabled"), "storage of previous versions"),
    },
    "AWS::StepFunctions::StateMachine": {
        "LoggingConfiguration": (_another, "execution logs"),
        "TracingConfiguration.Enabled": (_set, "traces"),
    },
}


def note_consequences(steps: list[Step], deployed: Collection[str]) -> None:
    """Record the consequences of the steps of a stack.

    Args:
        steps: The steps.
        deployed: The logical ids of the deployed resources of the stack.
    """
    for step in steps:
        if step.action == CHANGE:
            step.access += _of_changes(step, _ACCESS)
            step.costs += _of_changes(step, _COSTS)
            if _denies_more(step.deployed, step.synthesized):
                step.access.append(_DENIED)
        elif step.action in (ADD, RENAME) and step.synthesized is not None:
            step.access += _of_addition(step.synthesized, deployed)
            if step.action == ADD and step.resource.type in _COSTS_OF_ADDITION:
                step.costs.append(_COSTS_OF_ADDITION[step.resource.type])


def _of_changes(step: Step, table: dict[str, dict[str, tuple[Rule, str]]]) -> list[str]:
    rules = table.get(step.resource.type, {})
    found = (text for change in step.changes for text in _of_change(change, rules))
    return list(dict.fromkeys(found))


def _of_change(change: Change, rules: dict[str, tuple[Rule, str]]) -> Iterator[str]:
    """Yield the consequences of a change, whose path may contain the property of a rule, or be part of it."""
    # Keys of parameters contain dots.
    path = ".".join(str(step) for step in change.steps)
    for property, (holds, text) in rules.items():
        if f"{path}.".startswith(f"{property}."):
            sides = change.before, change.after
        elif property.startswith(f"{path}."):
            rest = property[len(path) + 1 :]
            sides = _member(change.before, rest), _member(change.after, rest)
        else:
            continue
        if holds(*sides):
            yield text


def _member(node: Any, rest: str) -> Any:
    """The member of a value; a function at a step of the path stands for its unknown member."""
    if type(node) is not dict or is_intrinsic(node):
        return node
    if rest in node:
        return node[rest]
    head, dot, tail = rest.partition(".")
    return _member(node[head], tail) if dot and head in node else None


def _of_addition(resource: Declaration, deployed: Collection[str]) -> Iterator[str]:
    property, text = _ACCESS_BY_ADDITION.get(resource.type, ("", ""))
    if property and any(name in deployed for name in _references(resource.properties.get(property))):
        yield text
    policy = _POLICIES.get(resource.type)
    denies = policy is not None and _denials(resource)
    if denies and any(name in deployed for name in _references(resource.properties.get(policy))):
        yield _DENIED


def _references(node: Any) -> Iterator[str]:
    """Yield the logical ids that a value refers to."""
    if type(node) is list:
        for child in node:
            yield from _references(child)
    elif type(node) is dict:
        for key, child in node.items():
            if key == "Ref" and type(child) is str:
                yield child
            elif key == "Fn::GetAtt":
                yield child[0] if type(child) is list and child else str(child).partition(".")[0]
            else:
                yield from _references(child)


def _denies_more(before: Declaration | None, after: Declaration | None) -> bool:
    if before is None or after is None or after.type not in _POLICIES:
        return False
    old = _denials(before)
    return any(statement not in old for statement in _denials(after))


def _denials(policy: Declaration) -> list[Any]:
    """The Deny statements of a policy."""
    document = policy.properties.get("PolicyDocument") or policy.properties.get("ResourcePolicy")
    statements = document.get("Statement") if type(document) is dict else None
    listed = statements if type(statements) is list else [statements]
    return [plain(each) for each in listed if type(each) is dict and each.get("Effect") == "Deny"]

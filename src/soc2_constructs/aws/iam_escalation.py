"""Privilege escalation paths: the actions that each path requires, and the principals to which it is open.

A path is a set of actions. It is open if all of them are allowed on resources that the policy does not name, because a
role, user or function with more permissions may be among those resources.

Sources: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/ and
https://pathfinding.cloud.
"""

from __future__ import annotations

from soc2_constructs.aws.iam import (
    MANAGED_POLICY,
    PERMISSION_SET,
    PRINCIPALS,
    attached_policies,
    grants,
    is_denied,
    is_limited,
    principals_of,
    stated,
)
from soc2_constructs.aws.managed_policies import aws_managed
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Resource,
    Text,
    Unresolved,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.wildcards import wildcard_match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.aws.policies import Statement

    #: The service that a role is passed to, or none, and the actions.
    Way = tuple[str, tuple[str, ...]]

_PASS_ROLE = "iam:PassRole"

#: Each of these actions is a path: it changes a policy, a trust policy or a membership, or creates credentials.
GRANTING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)

#: Each of these actions changes or runs code with an existing role, or gives its credentials.
_INTRUDING = (
    "glue:UpdateDevEndpoint",
    "lambda:UpdateFunctionCode",
    "ssm:SendCommand",
    "ssm:StartSession",
    "sts:AssumeRole",
)
#: The service of the resources of an action, where it is not the service of the action: roles, and instances.
_SERVICE_OF_RESOURCES = {"ssm:SendCommand": "ec2", "ssm:StartSession": "ec2", "sts:AssumeRole": "iam"}

#: Actions that use a passed role, by the service that receives the role.
_WITH_PASSED_ROLE = (
    ("apprunner", ("apprunner:CreateService",)),
    ("bedrock-agentcore", ("bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter")),
    ("cloudformation", ("cloudformation:CreateStack",)),
    ("cloudformation", ("cloudformation:CreateStackSet", "cloudformation:CreateStackInstances")),
    ("cloudformation", ("cloudformation:UpdateStackSet",)),
    ("codebuild", ("codebuild:CreateProject", "codebuild:StartBuild")),
    ("codebuild", ("codebuild:CreateProject", "codebuild:StartBuildBatch")),
    ("codestar", ("codestar:CreateProject",)),
    (
        "datapipeline",
        ("datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"),
    ),
    ("ec2", ("autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup")),
    ("ec2", ("autoscaling:CreateLaunchConfiguration", "autoscaling:UpdateAutoScalingGroup")),
    ("ec2", ("ec2:RequestSpotInstances",)),
    ("ec2", ("ec2:RunInstances",)),
    ("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:CreateService")),
    ("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:RunTask")),
    ("ecs-tasks", ("ecs:RegisterTaskDefinition", "ecs:StartTask")),
    ("glue", ("glue:CreateDevEndpoint",)),
    ("glue", ("glue:CreateJob", "glue:CreateTrigger")),
    ("glue", ("glue:CreateJob", "glue:StartJobRun")),
    ("glue", ("glue:UpdateJob", "glue:CreateTrigger")),
    ("glue", ("glue:UpdateJob", "glue:StartJobRun")),
    ("lambda", ("lambda:CreateFunction", "lambda:AddPermission")),
    ("lambda", ("lambda:CreateFunction", "lambda:CreateEventSourceMapping")),
    ("lambda", ("lambda:CreateFunction", "lambda:InvokeFunction")),
    ("sagemaker", ("sagemaker:CreateNotebookInstance",)),
    ("sagemaker", ("sagemaker:CreateProcessingJob",)),
    ("sagemaker", ("sagemaker:CreateTrainingJob",)),
)

WAYS: tuple[Way, ...] = (
    *(("", (action,)) for action in (*GRANTING, *_INTRUDING)),
    *((service, (_PASS_ROLE, *actions)) for service, actions in _WITH_PASSED_ROLE),
)

_SERVICES = {action.partition(":")[0] for _, actions in WAYS for action in actions}

#: Condition keys that limit the target of an action, or the permissions that it can grant.
_LIMITING = ("iam:associatedresourcearn", "iam:permissionsboundary", "iam:policyarn", ":resourcetag/")


def opens_no_way(holder: Resource) -> Verdict:
    """Whether the statements of the resource, and for a principal its attached policies, open no escalation path.

    A path that a policy resource opens alone is reported for the policy, not also for its principals.
    """
    policies = [grants(policy) for policy in attached_policies(holder)]
    found = _open_ways([*grants(holder), *(statement for policy in policies for statement in policy)])
    for policy in policies if found else ():
        for way in _open_ways(policy):
            found.pop(way, None)
    if not found:
        return passed("no statement opens a known escalation path")
    bounded = [holder] if holder.type in (*PRINCIPALS, PERMISSION_SET) else principals_of(holder)
    verdicts = {way: verdict & ~_is_closed(way, bounded) for way, verdict in found.items()}
    open_ways = [way for way, verdict in verdicts.items() if verdict.status is PASS]
    if open_ways:
        return failed("a policy allows {} on resources that it does not name", _listed(open_ways))
    return ~any_of(verdicts.values())


def _listed(ways: list[Way]) -> str:
    texts = [" with ".join(actions) for _, actions in ways[:3]]
    more = len(ways) - len(texts)
    return ", ".join(texts) + (f", and {more} more" if more else "")


def _open_ways(policy: list[Statement]) -> dict[Way, Verdict]:
    """Return the paths that the statements open, or may open."""
    # Most statements name their resources or other services, so they are excluded before actions are compared.
    reaching = [statement for statement in policy if _may_open(statement)]
    if not reaching:
        return {}
    known: dict[tuple[str, str], Verdict] = {}
    found = {}
    for service, actions in WAYS:
        verdicts = []
        for action in actions:
            key = action, service if action == _PASS_ROLE else ""
            if key not in known:
                known[key] = _allowed(reaching, policy, *key)
            verdicts.append(known[key])
            if known[key].status is FAIL:
                break
        else:
            found[service, actions] = all_of(verdicts)
    return found


def _may_open(statement: Statement) -> bool:
    if statement.denies:
        return False
    if statement.malformed:
        return True
    return statement.covers_unnamed_resources().status is not FAIL if _is_about_services(statement) else False


def _is_about_services(statement: Statement) -> bool:
    """Whether an action of a statement may belong to a service of an escalation path."""
    return "NotAction" in statement.body or any(
        type(action) is not str
        or (service := action.partition(":")[0].lower()) in _SERVICES
        or "*" in service
        or "?" in service
        for action in statement.actions
    )


def _allowed(reaching: list[Statement], policy: list[Statement], action: str, passed_to: str) -> Verdict:
    verdict = any_of(_allows(statement, action, passed_to) for statement in reaching)
    return verdict if verdict.status is FAIL else verdict & ~is_denied(policy, action)


def _allows(statement: Statement, action: str, passed_to: str) -> Verdict:
    if statement.malformed:
        return passed("the statement is not known and may allow it")
    verdict = statement.covers_action(action)
    if verdict.status is FAIL or is_limited(statement, _LIMITING):
        return failed("the statement does not allow the action without limits")
    return all_of(
        verdict,
        statement.covers_unnamed_resources(_SERVICE_OF_RESOURCES.get(action, action.partition(":")[0])),
        _passes_to(statement, passed_to) if passed_to else passed(),
    )


def _passes_to(statement: Statement, service: str) -> Verdict:
    """Whether a statement that allows iam:PassRole allows passing roles to a service."""
    for (operator, key), values in statement.conditions.items():
        plain = operator.lower()
        if key != "iam:passedtoservice" or "not" in plain or "null" in plain:
            continue
        if any(_is_service(value, service) for value in values):
            continue
        if any(type(value) is Unresolved for value in values):
            return unresolved("the service that roles are passed to is known only at deployment")
        return failed("roles are passed to another service")
    return passed("roles are passed to {}", service)


def _is_service(value: Any, service: str) -> bool:
    """Whether a value is the service principal of a service, such as ``ecs-tasks.amazonaws.com``, in any partition."""
    parts = value.parts if type(value) is Text else (str(value),)
    pattern = "".join(part if type(part) is str else "*" for part in parts)
    return any(
        wildcard_match(pattern, f"{prefix}{service}.amazonaws.com{suffix}")
        # App Runner has two service principals: one for running and one for building.
        for prefix in ("", "tasks.", "build.")
        for suffix in ("", ".cn")
    )


def _is_closed(way: Way, principals: list[Resource]) -> Verdict:
    """Whether the permissions boundary of each principal of the policy closes the path."""
    if not principals:
        return failed("the policy has no principal with a permissions boundary in the assembly")
    return all_of(_bounds(principal, way) for principal in principals)


def _bounds(principal: Resource, way: Way) -> Verdict:
    value = principal["PermissionsBoundary"]
    if value.is_absent:
        return failed("{} has no permissions boundary", principal.logical_id)
    if principal.type == PERMISSION_SET:
        own, managed = value["CustomerManagedPolicyReference.Name"], value["ManagedPolicyArn"]
        value = managed if own.is_absent else own
    boundary = value.target_of(MANAGED_POLICY)
    policy = stated(boundary) if boundary is not None else aws_managed(value)
    if policy is None:
        return unresolved("the permissions boundary of {} is not part of the assembly", principal.logical_id)
    verdict = _open_ways(policy).get(way)
    if verdict is None:
        return passed("the permissions boundary of {} does not allow it", principal.logical_id)
    if any(statement.conditions for statement in policy):
        return unresolved("the permissions boundary of {} has conditions", principal.logical_id)
    return ~verdict

"""AWS Lambda."""

from __future__ import annotations

from soc2_constructs.aws.end_of_support import LAMBDA_RUNTIMES, is_supported
from soc2_constructs.aws.patterns import OPEN, as_pattern
from soc2_constructs.aws.public_access import is_fixed_arn
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.controls import control

FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"
URL = "AWS::Lambda::Url"
SAM_FUNCTION = "AWS::Serverless::Function"

_EVENT_INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
_TRAIL = "AWS::CloudTrail::Trail"
#: Services whose permissions the CDK writes without a source: a target group refers to the permission, and a rotation
#: schedule depends on it.
_WITHOUT_SOURCE = ("elasticloadbalancing.amazonaws.com", "secretsmanager.amazonaws.com")
LAYER_PERMISSION = "AWS::Lambda::LayerVersionPermission"


@control(
    resource_types=LAYER_PERMISSION,
    kind="public_data",
    severity="high",
    fix="Set `account_id` in `layer.add_permission(...)`, or `organization_id` with it "
    "(LayerVersionPermission.Principal, OrganizationId).",
)
def lambda_layer_not_publicly_accessible(permission: Resource) -> Verdict:
    """Layer permissions do not allow public access.

    Everyone could download the code of a public layer.

    A permission for an account or an organization passes. The change takes effect at once.
    """
    everyone = permission["Principal"].equals("*")
    return everyone.implies(permission["OrganizationId"].is_set()).with_message(
        "Principal is *, and OrganizationId is not set", path=("Principal",)
    )


@control(
    resource_types=(FUNCTION, SAM_FUNCTION),
    kind="capacity",
    severity="low",
    fix="Set `reserved_concurrent_executions=...` (ReservedConcurrentExecutions).",
    config_rule="LAMBDA_CONCURRENCY_CHECK",
    also_mapped={"Powerpipe": ("CC7.2",)},
)
def lambda_function_concurrent_execution_limit_configured(function: Resource) -> Verdict:
    """Functions have a reserved concurrency limit.

    The functions of an account and region share one concurrency limit. A function with a high load can throttle all
    others.

    A reservation limits the function, and reduces the concurrency that other functions share. Requests above the limit
    are throttled. The change interrupts nothing.
    """
    return function["ReservedConcurrentExecutions"].is_set()


@control(
    resource_types=(FUNCTION, SAM_FUNCTION),
    kind="processing",
    severity="low",
    fix="Set `on_failure=destinations.SqsDestination(queue)` or `dead_letter_queue=queue` "
    "(EventInvokeConfig.DestinationConfig.OnFailure.Destination, or DeadLetterConfig.TargetArn of the "
    "function).",
    config_rule="LAMBDA_DLQ_CHECK",
    prowler=("awslambda_function_no_dead_letter_queue",),
    also_mapped={"Powerpipe": ("CC7.2", "CC7.3", "CC7.4")},
)
def lambda_function_dead_letter_queue_configured(function: Resource) -> Verdict:
    """Functions keep failed asynchronous events.

    Lambda tries an asynchronous event three times and then discards it, unless a dead-letter queue or a failure
    destination receives it.

    Functions that are only invoked synchronously have no such events. A destination of any version or alias counts; the
    AWS Config rule accepts only the dead-letter queue. The change interrupts nothing.
    """
    if function.type == SAM_FUNCTION:
        on_failure = function["EventInvokeConfig.DestinationConfig.OnFailure"]
        # Without a destination, the SAM transform creates a queue or a topic; it cannot create other types.
        own = (
            function["DeadLetterQueue.TargetArn"].is_set()
            | on_failure["Destination"].is_set()
            | on_failure["Type"].one_of("SQS", "SNS")
        )
    else:
        own = function["DeadLetterConfig.TargetArn"].is_set()
    configured = (
        config["DestinationConfig.OnFailure.Destination"].is_set()
        for config in function.referrers(_EVENT_INVOKE_CONFIG, via="FunctionName")
    )
    return any_of(own, configured).with_message(
        "neither a dead-letter queue nor a failure destination receives failed events"
    )


@control(
    resource_types=(FUNCTION, SAM_FUNCTION),
    kind="network_boundary",
    severity="low",
    fix="Set `vpc=vpc` and `vpc_subnets=...` (VpcConfig.SubnetIds and VpcConfig.SecurityGroupIds).",
    config_rule="LAMBDA_INSIDE_VPC",
    prowler=("awslambda_function_inside_vpc",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def lambda_function_in_vpc(function: Resource) -> Verdict:
    """Functions run inside a VPC.

    Route tables, security groups and flow logs of the VPC apply to the connections of the function.

    A function that calls only AWS APIs gains little. The function loses access to the internet, unless its subnets have
    a NAT gateway. Functions of a capacity provider pass, because they run in its VPC.
    """
    network = function["VpcConfig"]
    inside = network["SubnetIds"].is_set() & network["SecurityGroupIds"].is_set()
    return (~function["CapacityProviderConfig"].is_set()).implies(inside)


@control(
    resource_types=(PERMISSION, URL, SAM_FUNCTION),
    kind="public_data",
    severity="high",
    fix="Set the `principal`, and for a service also `source_account=self.account` or `source_arn`; set "
    "`auth_type=lambda_.FunctionUrlAuthType.AWS_IAM` (Permission.Principal, SourceAccount, SourceArn; Url.AuthType: "
    "AWS_IAM).",
    config_rule="LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
    prowler=("awslambda_function_not_publicly_accessible", "awslambda_function_url_public"),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def lambda_function_restrict_public_access(resource: Resource) -> Verdict:
    """Function policies and URLs do not allow public access.

    A permission for the principal `*` lets every AWS account invoke the function. A permission for a service without a
    source lets that service invoke it for any account. A function URL without authorization lets anyone invoke it.

    A source account, an organization or the ARN of a source in one account narrows a permission. Permissions for S3
    require the account, because bucket names can be reused after deletion. Callers that relied on public access are
    rejected at once.
    """
    if resource.type == PERMISSION:
        return _is_narrowed(resource)
    if resource.type == URL:
        return resource["AuthType"].equals("AWS_IAM")
    return resource["FunctionUrlConfig"].is_set().implies(resource["FunctionUrlConfig.AuthType"].equals("AWS_IAM"))


def _is_narrowed(permission: Resource) -> Verdict:
    value = permission["Principal"]
    principal = as_pattern(value.node)
    account = permission["SourceAccount"].is_set()
    source = any_of(
        account,
        permission["PrincipalOrgID"].is_set(),
        permission["EventSourceToken"].is_set(),
        _has_source(permission["SourceArn"]),
    )
    if OPEN in principal:
        text = "{} is not known before deployment: {}"
        return account if account.status is PASS else unresolved(text, value, value.unresolved, path=value.path)
    if principal == "*":
        return source.with_message("Principal is '*', and no SourceAccount, PrincipalOrgID or SourceArn narrows it")
    if principal.startswith("arn:") or "." not in principal:
        return passed("Principal is an account, a role or a user")
    if principal.startswith("s3.amazonaws.com"):
        return account
    if principal.startswith(_WITHOUT_SOURCE) and source.status is FAIL:
        return unresolved("neither SourceAccount nor SourceArn is set for {}", principal, path=value.path)
    return source.with_message(
        f"neither SourceAccount nor SourceArn limits {principal}, which can act for any account", value.path
    )


def _has_source(arn: Value) -> Verdict:
    """Whether SourceArn contains an account; the ARN of a bucket contains none and must name the bucket."""
    verdict = arn.is_set()
    return verdict if verdict.status is FAIL else is_fixed_arn(as_pattern(arn.node))


@control(
    resource_types=(FUNCTION, SAM_FUNCTION),
    kind="logging",
    severity="low",
    fix="Call `trail.log_all_lambda_data_events()` (AWS::CloudTrail::Trail EventSelectors[].DataResources with "
    "Type AWS::Lambda::Function and Values arn:aws:lambda, or AdvancedEventSelectors).",
    prowler=("awslambda_function_invoke_api_operations_cloudtrail_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def lambda_function_cloudtrail_logging_enabled(function: Resource) -> Verdict:
    """CloudTrail records function invocations.

    By default a trail records changes to functions, but not their invocations, which are data events.

    CloudTrail charges for data events. Without a trail in the assembly the result is unresolved, because a trail of
    another stack or of the organization may record them. The change interrupts nothing.
    """
    trails = function.all_of_type(_TRAIL)
    if not trails:
        return unresolved("no trail is part of the assembly; another trail may record the invocations")
    return any_of(
        all_of(trail["IsLogging"].equals(True), _reaches(trail, function), _selects(trail, function))
        for trail in trails
    ).with_message("no trail of the assembly records the invocations of the function")


def _reaches(trail: Resource, function: Resource) -> Verdict:
    """Whether the trail covers the account and region of the function."""
    account = _same(trail.template.account, function.template.account)
    return all_of(
        account | trail["IsOrganizationTrail"].default(False).equals(True),
        _same(trail.region, function.region) | trail["IsMultiRegionTrail"].default(False).equals(True),
    )


def _same(one: str | None, other: str | None) -> Verdict:
    if one == other:
        return passed("the trail covers the account and region of the function")
    if one is None or other is None:
        return unresolved("the account and region of the stack are not known before deployment")
    return failed("the trail covers another account or region")


def _selects(trail: Resource, function: Resource) -> Verdict:
    basic = (
        selector["ReadWriteType"].default("All").one_of("All", "WriteOnly")
        & any_of(
            data["Type"].equals(FUNCTION) & any_of(_names(arn, function) for arn in data["Values"].each())
            for data in selector["DataResources"].each()
        )
        for selector in trail["EventSelectors"].each()
    )
    advanced = (
        any_of(
            field["Field"].equals("resources.type") & field["Equals"].includes(FUNCTION)
            for field in selector["FieldSelectors"].each()
        )
        & all_of(_admits(field, function) for field in selector["FieldSelectors"].each())
        for selector in trail["AdvancedEventSelectors"].each()
    )
    return any_of(basic, advanced)


def _admits(field: Value, function: Resource) -> Verdict:
    """Whether a field of an advanced selector includes the invocations of the function, which are write events."""
    name = field["Field"].known
    if name in ("eventCategory", "resources.type"):
        return passed("the selector includes data events")
    if name == "readOnly":
        return field["Equals"].includes("false")
    if name == "resources.ARN" and not field["Equals"].is_absent:
        return any_of(_names(arn, function) for arn in field["Equals"].each())
    return unresolved("an event selector of the trail filters by {}", name)


def _names(arn: Value, function: Resource) -> Verdict:
    """Whether a selector names the function, or all functions as `arn:aws:lambda` does."""
    end = arn.node.parts[-1] if type(arn.node) is Text else arn.node
    if arn.target is function or (isinstance(end, str) and end.endswith(":lambda")):
        return passed("the trail records the function")
    if arn.unresolved is not None and arn.target is None:
        return unresolved("the functions that the trail records are known only when the template is deployed")
    return failed("the trail records another function")


@control(
    resource_types=(FUNCTION, SAM_FUNCTION),
    kind="vulnerabilities",
    severity="medium",
    severity_reason="AWS no longer patches the runtime. Whether a fault can be exploited depends on the function.",
    fix="Set `runtime=lambda_.Runtime.PYTHON_3_13` or another supported runtime (Runtime: python3.13).",
    config_rule="LAMBDA_FUNCTION_SETTINGS_CHECK",
    prowler=("awslambda_function_using_supported_runtimes",),
)
def lambda_function_runtime_supported(function: Resource) -> Verdict:
    """Functions use a runtime that AWS supports.

    After its deprecation date a runtime gets no security patches, and functions with it can no longer be updated some
    months later. The day of the audit decides. Functions from container images have no `Runtime`, and pass.

    The change deploys a new version of the function. Test the code with the new runtime first.
    """
    return is_supported(function["Runtime"], LAMBDA_RUNTIMES)

"""Amazon CloudWatch."""

from __future__ import annotations

from soc2_constructs.aws.alarms import ALARM, COMPOSITE_ALARM, has_effective_action, is_watched, rings_above
from soc2_constructs.aws.metric_filters import alarm_rings, call, calls
from soc2_constructs.aws.trails import TRAIL
from soc2_constructs.cloudformation import PASS, Resource, Verdict, any_of
from soc2_constructs.controls import control

#: Events that occur in everyday use must raise an alarm where there are as many as this in one period.
_MANY = 100
_WITH_ALARM = (
    "to the log group of the trail, and a `cloudwatch.Alarm` with an action on its metric (AWS::Logs::MetricFilter "
    "FilterPattern, AWS::CloudWatch::Alarm AlarmActions)."
)
_OTHER_DETECTION = "GuardDuty, Security Hub and AWS Config detect the same activity and can replace the alarm."


@control(
    resource_types=(ALARM, COMPOSITE_ALARM),
    kind="alarms",
    severity="medium",
    severity_reason="Alarms that notify no one are an exception in an audit.",
    fix="Call `alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))` (AlarmActions).",
    config_rule="CLOUDWATCH_ALARM_ACTION_CHECK",
    config_parameters={
        "alarmActionRequired": "true",
        "insufficientDataActionRequired": "false",
        "okActionRequired": "false",
    },
    prowler=("cloudwatch_alarm_actions_alarm_state_configured",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "CC7.4")},
)
def cloudwatch_alarm_action_enabled(alarm: Resource) -> Verdict:
    """Alarms have an action.

    An alarm without an action notifies no one, so the incident can stay unnoticed. A composite alarm with
    an action can act for it. Alarms whose state a deployment, health check, experiment or action suppressor uses also
    pass. A topic whose policy or KMS key does not allow CloudWatch gets no notification.

    Nothing is interrupted. The action runs at the next change of state.
    """
    verdicts = [acts(alarm) for acts in (has_effective_action, rings_above, is_watched)]
    own = verdicts[0].message if alarm["AlarmActions"].is_set().status is PASS else "AlarmActions has no action"
    return any_of(verdicts).with_message(f"{own}, and no other resource acts on the state of the alarm")


@control(
    resource_types=(ALARM, COMPOSITE_ALARM),
    kind="alarms",
    severity="medium",
    severity_reason="Alarms that notify no one are an exception in an audit.",
    fix="Set `actions_enabled=True`, the default (ActionsEnabled: true).",
    config_rule="CLOUDWATCH_ALARM_ACTION_ENABLED_CHECK",
    prowler=("cloudwatch_alarm_actions_enabled",),
    also_mapped={"inferred": ("CC4.2",)},
)
def cloudwatch_alarm_action_enabled_check(alarm: Resource) -> Verdict:
    """Alarm actions are enabled.

    Actions that were disabled for maintenance and not enabled again leave incidents unnoticed. Actions are enabled by
    default.

    Nothing is interrupted. The actions run at the next change of state.
    """
    return alarm["ActionsEnabled"].default(True).equals(True)


NETWORK_ACL_CALLS = calls(
    "ec2",
    "CreateNetworkAcl",
    "CreateNetworkAclEntry",
    "DeleteNetworkAcl",
    "DeleteNetworkAclEntry",
    "ReplaceNetworkAclEntry",
    "ReplaceNetworkAclAssociation",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for CreateNetworkAcl, CreateNetworkAclEntry, DeleteNetworkAcl, "
    "DeleteNetworkAclEntry, ReplaceNetworkAclEntry and ReplaceNetworkAclAssociation " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_acls_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_network_acl(trails: list[Resource]) -> Verdict:
    """Changes to network ACLs raise an alarm.

    A network ACL controls the traffic of whole subnets. Changes outside a deployment can open a network path.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, NETWORK_ACL_CALLS)


NETWORK_GATEWAY_CALLS = calls(
    "ec2",
    "CreateCustomerGateway",
    "DeleteCustomerGateway",
    "AttachInternetGateway",
    "CreateInternetGateway",
    "DeleteInternetGateway",
    "DetachInternetGateway",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for CreateCustomerGateway, DeleteCustomerGateway, AttachInternetGateway, "
    "CreateInternetGateway, DeleteInternetGateway and DetachInternetGateway " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_gateways_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_network_gateway(trails: list[Resource]) -> Verdict:
    """Changes to internet and customer gateways raise an alarm.

    A new gateway can route data out of the network past existing controls.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, NETWORK_GATEWAY_CALLS)


ROUTE_TABLE_CALLS = calls(
    "ec2",
    "CreateRoute",
    "CreateRouteTable",
    "ReplaceRoute",
    "ReplaceRouteTableAssociation",
    "DeleteRouteTable",
    "DeleteRoute",
    "DisassociateRouteTable",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for CreateRoute, CreateRouteTable, ReplaceRoute, "
    "ReplaceRouteTableAssociation, DeleteRouteTable, DeleteRoute and DisassociateRouteTable " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_route_tables_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_route_table(trails: list[Resource]) -> Verdict:
    """Changes to route tables raise an alarm.

    A changed route can send traffic past inspection.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, ROUTE_TABLE_CALLS)


VPC_CALLS = calls(
    "ec2",
    "CreateVpc",
    "DeleteVpc",
    "ModifyVpcAttribute",
    "AcceptVpcPeeringConnection",
    "CreateVpcPeeringConnection",
    "DeleteVpcPeeringConnection",
    "RejectVpcPeeringConnection",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for CreateVpc, DeleteVpc, ModifyVpcAttribute, AcceptVpcPeeringConnection, "
    "CreateVpcPeeringConnection, DeleteVpcPeeringConnection and RejectVpcPeeringConnection " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_vpcs_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_vpc(trails: list[Resource]) -> Verdict:
    """Changes to VPCs and VPC peering connections raise an alarm.

    A peering connection joins networks that were separate. Calls for ClassicLink, which AWS has retired, are not
    required.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, VPC_CALLS)


CONFIG_CONFIGURATION_CALLS = calls(
    "config",
    "StopConfigurationRecorder",
    "DeleteDeliveryChannel",
    "PutDeliveryChannel",
    "PutConfigurationRecorder",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for StopConfigurationRecorder, DeleteDeliveryChannel, PutDeliveryChannel "
    "and PutConfigurationRecorder " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_config_configuration(trails: list[Resource]) -> Verdict:
    """Changes to AWS Config settings raise an alarm.

    An intruder can stop the configuration recorder to hide later changes.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    return alarm_rings(trails, CONFIG_CONFIGURATION_CALLS)


CLOUDTRAIL_CONFIGURATION_CALLS = calls(
    "cloudtrail",
    "CreateTrail",
    "UpdateTrail",
    "DeleteTrail",
    "StartLogging",
    "StopLogging",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for CreateTrail, UpdateTrail, DeleteTrail, StartLogging and StopLogging "
    + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_cloudtrail_configuration(trails: list[Resource]) -> Verdict:
    """Changes to CloudTrail settings raise an alarm.

    An intruder can stop a trail to hide later actions. The call that stops it is the last event recorded.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    return alarm_rings(trails, CLOUDTRAIL_CONFIGURATION_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix='Add a `logs.MetricFilter` for ConsoleLogin with errorMessage = "Failed authentication" ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_authentication_failures",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_console_authentication_failure(trails: list[Resource]) -> Verdict:
    """Failed console sign-ins raise an alarm.

    Many failures in a short time indicate password guessing. Set the alarm threshold above the usual number of
    typing errors; 100 failures in one period must raise the alarm.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    return alarm_rings(
        trails,
        [
            call(
                "signin",
                "ConsoleLogin",
                eventType="AwsConsoleSignIn",
                userIdentity={"type": "IAMUser", "userName": "user"},
                errorMessage="Failed authentication",
                responseElements={"ConsoleLogin": "Failure"},
                additionalEventData={"MobileVersion": "No", "MFAUsed": "No"},
            )
        ],
        _MANY,
    )


ORGANIZATION_CALLS = calls(
    "organizations",
    "AcceptHandshake",
    "AttachPolicy",
    "CreateAccount",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeclineHandshake",
    "DeleteOrganization",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "InviteAccountToOrganization",
    "LeaveOrganization",
    "MoveAccount",
    "RemoveAccountFromOrganization",
    "UpdatePolicy",
    "UpdateOrganizationalUnit",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix='Add a `logs.MetricFilter` with the pattern { $.eventSource = "organizations.amazonaws.com" } ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_aws_organizations_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_organization(trails: list[Resource]) -> Verdict:
    """Changes to the organization raise an alarm.

    An account that leaves the organization loses its service control policies. The calls are recorded in the
    calling account, usually the management account. A filter for all calls of the event source also passes.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    return alarm_rings(trails, ORGANIZATION_CALLS)


BUCKET_POLICY_CALLS = calls(
    "s3",
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutBucketCors",
    "PutBucketLifecycle",
    "PutBucketReplication",
    "DeleteBucketPolicy",
    "DeleteBucketCors",
    "DeleteBucketLifecycle",
    "DeleteBucketReplication",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for PutBucketAcl, PutBucketPolicy, PutBucketCors, PutBucketLifecycle, "
    "PutBucketReplication, DeleteBucketPolicy, DeleteBucketCors, DeleteBucketLifecycle and DeleteBucketReplication "
    + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_bucket_policy(trails: list[Resource]) -> Verdict:
    """Changes to bucket policies raise an alarm.

    One statement can make a bucket public.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, BUCKET_POLICY_CALLS)


IAM_POLICY_CALLS = calls(
    "iam",
    "DeleteGroupPolicy",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "CreatePolicy",
    "DeletePolicy",
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "AttachUserPolicy",
    "DetachUserPolicy",
    "AttachGroupPolicy",
    "DetachGroupPolicy",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for PutGroupPolicy, PutRolePolicy, PutUserPolicy, DeleteGroupPolicy, "
    "DeleteRolePolicy, DeleteUserPolicy, AttachGroupPolicy, AttachRolePolicy, AttachUserPolicy, DetachGroupPolicy, "
    "DetachRolePolicy, DetachUserPolicy, CreatePolicy, DeletePolicy, CreatePolicyVersion and DeletePolicyVersion "
    + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_policy_changes",),
    also_mapped={"Prowler": ("CC5.2", "PI1.3")},
)
def log_metric_filter_iam_policy(trails: list[Resource]) -> Verdict:
    """Changes to IAM policies raise an alarm.

    A policy change can grant any permission in the account.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, IAM_POLICY_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix='Add a `logs.MetricFilter` with the pattern { $.userIdentity.type = "Root" && '
    '$.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" } ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_root_usage",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_root_login(trails: list[Resource]) -> Verdict:
    """Use of the root user raises an alarm.

    No policy of the account limits the root user, and few tasks require it. Its console sign-ins and its API calls
    must both raise an alarm.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    root = {"type": "Root", "arn": "arn:aws:iam::000000000000:root"}
    return alarm_rings(
        trails,
        [
            call("iam", "CreateAccessKey", userIdentity=root),
            call(
                "signin",
                "ConsoleLogin",
                eventType="AwsConsoleSignIn",
                userIdentity=root,
                responseElements={"ConsoleLogin": "Success"},
                additionalEventData={"MobileVersion": "No", "MFAUsed": "Yes"},
            ),
        ],
    )


SECURITY_GROUP_CALLS = calls(
    "ec2",
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "CreateSecurityGroup",
    "DeleteSecurityGroup",
)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="configuration_alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix="Add a `logs.MetricFilter` for AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress, "
    "RevokeSecurityGroupIngress, RevokeSecurityGroupEgress, CreateSecurityGroup and DeleteSecurityGroup " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_security_group_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_security_group(trails: list[Resource]) -> Verdict:
    """Changes to security groups raise an alarm.

    One rule can expose a database to the internet.

    Your own deployments also raise the alarm. Nothing is interrupted. CloudWatch charges for the metric and the
    alarm.
    """
    return alarm_rings(trails, SECURITY_GROUP_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    severity_reason=_OTHER_DETECTION,
    fix='Add a `logs.MetricFilter` with the pattern { $.errorCode = "*UnauthorizedOperation" || $.errorCode ='
    ' "AccessDenied*" } ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_unauthorized_api_calls",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_unauthorized_api(trails: list[Resource]) -> Verdict:
    """Denied API calls raise an alarm.

    A principal that tries denied actions is an intruder or misconfigured. Denied reads count, so the trail must
    record reads. Set the alarm threshold above the usual number; 100 denied calls in one period must raise the alarm.

    Nothing is interrupted. CloudWatch charges for the metric and the alarm.
    """
    return alarm_rings(
        trails,
        [
            call("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation"),
            call("s3", "GetBucketPolicy", read=True, errorCode="AccessDenied"),
            call("secretsmanager", "GetSecretValue", read=True, errorCode="AccessDeniedException"),
        ],
        _MANY,
    )

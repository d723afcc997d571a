"""Amazon CloudWatch."""

from __future__ import annotations

from soc2_constructs.aws.alarms import ALARM, COMPOSITE_ALARM, is_watched, rings_above
from soc2_constructs.aws.metric_filters import alarm_rings, call, calls
from soc2_constructs.aws.trails import TRAIL
from soc2_constructs.cloudformation import Resource, Verdict, any_of
from soc2_constructs.controls import control

_WITH_ALARM = (
    "to the trail's log group, and an alarm with an action on its metric (AWS::Logs::MetricFilter FilterPattern, "
    "AWS::CloudWatch::Alarm AlarmActions)."
)


@control(
    resource_types=(ALARM, COMPOSITE_ALARM),
    kind="alarms",
    severity="medium",
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
    """Alarms cause something when they go off.

    An alarm without an action is a line on a page that nobody has open. An alarm passes that a composite alarm with an
    action listens to, or whose state a deployment, a health check or an experiment watches, or that only suppresses the
    actions of another. An action that is added holds from the next change of state on.
    """
    return any_of(acts(alarm) for acts in (_acts_itself, rings_above, is_watched)).with_message(
        "the alarm has no AlarmActions, and nothing else acts on it"
    )


def _acts_itself(alarm: Resource) -> Verdict:
    return alarm["AlarmActions"].is_set()


@control(
    resource_types=(ALARM, COMPOSITE_ALARM),
    kind="alarms",
    severity="medium",
    fix="Leave `actions_enabled` true (ActionsEnabled: true).",
    config_rule="CLOUDWATCH_ALARM_ACTION_ENABLED_CHECK",
    prowler=("cloudwatch_alarm_actions_enabled",),
    also_mapped={"inferred": ("CC4.2",)},
)
def cloudwatch_alarm_action_enabled_check(alarm: Resource) -> Verdict:
    """Actions of alarms are switched on.

    Switched off for a maintenance and forgotten, an alarm changes its colour and tells nobody. They are on unless the
    template says otherwise; switching them on takes hold at the next change of state.
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
    fix="Add a `logs.MetricFilter` on CreateNetworkAcl, CreateNetworkAclEntry, DeleteNetworkAcl, "
    "DeleteNetworkAclEntry, ReplaceNetworkAclEntry and ReplaceNetworkAclAssociation " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_acls_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_network_acl(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of network ACLs.

    A network ACL opens or closes whole subnets, and outside of a deployment nobody should touch one. The alarm rings
    on your own deployments as well. Metric filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on CreateCustomerGateway, DeleteCustomerGateway, AttachInternetGateway, "
    "CreateInternetGateway, DeleteInternetGateway and DetachInternetGateway " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_gateways_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_network_gateway(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of internet and customer gateways.

    Through a new gateway data leaves the network by a way that nobody guards. The alarm rings on your own deployments
    as well. Metric filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on CreateRoute, CreateRouteTable, ReplaceRoute, "
    "ReplaceRouteTableAssociation, DeleteRouteTable, DeleteRoute and DisassociateRouteTable " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_network_route_tables_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_route_table(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of route tables.

    A changed route can lead traffic past every inspection. The alarm rings on your own deployments as well. Metric
    filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on CreateVpc, DeleteVpc, ModifyVpcAttribute and Accept-, Create-, Delete- "
    "and RejectVpcPeeringConnection " + _WITH_ALARM,
    prowler=("cloudwatch_changes_to_vpcs_alarm_configured",),
    also_mapped={"Prowler": ("CC5.2", "CC7.2", "CC7.3", "CC7.4")},
)
def log_metric_filter_vpc(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of VPCs and their peerings.

    A peering connects networks that were apart. Calls about ClassicLink, which AWS has retired, need not be matched.
    The alarm rings on your own deployments as well. Metric filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on StopConfigurationRecorder, DeleteDeliveryChannel, PutDeliveryChannel "
    "and PutConfigurationRecorder " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_config_configuration(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of AWS Config.

    Whoever wants to go unseen stops the recorder first. Metric filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on CreateTrail, UpdateTrail, DeleteTrail, StartLogging and StopLogging "
    + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_cloudtrail_configuration(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of CloudTrail.

    A trail that is stopped records one last thing: that it was stopped. Metric filters and alarms cost little and touch
    nothing else.
    """
    return alarm_rings(trails, CLOUDTRAIL_CONFIGURATION_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    fix='Add a `logs.MetricFilter` on ConsoleLogin with errorMessage = "Failed authentication" ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_authentication_failures",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_console_authentication_failure(trails: list[Resource]) -> Verdict:
    """An alarm rings on failed logins to the console.

    Many failures in a short time are somebody guessing passwords: set the alarm's threshold above what your users
    mistype. Metric filters and alarms cost little and touch nothing else.
    """
    return alarm_rings(
        trails,
        [
            call(
                "signin",
                "ConsoleLogin",
                eventType="AwsConsoleSignIn",
                userIdentity={"type": "IAMUser", "userName": "somebody"},
                errorMessage="Failed authentication",
                responseElements={"ConsoleLogin": "Failure"},
                additionalEventData={"MobileVersion": "No", "MFAUsed": "No"},
            )
        ],
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
    fix="Add a `logs.MetricFilter` on the changing calls of organizations.amazonaws.com, such as "
    "LeaveOrganization and DetachPolicy, " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_aws_organizations_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_organization(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of the organization.

    An account that leaves the organization leaves its guardrails behind. A filter may match all calls of the event
    source. Such calls are recorded in the account that makes them, most of them in the management account. Metric
    filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on PutBucketAcl, Put- and DeleteBucketPolicy, -Cors, -Lifecycle and "
    "-Replication " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_bucket_policy(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of bucket policies.

    One statement can make a bucket public. The alarm rings on your own deployments as well. Metric filters and alarms
    cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on Put- and DeleteGroupPolicy, -RolePolicy and -UserPolicy, Attach- and "
    "Detach- the same, Create- and DeletePolicy and -PolicyVersion " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_policy_changes",),
    also_mapped={"Prowler": ("CC5.2", "PI1.3")},
)
def log_metric_filter_iam_policy(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of IAM policies.

    Who changes a policy decides what everybody may do. The alarm rings on your own deployments as well. Metric filters
    and alarms cost little and touch nothing else.
    """
    return alarm_rings(trails, IAM_POLICY_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    fix='Add a `logs.MetricFilter` with the pattern { $.userIdentity.type = "Root" && '
    '$.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" } ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_root_usage",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_root_login(trails: list[Resource]) -> Verdict:
    """An alarm rings when the root user does anything.

    Nothing limits the root user, and few tasks need it. Its login to the console and its calls must both ring. Metric
    filters and alarms cost little and touch nothing else.
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
    fix="Add a `logs.MetricFilter` on Authorize- and RevokeSecurityGroupIngress and -Egress, "
    "CreateSecurityGroup and DeleteSecurityGroup " + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_security_group_changes",),
    also_mapped={"Prowler": ("CC5.2",)},
)
def log_metric_filter_security_group(trails: list[Resource]) -> Verdict:
    """An alarm rings on changes of security groups.

    One rule opens a database to the internet. The alarm rings on your own deployments as well. Metric filters and
    alarms cost little and touch nothing else.
    """
    return alarm_rings(trails, SECURITY_GROUP_CALLS)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="alarms",
    severity="low",
    fix='Add a `logs.MetricFilter` with the pattern { $.errorCode = "*UnauthorizedOperation" || $.errorCode ='
    ' "AccessDenied*" } ' + _WITH_ALARM,
    prowler=("cloudwatch_log_metric_filter_unauthorized_api_calls",),
    also_mapped={"Prowler": ("PI1.3",)},
)
def log_metric_filter_unauthorized_api(trails: list[Resource]) -> Verdict:
    """An alarm rings on refused calls.

    Somebody who tries what they may not do is an intruder or a mistake; both are worth a look. Refused reads count, so
    the trail has to record reads as well. Set the alarm's threshold above the noise. Metric filters and alarms cost
    little and touch nothing else.
    """
    return alarm_rings(
        trails,
        [
            call("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation"),
            call("s3", "GetBucketPolicy", read=True, errorCode="AccessDenied"),
            call("secretsmanager", "GetSecretValue", read=True, errorCode="AccessDeniedException"),
        ],
    )

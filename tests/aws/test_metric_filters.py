"""What must ring: the calls that CIS AWS Foundations monitors, each of them."""

from __future__ import annotations

import pytest

from soc2_constructs.audit import audit
from soc2_constructs.cloudformation import FAIL, PASS, Assembly

CALLS = {
    "log_metric_filter_network_acl": (
        "ec2",
        "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry "
        "ReplaceNetworkAclAssociation",
    ),
    "log_metric_filter_network_gateway": (
        "ec2",
        "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
        "DeleteInternetGateway DetachInternetGateway",
    ),
    "log_metric_filter_route_table": (
        "ec2",
        "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute "
        "DisassociateRouteTable",
    ),
    "log_metric_filter_vpc": (
        "ec2",
        "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
        "DeleteVpcPeeringConnection RejectVpcPeeringConnection",
    ),
    "log_metric_filter_config_configuration": (
        "config",
        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
    ),
    "log_metric_filter_cloudtrail_configuration": (
        "cloudtrail",
        "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    ),
    "log_metric_filter_organization": (
        "organizations",
        "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake "
        "DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType "
        "InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy "
        "UpdateOrganizationalUnit",
    ),
    "log_metric_filter_bucket_policy": (
        "s3",
        "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy "
        "DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
    ),
    "log_metric_filter_iam_policy": (
        "iam",
        "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy "
        "DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy "
        "DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
    ),
    "log_metric_filter_security_group": (
        "ec2",
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
        "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
    ),
}


def judged(control: str, pattern: str) -> tuple[str, str]:
    """Status and message where the trail's log group has one filter, with an alarm."""
    document = {
        "Resources": {
            "Group": {"Type": "AWS::Logs::LogGroup"},
            "Trail": {
                "Type": "AWS::CloudTrail::Trail",
                "Properties": {"IsLogging": True, "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["Group", "Arn"]}},
            },
            "Filter": {
                "Type": "AWS::Logs::MetricFilter",
                "Properties": {
                    "LogGroupName": {"Ref": "Group"},
                    "FilterPattern": pattern,
                    "MetricTransformations": [{"MetricNamespace": "CIS", "MetricName": "m", "MetricValue": "1"}],
                },
            },
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "Namespace": "CIS",
                    "MetricName": "m",
                    "AlarmActions": ["t"],
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                    "Threshold": 1,
                    "EvaluationPeriods": 1,
                },
            },
        }
    }
    results = audit(assembly=Assembly.of_document(document), include=[control]).results
    (result,) = [result for result in results if result.control.id == control]
    return result.status, result.message


def pattern_of(service: str, names: list[str]) -> str:
    joined = "||".join(f"$.eventName={name}" for name in names)
    return f"{{ $.eventSource={service}.amazonaws.com && ({joined}) }}"


@pytest.mark.parametrize("control", CALLS)
def test_each_call_has_to_ring(control: str) -> None:
    service, names = CALLS[control][0], CALLS[control][1].split()
    assert judged(control, pattern_of(service, names))[0] == PASS
    assert judged(control, pattern_of(service, names[::-1]))[0] == PASS
    for name in names:
        status, message = judged(control, pattern_of(service, [other for other in names if other != name]))
        assert status == FAIL
        assert f"no alarm is raised for {name}:" in message


@pytest.mark.parametrize("control", CALLS)
def test_the_calls_of_another_service_ring_for_nobody(control: str) -> None:
    assert judged(control, "{ $.eventSource = other.amazonaws.com }")[0] == FAIL

"""Amazon Athena."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control


@control(
    resource_types="AWS::Athena::WorkGroup",
    kind="encryption_at_rest",
    severity="low",
    severity_reason="S3 encrypts every new object in any case.",
    fix='Set `encryption_configuration={"encryptionOption": "SSE_KMS", "kmsKey": key.key_arn}` in '
    "`result_configuration` of `athena.CfnWorkGroup` "
    "(WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration).",
    config_rule="ATHENA_WORKGROUP_ENCRYPTED_AT_REST",
    prowler=("athena_workgroup_encryption", "athena_workgroup_enforce_configuration"),
)
def athena_workgroup_results_encrypted(workgroup: Resource) -> Verdict:
    """Athena workgroups encrypt query results.

    Results contain rows of the data. The setting makes their encryption independent of the bucket.

    The workgroup must enforce its configuration, which is the default; else a client can choose another one. Managed
    query results are always encrypted. The change applies to new results.
    """
    configuration = workgroup["WorkGroupConfiguration"]
    return configuration["ManagedQueryResultsConfiguration.Enabled"].equals(True) | (
        configuration["ResultConfiguration.EncryptionConfiguration.EncryptionOption"].is_set()
        & configuration["EnforceWorkGroupConfiguration"].default(True).equals(True)
    )


@control(
    resource_types="AWS::Athena::WorkGroup",
    kind="alarms",
    severity="low",
    severity_reason="Query metrics support operation. CloudTrail records who ran which query.",
    fix="Set `publish_cloud_watch_metrics_enabled=True` in the `work_group_configuration` of `athena.CfnWorkGroup` "
    "(WorkGroupConfiguration.PublishCloudWatchMetricsEnabled: true).",
    config_rule="ATHENA_WORKGROUP_LOGGING_ENABLED",
    prowler=("athena_workgroup_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.1", "CC7.2", "CC7.3", "A1.2")},
)
def athena_workgroup_logging_enabled(group: Resource) -> Verdict:
    """Workgroups publish query metrics to CloudWatch.

    Alarms on these metrics detect failing queries and unusually large scans. AWS documents no default for the property
    in CloudFormation, so the control requires it to be set.

    Nothing is interrupted. CloudWatch charges for the metrics.
    """
    return group["WorkGroupConfiguration.PublishCloudWatchMetricsEnabled"].equals(True)

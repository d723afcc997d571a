"""AWS CloudTrail."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
from soc2_constructs.aws.required import is_given
from soc2_constructs.aws.trails import (
    MANAGEMENT_EVENTS,
    OBJECT_READS,
    OBJECT_WRITES,
    TRAIL,
    any_trail,
    is_logging,
    is_multi_region,
    records,
)
from soc2_constructs.cloudformation import Resource, Verdict, all_of, failed, passed, unresolved
from soc2_constructs.controls import control
from soc2_constructs.controls.s3 import BUCKET, s3_bucket_logging_enabled

#: Resource types in data events of Amazon Bedrock, each with the CloudFormation types whose use it records.
_BEDROCK = {
    "AWS::Bedrock::AgentAlias": ("AWS::Bedrock::Agent", "AWS::Bedrock::AgentAlias"),
    "AWS::Bedrock::FlowAlias": ("AWS::Bedrock::Flow", "AWS::Bedrock::FlowAlias"),
    "AWS::Bedrock::Guardrail": ("AWS::Bedrock::Guardrail",),
    "AWS::Bedrock::KnowledgeBase": ("AWS::Bedrock::KnowledgeBase",),
}


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="medium",
    severity_reason="A missing audit trail is an exception in an audit. It exposes no data itself.",
    fix='Add `cloudtrail.Trail(self, "Trail")`, which logs by default (IsLogging: true, S3BucketName).',
    config_rule="CLOUD_TRAIL_ENABLED",
    prowler=("cloudtrail_multi_region_enabled",),
    also_mapped={"inferred": ("CC2.1", "CC7.2", "A1.2", "PI1.3")},
)
def cloudtrail_trail_enabled(trails: list[Resource]) -> Verdict:
    """At least one trail records events.

    Without a trail, CloudTrail keeps management events for only 90 days. A trail keeps them for the retention period of
    its bucket. An organization trail that another account of the assembly declares also counts.

    Nothing is interrupted. The first copy of management events is free; its storage is charged.
    """
    return any_trail(trails, lambda trail: is_logging(trail) & is_given(trail["S3BucketName"]))


@control(
    resource_types=TRAIL,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `send_to_cloud_watch_logs=True`, and optionally `cloud_watch_log_group=log_group` "
    "(CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn).",
    config_rule="CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED",
    prowler=("cloudtrail_cloudwatch_logging_enabled",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def cloudtrail_trail_integrated_with_logs(trail: Resource) -> Verdict:
    """Trails send events to CloudWatch Logs.

    Events in a log group can be searched within minutes, and metric filters can raise alarms on them.

    Nothing is interrupted. Ingestion is charged per gigabyte, which is significant for trails that record data events.
    """
    # CloudTrail requires each of the two where the other is set (AWS::CloudTrail::Trail in the CloudFormation
    # template reference).
    group, role = trail["CloudWatchLogsLogGroupArn"], trail["CloudWatchLogsRoleArn"]
    return (group.is_set() & is_given(role)) | (is_given(group) & role.is_set())


@control(
    resource_types=TRAIL,
    kind="log_integrity",
    severity="low",
    severity_reason="S3 encrypts log files with its own keys where KMSKeyId is not set.",
    fix="Set `encryption_key=key`, and allow cloudtrail.amazonaws.com to use the key: "
    '`key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudtrail.amazonaws.com"))` (KMSKeyId).',
    config_rule="CLOUD_TRAIL_ENCRYPTION_ENABLED",
    prowler=("cloudtrail_kms_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def cloudtrail_trail_logs_encrypted_with_kms_cmk(trail: Resource) -> Verdict:
    """Trail log files are encrypted with a KMS key.

    Reading log files then requires permission for the key and the bucket, and each use of the key is recorded.

    The change applies to log files written afterwards. Nothing is interrupted if the key policy allows CloudTrail. KMS
    charges for the key and its use.
    """
    return trail["KMSKeyId"].is_set()


@control(
    resource_types=TRAIL,
    kind="log_integrity",
    severity="medium",
    severity_reason="Logs whose integrity cannot be shown are an exception in an audit.",
    fix="Set `enable_file_validation=True`, the default of `cloudtrail.Trail` (EnableLogFileValidation: true).",
    config_rule="CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    prowler=("cloudtrail_log_file_validation_enabled",),
    also_mapped={"inferred": ("CC7.3", "PI1.3")},
)
def cloudtrail_trail_validation_enabled(trail: Resource) -> Verdict:
    """Trails produce signed digests that reveal tampering.

    CloudTrail signs the hashes of its log files every hour. `aws cloudtrail validate-logs` then detects files that were
    changed or deleted. In CloudFormation, validation is off by default.

    Nothing is interrupted, and nothing is charged.
    """
    return trail["EnableLogFileValidation"].equals(True)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="medium",
    severity_reason="An incomplete audit trail is an exception in an audit. It exposes no data itself.",
    fix="Set `is_multi_region_trail=True` and `management_events=cloudtrail.ReadWriteType.ALL`, the defaults of "
    "`cloudtrail.Trail`, and exclude no event sources (IsMultiRegionTrail: true, EventSelectors without "
    "ExcludeManagementEventSources).",
    config_rule="MULTI_REGION_CLOUD_TRAIL_ENABLED",
    config_parameters={"includeManagementEvents": "true", "readWriteType": "ALL"},
    prowler=("cloudtrail_multi_region_enabled", "cloudtrail_multi_region_enabled_logging_management_events"),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "A1.2", "PI1.3")},
)
def cloudtrail_multi_region_trail_enabled(trails: list[Resource]) -> Verdict:
    """A trail records the management events of every region.

    Intruders often use regions that are not monitored. One trail must cover all regions and record reads
    and writes, including those of KMS and the RDS Data API. An organization trail that another account of
    the assembly declares also counts.

    Nothing is interrupted. The first copy of management events is free; its storage is charged.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *MANAGEMENT_EVENTS))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    severity_reason="Server access logs of buckets also record object requests.",
    fix="Call `trail.log_all_s3_data_events()` on a multi-region trail (EventSelectors[].DataResources of type "
    "AWS::S3::Object with the value arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_ALL_READ_S3_DATA_EVENT_CHECK",
    prowler=("cloudtrail_s3_dataevents_read_enabled",),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2")},
)
def cloudtrail_s3_object_read_events_audit_enabled(trails: list[Resource]) -> Verdict:
    """A trail records object reads for every bucket in every region.

    Only data events record which principal read which object.

    Nothing is interrupted. Data events are charged per event. Exclude buckets with NotStartsWith where reads need no
    record, such as the bucket of the trail; the control accepts such exclusions.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *OBJECT_READS))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    severity_reason="Server access logs of buckets also record object requests.",
    fix="Call `trail.log_all_s3_data_events()` on a multi-region trail (EventSelectors[].DataResources of type "
    "AWS::S3::Object with the value arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_ALL_WRITE_S3_DATA_EVENT_CHECK",
    prowler=("cloudtrail_s3_dataevents_write_enabled",),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "PI1.2")},
)
def cloudtrail_s3_object_write_events_audit_enabled(trails: list[Resource]) -> Verdict:
    """A trail records object writes and deletions for every bucket in every region.

    Only data events record which principal changed or deleted which object.

    Nothing is interrupted. Data events are charged per event. Exclude the bucket of the trail with NotStartsWith; the
    control accepts such exclusions.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *OBJECT_WRITES))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    severity_reason="Server access logs of buckets also record object requests.",
    fix="Call `trail.log_all_s3_data_events()` (EventSelectors[].DataResources of type AWS::S3::Object with the value "
    "arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
    prowler=("cloudtrail_s3_dataevents_read_enabled", "cloudtrail_s3_dataevents_write_enabled"),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "PI1.2")},
)
def cloudtrail_s3_data_events_enabled(trails: list[Resource]) -> Verdict:
    """One trail records both reads and writes of objects in every bucket.

    Only data events record which principal read, changed or deleted which object. A single-region trail passes, because
    all buckets can be in that region.

    Nothing is interrupted. Data events are charged per event.
    """
    return any_trail(trails, lambda trail: records(trail, *OBJECT_READS, *OBJECT_WRITES))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    severity_reason="Other controls check each of these settings; this control requires them on a single trail.",
    fix="Set `encryption_key=key` and keep the other defaults of `cloudtrail.Trail` (IsMultiRegionTrail, "
    "IncludeGlobalServiceEvents and EnableLogFileValidation: true; KMSKeyId; EventSelectors that exclude nothing).",
    config_rule="CLOUDTRAIL_SECURITY_TRAIL_ENABLED",
    implies=("cloudtrail_multi_region_trail_enabled",),
    also_mapped={"Powerpipe": ("CC2.1",)},
)
def cloudtrail_security_trail_enabled(trails: list[Resource]) -> Verdict:
    """One trail has all recommended security settings.

    The trail covers every region and global services, records all management events, validates log files and encrypts
    them with a KMS key. Other trails can have other settings.

    Nothing is interrupted. KMS charges for the key and its use.
    """
    return any_trail(
        trails,
        lambda trail: all_of(
            is_multi_region(trail),
            cloudtrail_trail_validation_enabled(trail),
            cloudtrail_trail_logs_encrypted_with_kms_cmk(trail),
            records(trail, *MANAGEMENT_EVENTS),
        ),
    )


@control(
    resource_types=TRAIL,
    kind="log_integrity",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `bucket=bucket` on the trail, and `server_access_logs_bucket=log_bucket` on that bucket (AWS::S3::Bucket "
    "LoggingConfiguration.DestinationBucketName).",
    config_rule="CLOUDTRAIL_S3_BUCKET_ACCESS_LOGGING",
    prowler=("cloudtrail_logs_s3_bucket_access_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def cloudtrail_s3_logging_enabled(trail: Resource) -> Verdict:
    """Buckets that store trail log files write access logs.

    Access logs show which principals read or tried to delete the audit evidence. A bucket that receives access logs
    itself passes, because logging to itself would never end.

    Nothing is interrupted. Storage of the logs is charged.
    """
    name = trail["S3BucketName"]
    if name.is_absent:
        return failed("S3BucketName is not set", path=name.path)
    bucket = name.target_of(BUCKET)
    if bucket is None:
        return unresolved("the bucket of the trail is not part of the assembly", path=name.path)
    return s3_bucket_logging_enabled(bucket).with_message(
        f"LoggingConfiguration.DestinationBucketName of the bucket {bucket.logical_id} is not set"
    )


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    severity_reason="Management events already record model invocations.",
    fix="Add an entry to `advanced_event_selectors` of `cloudtrail.CfnTrail` in which eventCategory equals Data and "
    "resources.type equals the type in use, such as AWS::Bedrock::AgentAlias "
    "(AdvancedEventSelectors[].FieldSelectors).",
    prowler=("cloudtrail_bedrock_logging_enabled",),
    also_mapped={"Prowler": ("CC7.2",)},
)
def cloudtrail_bedrock_logging_enabled(trails: list[Resource]) -> Verdict:
    """Trails record the use of Bedrock agents, flows, guardrails and knowledge bases.

    Model invocations are management events, which trails record by default. Calls of agents, flows, guardrails and
    knowledge bases are data events, which a trail in their region must select by type. An account without such
    resources passes.

    Nothing is interrupted. Data events are charged per event; a narrower selection also passes.
    """
    account = trails[0].template.account
    used = [
        (event_type, resource)
        for event_type, resource_types in _BEDROCK.items()
        for resource_type in resource_types
        for resource in trails[0].all_of_type(resource_type)
        if resource.template.account == account
    ]
    if not used:
        return passed("does not apply: the account declares no Bedrock agent, flow, guardrail or knowledge base")
    return all_of(_is_recorded(trails, event_type, resource) for event_type, resource in used)


def _is_recorded(trails: list[Resource], event_type: str, resource: Resource) -> Verdict:
    def covers(trail: Resource) -> Verdict:
        reaches = is_multi_region(trail) | same_place(trail, resource)
        verdict = reaches & records(trail, {"eventCategory": "Data", "resources": {"type": event_type}})
        return verdict.with_pass_message(
            "{} records the data events of {} ({})", trail.logical_id, resource.logical_id, event_type
        )

    return any_trail(trails, covers).with_message(
        f"no trail records the data events of {resource.logical_id} ({event_type})"
    )


@control(
    kind="threat_detection",
    severity="medium",
    severity_reason="Events that are not evaluated are an exception in an audit.",
    fix="Enable Amazon GuardDuty in each region, or search recent CloudTrail events for enumeration, "
    "privilege escalation and misuse of models.",
    prowler=(
        "cloudtrail_threat_detection_enumeration",
        "cloudtrail_threat_detection_llm_jacking",
        "cloudtrail_threat_detection_privilege_escalation",
    ),
    also_mapped={"Prowler": ("CC3.3",)},
)
def cloudtrail_threat_detection() -> None:
    """Recent events show no enumeration, privilege escalation or misuse of models.

    Such events can indicate an intrusion. They are visible only in the live account, and AWS Config has no managed rule
    for them. Prowler reads the events, and GuardDuty evaluates them continuously.

    Nothing changes for deployed resources. GuardDuty charges by the number of events.
    """

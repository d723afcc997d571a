"""AWS CloudTrail."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
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

#: What the resources of Amazon Bedrock answer to: their CloudFormation types by the type in a data event.
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
    severity="high",
    fix="Add a `cloudtrail.Trail`, and leave its logging on (IsLogging: true, S3BucketName).",
    config_rule="CLOUD_TRAIL_ENABLED",
    prowler=("cloudtrail_multi_region_enabled",),
    also_mapped={"inferred": ("CC2.1", "CC7.2", "A1.2", "PI1.3")},
)
def cloudtrail_trail_enabled(trails: list[Resource]) -> Verdict:
    """At least one trail is recording.

    Without a trail CloudTrail remembers management events for 90 days; a trail keeps them for as long as its bucket
    does. An organization's trail that another account of the assembly declares counts. To start logging interrupts
    nothing; the first copy of management events costs storage only.
    """
    return any_trail(trails, lambda trail: is_logging(trail) & trail["S3BucketName"].is_set())


@control(
    resource_types=TRAIL,
    kind="logging",
    severity="medium",
    fix="Set `send_to_cloud_watch_logs=True`, and `cloud_watch_log_group=log_group` for a group of your own "
    "(CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn).",
    config_rule="CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED",
    prowler=("cloudtrail_cloudwatch_logging_enabled",),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.3")},
)
def cloudtrail_trail_integrated_with_logs(trail: Resource) -> Verdict:
    """Trails stream into CloudWatch Logs.

    In a log group events can be searched within minutes, and metric filters raise alarms on them. It interrupts
    nothing; ingestion costs per gigabyte, which counts for a trail that records data events.
    """
    return trail["CloudWatchLogsLogGroupArn"].is_set() & trail["CloudWatchLogsRoleArn"].is_set()


@control(
    resource_types=TRAIL,
    kind="log_integrity",
    severity="medium",
    fix="Set `encryption_key=key`, a key whose policy lets cloudtrail.amazonaws.com use it (KMSKeyId).",
    config_rule="CLOUD_TRAIL_ENCRYPTION_ENABLED",
    prowler=("cloudtrail_kms_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def cloudtrail_trail_logs_encrypted_with_kms_cmk(trail: Resource) -> Verdict:
    """Trail log files are encrypted with a KMS key.

    Whoever reads log files then needs the key as well as the bucket, and each use of the key is recorded. It holds for
    log files written from then on and interrupts nothing where the key's policy lets CloudTrail in.
    """
    return trail["KMSKeyId"].is_set()


@control(
    resource_types=TRAIL,
    kind="log_integrity",
    severity="medium",
    fix="Leave `enable_file_validation` true (EnableLogFileValidation: true).",
    config_rule="CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    prowler=("cloudtrail_log_file_validation_enabled",),
    also_mapped={"inferred": ("CC7.3", "PI1.3")},
)
def cloudtrail_trail_validation_enabled(trail: Resource) -> Verdict:
    """Trails produce signed digests that reveal tampering.

    Each hour CloudTrail signs the hashes of the log files it wrote: `aws cloudtrail validate-logs` then tells whether
    one was changed or removed. CloudFormation leaves it off. Switching it on interrupts nothing and costs nothing.
    """
    return trail["EnableLogFileValidation"].equals(True)


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="high",
    fix="Leave `is_multi_region_trail` true and `management_events` at `ReadWriteType.ALL`, and exclude no sources "
    "(IsMultiRegionTrail: true, EventSelectors without ExcludeManagementEventSources).",
    config_rule="MULTI_REGION_CLOUD_TRAIL_ENABLED",
    config_parameters={"includeManagementEvents": "true", "readWriteType": "ALL"},
    prowler=("cloudtrail_multi_region_enabled", "cloudtrail_multi_region_enabled_logging_management_events"),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "A1.2", "PI1.3")},
)
def cloudtrail_multi_region_trail_enabled(trails: list[Resource]) -> Verdict:
    """A trail records the management events of every region.

    Intruders like regions that nobody looks at. One trail has to reach all regions and record reads and writes, those
    of KMS and of the RDS Data API included, as the AWS Config rule has it. An organization's trail that another account
    of the assembly declares counts. To change a trail interrupts nothing; a first copy of these events costs storage.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *MANAGEMENT_EVENTS))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    fix="Call `trail.log_all_s3_data_events()` on a multi-region trail (EventSelectors[].DataResources of type "
    "AWS::S3::Object with the value arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_ALL_READ_S3_DATA_EVENT_CHECK",
    prowler=("cloudtrail_s3_dataevents_read_enabled",),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2")},
)
def cloudtrail_s3_object_read_events_audit_enabled(trails: list[Resource]) -> Verdict:
    """Reads of objects are recorded for every bucket in every region.

    Who read which object stands in data events only. They cost per event and can be many: leave out buckets whose
    objects nobody has to account for, such as that of the trail itself, by NotStartsWith, which passes.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *OBJECT_READS))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    fix="Call `trail.log_all_s3_data_events()` on a multi-region trail (EventSelectors[].DataResources of type "
    "AWS::S3::Object with the value arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_ALL_WRITE_S3_DATA_EVENT_CHECK",
    prowler=("cloudtrail_s3_dataevents_write_enabled",),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "PI1.2")},
)
def cloudtrail_s3_object_write_events_audit_enabled(trails: list[Resource]) -> Verdict:
    """Writes and deletions of objects are recorded for every bucket in every region.

    Who changed or deleted which object stands in data events only. They cost per event: leave out the bucket of the
    trail itself by NotStartsWith, which passes.
    """
    return any_trail(trails, lambda trail: is_multi_region(trail) & records(trail, *OBJECT_WRITES))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    fix="Call `trail.log_all_s3_data_events()` (EventSelectors[].DataResources of type AWS::S3::Object with the value "
    "arn:aws:s3, or AdvancedEventSelectors).",
    config_rule="CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
    prowler=("cloudtrail_s3_dataevents_read_enabled", "cloudtrail_s3_dataevents_write_enabled"),
    also_mapped={"Powerpipe": ("CC2.1", "CC7.2", "PI1.2")},
)
def cloudtrail_s3_data_events_enabled(trails: list[Resource]) -> Verdict:
    """One trail records both reads and writes of objects in every bucket.

    It may be a trail of one region, where all buckets are in that region. Data events cost per event; to select them
    interrupts nothing.
    """
    return any_trail(trails, lambda trail: records(trail, *OBJECT_READS, *OBJECT_WRITES))


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="medium",
    fix="Set `encryption_key=key` and leave the other defaults of `cloudtrail.Trail` (IsMultiRegionTrail, "
    "IncludeGlobalServiceEvents, EnableLogFileValidation: true; KMSKeyId; EventSelectors that exclude nothing).",
    config_rule="CLOUDTRAIL_SECURITY_TRAIL_ENABLED",
    also_mapped={"Powerpipe": ("CC2.1",)},
)
def cloudtrail_security_trail_enabled(trails: list[Resource]) -> Verdict:
    """One trail meets all security settings at once.

    It covers every region and the global services, records all management events, signs digests and encrypts with a
    KMS key. Other trails may do less. A change of these settings interrupts nothing.
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
    fix="Set `bucket=bucket`, a bucket with `server_access_logs_bucket=log_bucket` (AWS::S3::Bucket "
    "LoggingConfiguration.DestinationBucketName).",
    config_rule="CLOUDTRAIL_S3_BUCKET_ACCESS_LOGGING",
    prowler=("cloudtrail_logs_s3_bucket_access_logging_enabled",),
    also_mapped={"Prowler": ("A1.2",)},
)
def cloudtrail_s3_logging_enabled(trail: Resource) -> Verdict:
    """The bucket that holds the log files of a trail writes access logs.

    They tell who read or tried to remove the evidence. A bucket that receives access logs itself passes: one that logs
    to itself never stops writing. Logging changes nothing else on the bucket and costs storage.
    """
    name = trail["S3BucketName"]
    if name.is_absent:
        return failed("S3BucketName is not set", path=name.path)
    bucket = name.target_of(BUCKET)
    if bucket is None:
        return unresolved("the bucket of the trail is not part of what was checked", path=name.path)
    return s3_bucket_logging_enabled(bucket).with_message(f"the bucket {bucket.logical_id} writes no access logs")


@control(
    resource_types=TRAIL,
    scope="account",
    kind="logging",
    severity="low",
    fix="Add an `AdvancedEventSelectors` entry to the `CfnTrail`: eventCategory equals Data, and resources.type equals "
    "the type in use, such as AWS::Bedrock::AgentAlias (AdvancedEventSelectors[].FieldSelectors).",
    prowler=("cloudtrail_bedrock_logging_enabled",),
    also_mapped={"Prowler": ("CC7.2",)},
)
def cloudtrail_bedrock_logging_enabled(trails: list[Resource]) -> Verdict:
    """Use of Bedrock agents, flows, guardrails and knowledge bases is recorded.

    Calls of models are management events, which trails record by default; what agents, flows, guardrails and knowledge
    bases are asked are data events. A trail that reaches their region has to select each type of which the account
    declares a resource; it may narrow the selection to save cost. An account that declares none passes.
    """
    account = trails[0].template.account
    used = [
        (event, resource)
        for event, kinds in _BEDROCK.items()
        for kind in kinds
        for resource in trails[0].all_of_type(kind)
        if resource.template.account == account
    ]
    if not used:
        return passed("does not apply: no resource of Bedrock is declared")
    return all_of(_is_recorded(trails, event, resource) for event, resource in used)


def _is_recorded(trails: list[Resource], event: str, resource: Resource) -> Verdict:
    return any_trail(
        trails,
        lambda trail: (
            (is_multi_region(trail) | same_place(trail, resource))
            & records(trail, {"eventCategory": "Data", "resources": {"type": event}})
        ),
    ).with_message(f"no trail records the data events of {resource.logical_id} ({event})")


@control(
    kind="threat_detection",
    severity="medium",
    fix="Search the events of the last days for enumeration, privilege escalation and misuse of models, or let Amazon "
    "GuardDuty do so.",
    prowler=(
        "cloudtrail_threat_detection_enumeration",
        "cloudtrail_threat_detection_llm_jacking",
        "cloudtrail_threat_detection_privilege_escalation",
    ),
    also_mapped={"Prowler": ("CC3.3",)},
)
def cloudtrail_threat_detection() -> None:
    """Recent events show no enumeration, privilege escalation or misuse of models.

    It is about what happened in the live account, which no template shows and no AWS Config rule looks for. Prowler
    reads the events; GuardDuty watches for the same all the time.
    """

"""AWS Glue."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, unresolved
from soc2_constructs.controls import control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

JOB = "AWS::Glue::Job"

_CONTINUOUS_LOG = "--enable-continuous-cloudwatch-log"


def _runs_ray(job: Resource) -> Verdict:
    """Whether it is a Ray job: those log by themselves and take no security configuration."""
    return job["Command.Name"].equals("glueray")


def _secured(job: Resource, judge: Callable[[Value], Verdict]) -> Verdict:
    """What `judge` says of the encryption that the job's security configuration asks for."""
    name = job["SecurityConfiguration"]
    if (configuration := name.target) is not None:
        verdict = judge(configuration["EncryptionConfiguration"])
    elif name.is_absent:
        verdict = failed("SecurityConfiguration is not set", path=name.path)
    else:
        verdict = unresolved("its security configuration is not part of the assembly", path=name.path)
    return (~_runs_ray(job)).implies(verdict)


@control(
    resource_types=JOB,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `security_configuration` to one with `cloud_watch_encryption` (Job.SecurityConfiguration, "
    "SecurityConfiguration.EncryptionConfiguration.CloudWatchEncryption.CloudWatchEncryptionMode: SSE-KMS).",
    prowler=("glue_etl_jobs_cloudwatch_logs_encryption_enabled",),
    also_mapped={"inferred": ("PI1.4",)},
)
def glue_job_cloudwatch_logs_encryption_enabled(job: Resource) -> Verdict:
    """Logs of Glue jobs are encrypted with a KMS key.

    Jobs print samples of what they process. The key's policy has to let CloudWatch Logs use it. The change holds from
    the next run on. Ray jobs, which take no security configuration, pass.
    """
    return _secured(
        job, lambda encryption: encryption["CloudWatchEncryption.CloudWatchEncryptionMode"].equals("SSE-KMS")
    )


@control(
    resource_types=JOB,
    kind="encryption_at_rest",
    severity="medium",
    fix="Set `security_configuration` to one with `s3_encryptions` (Job.SecurityConfiguration, "
    "SecurityConfiguration.EncryptionConfiguration.S3Encryptions[].S3EncryptionMode: SSE-KMS or SSE-S3).",
    prowler=("glue_etl_jobs_amazon_s3_encryption_enabled",),
    also_mapped={"inferred": ("PI1.4",)},
)
def glue_job_s3_encryption_enabled(job: Resource) -> Verdict:
    """What Glue jobs write to S3 is encrypted.

    A job asks for encryption itself, whatever the bucket's default is. The change holds from the next run on; what was
    written before stays as it is. Ray jobs, which take no security configuration, pass.
    """
    return _secured(job, _encrypts_s3)


def _encrypts_s3(encryption: Value) -> Verdict:
    entries = encryption["S3Encryptions"]
    modes = all_of(entry["S3EncryptionMode"].one_of("SSE-KMS", "SSE-S3") for entry in entries.each())
    return entries.is_set() & modes


@control(
    resource_types=JOB,
    kind="logging",
    severity="medium",
    fix='Set `default_arguments={"--enable-continuous-cloudwatch-log": "true"}`, or `glue_version="5.0"` '
    "(DefaultArguments, GlueVersion).",
    config_rule="GLUE_JOB_LOGGING_ENABLED",
    prowler=("glue_etl_jobs_logging_enabled",),
    also_mapped={"Prowler": ("A1.2", "PI1.3")},
)
def glue_job_logging_enabled(job: Resource) -> Verdict:
    """Glue jobs log while they run.

    Up to Glue 4.0 a job logs continuously only where an argument asks for it; without, the logs of a job that hangs are
    not there. From Glue 5.0 on every job does, and so does every Ray job. The change holds from the next run on.
    """
    return any_of(
        job["NonOverridableArguments"][_CONTINUOUS_LOG].equals(True),
        job["DefaultArguments"][_CONTINUOUS_LOG].equals(True),
        job["GlueVersion"].at_least(5),
        _runs_ray(job),
    ).with_message(f"neither {_CONTINUOUS_LOG} nor Glue 5.0 switches continuous logs on")

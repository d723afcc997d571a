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
    """Whether the job is a Ray job, which always logs and takes no security configuration."""
    return job["Command.Name"].equals("glueray")


def _secured(job: Resource, judge: Callable[[Value], Verdict]) -> Verdict:
    """Return the verdict of `judge` on the encryption settings of the security configuration of the job."""
    name = job["SecurityConfiguration"]
    if (configuration := name.target) is not None:
        verdict = judge(configuration["EncryptionConfiguration"])
    elif name.is_absent:
        verdict = failed("SecurityConfiguration is not set", path=name.path)
    else:
        verdict = unresolved("the security configuration is not part of the assembly", path=name.path)
    return (~_runs_ray(job)).implies(verdict)


CATALOG_SETTINGS = "AWS::Glue::DataCatalogEncryptionSettings"
CONNECTION = "AWS::Glue::Connection"
DATABASE = "AWS::Glue::Database"

#: The property of the settings, which has the name of its resource type.
_CATALOG = "DataCatalogEncryptionSettings"


@control(
    resource_types=(CATALOG_SETTINGS, CONNECTION, DATABASE),
    scope="region",
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="The catalog holds names and locations of data, and passwords of connections.",
    fix="Add a `glue.CfnDataCatalogEncryptionSettings(...)` with `encryption_at_rest` in mode `SSE-KMS` and "
    "`connection_password_encryption` (DataCatalogEncryptionSettings.EncryptionAtRest, "
    "DataCatalogEncryptionSettings.ConnectionPasswordEncryption).",
    prowler=(
        "glue_data_catalogs_metadata_encryption_enabled",
        "glue_data_catalogs_connection_passwords_encryption_enabled",
    ),
)
def glue_data_catalog_encrypted(resources: list[Resource]) -> Verdict:
    """The Glue Data Catalog encrypts its metadata and the passwords of connections.

    Every principal that may read connections can otherwise read their passwords.

    A catalog has one setting per account and region. The change applies to new metadata; update existing tables and
    connections to encrypt them. Readers need permission to use the key.
    """
    return any_of(
        all_of(
            settings[f"{_CATALOG}.EncryptionAtRest.CatalogEncryptionMode"].one_of(
                "SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE"
            ),
            settings[f"{_CATALOG}.ConnectionPasswordEncryption.ReturnConnectionPasswordEncrypted"].equals(True),
        )
        for settings in resources
        if settings.type == CATALOG_SETTINGS
    ).with_message("no DataCatalogEncryptionSettings encrypts metadata and passwords of connections")


@control(
    resource_types=JOB,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="Bookmarks hold keys and time stamps of processed data, and S3 encrypts every new object.",
    fix="Set `security_configuration` to the name of a `glue.CfnSecurityConfiguration` with "
    '`job_bookmarks_encryption_mode="CSE-KMS"` and a `kms_key_arn` '
    "(SecurityConfiguration.EncryptionConfiguration.JobBookmarksEncryption).",
    prowler=("glue_etl_jobs_job_bookmark_encryption_enabled",),
)
def glue_job_bookmark_encryption_enabled(job: Resource) -> Verdict:
    """Bookmarks of Glue jobs are encrypted with a KMS key.

    Bookmarks contain values of the key columns of the processed data.

    The change takes effect with the next job run and interrupts nothing. Ray jobs take no security configuration and
    pass.
    """
    return _secured(
        job, lambda encryption: encryption["JobBookmarksEncryption.JobBookmarksEncryptionMode"].equals("CSE-KMS")
    )


@control(
    resource_types=JOB,
    kind="encryption_at_rest",
    severity="medium",
    severity_reason="As for log_group_encryption_at_rest_enabled: logs collect data from several sources.",
    fix="Set `security_configuration` to the name of a `glue.CfnSecurityConfiguration` with "
    '`cloud_watch_encryption_mode="SSE-KMS"` and a `kms_key_arn` '
    "(SecurityConfiguration.EncryptionConfiguration.CloudWatchEncryption).",
    prowler=("glue_etl_jobs_cloudwatch_logs_encryption_enabled",),
    also_mapped={"inferred": ("PI1.4",)},
)
def glue_job_cloudwatch_logs_encryption_enabled(job: Resource) -> Verdict:
    """Logs of Glue jobs are encrypted with a KMS key.

    Job logs often contain samples of the processed data. Customer managed keys let you withdraw access to the data in
    one place, and CloudTrail records each use of the key.

    The policy of the key must allow CloudWatch Logs to use it. The change takes effect with the next job run and
    interrupts nothing. Ray jobs take no security configuration and pass.
    """
    return _secured(
        job, lambda encryption: encryption["CloudWatchEncryption.CloudWatchEncryptionMode"].equals("SSE-KMS")
    )


@control(
    resource_types=JOB,
    kind="encryption_at_rest",
    severity="low",
    severity_reason="S3 encrypts every new object in any case.",
    fix="Set `security_configuration` to the name of a `glue.CfnSecurityConfiguration` with `s3_encryptions` in "
    "mode `SSE-KMS` or `SSE-S3` "
    "(SecurityConfiguration.EncryptionConfiguration.S3Encryptions[].S3EncryptionMode).",
    prowler=("glue_etl_jobs_amazon_s3_encryption_enabled",),
    also_mapped={"inferred": ("PI1.4",)},
)
def glue_job_s3_encryption_enabled(job: Resource) -> Verdict:
    """Glue jobs encrypt the data that they write to S3.

    A security configuration makes the encryption of job output explicit and independent of the default encryption of
    the bucket.

    The change takes effect with the next job run. Existing objects keep their encryption. Ray jobs take no security
    configuration and pass.
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
    """Glue jobs write continuous logs.

    Continuous logs show the progress and the errors of a job while it runs, also when it hangs or is stopped.

    Up to Glue 4.0, a job writes continuous logs only with the argument. Jobs of Glue 5.0 and later, and Ray jobs,
    always write them. The change takes effect with the next job run; log volume costs.
    """
    return any_of(
        job["NonOverridableArguments"][_CONTINUOUS_LOG].equals(True),
        job["DefaultArguments"][_CONTINUOUS_LOG].equals(True),
        job["GlueVersion"].at_least(5),
        _runs_ray(job),
    ).with_message(f"neither {_CONTINUOUS_LOG} nor Glue 5.0 enables continuous logs")

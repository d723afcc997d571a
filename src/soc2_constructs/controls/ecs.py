"""Amazon ECS."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of, passed
from soc2_constructs.controls import control

TASK_DEFINITION = "AWS::ECS::TaskDefinition"


@control(
    resource_types=TASK_DEFINITION,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix='Set `logging=ecs.LogDrivers.aws_logs(stream_prefix="app")` on every container '
    "(ContainerDefinitions[].LogConfiguration.LogDriver).",
    config_rule="ECS_TASK_DEFINITION_LOG_CONFIGURATION",
    prowler=("ecs_task_definitions_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def ecs_task_definition_logging_enabled(task: Resource) -> Verdict:
    """Every container has a log driver.

    On Fargate, the output of a container without a log driver is lost. On EC2 it is lost with the instance. Log routers
    also require a log driver, because their own failures otherwise stay unnoticed.

    The change creates a new revision of the task definition, and services deploy it in a rolling update.
    """
    return all_of(
        container["LogConfiguration.LogDriver"].satisfies(lambda driver: driver not in ("", "none"), "a log driver")
        for container in task["ContainerDefinitions"].each()
    )


@control(
    resource_types=TASK_DEFINITION,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="The traffic stays inside the VPC.",
    fix='Set `transit_encryption="ENABLED"` in `ecs.EfsVolumeConfiguration` '
    "(Volumes[].EFSVolumeConfiguration.TransitEncryption: ENABLED).",
    config_rule="ECS_TASK_DEFINITION_EFS_ENCRYPTION_ENABLED",
)
def ecs_task_definition_efs_encryption_in_transit_enabled(task: Resource) -> Verdict:
    """Tasks mount EFS file systems with TLS.

    Without TLS, files are sent in plaintext between the task and the file system. It is off by default.

    The change creates a new revision of the task definition, and services deploy it in a rolling update.
    """
    return all_of(
        passed("no volume is an EFS file system without TLS"),
        (
            volume["EFSVolumeConfiguration"]
            .is_set()
            .implies(volume["EFSVolumeConfiguration.TransitEncryption"].default("DISABLED").equals("ENABLED"))
            for volume in task["Volumes"].each()
        ),
    )

"""Amazon ECS."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

TASK_DEFINITION = "AWS::ECS::TaskDefinition"


@control(
    resource_types=TASK_DEFINITION,
    kind="logging",
    severity="medium",
    fix='Set `logging=ecs.LogDrivers.aws_logs(stream_prefix="...")` on every container '
    "(ContainerDefinitions[].LogConfiguration.LogDriver).",
    config_rule="ECS_TASK_DEFINITION_LOG_CONFIGURATION",
    prowler=("ecs_task_definitions_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def ecs_task_definition_logging_enabled(task: Resource) -> Verdict:
    """Every container has a log driver.

    On Fargate the output of a container without one is lost; on EC2 it stays on an instance that goes. Log routers need
    a driver too, or nobody learns that they stopped routing. The change makes a new revision, and services roll over
    to it.
    """
    return all_of(
        container["LogConfiguration.LogDriver"].satisfies(lambda driver: driver not in ("", "none"), "a log driver")
        for container in task["ContainerDefinitions"].each()
    )

"""Containers that ECS tasks and Batch jobs run."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
JOB_DEFINITION = "AWS::Batch::JobDefinition"

_JOB_CONTAINERS = (
    "ContainerProperties",
    "EcsProperties.TaskProperties[].Containers[]",
    "NodeProperties.NodeRangeProperties[].Container",
    "NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[].Containers[]",
)
_POD_CONTAINERS = ("EksProperties.PodProperties.Containers[]", "EksProperties.PodProperties.InitContainers[]")


def containers(definition: Resource) -> list[Value]:
    """The containers of a task or job definition, without those of Kubernetes pods."""
    paths = ("ContainerDefinitions[]",) if definition.type == TASK_DEFINITION else _JOB_CONTAINERS
    return [container for path in paths for container in definition.values(path) if not container.is_absent]


def pod_containers(definition: Resource) -> list[Value]:
    """The containers of the Kubernetes pods of a job definition."""
    paths = () if definition.type == TASK_DEFINITION else _POD_CONTAINERS
    return [container for path in paths for container in definition.values(path)]

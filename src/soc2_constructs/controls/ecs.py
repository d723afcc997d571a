"""Amazon ECS."""

from __future__ import annotations

from soc2_constructs.aws.containers import JOB_DEFINITION, TASK_DEFINITION, containers, pod_containers
from soc2_constructs.cloudformation import Resource, Text, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

CLUSTER = "AWS::ECS::Cluster"
SERVICE = "AWS::ECS::Service"


@control(
    resource_types=(TASK_DEFINITION, JOB_DEFINITION),
    kind="permissions",
    severity="high",
    severity_reason="A privileged container has all permissions of its host, and of every other container on it.",
    fix="Remove `privileged=True` from `task.add_container(...)` or `batch.EcsEc2ContainerDefinition(...)` and "
    "`ecs.Capability.ALL` or `SYS_ADMIN` from its Linux parameters (ContainerDefinitions[].Privileged: false).",
    config_rule="ECS_CONTAINERS_NONPRIVILEGED",
    prowler=("ecs_task_definitions_no_privileged_containers",),
)
def ecs_task_definition_no_privileged_containers(definition: Resource) -> Verdict:
    """Containers of ECS tasks and Batch jobs are not privileged.

    An attacker who controls a privileged container controls its host.

    The capabilities ALL and SYS_ADMIN count as privileged. Fargate accepts neither. The change creates a new revision,
    and services deploy it in a rolling update. Agents that need access to the host are accepted risks, to be waived.
    """
    return all_of(
        passed("no container is privileged"),
        (container["Privileged"].default(False).equals(False) for container in containers(definition)),
        (~_adds_root(container) for container in definition["ContainerDefinitions"].each()),
        (
            container["SecurityContext.Privileged"].default(False).equals(False)
            for container in pod_containers(definition)
        ),
    )


def _adds_root(container: Value) -> Verdict:
    return any_of(
        capability.one_of("ALL", "SYS_ADMIN") for capability in container["LinuxParameters.Capabilities.Add"].each()
    )


@control(
    resource_types=TASK_DEFINITION,
    kind="network_boundary",
    severity="medium",
    severity_reason="A container still needs a weakness of its own to use the access.",
    fix="Remove `network_mode=ecs.NetworkMode.HOST`, `pid_mode=ecs.PidMode.HOST` and `ipc_mode=ecs.IpcMode.HOST` "
    "(NetworkMode: awsvpc or bridge; no PidMode or IpcMode host).",
    config_rule=("ECS_TASK_DEFINITION_NETWORK_MODE_NOT_HOST", "ECS_TASK_DEFINITION_PID_MODE_CHECK"),
    prowler=("ecs_task_definitions_host_namespace_not_shared", "ecs_task_definitions_host_networking_mode_users"),
)
def ecs_task_definition_host_namespaces_not_shared(task: Resource) -> Verdict:
    """Tasks share no namespace with their host.

    With the network, processes or memory of the host, a container can reach the metadata of the instance, and read
    traffic and secrets of other containers.

    The default is a namespace for each task. The change creates a new revision, and services deploy it in a rolling
    update. Ports of containers in host mode change.
    """
    return all_of(
        passed("the task shares no namespace with its host"),
        (~task[mode].equals("host") for mode in ("NetworkMode", "PidMode", "IpcMode")),
    )


@control(
    resource_types=TASK_DEFINITION,
    kind="permissions",
    severity="low",
    severity_reason="Root in a container is confined to it, unless another control fails too.",
    fix='Set `user="1000"` on `task.add_container(...)`, or `USER` in the image (ContainerDefinitions[].User).',
    config_rule="ECS_TASK_DEFINITION_NONROOT_USER",
)
def ecs_task_definition_nonroot_user(task: Resource) -> Verdict:
    """Containers of ECS tasks do not run as root.

    Escapes from a container usually require root inside it.

    Without User, the image decides, which the template does not show; the AWS Config rule reports it. Log routers
    (FireLens) must run as root and pass. The change creates a new revision; files and ports below 1024 need other
    permissions.
    """
    return all_of(
        passed("no container runs as root"),
        (_is_nonroot(container) for container in containers(task) if container["FirelensConfiguration"].is_absent),
    )


def _is_nonroot(container: Value) -> Verdict:
    user = container["User"]
    if user.is_absent:
        return unresolved("{} is not set; the image decides", user, path=user.path)
    return user.satisfies(lambda name: str(name).partition(":")[0] not in ("root", "0", ""), "another user")


@control(
    resource_types=TASK_DEFINITION,
    kind="unauthorized_software",
    severity="low",
    severity_reason="The setting limits what an attacker can do after a break-in.",
    fix="Set `readonly_root_filesystem=True` on `task.add_container(...)`, with a volume for temporary files "
    "(ContainerDefinitions[].ReadonlyRootFilesystem: true).",
    config_rule="ECS_CONTAINERS_READONLY_ACCESS",
    prowler=("ecs_task_definitions_containers_readonly_access",),
)
def ecs_task_definition_readonly_root_filesystem(task: Resource) -> Verdict:
    """Containers of ECS tasks cannot change their own file system.

    Malware is usually written to disk before it runs.

    Windows containers do not support the setting and pass. The change creates a new revision. Programs that write
    temporary files need a volume.
    """
    is_windows = task["RuntimePlatform.OperatingSystemFamily"].satisfies(
        lambda family: str(family).startswith("WINDOWS"), "Windows"
    )
    return (~is_windows).implies(
        all_of(container["ReadonlyRootFilesystem"].equals(True) for container in containers(task))
    )


@control(
    resource_types=(TASK_DEFINITION, JOB_DEFINITION),
    kind="unauthorized_software",
    severity="low",
    severity_reason="The tag hides which version runs. It gives no access itself.",
    fix="Build the image with `ecs.ContainerImage.from_asset(...)`, or name a version with "
    '`ecs.ContainerImage.from_ecr_repository(repository, "1.2.3")` (ContainerDefinitions[].Image with a '
    "tag or digest).",
)
def ecs_task_definition_image_version_pinned(definition: Resource) -> Verdict:
    """Containers of ECS tasks and Batch jobs name the version of their image.

    With the tag `latest`, a restart can deploy another image than the one that was reviewed, and a rollback does not
    restore the previous one.

    An image without a tag is `latest`. The change creates a new revision, and services deploy it in a rolling update.
    """
    return all_of(
        passed("every image has a version"),
        (_is_pinned(container["Image"]) for container in (*containers(definition), *pod_containers(definition))),
    )


def _is_pinned(image: Value) -> Verdict:
    end = image.node.parts[-1] if type(image.node) is Text else image.node
    if type(end) is not str:
        return unresolved("{} is known only at deployment", image, path=image.path)
    name = end.rpartition("/")[2]
    if ":" in name and not name.endswith(":latest"):
        return passed("{} has a version", image)
    return failed("{} has no version, or the tag latest", image, path=image.path)


@control(
    resource_types=SERVICE,
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Set `execute_command_configuration` of the cluster to `ecs.ExecuteCommandConfiguration("
    "logging=ecs.ExecuteCommandLogging.OVERRIDE, log_configuration=...)`, or remove `enable_execute_command=True` "
    "(Cluster.Configuration.ExecuteCommandConfiguration.Logging: OVERRIDE).",
)
def ecs_service_exec_logging_enabled(service: Resource) -> Verdict:
    """Sessions of ECS Exec are logged.

    ECS Exec opens a shell in a running container, with the permissions and the data of the service. Only the log shows
    what was typed.

    The default writes to the log group of the container, which requires its log driver awslogs. Services without ECS
    Exec pass. The change takes effect with the next session; log volume costs.
    """
    return service["EnableExecuteCommand"].default(False).equals(True).implies(_logs_sessions(service))


def _logs_sessions(service: Resource) -> Verdict:
    cluster = service["Cluster"].target_of(CLUSTER)
    if cluster is None:
        return unresolved("the cluster is not part of the assembly", path=("Cluster",))
    configuration = cluster["Configuration.ExecuteCommandConfiguration"]
    logging = configuration["Logging"].default("DEFAULT")
    log = configuration["LogConfiguration"]
    override = logging.equals("OVERRIDE") & (log["CloudWatchLogGroupName"].is_set() | log["S3BucketName"].is_set())
    return override | (logging.equals("DEFAULT") & _writes_logs(service))


def _writes_logs(service: Resource) -> Verdict:
    task = service["TaskDefinition"].target_of(TASK_DEFINITION)
    if task is None:
        return unresolved("the task definition is not part of the assembly", path=("TaskDefinition",))
    return all_of(container["LogConfiguration.LogDriver"].equals("awslogs") for container in containers(task))


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

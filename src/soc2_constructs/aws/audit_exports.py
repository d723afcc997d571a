"""Audit logs of document and graph databases, which need an export and a cluster parameter."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, failed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def exports_audit_log(cluster: Resource, group_type: str, parameter: str, enables: Callable[[object], bool]) -> Verdict:
    """Whether a cluster exports its audit log, and its parameter group enables the log.

    Args:
        cluster: The cluster.
        group_type: The resource type of its parameter group.
        parameter: The parameter that enables the log; the default parameter group disables it.
        enables: Whether a value of the parameter enables the log.
    """
    name = cluster["DBClusterParameterGroupName"]
    group = name.target_of(group_type)
    if group is not None:
        enabled = group["Parameters"].member(parameter).satisfies(enables, "a value that enables the audit log")
    elif name.is_absent:
        enabled = failed("{} is not set; the default parameter group disables the audit log", name, path=name.path)
    else:
        enabled = unresolved("the parameter group is not part of the assembly", path=name.path)
    return cluster["EnableCloudwatchLogsExports"].includes("audit") & enabled

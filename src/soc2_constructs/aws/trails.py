"""Which events a trail records.

A trail without selectors records all management events. With advanced selectors it records events that match every
field of one selector. With basic selectors it records management events and the data events of the listed resources.
An event is an object as CloudTrail writes it; a selector also matches where the event omits the field.

Source: AWS CloudTrail User Guide, "Filtering data events by using advanced event selectors".
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from __future__ import annotations

from soc2_constructs.cloudformation import (
    FAIL,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Event = Mapping[str, Any]

TRAIL = "AWS::CloudTrail::Trail"

#: Placeholders in an ARN: a name that no template contains, and a part that is not known before deployment.
ANYTHING, OPEN = "\ue000", "\ue001"

#: Global services among the event sources: IncludeGlobalServiceEvents decides whether a trail records them.
_GLOBAL_SOURCES = ("iam.amazonaws.com", "organizations.amazonaws.com")


def management(source: str, name: str, *, read: bool = False) -> dict[str, Any]:
    """A management event: a call of a service's control plane."""
    return {"eventCategory": "Management", "eventSource": source, "eventName": name, "readOnly": read}


def data(kind: str, source: str, name: str, arn: str, *, read: bool) -> dict[str, Any]:
    """A data event: a call on the contents of a resource of that type."""
    resources = {"type": kind, "ARN": arn}
    return {
        "eventCategory": "Data",
        "eventSource": source,
        "eventName": name,
        "readOnly": read,
        "resources": resources,
    }


#: One event of each kind that a trail can exclude: KMS and the RDS Data API have separate exclusions.
MANAGEMENT_EVENTS = (
    management("ec2.amazonaws.com", "DescribeInstances", read=True),
    management("ec2.amazonaws.com", "RunInstances"),
    management("iam.amazonaws.com", "CreateUser"),
    management("kms.amazonaws.com", "Decrypt", read=True),
    management("rdsdata.amazonaws.com", "ExecuteStatement"),
)

_OBJECT_ARN = f"arn:aws:s3:::{ANYTHING}/{ANYTHING}"
OBJECT_READS = (
    data("AWS::S3::Object", "s3.amazonaws.com", "GetObject", _OBJECT_ARN, read=True),
    data("AWS::S3::Object", "s3.amazonaws.com", "HeadObject", _OBJECT_ARN, read=True),
)
OBJECT_WRITES = (
    data("AWS::S3::Object", "s3.amazonaws.com", "PutObject", _OBJECT_ARN, read=False),
    data("AWS::S3::Object", "s3.amazonaws.com", "DeleteObject", _OBJECT_ARN, read=False),
)


def any_trail(trails: list[Resource], holds: Callable[[Resource], Verdict]) -> Verdict:
    """Whether it holds for a trail of the account, or for an organization trail that another account declares."""
    own = [trail for trail in trails if trail.exists]
    if not any(trail.is_possible for trail in trails):
        return unresolved("the condition of every trail is never true, or is not defined")
    if not own:
        return passed("does not apply: the conditions of all trails are false")

    def named(trail: Resource) -> Verdict:
        verdict = holds(trail)
        return verdict.with_message(f"{trail.logical_id}: {verdict.message}") if verdict.status is FAIL else verdict

    others = [
        trail["IsOrganizationTrail"].default(False).equals(True) & named(trail)
        for trail in own[0].all_of_type(TRAIL)
        if trail.template.account != own[0].template.account
    ]
    return any_of([named(trail) for trail in own], others)


def is_logging(trail: Resource) -> Verdict:
    return trail["IsLogging"].equals(True)


def is_multi_region(trail: Resource) -> Verdict:
    return trail["IsMultiRegionTrail"].default(False).equals(True)


def records(trail: Resource, *events: Event) -> Verdict:
    """Whether the trail is logging and records all of the events."""
    return all_of(is_logging(trail), [_records(trail, event) for event in events])


def _records(trail: Resource, event: Event) -> Verdict:
    basic, advanced = trail["EventSelectors"], trail["AdvancedEventSelectors"]
    by_default = passed() if event["eventCategory"] == "Management" else failed("no selector selects data events")
    selected = any_of(
        [_selects(selector, event) for selector in advanced.each()],
        [_selects_basically(selector, event) for selector in basic.each()],
        all_of(~basic.is_set(), ~advanced.is_set(), by_default),
    ).with_message(f"no event selector records {event.get('eventName', 'these')} events")
    if event.get("eventSource") in _GLOBAL_SOURCES:
        return selected & trail["IncludeGlobalServiceEvents"].default(True).equals(True)
    return selected


def _selects(selector: Value, event: Event) -> Verdict:
    fields = selector["FieldSelectors"]
    return all_of(fields.is_set(), [_meets(field, event) for field in fields.each()])


def _meets(field: Value, event: Event) -> Verdict:
    name = field["Field"].known
    if not isinstance(name, str):
        return unresolved("{} is not known before deployment", field["Field"], path=field.path)
    found = told(event, name)
    if found is None:
        return passed("the event has no such field")
    chosen = [
        _compare(value, found, fits)
        for operator, fits in (("Equals", str.__eq__), ("StartsWith", str.startswith), ("EndsWith", str.endswith))
        for value in field[operator].each()
    ]
    dropped = [
        _compare(value, found, fits)
        for operator, fits in (
            ("NotEquals", str.__eq__),
            ("NotStartsWith", str.startswith),
            ("NotEndsWith", str.endswith),
        )
        for value in field[operator].each()
    ]
    return all_of(any_of(chosen) if chosen else passed("the selector sets no value"), ~any_of(dropped))


def _selects_basically(selector: Value, event: Event) -> Verdict:
    wanted = "ReadOnly" if told(event, "readOnly") == "true" else "WriteOnly"
    kind = selector["ReadWriteType"].default("All").one_of("All", wanted)
    if event["eventCategory"] == "Management":
        return all_of(
            kind,
            selector["IncludeManagementEvents"].default(True).equals(True),
            ~any_of(source.equals(event["eventSource"]) for source in selector["ExcludeManagementEventSources"].each()),
        )
    arn = told(event, "resources.ARN") or ""
    return kind & any_of(
        resource["Type"].equals(told(event, "resources.type"))
        & any_of(_compare(value, arn, str.startswith) for value in resource["Values"].each())
        for resource in selector["DataResources"].each()
    )


def told(event: Event, name: str) -> str | None:
    """The value of a field of the event, as a selector writes it, or None."""
    found: Any = event
    for step in name.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else None


def _compare(value: Value, found: str, fits: Callable[[str, str], bool]) -> Verdict:
    wanted = comparable_text(value.node)
    if fits(found, wanted):
        return passed("{} selects it", value)
    if OPEN in wanted and (fits is str.endswith or found.startswith(wanted.partition(OPEN)[0])):
        return unresolved("{} is not known before deployment", value, path=value.path)
    return failed("{} does not select it", value, path=value.path)


def comparable_text(node: object) -> str:
    """The text with a placeholder for unknown parts; ARNs of every partition are written as those of `aws`."""
    parts = node.parts if type(node) is Text else (node,)
    text = ""
    for part in parts:
        if type(part) is Reference:
            text += f"<{part.resource.logical_id}>"
        elif isinstance(part, bool):
            text += "true" if part else "false"
        else:
            text += part if type(part) is str else OPEN
    start, _, rest = text.partition(":")
    return f"arn:aws:{rest.partition(':')[2]}" if start == "arn" else text

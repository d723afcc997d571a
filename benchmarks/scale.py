"""Time and memory of an audit against the size of its input: twice the input takes at most 2.3 times as long.

Each case is audited in two sizes. The time is that of the processor, the best of several runs, and the two sizes take
turns: other work on the machine changes it little. Only the ratio counts. Memory is that of a process of its own.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soc2_constructs.audit import audit
from soc2_constructs.cli import main as soc2

MOST_FOR_TWICE = 2.3
MOST_GIGABYTES = 0.8
RUNS = 3
BUCKETS = 60_000

Resources = dict[str, Any]


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def numbered(count: int, make: Callable[[int], Resources]) -> Resources:
    return {name: body for number in range(count) for name, body in make(number).items()}


def template(folder: Path, resources: Resources, **sections: Any) -> None:
    (folder / "one.json").write_text(json.dumps({"Resources": resources, **sections}))


def assembly(folder: Path, count: int) -> None:
    """A cloud assembly of templates with 500 resources each, buckets with policies that a CDK app has."""
    artifacts = {}
    for stack in range(count):
        name = f"Stack{stack}"
        resources = numbered(
            250,
            lambda number, name=name: {
                f"Bucket{number}": {
                    **one("AWS::S3::Bucket", VersioningConfiguration={"Status": "Enabled"}),
                    "Metadata": {"aws:cdk:path": f"{name}/Bucket{number}/Resource"},
                },
                f"Policy{number}": one(
                    "AWS::S3::BucketPolicy", Bucket={"Ref": f"Bucket{number}"}, PolicyDocument={"Statement": []}
                ),
            },
        )
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
        properties = {"templateFile": f"{name}.template.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties, "displayName": name}
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))


def buckets(folder: Path, count: int) -> None:
    template(folder, numbered(count, lambda number: {f"B{number}": one("AWS::S3::Bucket", BucketName=f"b-{number}")}))


def mixed(folder: Path, count: int) -> None:
    """One file of resources of several types, each with its own values."""
    kinds = (
        lambda number: one("AWS::S3::Bucket", BucketName=f"b-{number}"),
        lambda number: one("AWS::SNS::Topic", TopicName=f"t-{number}"),
        lambda number: one("AWS::Lambda::Function", Role={"Ref": f"R{number}"}, FunctionName=f"f-{number}"),
        lambda number: one("AWS::EC2::SecurityGroup", GroupDescription=f"g-{number}"),
        lambda number: one("AWS::Logs::LogGroup", LogGroupName=f"l-{number}", RetentionInDays=30),
        lambda number: one("AWS::EC2::EIP", Tags=[{"Key": "n", "Value": f"{number}"}]),
    )
    outputs = {f"O{number}": {"Value": {"Ref": f"R{number * 6 + 3}"}} for number in range(count // 6)}
    resources = numbered(count, lambda number: {f"R{number}": kinds[number % len(kinds)](number)})
    template(folder, resources, Outputs=outputs)


def tables(arn: Callable[[int], Any]) -> Callable[[Path, int], None]:
    """Tables, and as many backup selections: each names one table."""

    def write(folder: Path, count: int) -> None:
        def pair(number: int) -> Resources:
            body = {"Resources": [arn(number)], "SelectionName": f"s-{number}", "IamRoleArn": "arn"}
            return {
                f"T{number}": one("AWS::DynamoDB::Table", TableName=f"t-{number}"),
                f"S{number}": one("AWS::Backup::BackupSelection", BackupPlanId="p", BackupSelection=body),
            }

        template(folder, numbered(count, pair))

    return write


def tagged_tables(folder: Path, count: int) -> None:
    def pair(number: int) -> Resources:
        tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": f"v-{number}"}
        body = {"ListOfTags": [tag], "SelectionName": f"s-{number}", "IamRoleArn": "arn"}
        return {
            f"T{number}": one("AWS::DynamoDB::Table", Tags=[{"Key": "backup", "Value": f"v-{number}"}]),
            f"S{number}": one("AWS::Backup::BackupSelection", BackupPlanId="p", BackupSelection=body),
        }

    template(folder, numbered(count, pair))


def vpcs(folder: Path, count: int) -> None:
    def pair(number: int) -> Resources:
        log = {"ResourceType": "VPC", "TrafficType": "ALL", "ResourceId": {"Ref": f"V{number}"}}
        return {
            f"V{number}": one("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"),
            f"L{number}": one("AWS::EC2::FlowLog", **log),
        }

    template(folder, numbered(count, pair))


def composites(rule: Callable[[int, int], list[int]]) -> Callable[[Path, int], None]:
    """Composite alarms, each with a rule that names others, above one alarm."""

    def write(folder: Path, count: int) -> None:
        def alarm(number: int) -> Resources:
            names = [f"${{C{other}.Arn}}" for other in rule(number, count)] or ["${A.Arn}"]
            text = " OR ".join(f"ALARM({name})" for name in names)
            return {f"C{number}": one("AWS::CloudWatch::CompositeAlarm", AlarmRule={"Fn::Sub": text})}

        metric = {"Namespace": "n", "MetricName": "m"}
        template(folder, {"A": one("AWS::CloudWatch::Alarm", **metric), **numbered(count, alarm)})

    return write


def conditional_statements(folder: Path, count: int) -> None:
    """One policy whose statements each have a condition of their own."""
    statements = [
        {
            "Fn::If": [
                f"C{number}",
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b-{number}/*"},
                {"Ref": "AWS::NoValue"},
            ]
        }
        for number in range(count)
    ]
    template(
        folder,
        {"P": one("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": statements})},
        Parameters={f"P{number}": {"Type": "String"} for number in range(count)},
        Conditions={f"C{number}": {"Fn::Equals": [{"Ref": f"P{number}"}, "on"]} for number in range(count)},
    )


#: What is audited, and in how many parts at most; half of it is the other size.
CASES: dict[str, tuple[Callable[[Path, int], None], int]] = {
    "templates of 500 resources in an assembly": (assembly, 200),
    "resources in one file": (mixed, BUCKETS),
    "buckets in one file": (buckets, BUCKETS),
    "tables and backup selections by reference": (tables(lambda number: {"Fn::GetAtt": [f"T{number}", "Arn"]}), 2000),
    "tables and backup selections by name": (tables(lambda number: f"arn:aws:dynamodb:*:*:table/t-{number}"), 2000),
    "tables and backup selections by tag": (tagged_tables, 2000),
    "VPCs with flow logs": (vpcs, 2000),
    "composite alarms in an acyclic graph": (composites(lambda number, _: list(range(max(0, number - 5), number))), 60),
    "composite alarms in a circle": (composites(lambda number, count: [(number + 1) % count]), 60),
    "conditional statements": (conditional_statements, 200),
}


def seconds(folder: Path) -> float:
    """Processor time of one audit."""
    gc.collect()
    start = time.process_time()
    audit(folder)
    return time.process_time() - start


def ratio(write: Callable[[Path, int], None], most: int, folder: Path) -> tuple[float, float]:
    """How many times as long the double size takes, and its seconds."""
    sizes = {count: folder / str(count) for count in (most // 2, most)}
    for count, place in sizes.items():
        place.mkdir(parents=True)
        write(place, count)
    best = dict.fromkeys(sizes, float("inf"))
    for _ in range(RUNS):
        for count, place in sizes.items():
            best[count] = min(best[count], seconds(place))
    return best[most] / best[most // 2], best[most]


def gigabytes(form: str, folder: Path) -> float:
    """The most memory of `soc2 check` in a process of its own."""
    command = [sys.executable, __file__, "--check", str(folder), form]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def check(path: str, form: str) -> None:
    """Run `soc2 check`, and print the most memory that this process held."""
    soc2(["check", path, "--format", form, "--output", os.devnull])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most / (1e9 if sys.platform == "darwin" else 1e6))


def main() -> int:
    met = True
    with tempfile.TemporaryDirectory() as name:
        for number, (case, (write, most)) in enumerate(CASES.items()):
            times, slow = ratio(write, most, Path(name, str(number)))
            met &= times <= MOST_FOR_TWICE
            print(f"{most} {case}: {times:.2f} times as long as half of them (at most {MOST_FOR_TWICE}); {slow:.2f} s")
        place = Path(name, "buckets")
        place.mkdir()
        buckets(place, BUCKETS)
        for form in ("table", "json", "sarif", "junit"):
            most_held = gigabytes(form, place)
            met &= most_held <= MOST_GIGABYTES
            print(f"{BUCKETS} buckets as {form}: {most_held:.2f} GB (at most {MOST_GIGABYTES})")
    return 0 if met else 1


if __name__ == "__main__":
    if "--check" in sys.argv:
        check(*sys.argv[-2:])
    else:
        sys.exit(main())

"""The table of data flows: each a small CDK app that works, and the requests that AWS has to serve in it.

A flow is a function that builds the app and yields its needs. It is written against `site.m`, which stands for the
modules of `aws_cdk` or for those of `soc2_constructs`: so one text serves plain CDK, `enforce` and the import swap.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from flows.access import Caller, Need, role
from flows.evaluator import Document
from flows.world import ACCOUNT, REGION

Builder = Callable[["Site"], Iterator[Need]]


class Modules:
    """Service modules by their short name: `modules.s3` is `aws_cdk.aws_s3`, or its drop-in where there is one."""

    def __init__(self, drop_in: bool) -> None:
        self._drop_in = drop_in

    def __getattr__(self, name: str) -> Any:
        module = f"aws_{name.rstrip('_')}"
        package = "soc2_constructs" if self._drop_in and _exists(f"soc2_constructs.{module}") else "aws_cdk"
        return importlib.import_module(f"{package}.{module}")


def _exists(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


class Site:
    """An empty app, with helpers that the flows share."""

    def __init__(self, app: cdk.App, modules: Modules) -> None:
        self.app = app
        self.m = modules
        #: Policies of roles that no template of the app makes, by ARN.
        self.outside: dict[str, tuple[Document, ...]] = {}
        self.stack = self.stack_in("S")

    def stack_in(self, id: str, region: str = REGION, account: str = ACCOUNT) -> cdk.Stack:
        return cdk.Stack(self.app, id, env=cdk.Environment(account=account, region=region))

    def role(
        self, *actions: str, on: Any = "*", id: str = "Role", by: str = "ec2", scope: Construct | None = None
    ) -> Any:
        """A role with a hand-written policy, which never names a key."""
        made = iam.Role(scope or self.stack, id, assumed_by=iam.ServicePrincipal(f"{by}.amazonaws.com"))
        if actions:
            made.add_to_policy(iam.PolicyStatement(actions=[*actions], resources=on if isinstance(on, list) else [on]))
        return made

    def managed(self, policy: str, id: str = "Role", by: str = "ec2") -> Any:
        """A role with a policy that AWS manages."""
        principal = iam.ServicePrincipal(f"{by}.amazonaws.com")
        return iam.Role(
            self.stack,
            id,
            assumed_by=principal,
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy)],
        )

    def imported(self, *actions: str, id: str = "Fixed", mutable: bool = False, scope: Construct | None = None) -> Any:
        """A role from outside the app, with the actions that it is allowed there; immutable by default."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{id.lower()}"
        self.outside[arn] = ({"Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": "*"}]},)
        return iam.Role.from_role_arn(scope or self.stack, id, arn, mutable=mutable)

    def as_imported(self, id: str = "Fixed") -> Caller:
        return role(f"arn:aws:iam::{ACCOUNT}:role/{id.lower()}")

    def function(self, id: str = "Function", scope: Construct | None = None, **props: Any) -> Any:
        lambda_ = self.m.lambda_
        return lambda_.Function(
            scope or self.stack,
            id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): pass"),
            **props,
        )

    def table(self, **props: Any) -> Any:
        dynamodb = self.m.dynamodb
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        return dynamodb.Table(self.stack, "Table", partition_key=key, **props)

    def vpc(self, **props: Any) -> Any:
        return self.m.ec2.Vpc(self.stack, "Vpc", nat_gateways=1, **props)


@dataclass(frozen=True)
class Flow:
    """One data flow.

    Attributes:
        name: The name of the function that builds it.
        title: Its first line of documentation.
        build: The function.
    """

    name: str
    title: str
    build: Builder


FLOWS: dict[str, Flow] = {}


def flow(build: Builder) -> Builder:
    """Add a flow to the table."""
    name, text = build.__name__, build.__doc__ or ""
    assert name not in FLOWS, f"two flows are called {name}"
    FLOWS[name] = Flow(name, text.strip().splitlines()[0], build)
    return build


def all_flows() -> dict[str, Flow]:
    """The whole table."""
    for module in (
        "buckets",
        "shares",
        "messages",
        "streams_and_tables",
        "compute",
        "delivery",
        "networks",
        "strangers",
    ):
        importlib.import_module(f"flows.apps.{module}")
    return FLOWS

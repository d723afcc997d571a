"""One policy per resource: the user's own policy construct gets the statements of the policy that the CDK creates."""

from __future__ import annotations

from typing import Any

from soc2_constructs.hardening.finishing import Phase, finish
from soc2_constructs.hardening.view import View, identity

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def keep_one_policy(construct: IConstruct, resource: cdk.CfnResource) -> None:
    """At synthesis, merge the policy that the CDK creates for a construct into the user's own policy, if there is one.

    S3 rejects a second bucket policy, and of two topic or queue policies the later one replaces the earlier one.
    CloudFormation reference, "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy".

    Args:
        construct: The construct; its policy is the child `Policy`.
        resource: The resource of the construct.
    """
    finish(construct, Phase.MERGE, lambda view: _merge(view, construct, resource))


def _merge(view: View, construct: IConstruct, resource: cdk.CfnResource) -> None:
    created: Any = construct.node.try_find_child("Policy")
    if created is None:
        return
    own = created.node.default_child
    others = [
        each for each in view.policies(resource) if identity(each) != identity(own) and hasattr(each, "policy_document")
    ]
    if not others:
        return
    other: Any = others[0]
    statements = created.document.to_json()["Statement"]
    document = other.policy_document
    if isinstance(document, iam.PolicyDocument):
        document.add_statements(*map(iam.PolicyStatement.from_json, statements))
    elif isinstance(document, dict):
        present = document.get("Statement", [])
        present = present if isinstance(present, list) else [present]
        other.policy_document = {**document, "Statement": [*present, *statements]}
    else:
        return
    # Resources that depend on the policy of the CDK depend on that of the user.
    own.override_logical_id(cdk.Stack.of(other).resolve(other.logical_id))
    construct.node.try_remove_child("Policy")
    view.forget(other)

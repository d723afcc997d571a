"""Vaults and plans that comply, and what proves that they work."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from soc2_constructs.hardening import BACKUP_TAG, RECOVERY_REGION, NonCompliantError

import aws_cdk as cdk
import pytest
from aws_cdk import aws_backup as plain
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from soc2_constructs import aws_backup as backup
from soc2_constructs import patterns
from soc2_constructs.audit import audit

PLAN = "AWS::Backup::BackupPlan"
VAULT = "AWS::Backup::BackupVault"
HERE = cdk.Environment(account="111111111111", region="eu-central-1")


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S")


def test_everything_of_the_cdk_is_there() -> None:
    assert set(plain.__all__) <= set(dir(backup))
    assert backup.BackupPlanRule is plain.BackupPlanRule
    assert issubclass(backup.BackupPlan, plain.BackupPlan)


def test_a_vault_is_locked_and_encrypted(stack: cdk.Stack) -> None:
    backup.BackupVault(stack, "Vault")
    Template.from_stack(stack).has_resource(
        VAULT,
        {
            "DeletionPolicy": "RetainExceptOnCreate",
            "Properties": {
                "EncryptionKeyArn": Match.any_value(),
                "LockConfiguration": {"MinRetentionDays": 35},
                "AccessPolicy": Match.object_like({"Statement": [Match.object_like({"Effect": "Deny"})]}),
            },
        },
    )


def test_values_of_the_users_win(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    lock = plain.LockConfiguration(min_retention=cdk.Duration.days(365), changeable_for=cdk.Duration.days(3))
    vault = backup.BackupVault(stack, "Vault", encryption_key=key, lock_configuration=lock)
    plan = backup.BackupPlan(stack, "Plan", backup_vault=vault)
    assert plan.backup_vault is vault
    template = Template.from_stack(stack)
    template.resource_count_is(VAULT, 1)
    template.resource_count_is("AWS::KMS::Key", 1)
    template.has_resource_properties(VAULT, {"LockConfiguration": {"MinRetentionDays": 365, "ChangeableForDays": 3}})


def test_a_plan_backs_up_daily(stack: cdk.Stack) -> None:
    for id in ("One", "Two"):
        backup.BackupPlan(stack, id)
    template = Template.from_stack(stack)
    template.resource_count_is(VAULT, 1)
    rule = {
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 35},
        "CopyActions": Match.absent(),
    }
    template.has_resource_properties(PLAN, {"BackupPlan": {"BackupPlanRule": [Match.object_like(rule)]}})


@pytest.mark.parametrize(
    ("make", "rules"),
    [
        (backup.BackupPlan.daily35_day_retention, 1),
        (backup.BackupPlan.daily_monthly1_year_retention, 2),
        (backup.BackupPlan.daily_weekly_monthly5_year_retention, 3),
        (backup.BackupPlan.daily_weekly_monthly7_year_retention, 3),
    ],
)
def test_the_plans_of_the_cdk_are_ours_too(make: object, rules: int, stack: cdk.Stack) -> None:
    plan = make(stack, "Plan")  # type: ignore[operator]
    assert isinstance(plan, backup.BackupPlan)
    (found,) = Template.from_stack(stack).find_resources(PLAN).values()
    assert len(found["Properties"]["BackupPlan"]["BackupPlanRule"]) == rules


def test_a_rule_that_is_added_later_is_judged(stack: cdk.Stack) -> None:
    plan = backup.BackupPlan(stack, "Plan")
    plan.add_rule(plain.BackupPlanRule.monthly1_year())
    with pytest.raises(NonCompliantError) as caught:
        plan.add_rule(plain.BackupPlanRule(delete_after=cdk.Duration.days(7)))
    assert caught.value.control == "backup_recovery_point_min_retention_35_days"
    assert caught.value.construct_path == "S/Plan"
    (found,) = Template.from_stack(stack).find_resources(PLAN).values()
    assert len(found["Properties"]["BackupPlan"]["BackupPlanRule"]) == 2


def test_tagged_resources_are_selected_once(stack: cdk.Stack) -> None:
    plan = backup.BackupPlan(stack, "Plan")
    assert plan.add_tagged() is plan.add_tagged()
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Backup::BackupSelection", 1)
    (selection,) = template.find_resources("AWS::Backup::BackupSelection").values()
    body = selection["Properties"]["BackupSelection"]
    # Types by ARN: the settings of the account and region may disable types that are selected by tag alone.
    arns = {arn["Fn::Join"][1][-1].lstrip(":") for arn in body["Resources"]}
    assert arns == set(backup.SELECTED_TYPES.values())
    assert body["Conditions"] == {
        "StringEquals": [{"ConditionKey": f"aws:ResourceTag/{BACKUP_TAG}", "ConditionValue": "true"}]
    }
    assert "ListOfTags" not in body


def test_the_backup_role_restores_nothing(stack: cdk.Stack) -> None:
    backup.BackupPlan(stack, "Plan").add_tagged()
    (role,) = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    names = {policy["Fn::Join"][1][-1].rpartition("/")[2] for policy in role["Properties"]["ManagedPolicyArns"]}
    assert names == {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"}


def test_copies_go_to_the_region_that_was_named() -> None:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=HERE)
    backup.BackupPlan(stack, "Plan")
    recovery = app.node.find_child("SRecovery")
    assert isinstance(recovery, cdk.Stack)
    assert recovery.region == "eu-west-1"
    (vault,) = Template.from_stack(recovery).find_resources(VAULT).values()
    name = vault["Properties"]["BackupVaultName"]
    assert re.fullmatch("s-recovery-[0-9a-f]{10}", name)
    assert vault["Properties"]["EncryptionKeyArn"]
    (plan,) = Template.from_stack(stack).find_resources(PLAN).values()
    (copy,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"][0]["CopyActions"]
    assert copy["Lifecycle"] == {"DeleteAfterDays": 35}
    assert f"backup:eu-west-1:111111111111:backup-vault:{name}" in json.dumps(copy)
    assert recovery in stack.dependencies
    # The second region needs the resources of the CDK, which only `cdk bootstrap` creates.
    assert Template.from_stack(recovery).to_json()["Description"].endswith("cdk bootstrap aws://111111111111/eu-west-1")


@pytest.mark.parametrize(
    "env", [None, cdk.Environment(region="eu-west-1")], ids=["region not known", "the recovery region itself"]
)
def test_no_copies_where_there_is_no_second_region(env: cdk.Environment | None) -> None:
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    backup.BackupPlan(cdk.Stack(app, "S", env=env), "Plan")
    assert app.node.try_find_child("SRecovery") is None


def test_vaults_have_names_of_their_deployed_stack() -> None:
    """An app may be deployed twice to one account, and long names may have the same end."""
    app = cdk.App(context={RECOVERY_REGION: "eu-west-1"})
    names = []
    for prefix in ("a", "b"):
        stack = cdk.Stack(cdk.Stage(app, prefix), "S", stack_name=f"{prefix}-{'long' * 20}", env=HERE)
        backup.BackupPlan(stack, "Plan")
        recovery = stack.node.scope.node.find_child("SRecovery")
        for each in (stack, recovery):
            (vault,) = Template.from_stack(each).find_resources(VAULT).values()
            assert vault["DeletionPolicy"] == "RetainExceptOnCreate"
            names.append(vault["Properties"]["BackupVaultName"])
    assert len(set(names)) == 4
    assert all(re.fullmatch("[a-zA-Z0-9_-]{2,50}", name) for name in names)


def test_restored_databases_and_instances_are_in_the_vpc(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    backup.RestoreTesting(stack, "Restores", vpc=vpc)
    template = Template.from_stack(stack)
    selections = {
        each["Properties"]["ProtectedResourceType"]: each["Properties"].get("RestoreMetadataOverrides")
        for each in template.find_resources("AWS::Backup::RestoreTestingSelection").values()
    }
    assert set(selections) == set(backup.RESTORABLE_TYPES)
    assert set(filter(selections.get, selections)) == set(backup.NETWORK_TYPES)
    (group,) = template.find_resources("AWS::EC2::SecurityGroup")
    (subnets,) = template.find_resources("AWS::RDS::DBSubnetGroup")
    for kind in ("Aurora", "RDS"):
        assert selections[kind]["dbSubnetGroupName"] == {"Ref": subnets}
        assert group in str(selections[kind]["vpcSecurityGroupIds"])
    assert "IsolatedSubnet" in str(selections["EC2"]["subnetId"])
    assert group in str(selections["EC2"]["securityGroupIds"])
    # A group without rules: nothing reaches the restored data.
    rules = template.find_resources("AWS::EC2::SecurityGroup")[group]["Properties"]
    assert "SecurityGroupIngress" not in rules
    assert rules["SecurityGroupEgress"][0]["CidrIp"] == "255.255.255.255/32"


def test_without_a_vpc_nothing_is_restored_into_the_default_vpc(stack: cdk.Stack) -> None:
    backup.RestoreTesting(stack, "Restores")
    selections = Template.from_stack(stack).find_resources("AWS::Backup::RestoreTestingSelection").values()
    tested = {each["Properties"]["ProtectedResourceType"] for each in selections}
    assert tested == set(backup.RESTORABLE_TYPES) - set(backup.NETWORK_TYPES)
    warning = Match.string_like_regexp("Aurora, EC2, RDS have no restore tests, because these require a VPC")
    assert Annotations.from_stack(stack).find_warning("/S/Restores", warning)
    with pytest.raises(ValueError, match="no VPC for restored resources of the types RDS"):
        backup.RestoreTesting(stack, "More", resource_types=["RDS", "S3"])


@pytest.mark.parametrize(
    ("region", "restores", "audits"),
    [("cn-north-1", False, False), ("us-gov-west-1", False, True), ("eu-west-1", True, True)],
)
def test_what_a_partition_lacks_is_left_out_with_a_warning(region: str, restores: bool, audits: bool) -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="111111111111", region=region))
    policy = patterns.BackupPolicy(stack, "Backup")
    assert policy.restore_testing is not None
    assert policy.audit_framework is not None
    assert (policy.restore_testing.plan is not None, policy.audit_framework.framework is not None) == (restores, audits)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Backup::RestoreTestingPlan", int(restores))
    template.resource_count_is("AWS::Backup::ReportPlan", int(audits))
    template.resource_count_is("AWS::Backup::BackupPlan", 1)
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(f"does not exist in {region}"))
    assert len(warnings) == (not restores) + (not audits)


def test_restores_are_tested(stack: cdk.Stack) -> None:
    backup.RestoreTesting(stack, "Restores", resource_types=["DynamoDB", "S3"])
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Backup::RestoreTestingPlan",
        {
            "RestoreTestingPlanName": Match.string_like_regexp("^s_restores_[0-9a-f]{10}$"),
            "ScheduleExpression": "cron(0 6 ? * SUN *)",
        },
    )
    for kind in ("DynamoDB", "S3"):
        template.has_resource_properties(
            "AWS::Backup::RestoreTestingSelection",
            {
                "RestoreTestingPlanName": Match.string_like_regexp("^s_restores_"),
                "ProtectedResourceType": kind,
                "ProtectedResourceConditions": {
                    "StringEquals": [{"Key": f"aws:ResourceTag/{BACKUP_TAG}", "Value": "true"}]
                },
            },
        )


def test_failures_are_published(stack: cdk.Stack) -> None:
    own = backup.FailureNotifications(stack, "Own")
    topic = sns.Topic(stack, "Theirs")
    assert backup.FailureNotifications(stack, "PropsContext", topic=topic).topic is topic
    assert own.topic is not topic
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::SNS::Topic", 2)
    template.resource_count_is("AWS::Events::Rule", 6)
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": Match.any_value()})
    statement = Match.object_like(
        {"Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}
    )
    template.has_resource_properties(
        "AWS::KMS::Key", {"KeyPolicy": Match.object_like({"Statement": Match.array_with([statement])})}
    )


def test_an_audit_framework_reports(stack: cdk.Stack) -> None:
    backup.AuditFramework(stack, "Audit", retention_days=90)
    template = Template.from_stack(stack)
    (framework,) = template.find_resources("AWS::Backup::Framework").values()
    controls = {entry["ControlName"]: entry for entry in framework["Properties"]["FrameworkControls"]}
    assert {"ParameterName": "requiredRetentionDays", "ParameterValue": "90"} in controls[
        "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"
    ]["ControlInputParameters"]
    (report,) = template.find_resources("AWS::Backup::ReportPlan")
    policies = template.find_resources("AWS::S3::BucketPolicy")
    assert [name for name, policy in policies.items() if report in policy.get("DependsOn", [])]


def test_all_of_it_complies(tmp_path: Path, cfn_lint: Callable[[Path], list[str]]) -> None:
    app = cdk.App(outdir=str(tmp_path), context={RECOVERY_REGION: "eu-west-1"})
    stack = cdk.Stack(app, "S", env=HERE)
    backup.BackupPlan(stack, "Plan").add_tagged()
    backup.RestoreTesting(stack, "Restores")
    backup.FailureNotifications(stack, "Failures")
    backup.AuditFramework(stack, "Audit")
    app.synth()
    found = {(r.control.id, r.logical_id) for r in audit(tmp_path).results if r.status != "PASS" and r.resource}
    assert {control for control, _ in found} <= {
        "s3_bucket_cross_region_replication_enabled",
    }
    assert cfn_lint(tmp_path) == []


def test_named_resources_can_be_created_twice_and_in_nested_stacks() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Shop", stack_name="shop")
    nested = cdk.NestedStack(stack, "Nested")
    long = Construct(stack, "AVeryLongNameThatLeavesNoRoomForAnythingElseInIt")
    # Paths that differ in their separators only.
    mixed = (Construct(Construct(stack, "A-B"), "C"), Construct(Construct(stack, "A"), "B-C"))
    for scope in (Construct(stack, "One"), Construct(stack, "Two"), nested, long, *mixed):
        backup.RestoreTesting(scope, "Restores", resource_types=["S3"])
    names = {
        each["Properties"]["RestoreTestingPlanName"]
        for template in map(Template.from_stack, (stack, nested))
        for each in template.find_resources("AWS::Backup::RestoreTestingPlan").values()
    }
    assert len(names) == 6
    assert all(re.fullmatch("[a-z][a-z0-9_]{0,49}", name) for name in names)

"""Roles that read and write buckets, with policies that say nothing about keys."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_s3_deployment as deployment

from flows.access import Need, account, role
from flows.catalogue import Site, flow


@flow
def role_reads_bucket_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows s3:GetObject reads an object."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    reader = site.role("s3:GetObject", on=bucket.arn_for_objects("*"))
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def role_writes_bucket_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows s3:PutObject writes an object, also in parts."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    writer = site.role("s3:PutObject", on=bucket.arn_for_objects("*"))
    yield role(writer).does("s3:PutObject", bucket, "/a")
    yield role(writer).does("s3:UploadPart", bucket, "/a")


@flow
def role_uses_bucket_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonS3FullAccess reads, writes and lists."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    user = role(site.managed("AmazonS3FullAccess"))
    yield user.does("s3:GetObject", bucket, "/a")
    yield user.does("s3:PutObject", bucket, "/a")
    yield user.does("s3:ListBucket", bucket)


@flow
def role_reads_bucket_by_read_only_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonS3ReadOnlyAccess reads an object."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    yield role(site.managed("AmazonS3ReadOnlyAccess")).does("s3:GetObject", bucket, "/a")


@flow
def imported_role_reads_bucket(site: Site) -> Iterator[Need]:
    """A role that was made elsewhere and that the app cannot change reads an object."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    bucket.grant_read(site.imported("s3:*"))
    yield site.as_imported().does("s3:GetObject", bucket, "/a")


@flow
def role_of_l1_reads_l1_bucket(site: Site) -> Iterator[Need]:
    """A CfnRole with an inline policy reads and writes a CfnBucket."""
    bucket = site.m.s3.CfnBucket(site.stack, "Bucket")
    policy = iam.CfnRole.PolicyProperty(
        policy_name="use",
        policy_document={
            "Statement": [{"Effect": "Allow", "Action": "s3:*Object", "Resource": f"{bucket.attr_arn}/*"}],
        },
    )
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    made = iam.CfnRole(site.stack, "Role", assume_role_policy_document=trust, policies=[policy])
    yield role(made).does("s3:GetObject", bucket, "/a")
    yield role(made).does("s3:PutObject", bucket, "/a")


@flow
def l1_role_reads_bucket(site: Site) -> Iterator[Need]:
    """A CfnRole with a CfnManagedPolicy reads a Bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    made = iam.CfnRole(site.stack, "Role", assume_role_policy_document=trust)
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": f"{bucket.bucket_arn}/*"}]}
    iam.CfnManagedPolicy(site.stack, "Policy", policy_document=document, roles=[made.ref])
    yield role(made).does("s3:GetObject", bucket, "/a")


@flow
def granted_role_reads_and_writes_bucket(site: Site) -> Iterator[Need]:
    """A role that the CDK grants access reads and writes."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    user = site.role()
    bucket.grant_read_write(user)
    yield role(user).does("s3:GetObject", bucket, "/a")
    yield role(user).does("s3:UploadPart", bucket, "/a")


@flow
def granted_role_of_another_stack_reads_bucket(site: Site) -> Iterator[Need]:
    """A role of another stack that the CDK grants access reads."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    reader = site.role(scope=site.stack_in("Reader"))
    bucket.grant_read(reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def granted_role_of_another_region_reads_bucket(site: Site) -> Iterator[Need]:
    """A role of a stack in another region, with a fixed name, that the CDK grants access reads."""
    far = site.stack_in("Far", region="eu-west-1")
    reader = iam.Role(far, "Role", role_name="reader", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    bucket = site.m.s3.Bucket(site.stack, "Bucket", bucket_name="files-of-us")
    bucket.grant_read(reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def role_of_another_region_reads_by_name(site: Site) -> Iterator[Need]:
    """A role of a stack in another region reads a bucket by its name."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket", bucket_name="files-of-us")
    far = site.stack_in("Far", region="eu-west-1")
    reader = site.role("s3:GetObject", on="arn:aws:s3:::files-of-us/*", scope=far)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def granted_role_of_another_account_reads_bucket(site: Site) -> Iterator[Need]:
    """A role of a stack in another account, with a fixed name, that the CDK grants access reads."""
    there = site.stack_in("There", account="222222222222")
    reader = iam.Role(there, "Role", role_name="reader", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    bucket = site.m.s3.Bucket(site.stack, "Bucket", bucket_name="files-of-us")
    bucket.grant_read(reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def nested_stack_reads_bucket(site: Site) -> Iterator[Need]:
    """A role of a nested stack reads a bucket of its parent, by a policy written by hand."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    nested = cdk.NestedStack(site.stack, "Nested")
    reader = site.role("s3:GetObject", on=bucket.arn_for_objects("*"), scope=nested)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def user_reads_bucket(site: Site) -> Iterator[Need]:
    """An IAM user with a hand-written policy reads."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    user = iam.User(site.stack, "User")
    user.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]))
    yield role(user).does("s3:GetObject", bucket, "/a")


@flow
def function_reads_bucket_by_initial_policy(site: Site) -> Iterator[Need]:
    """A function whose initial policy allows s3:GetObject reads."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    allow = iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")])
    function = site.function(initial_policy=[allow])
    yield role(function.role).does("s3:GetObject", bucket, "/a")


@flow
def task_reads_bucket(site: Site) -> Iterator[Need]:
    """The task role of an ECS task, with a hand-written policy, reads."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    task.add_to_task_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]))
    yield role(task.task_role).does("s3:GetObject", bucket, "/a")


@flow
def glue_job_reads_and_writes_bucket(site: Site) -> Iterator[Need]:
    """A Glue job (L1) with AWSGlueServiceRole and a hand-written policy reads and writes."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    worker = site.managed("service-role/AWSGlueServiceRole", by="glue")
    worker.add_to_policy(
        iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[bucket.arn_for_objects("*")])
    )
    command = glue.CfnJob.JobCommandProperty(name="glueetl", script_location=bucket.s3_url_for_object("job.py"))
    glue.CfnJob(site.stack, "Job", role=worker.role_arn, command=command)
    yield role(worker).does("s3:GetObject", bucket, "/a")
    yield role(worker).does("s3:PutObject", bucket, "/a")


@flow
def athena_writes_results(site: Site) -> Iterator[Need]:
    """A role that queries Athena writes the results to a bucket of a work group."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    results = athena.CfnWorkGroup.ResultConfigurationProperty(output_location=bucket.s3_url_for_object("results/"))
    config = athena.CfnWorkGroup.WorkGroupConfigurationProperty(result_configuration=results)
    athena.CfnWorkGroup(site.stack, "Group", name="group", work_group_configuration=config)
    analyst = site.managed("AmazonAthenaFullAccess")
    analyst.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject", "s3:PutObject", "s3:GetBucketLocation", "s3:AbortMultipartUpload"],
            resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
        )
    )
    yield role(analyst).does("s3:UploadPart", bucket, "/results/a")
    yield role(analyst).does("s3:GetObject", bucket, "/results/a")
    yield role(analyst).does("s3:GetBucketLocation", bucket)


@flow
def firehose_l1_delivers_to_bucket(site: Site) -> Iterator[Need]:
    """A CfnDeliveryStream with a hand-written role delivers to a bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    allowed = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListBucket"]
    writer = site.role(*allowed, on=[bucket.bucket_arn, bucket.arn_for_objects("*")], by="firehose")
    firehose.CfnDeliveryStream(
        site.stack,
        "Stream",
        s3_destination_configuration=firehose.CfnDeliveryStream.S3DestinationConfigurationProperty(
            bucket_arn=bucket.bucket_arn, role_arn=writer.role_arn
        ),
    )
    yield role(writer).does("s3:UploadPart", bucket, "/a")


@flow
def firehose_delivers_to_bucket(site: Site) -> Iterator[Need]:
    """A DeliveryStream delivers to a bucket by the CDK's own grant."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    writer = site.role(by="firehose")
    firehose.DeliveryStream(site.stack, "Stream", destination=firehose.S3Bucket(bucket, role=writer))
    yield role(writer).does("s3:UploadPart", bucket, "/a")


@flow
def build_writes_artifacts(site: Site) -> Iterator[Need]:
    """A CodeBuild project writes its artifacts to a bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    project = codebuild.Project(
        site.stack,
        "Project",
        source=codebuild.Source.s3(bucket=bucket, path="source.zip"),
        artifacts=codebuild.Artifacts.s3(bucket=bucket, name="out.zip", path="out", include_build_id=False),
    )
    yield role(project.role).does("s3:GetObject", bucket, "/source.zip")
    yield role(project.role).does("s3:UploadPart", bucket, "/out/out.zip")


@flow
def pipeline_uses_artifact_bucket(site: Site) -> Iterator[Need]:
    """A CodePipeline with a bucket of the user's reads the source and hands artifacts on."""
    artifacts = site.m.s3.Bucket(site.stack, "Artifacts")
    source = site.m.s3.Bucket(site.stack, "Source", versioned=True)
    out = codepipeline.Artifact("Out")
    project = codebuild.PipelineProject(site.stack, "Project")
    pipeline = codepipeline.Pipeline(
        site.stack,
        "Pipeline",
        artifact_bucket=artifacts,
        stages=[
            codepipeline.StageProps(
                stage_name="Source",
                actions=[
                    actions.S3SourceAction(action_name="S3", bucket=source, bucket_key="a.zip", output=out,
                                           trigger=actions.S3Trigger.POLL)
                ],
            ),
            codepipeline.StageProps(
                stage_name="Build", actions=[actions.CodeBuildAction(action_name="Build", project=project, input=out)]
            ),
        ],
    )  # fmt: skip
    yield role(pipeline.role).does("s3:UploadPart", artifacts, "/a")
    yield role(project.role).does("s3:GetObject", artifacts, "/a")


@flow
def bucket_policy_names_role(site: Site) -> Iterator[Need]:
    """The bucket policy, not the role's own policy, lets a role of the account read."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    reader = site.role()
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ArnPrincipal(reader.role_arn)],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def role_uses_bucket_with_users_key(site: Site) -> Iterator[Need]:
    """A role reads a bucket under the user's own key, whose policy and grant the user wrote."""
    key = site.m.kms.Key(site.stack, "Key")
    s3 = site.m.s3
    bucket = s3.Bucket(site.stack, "Bucket", encryption=s3.BucketEncryption.KMS, encryption_key=key)
    reader = site.role("s3:GetObject", on=bucket.arn_for_objects("*"))
    key.grant_decrypt(reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def role_uses_bucket_with_managed_key(site: Site) -> Iterator[Need]:
    """A role without key permissions reads a bucket under the key AWS manages for S3."""
    s3 = site.m.s3
    bucket = s3.Bucket(site.stack, "Bucket", encryption=s3.BucketEncryption.KMS_MANAGED)
    reader = site.role("s3:GetObject", on=bucket.arn_for_objects("*"))
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def other_account_takes_role_here(site: Site) -> Iterator[Need]:
    """A principal of another account assumes a role here, which reads a bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    reader = iam.Role(site.stack, "Role", assumed_by=iam.AccountPrincipal("222222222222"))
    reader.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]))
    yield account("222222222222", "sts:AssumeRole").does("sts:AssumeRole", reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def granted_unnamed_role_of_another_region_reads_bucket(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, that the CDK grants access reads a named bucket."""
    reader = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    bucket = site.m.s3.Bucket(site.stack, "Bucket", bucket_name="files-of-us")
    bucket.grant_read(reader)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def stage_reads_bucket(site: Site) -> Iterator[Need]:
    """All of it in a stage: a role with a hand-written policy reads."""
    stage = cdk.Stage(site.app, "Live", env=cdk.Environment(account="111111111111", region="us-east-1"))
    stack = cdk.Stack(stage, "S")
    bucket = site.m.s3.Bucket(stack, "Bucket")
    reader = site.role("s3:GetObject", on=bucket.arn_for_objects("*"), scope=stack)
    yield role(reader).does("s3:GetObject", bucket, "/a")


@flow
def deployment_fills_bucket(site: Site) -> Iterator[Need]:
    """A BucketDeployment copies files into a bucket by its own function."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    copy = deployment.BucketDeployment(
        site.stack, "Copy", destination_bucket=bucket, sources=[deployment.Source.data("a.txt", "a")]
    )
    yield role(copy.handler_role).does("s3:UploadPart", bucket, "/a.txt")


@flow
def rule_of_things_writes_bucket(site: Site) -> Iterator[Need]:
    """An AWS IoT rule (L1) stores messages by a hand-written role."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    writer = site.role("s3:PutObject", on=bucket.arn_for_objects("*"), by="iot")
    rule = iot.CfnTopicRule
    store = rule.S3ActionProperty(bucket_name=bucket.bucket_name, key="a", role_arn=writer.role_arn)
    payload = rule.TopicRulePayloadProperty(sql="SELECT * FROM 'a'", actions=[rule.ActionProperty(s3=store)])
    rule(site.stack, "Rule", topic_rule_payload=payload)
    yield role(writer).does("s3:PutObject", bucket, "/a")


@flow
def database_exports_to_bucket(site: Site) -> Iterator[Need]:
    """A database exports to a bucket by a hand-written role."""
    rds, ec2 = site.m.rds, site.m.ec2
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    writer = site.role("s3:PutObject", "s3:AbortMultipartUpload", on=bucket.arn_for_objects("*"), by="rds")
    rds.DatabaseInstance(
        site.stack,
        "Database",
        engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9),
        vpc=site.vpc(),
        instance_type=ec2.InstanceType("t4g.small"),
        s3_export_role=writer,
    )
    yield role(writer).does("s3:UploadPart", bucket, "/a")


@flow
def bucket_is_emptied_before_it_goes(site: Site) -> Iterator[Need]:
    """The CDK's function empties a bucket that is deleted with its stack."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
    provider = site.stack.node.find_child("Custom::S3AutoDeleteObjectsCustomResourceProvider")
    yield role(provider.node.find_child("Role")).does("s3:DeleteObjectVersion", bucket, "/a")

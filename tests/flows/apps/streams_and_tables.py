"""Streams, tables, secrets and log groups: roles with hand-written, managed and unchangeable policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs_destinations as destinations
from aws_cdk import aws_stepfunctions_tasks as tasks

from flows.access import Caller, Fact, Need, resource_of, role, serve, service
from flows.catalogue import Site, flow
from flows.world import Resource, World


@flow
def role_uses_stream_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows writing and reading records does so."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    user = role(site.role("kinesis:PutRecord", "kinesis:PutRecords", "kinesis:Get*", on=stream.stream_arn))
    yield user.does("kinesis:PutRecord", stream)
    yield user.does("kinesis:PutRecords", stream)
    yield user.does("kinesis:GetRecords", stream)


@flow
def role_uses_stream_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonKinesisFullAccess writes and reads."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    user = role(site.managed("AmazonKinesisFullAccess"))
    yield user.does("kinesis:PutRecord", stream)
    yield user.does("kinesis:GetRecords", stream)


@flow
def imported_role_writes_stream(site: Site) -> Iterator[Need]:
    """A role that the app cannot change writes."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    stream.grant_write(site.imported("kinesis:*"))
    yield site.as_imported().does("kinesis:PutRecord", stream)


@flow
def role_uses_l1_stream(site: Site) -> Iterator[Need]:
    """A role writes to a CfnStream."""
    stream = site.m.kinesis.CfnStream(site.stack, "Stream", shard_count=1)
    yield role(site.role("kinesis:PutRecord", on=stream.attr_arn)).does("kinesis:PutRecord", stream)


@flow
def rule_writes_stream(site: Site) -> Iterator[Need]:
    """An EventBridge rule writes to a stream by the CDK's role."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    rule = events.Rule(site.stack, "Rule", event_pattern=events.EventPattern(source=["app"]))
    rule.add_target(targets.KinesisStream(stream))
    (made,) = [each for each in stream.node.scope.node.find_all() if isinstance(each, iam.Role)]
    yield role(made).does("kinesis:PutRecord", stream)


@flow
def function_reads_stream(site: Site) -> Iterator[Need]:
    """A function consumes a stream by an event source."""
    stream, function = site.m.kinesis.Stream(site.stack, "Stream"), site.function()
    start = site.m.lambda_.StartingPosition.LATEST
    function.add_event_source(sources.KinesisEventSource(stream, starting_position=start))
    yield role(function.role).does("kinesis:GetRecords", stream)


@flow
def function_reads_stream_by_managed_policy(site: Site) -> Iterator[Need]:
    """A function with an unchangeable role consumes a stream by an event source mapping."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    function = site.function(role=site.imported("kinesis:*", "logs:*"))
    start = site.m.lambda_.StartingPosition.LATEST
    function.add_event_source_mapping("Source", event_source_arn=stream.stream_arn, starting_position=start)
    yield site.as_imported().does("kinesis:GetRecords", stream)


@flow
def firehose_reads_stream(site: Site) -> Iterator[Need]:
    """A delivery stream (L1) with a hand-written role reads a stream and writes to a bucket."""
    stream, bucket = site.m.kinesis.Stream(site.stack, "Stream"), site.m.s3.Bucket(site.stack, "Bucket")
    reader = site.role("kinesis:Get*", "kinesis:DescribeStream", on=stream.stream_arn, by="firehose", id="Reader")
    writer = site.role("s3:PutObject", on=bucket.arn_for_objects("*"), by="firehose", id="Writer")
    delivery = firehose.CfnDeliveryStream
    delivery(
        site.stack,
        "Delivery",
        delivery_stream_type="KinesisStreamAsSource",
        kinesis_stream_source_configuration=delivery.KinesisStreamSourceConfigurationProperty(
            kinesis_stream_arn=stream.stream_arn, role_arn=reader.role_arn
        ),
        s3_destination_configuration=delivery.S3DestinationConfigurationProperty(
            bucket_arn=bucket.bucket_arn, role_arn=writer.role_arn
        ),
    )
    yield role(reader).does("kinesis:GetRecords", stream)
    yield role(writer).does("s3:PutObject", bucket, "/a")


@flow
def role_uses_table_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows items to be read and written does so."""
    table = site.table()
    user = role(site.role("dynamodb:GetItem", "dynamodb:PutItem", on=table.table_arn))
    yield user.does("dynamodb:GetItem", table)
    yield user.does("dynamodb:PutItem", table)


@flow
def role_uses_table_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonDynamoDBFullAccess reads and writes."""
    table = site.table()
    user = role(site.managed("AmazonDynamoDBFullAccess"))
    yield user.does("dynamodb:GetItem", table)
    yield user.does("dynamodb:PutItem", table)


@flow
def imported_role_uses_table(site: Site) -> Iterator[Need]:
    """A role that the app cannot change reads and writes."""
    table = site.table()
    table.grant_read_write_data(site.imported("dynamodb:*"))
    yield site.as_imported().does("dynamodb:PutItem", table)


@flow
def role_uses_global_table(site: Site) -> Iterator[Need]:
    """A role with a hand-written policy uses a TableV2."""
    dynamodb = site.m.dynamodb
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.TableV2(site.stack, "Table", partition_key=key)
    user = role(site.role("dynamodb:GetItem", "dynamodb:PutItem", on=table.table_arn))
    yield user.does("dynamodb:GetItem", table)
    yield user.does("dynamodb:PutItem", table)


@flow
def function_reads_table_stream(site: Site) -> Iterator[Need]:
    """A function consumes the stream of a table by an event source."""
    table = site.table(stream=site.m.dynamodb.StreamViewType.NEW_IMAGE)
    function = site.function()
    start = site.m.lambda_.StartingPosition.LATEST
    function.add_event_source(sources.DynamoEventSource(table, starting_position=start))
    yield role(function.role).does("dynamodb:GetRecords", table, "/stream/2026")


@flow
def table_streams_to_kinesis(site: Site) -> Iterator[Need]:
    """A role with a hand-written policy reads the stream that a table's changes go to."""
    stream = site.m.kinesis.Stream(site.stack, "Stream")
    table = site.table(kinesis_stream=stream)
    yield role(site.role("kinesis:Get*", on=stream.stream_arn)).does("kinesis:GetRecords", stream)
    yield role(site.role("dynamodb:PutItem", on=table.table_arn, id="Writer")).does("dynamodb:PutItem", table)


@flow
def task_puts_item(site: Site) -> Iterator[Need]:
    """A state machine writes to a table by the DynamoPutItem task, whose grant says nothing about keys."""
    table, sfn = site.table(), site.m.stepfunctions
    item = {"id": tasks.DynamoAttributeValue.from_string("1")}
    task = tasks.DynamoPutItem(site.stack, "Task", table=table, item=item)
    machine = sfn.StateMachine(site.stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(task))
    yield role(machine.role).does("dynamodb:PutItem", table)


@flow
def role_reads_secret_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows GetSecretValue reads a secret."""
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    reader = site.role("secretsmanager:GetSecretValue", on=secret.secret_arn)
    yield role(reader).does("secretsmanager:GetSecretValue", secret)


@flow
def role_reads_secret_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with SecretsManagerReadWrite reads and writes a secret."""
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    user = role(site.managed("SecretsManagerReadWrite"))
    yield user.does("secretsmanager:GetSecretValue", secret)
    yield user.does("secretsmanager:PutSecretValue", secret)


@flow
def imported_role_reads_secret(site: Site) -> Iterator[Need]:
    """A role that the app cannot change reads a secret."""
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    secret.grant_read(site.imported("secretsmanager:GetSecretValue"))
    yield site.as_imported().does("secretsmanager:GetSecretValue", secret)


@flow
def role_reads_database_secret(site: Site) -> Iterator[Need]:
    """A role with a hand-written policy reads the secret that a database generates."""
    database = _database(site)
    reader = site.role("secretsmanager:GetSecretValue", on=database.secret.secret_arn)
    yield _reads_password(database, role(reader))


@flow
def task_gets_database_password(site: Site) -> Iterator[Need]:
    """An ECS task gets the password of a database as an environment variable, by the CDK's grant."""
    database = _database(site)
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    password = ecs.Secret.from_secrets_manager(database.secret, "password")
    task.add_container("App", image=ecs.ContainerImage.from_registry("nginx"), secrets={"PASSWORD": password})
    yield _reads_password(database, role(task.execution_role))


@flow
def proxy_reads_database_password(site: Site) -> Iterator[Need]:
    """A database proxy reads the password of its database by its own role."""
    database = _database(site)
    proxy = site.m.rds.DatabaseProxy(
        site.stack,
        "Proxy",
        proxy_target=site.m.rds.ProxyTarget.from_instance(database),
        secrets=[database.secret],
        vpc=database.vpc,
    )
    yield _reads_password(database, role(proxy.node.find_child("IAMRole")))


@flow
def database_password_rotates(site: Site) -> Iterator[Need]:
    """A database rotates its generated password, as the user asked."""
    database = _database(site)
    database.add_rotation_single_user()

    def rotates(world: World) -> str | None:
        by_rds = resource_of(world, database).get("ManageMasterUserPassword")
        return None if by_rds or world.all("AWS::SecretsManager::RotationSchedule") else "nothing rotates the password"

    page = "AWS Secrets Manager: Rotate secrets; Amazon RDS: Password management with AWS Secrets Manager"
    yield Fact("the password rotates", page, rotates, database)


def _database(site: Site) -> Any:
    rds, ec2 = site.m.rds, site.m.ec2
    return rds.DatabaseInstance(
        site.stack,
        "Database",
        engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9),
        vpc=site.vpc(),
        instance_type=ec2.InstanceType("t4g.small"),
    )


def _reads_password(database: Any, caller: Caller) -> Fact:
    def reads(world: World) -> str | None:
        made = resource_of(world, database)
        if not made.get("ManageMasterUserPassword"):
            (secret,) = world.all("AWS::SecretsManager::Secret")
            return serve(world, caller, "secretsmanager:GetSecretValue", secret)
        # RDS keeps the password in a secret of its own, under the key that the instance names.
        key = made.get("MasterUserSecret", {}).get("KmsKeyId")
        properties = {"KmsKeyId": key} if key else {}
        arn = f"{made.name}-MasterUserSecret.SecretArn"
        secret = Resource(made.stack, made.id, "AWS::SecretsManager::Secret", arn, arn, properties)
        return serve(world, caller, "secretsmanager:GetSecretValue", secret)

    page = "Amazon RDS: Password management with Amazon RDS and AWS Secrets Manager"
    return Fact("the password is read", page, reads, database)


@flow
def rotation_function_uses_secret(site: Site) -> Iterator[Need]:
    """A function of the user's rotates a secret."""
    import aws_cdk as cdk

    secret, function = site.m.secretsmanager.Secret(site.stack, "Secret"), site.function()
    secret.add_rotation_schedule("Rotation", rotation_lambda=function, automatically_after=cdk.Duration.days(30))
    yield service("secretsmanager.amazonaws.com", secret).does("lambda:InvokeFunction", function)
    yield role(function.role).does("secretsmanager:GetSecretValue", secret)
    yield role(function.role).does("secretsmanager:PutSecretValue", secret)


@flow
def role_writes_log_group(site: Site) -> Iterator[Need]:
    """A role with CloudWatchAgentServerPolicy writes to a log group."""
    group = site.m.logs.LogGroup(site.stack, "Group")
    yield role(site.managed("CloudWatchAgentServerPolicy")).does("logs:PutLogEvents", group, ":log-stream:a")


@flow
def role_reads_log_group(site: Site) -> Iterator[Need]:
    """A role with a hand-written policy reads a log group."""
    group = site.m.logs.LogGroup(site.stack, "Group")
    reader = site.role("logs:FilterLogEvents", on="arn:aws:logs:*:*:log-group:*")
    yield role(reader).does("logs:FilterLogEvents", group)


@flow
def log_group_feeds_stream(site: Site) -> Iterator[Need]:
    """A subscription filter writes to a stream by the CDK's role."""
    stream, group = site.m.kinesis.Stream(site.stack, "Stream"), site.m.logs.LogGroup(site.stack, "Group")
    writer = site.role(by="logs", id="Writer")
    pattern = site.m.logs.FilterPattern.all_events()
    site.m.logs.SubscriptionFilter(
        site.stack,
        "Filter",
        log_group=group,
        destination=destinations.KinesisDestination(stream, role=writer),
        filter_pattern=pattern,
    )
    yield role(writer).does("kinesis:PutRecord", stream)


@flow
def l1_log_filter_feeds_stream(site: Site) -> Iterator[Need]:
    """A CfnSubscriptionFilter writes to a stream by a hand-written role."""
    stream, group = site.m.kinesis.Stream(site.stack, "Stream"), site.m.logs.LogGroup(site.stack, "Group")
    writer = site.role("kinesis:PutRecord", on=stream.stream_arn, by="logs")
    site.m.logs.CfnSubscriptionFilter(
        site.stack,
        "Filter",
        destination_arn=stream.stream_arn,
        filter_pattern="",
        log_group_name=group.log_group_name,
        role_arn=writer.role_arn,
    )
    yield role(writer).does("kinesis:PutRecord", stream)


@flow
def log_group_feeds_function(site: Site) -> Iterator[Need]:
    """A subscription filter invokes a function."""
    function, group = site.function(), site.m.logs.LogGroup(site.stack, "Group")
    pattern = site.m.logs.FilterPattern.all_events()
    site.m.logs.SubscriptionFilter(
        site.stack,
        "Filter",
        log_group=group,
        destination=destinations.LambdaDestination(function),
        filter_pattern=pattern,
    )
    yield service("logs.amazonaws.com", group).does("lambda:InvokeFunction", function)


@flow
def granted_unnamed_role_of_another_region_uses_table(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, uses a named table by the CDK's grant."""
    user = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    table = site.table(table_name="items")
    table.grant_read_write_data(user)
    yield role(user).does("dynamodb:PutItem", table)


@flow
def granted_unnamed_role_of_another_region_writes_stream(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, writes to a named stream by the CDK's grant."""
    kinesis = site.m.kinesis
    user = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    stream = kinesis.Stream(site.stack, "Stream", stream_name="records")
    stream.grant_write(user)
    yield role(user).does("kinesis:PutRecord", stream)


@flow
def granted_unnamed_role_of_another_region_reads_secret(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, reads a named secret by the CDK's grant."""
    user = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    secret = site.m.secretsmanager.Secret(site.stack, "Secret", secret_name="password")
    secret.grant_read(user)
    yield role(user).does("secretsmanager:GetSecretValue", secret)


@flow
def role_uses_replica_of_table(site: Site) -> Iterator[Need]:
    """A role with a hand-written policy uses a TableV2 that has a replica in another region."""
    dynamodb = site.m.dynamodb
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    replica = dynamodb.ReplicaTableProps(region="eu-west-1")
    table = dynamodb.TableV2(site.stack, "Table", partition_key=key, replicas=[replica])
    user = role(site.role("dynamodb:GetItem", "dynamodb:PutItem", on=table.table_arn))

    def replicates(world: World) -> str | None:
        regions = [each.get("Region") for each in resource_of(world, table).get("Replicas", [])]
        return None if "eu-west-1" in regions else f"the table is in {regions} only"

    yield Fact("the replica stays", "Amazon DynamoDB: Global tables", replicates, table)
    yield user.does("dynamodb:PutItem", table)


@flow
def function_gets_secret_of_another_stack(site: Site) -> Iterator[Need]:
    """A function of another stack reads a secret by the CDK's grant."""
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    function = site.function(scope=site.stack_in("App"))
    secret.grant_read(function)
    yield role(function.role).does("secretsmanager:GetSecretValue", secret)


@flow
def function_uses_table_and_stream_of_another_stack(site: Site) -> Iterator[Need]:
    """A function of another stack uses a table and a stream by the CDK's grants."""
    table, stream = site.table(), site.m.kinesis.Stream(site.stack, "Stream")
    function = site.function(scope=site.stack_in("App"))
    table.grant_read_write_data(function)
    stream.grant_read_write(function)
    yield role(function.role).does("dynamodb:PutItem", table)
    yield role(function.role).does("kinesis:GetRecords", stream)
    yield role(function.role).does("kinesis:PutRecord", stream)

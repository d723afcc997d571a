"""Functions, state machines, containers and file systems, with roles that the app can and cannot change."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_stepfunctions_tasks as tasks

from flows.access import Fact, Need, anyone, resource_of, role, service
from flows.catalogue import Site, flow
from flows.world import World


@flow
def function_has_unchangeable_role(site: Site) -> Iterator[Need]:
    """A function runs with a role that the app cannot change."""
    function = site.function(role=site.imported("logs:*"))
    yield _deploys(function)


@flow
def function_has_l1_role(site: Site) -> Iterator[Need]:
    """A CfnFunction runs with an imported role."""
    lambda_ = site.m.lambda_
    function = lambda_.CfnFunction(
        site.stack,
        "Function",
        code=lambda_.CfnFunction.CodeProperty(zip_file="def handler(event, context): pass"),
        role=site.imported("logs:*").role_arn,
        runtime="python3.13",
        handler="index.handler",
    )
    yield _deploys(function)


def _deploys(function: object) -> Fact:
    """The laws judge the rest of a function: its tracing, its dead-letter queue, its place at the edge."""

    def is_there(world: World) -> str | None:
        return None if resource_of(world, function).get("Role") else "the function has no role"

    return Fact("the function deploys", "AWS Lambda: Defining Lambda function permissions", is_there, function)


@flow
def function_with_unchangeable_role_has_dead_letter_queue(site: Site) -> Iterator[Need]:
    """A function whose role may send to one queue only has its dead-letter queue there."""
    dead = site.m.sqs.Queue(site.stack, "Dead")
    function = site.function(role=site.imported("sqs:SendMessage", "logs:*"), dead_letter_queue=dead)
    yield _deploys(function)
    yield site.as_imported().does("sqs:SendMessage", dead)


@flow
def function_has_dead_letter_queue(site: Site) -> Iterator[Need]:
    """A function sends failed events to its dead-letter queue, by the CDK's grant."""
    dead = site.m.sqs.Queue(site.stack, "Dead")
    function = site.function(dead_letter_queue=dead)
    yield role(function.role).does("sqs:SendMessage", dead)


@flow
def function_at_the_edge(site: Site) -> Iterator[Need]:
    """A function runs at the edge of a distribution."""
    cloudfront, function = site.m.cloudfront, site.function()
    edge = cloudfront.EdgeLambda(
        function_version=function.current_version, event_type=cloudfront.LambdaEdgeEventType.VIEWER_REQUEST
    )
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("example.com"), edge_lambdas=[edge])
    cloudfront.Distribution(site.stack, "Web", default_behavior=behavior)
    yield _deploys(function)


@flow
def edge_function_runs(site: Site) -> Iterator[Need]:
    """An EdgeFunction of CloudFront's own module runs at the edge."""
    cloudfront, lambda_ = site.m.cloudfront, site.m.lambda_
    function = cloudfront.experimental.EdgeFunction(
        site.stack,
        "Edge",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): pass"),
    )
    edge = cloudfront.EdgeLambda(
        function_version=function.current_version, event_type=cloudfront.LambdaEdgeEventType.VIEWER_REQUEST
    )
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("example.com"), edge_lambdas=[edge])
    cloudfront.Distribution(site.stack, "Web", default_behavior=behavior)
    yield _deploys(function.lambda_)


@flow
def state_machine_has_unchangeable_role(site: Site) -> Iterator[Need]:
    """A state machine runs with a role that the app cannot change."""
    sfn = site.m.stepfunctions
    body = sfn.DefinitionBody.from_chainable(sfn.Pass(site.stack, "Pass"))
    machine = sfn.StateMachine(site.stack, "Machine", role=site.imported("lambda:*"), definition_body=body)

    def is_there(world: World) -> str | None:
        return None if resource_of(world, machine).get("RoleArn") else "the state machine has no role"

    yield Fact("the state machine deploys", "AWS Step Functions: Logging using CloudWatch Logs", is_there, machine)


@flow
def state_machine_invokes_function(site: Site) -> Iterator[Need]:
    """A state machine with a hand-written role invokes a function."""
    sfn, function = site.m.stepfunctions, site.function()
    task = tasks.LambdaInvoke(site.stack, "Task", lambda_function=function)
    machine = sfn.StateMachine(site.stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(task))
    yield role(machine.role).does("lambda:InvokeFunction", function)


@flow
def queue_feeds_function(site: Site) -> Iterator[Need]:
    """A function consumes a queue by an event source."""
    queue, function = site.m.sqs.Queue(site.stack, "Queue"), site.function()
    function.add_event_source(sources.SqsEventSource(queue))
    yield role(function.role).does("sqs:ReceiveMessage", queue)


@flow
def queue_feeds_function_with_managed_policy(site: Site) -> Iterator[Need]:
    """A function whose role has AWSLambdaSQSQueueExecutionRole consumes a queue by an L1 mapping."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    function = site.function(role=site.managed("service-role/AWSLambdaSQSQueueExecutionRole", by="lambda"))
    site.m.lambda_.CfnEventSourceMapping(
        site.stack, "Source", function_name=function.function_name, event_source_arn=queue.queue_arn
    )
    yield role(function.role).does("sqs:ReceiveMessage", queue)


@flow
def bucket_notifies_function(site: Site) -> Iterator[Need]:
    """A bucket invokes a function."""
    bucket, function = site.m.s3.Bucket(site.stack, "Bucket"), site.function()
    bucket.add_event_notification(site.m.s3.EventType.OBJECT_CREATED, notifications.LambdaDestination(function))
    yield service("s3.amazonaws.com", bucket).does("lambda:InvokeFunction", function)


@flow
def bucket_notifies_function_of_another_stack(site: Site) -> Iterator[Need]:
    """A stack sets the notifications of a bucket that another stack makes, by its name."""
    site.m.s3.Bucket(site.stack_in("Owner"), "Bucket", bucket_name="inbox-of-us")
    s3, function = site.m.s3, site.function()
    bucket = s3.Bucket.from_bucket_name(site.stack, "Inbox", "inbox-of-us")
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.LambdaDestination(function))

    def notified(world: World) -> str | None:
        made = world.find("inbox-of-us", "AWS::S3::Bucket")
        both = made is not None and made.get("NotificationConfiguration")
        return f"{made} has notifications of its own, which overwrite these" if both else None

    page = "Amazon S3 API: PutBucketNotificationConfiguration (replaces the existing configuration)"
    yield Fact("the notification stays", page, notified, function)


@flow
def bucket_with_fixed_name_is_notified_by_another_app(site: Site) -> Iterator[Need]:
    """Another app sets the notifications of a bucket with a fixed name: this app writes none."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket", bucket_name="inbox-of-us")

    def silent(world: World) -> str | None:
        own = resource_of(world, bucket).get("NotificationConfiguration")
        return "the template writes the notifications of the bucket, and removes those set elsewhere" if own else None

    page = "Amazon S3 API: PutBucketNotificationConfiguration (replaces the existing configuration)"
    yield Fact("the template leaves the notifications alone", page, silent, bucket)


@flow
def task_pulls_image(site: Site) -> Iterator[Need]:
    """An ECS task pulls its image by the execution role that the CDK makes."""
    repository = site.m.ecr.Repository(site.stack, "Repository")
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    task.add_container("App", image=ecs.ContainerImage.from_ecr_repository(repository))
    yield role(task.execution_role).does("ecr:BatchGetImage", repository)
    yield role(task.execution_role).does("ecr:GetDownloadUrlForLayer", repository)


@flow
def task_pulls_image_by_managed_policy(site: Site) -> Iterator[Need]:
    """An ECS task pulls by AmazonECSTaskExecutionRolePolicy, and reads a secret by a hand-written policy."""
    repository = site.m.ecr.Repository(site.stack, "Repository")
    secret = site.m.secretsmanager.Secret(site.stack, "Secret")
    execution = site.managed("service-role/AmazonECSTaskExecutionRolePolicy", by="ecs-tasks")
    allowed = iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])
    execution.add_to_policy(allowed)
    ecs.CfnTaskDefinition(site.stack, "Task", execution_role_arn=execution.role_arn)
    yield role(execution).does("ecr:BatchGetImage", repository)
    yield role(execution).does("secretsmanager:GetSecretValue", secret)


@flow
def task_writes_log_group(site: Site) -> Iterator[Need]:
    """An ECS task writes to a log group of the user's."""
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    group = site.m.logs.LogGroup(site.stack, "Group")
    task.add_container(
        "App",
        image=ecs.ContainerImage.from_registry("nginx"),
        logging=ecs.LogDrivers.aws_logs(stream_prefix="app", log_group=group),
    )
    yield role(task.execution_role).does("logs:PutLogEvents", group, ":log-stream:a")


@flow
def clients_mount_file_system(site: Site) -> Iterator[Need]:
    """Clients without IAM authorization mount a file system over a mount target."""
    system = site.m.efs.FileSystem(site.stack, "Files", vpc=site.vpc())
    mounted = {"elasticfilesystem__AccessedViaMountTarget": "true"}
    for action in ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"):
        yield anyone(tls=False).does(action, system, **mounted)


@flow
def function_mounts_file_system(site: Site) -> Iterator[Need]:
    """A function mounts a file system by an access point."""
    vpc = site.vpc()
    system = site.m.efs.FileSystem(site.stack, "Files", vpc=vpc)
    point = system.add_access_point("Point", path="/app", create_acl=_acl(site), posix_user=_user(site))
    function = site.function(vpc=vpc, filesystem=site.m.lambda_.FileSystem.from_efs_access_point(point, "/mnt/app"))
    mounted = {"elasticfilesystem__AccessedViaMountTarget": "true"}
    yield role(function.role).does("elasticfilesystem:ClientMount", system, **mounted)
    yield role(function.role).does("elasticfilesystem:ClientWrite", system, **mounted)


def _acl(site: Site) -> object:
    return site.m.efs.Acl(owner_uid="1000", owner_gid="1000", permissions="750")


def _user(site: Site) -> object:
    return site.m.efs.PosixUser(uid="1000", gid="1000")


@flow
def instance_reads_bucket(site: Site) -> Iterator[Need]:
    """An EC2 instance reads a bucket by the policy added to its role."""
    ec2, bucket = site.m.ec2, site.m.s3.Bucket(site.stack, "Bucket")
    instance = ec2.Instance(
        site.stack,
        "Instance",
        vpc=site.vpc(),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    allowed = iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")])
    instance.add_to_role_policy(allowed)
    yield role(instance.role).does("s3:GetObject", bucket, "/a")


@flow
def rest_api_invokes_function(site: Site) -> Iterator[Need]:
    """A REST API invokes a function that writes to a table by a hand-written policy."""
    table, function = site.table(), site.function()
    site.m.apigateway.LambdaRestApi(site.stack, "Api", handler=function)
    allowed = iam.PolicyStatement(actions=["dynamodb:PutItem"], resources=[table.table_arn])
    function.add_to_role_policy(allowed)
    yield role(function.role).does("dynamodb:PutItem", table)


@flow
def rest_api_sends_to_queue(site: Site) -> Iterator[Need]:
    """A REST API sends to a queue by a role written by hand."""
    apigateway, queue = site.m.apigateway, site.m.sqs.Queue(site.stack, "Queue")
    sender = site.role("sqs:SendMessage", on=queue.queue_arn, by="apigateway")
    api = apigateway.RestApi(site.stack, "Api")
    integration = apigateway.AwsIntegration(
        service="sqs", path="queue", options=apigateway.IntegrationOptions(credentials_role=sender)
    )
    api.root.add_method("POST", integration)
    yield role(sender).does("sqs:SendMessage", queue)


@flow
def function_with_unchangeable_role_has_destinations(site: Site) -> Iterator[Need]:
    """A function whose role the app cannot change sends results to a queue and failures to a topic."""
    queue, topic = site.m.sqs.Queue(site.stack, "Queue"), site.m.sns.Topic(site.stack, "Topic")
    function = site.function(
        role=site.imported("sqs:SendMessage", "sns:Publish", "logs:*"),
        on_success=destinations.SqsDestination(queue),
        on_failure=destinations.SnsDestination(topic),
    )
    yield _deploys(function)
    yield site.as_imported().does("sqs:SendMessage", queue)
    yield site.as_imported().does("sns:Publish", topic)


@flow
def function_has_own_role(site: Site) -> Iterator[Need]:
    """A function runs with a role of the app that has AWSLambdaBasicExecutionRole, and writes its logs."""
    function = site.function(role=site.managed("service-role/AWSLambdaBasicExecutionRole", by="lambda"))
    group = site.m.logs.LogGroup(site.stack, "Group")
    yield _deploys(function)
    yield role(function.role).does("logs:PutLogEvents", group, ":log-stream:a")


@flow
def function_has_mutable_imported_role(site: Site) -> Iterator[Need]:
    """A function runs with an imported role to which the app adds a policy."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    function = site.function(role=site.imported("logs:*", mutable=True))
    bucket.grant_read(function)
    yield _deploys(function)
    yield site.as_imported().does("s3:GetObject", bucket, "/a")

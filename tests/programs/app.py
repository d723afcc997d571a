"""A CDK app that uses every drop-in module with compliant values.

test_drop_in.py runs and type-checks it twice: with the modules of the CDK, and with the drop-in modules.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_backup as backup
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct


class Storage(cdk.Stack):
    """Keys, log groups, buckets, a topic."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(self, "Key", enable_key_rotation=True, alias="app")
        self.group = logs.LogGroup(self, "Group", retention=logs.RetentionDays.TWO_YEARS)
        self.group.add_metric_filter(
            "Errors",
            filter_pattern=logs.FilterPattern.all_terms("ERROR"),
            metric_name="Errors",
            metric_namespace="App",
        )
        self.topic = sns.Topic(self, "Topic", master_key=self.key)
        self.files = s3.Bucket(
            self,
            "Files",
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=cdk.Duration.days(90))],
            cors=[s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["https://example.com"])],
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.files.grant_read_write(role)
        self.key.grant_encrypt_decrypt(role)
        self.imported: s3.IBucket = s3.Bucket.from_bucket_name(self, "Imported", "theirs")


class Streams(cdk.Stack):
    """Tables, a stream, a queue, a secret."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=key,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        self.table.add_global_secondary_index(index_name="other", partition_key=key)
        self.globe = dynamodb.TableV2(
            self, "Globe", partition_key=key, encryption=dynamodb.TableEncryptionV2.aws_managed_key()
        )
        self.stream = kinesis.Stream(self, "Stream", retention_period=cdk.Duration.days(14))
        failed = sqs.Queue(self, "Failed", retention_period=cdk.Duration.days(14))
        self.queue = sqs.Queue(self, "Queue", dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=failed))
        self.secret = secretsmanager.Secret(self, "Secret")
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.table.grant_read_write_data(role)
        self.stream.grant_read(role)
        self.queue.grant_send_messages(role)
        self.secret.grant_read(role)


class Network(cdk.Stack):
    """A VPC, a server in it with a disk, and a bastion host."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self.server = ec2.Instance(
            self,
            "Server",
            vpc=self.vpc,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.M7G, ec2.InstanceSize.LARGE),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(cpu_type=ec2.AmazonLinuxCpuType.ARM_64),
        )
        self.server.user_data.add_commands("echo hello")
        self.disk = ec2.Volume(
            self, "Disk", availability_zone="eu-central-1a", size=cdk.Size.gibibytes(20), encrypted=True
        )
        self.disk.grant_attach_volume(self.server.role)
        self.bastion = ec2.BastionHostLinux(self, "Bastion", vpc=self.vpc)
        self.server.connections.allow_from(self.bastion, ec2.Port.SSH)
        self.files = efs.FileSystem(self, "Files", vpc=self.vpc, encrypted=True)
        self.files.connections.allow_default_port_from(self.server)
        self.balancer = elb.ApplicationLoadBalancer(self, "Web", vpc=self.vpc, internet_facing=True)
        self.balancer.add_redirect()
        self.inner = elb.NetworkLoadBalancer(self, "Inner", vpc=self.vpc, cross_zone_enabled=True)
        self.images = ecr.Repository(self, "Images", image_scan_on_push=True)
        self.images.grant_pull(self.server.role)


class Databases(cdk.Stack):
    """An instance, a replica of it, a cluster, and a proxy."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)
        self.accounts = rds.DatabaseInstance(
            self,
            "Accounts",
            engine=engine,
            vpc=vpc,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.M7G, ec2.InstanceSize.LARGE),
            credentials=rds.Credentials.from_generated_secret("owner"),
            backup_retention=cdk.Duration.days(14),
            parameters={"log_min_duration_statement": "500"},
        )
        self.accounts.add_rotation_single_user()
        self.accounts.connections.allow_default_port_internally()
        self.copy = rds.DatabaseInstanceReadReplica(
            self,
            "Copy",
            source_database_instance=self.accounts,
            instance_type=ec2.InstanceType("m7g.large"),
            vpc=vpc,
        )
        self.restored = rds.DatabaseInstanceFromSnapshot(
            self, "Restored", snapshot_identifier="snapshot", engine=engine, vpc=vpc
        )
        self.events = rds.DatabaseCluster(
            self,
            "Events",
            engine=rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_12_0),
            vpc=vpc,
            writer=rds.ClusterInstance.serverless_v2("Writer"),
            readers=[rds.ClusterInstance.serverless_v2("Reader", scale_with_writer=True)],
        )
        secret = self.accounts.secret
        assert secret is not None
        self.proxy = rds.DatabaseProxy(
            self, "Proxy", proxy_target=rds.ProxyTarget.from_instance(self.accounts), secrets=[secret], vpc=vpc
        )


class Apis(cdk.Stack):
    """A distribution, and an API of every kind."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        handler = lambda_.Function.from_function_name(self, "Handler", "handler")
        self.web = cloudfront.Distribution(
            self,
            "Web",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin("example.com"),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            ),
            additional_behaviors={"/api/*": {"origin": origins.HttpOrigin("api.example.com")}},
        )
        self.web.add_behavior("/more/*", origins.HttpOrigin("more.example.com"), compress=True)
        certificate = acm.Certificate.from_certificate_arn(
            self, "Certificate", "arn:aws:acm:eu-central-1:111111111111:certificate/c"
        )
        self.rest = apigateway.RestApi(
            self,
            "Rest",
            deploy_options=apigateway.StageOptions(stage_name="live", throttling_rate_limit=50),
            domain_name=apigateway.DomainNameOptions(domain_name="a.example.com", certificate=certificate),
        )
        items = self.rest.root.add_resource("items")
        items.add_method("GET", apigateway.LambdaIntegration(handler))
        self.rest.add_domain_name("More", domain_name="b.example.com", certificate=certificate)
        self.alone = apigateway.LambdaRestApi(self, "Alone", handler=handler)
        machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_type=sfn.StateMachineType.EXPRESS,
            definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(self, "Pass")),
        )
        self.steps = apigateway.StepFunctionsRestApi(self, "Steps", state_machine=machine)
        document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {}}
        self.spec = apigateway.SpecRestApi(self, "Spec", api_definition=apigateway.ApiDefinition.from_inline(document))
        self.http = apigatewayv2.HttpApi(self, "Http", api_name="http")
        self.http.add_routes(path="/", integration=integrations.HttpLambdaIntegration("Get", handler))
        self.stage = self.http.add_stage("Beta", stage_name="beta", auto_deploy=True)
        self.sockets = apigatewayv2.WebSocketApi(self, "Sockets")
        self.sockets.add_route("$connect", integration=integrations.WebSocketLambdaIntegration("Connect", handler))
        self.live = apigatewayv2.WebSocketStage(self, "Live", web_socket_api=self.sockets, stage_name="live")
        self.addresses = wafv2.CfnIPSet(
            self, "Office", addresses=["192.0.2.0/24"], ip_address_version="IPV4", scope="REGIONAL"
        )


class Work(cdk.Stack):
    """A function, a state machine that calls it, and a trail."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): pass"),
        )
        self.alias = self.function.add_alias("live")
        self.machine = sfn.StateMachine(
            self, "Machine", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(self, "Pass"))
        )
        self.machine.grant_start_execution(self.function)
        self.trail = cloudtrail.Trail(
            self,
            "Trail",
            bucket=s3.Bucket(self, "TrailFiles"),
            cloud_watch_log_group=logs.LogGroup(self, "TrailEvents"),
            send_to_cloud_watch_logs=True,
        )
        self.trail.log_all_s3_data_events()


class Backups(cdk.Stack):
    """A vault, a plan, and what it selects."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.vault = backup.BackupVault(self, "Vault")
        self.plan = backup.BackupPlan.daily35_day_retention(self, "Plan", self.vault)
        self.plan.add_rule(backup.BackupPlanRule.monthly1_year())
        self.plan.add_selection("Tagged", resources=[backup.BackupResource.from_tag("backup", "yes")])


def build(app: cdk.App) -> None:
    """Create all stacks."""
    Storage(app, "Storage")
    Streams(app, "Streams")
    Network(app, "Network")
    Databases(app, "Databases")
    Apis(app, "Apis")
    Work(app, "Work")
    Backups(app, "Backups")

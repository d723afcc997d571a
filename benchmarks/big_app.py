"""Large apps for the benchmarks: nothing but buckets, and services of 69 types of resources, 400 to a stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk import (
    aws_apigateway,
    aws_apigatewayv2,
    aws_appsync,
    aws_athena,
    aws_backup,
    aws_certificatemanager,
    aws_cloudfront,
    aws_cloudtrail,
    aws_cloudwatch,
    aws_cloudwatch_actions,
    aws_codebuild,
    aws_config,
    aws_dax,
    aws_dms,
    aws_dynamodb,
    aws_ec2,
    aws_ecr,
    aws_ecs,
    aws_efs,
    aws_elasticache,
    aws_elasticloadbalancingv2,
    aws_events,
    aws_events_targets,
    aws_glue,
    aws_guardduty,
    aws_iam,
    aws_kinesis,
    aws_kms,
    aws_lambda,
    aws_logs,
    aws_msk,
    aws_neptune,
    aws_opensearchservice,
    aws_rds,
    aws_redshift,
    aws_route53,
    aws_s3,
    aws_sagemaker,
    aws_secretsmanager,
    aws_securityhub,
    aws_sns,
    aws_sqs,
    aws_ssm,
    aws_stepfunctions,
    aws_transfer,
    aws_wafv2,
)

ARN = "arn:aws:iam::111111111111:role/app"
KEY = "arn:aws:kms:eu-central-1:111111111111:key/0"
PER_STACK = 400
RESOURCES_OF_A_SERVICE = 15

Make = Callable[[cdk.Stack, str, int], Any]


def _policy(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _trusts(service: str) -> dict[str, Any]:
    principal = {"Service": f"{service}.amazonaws.com"}
    return {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}


def _bucket(stack: cdk.Stack, id: str, number: int) -> aws_s3.CfnBucket:
    """Every second one with all that it takes."""
    if number % 2:
        return aws_s3.CfnBucket(stack, id)
    bucket = aws_s3.CfnBucket(
        stack,
        id,
        versioning_configuration={"status": "Enabled"},
        object_lock_enabled=True,
        bucket_encryption={
            "serverSideEncryptionConfiguration": [
                {"serverSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}}
            ]
        },
        public_access_block_configuration={
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        lifecycle_configuration={"rules": [{"status": "Enabled", "expirationInDays": 365}]},
    )
    deny = _policy("s3:*", resource=[bucket.attr_arn, f"{bucket.attr_arn}/*"], Principal="*", Effect="Deny")
    deny["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    aws_s3.CfnBucketPolicy(stack, f"{id}Policy", bucket=bucket.ref, policy_document=deny)
    return bucket


def _role(stack: cdk.Stack, id: str, _: int) -> aws_iam.CfnRole:
    role = aws_iam.CfnRole(stack, id, assume_role_policy_document=_trusts("lambda"))
    document = _policy("s3:GetObject", "s3:PutObject", resource=[f"arn:aws:s3:::data/{id}/*"])
    aws_iam.CfnPolicy(stack, f"{id}Policy", policy_name=id, roles=[role.ref], policy_document=document)
    return role


def _of(kind: Any, **props: Any) -> Make:
    def make(stack: cdk.Stack, id: str, _: int) -> Any:
        return kind(stack, id, **props)

    make.kind = kind  # type: ignore[attr-defined]
    return make


MAKERS: tuple[Make, ...] = (
    _bucket,
    _role,
    _of(aws_apigateway.CfnRestApi, name="api"),
    _of(
        aws_apigateway.CfnStage,
        rest_api_id="api",
        method_settings=[{"httpMethod": "*", "resourcePath": "/*", "loggingLevel": "INFO"}],
    ),
    _of(aws_apigatewayv2.CfnApi, name="api", protocol_type="HTTP"),
    _of(aws_apigatewayv2.CfnStage, api_id="api", stage_name="$default"),
    _of(aws_appsync.CfnGraphQLApi, name="api", authentication_type="AWS_IAM"),
    _of(aws_athena.CfnWorkGroup, name="group"),
    _of(aws_backup.CfnBackupVault, backup_vault_name="vault", encryption_key_arn=KEY),
    _of(aws_certificatemanager.CfnCertificate, domain_name="example.com", validation_method="DNS"),
    _of(
        aws_cloudfront.CfnDistribution,
        distribution_config={
            "enabled": True,
            "defaultCacheBehavior": {"targetOriginId": "o", "viewerProtocolPolicy": "redirect-to-https"},
            "origins": [
                {"id": "o", "domainName": "example.com", "customOriginConfig": {"originProtocolPolicy": "https-only"}}
            ],
        },
    ),
    _of(aws_cloudtrail.CfnTrail, is_logging=True, s3_bucket_name="trail", enable_log_file_validation=True),
    _of(aws_cloudwatch.CfnAlarm, comparison_operator="GreaterThanThreshold", evaluation_periods=1, alarm_actions=[ARN]),
    _of(
        aws_codebuild.CfnProject,
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "computeType": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/standard:7.0",
            "type": "LINUX_CONTAINER",
        },
        service_role=ARN,
        source={"type": "NO_SOURCE"},
    ),
    _of(aws_config.CfnConfigRule, source={"owner": "AWS", "sourceIdentifier": "IAM_PASSWORD_POLICY"}),
    _of(aws_dax.CfnCluster, iam_role_arn=ARN, node_type="dax.r5.large", replication_factor=3),
    _of(aws_dms.CfnReplicationInstance, replication_instance_class="dms.t3.medium", publicly_accessible=False),
    _of(
        aws_dynamodb.CfnTable,
        key_schema=[{"attributeName": "id", "keyType": "HASH"}],
        attribute_definitions=[{"attributeName": "id", "attributeType": "S"}],
        point_in_time_recovery_specification={"pointInTimeRecoveryEnabled": True},
        tags=[cdk.CfnTag(key="soc2:backup", value="true")],
    ),
    _of(aws_ec2.CfnInstance, image_id="ami-1", subnet_id="subnet-1", monitoring=True),
    _of(aws_ec2.CfnLaunchTemplate, launch_template_data={"imageId": "ami-1"}),
    _of(
        aws_ec2.CfnSecurityGroup,
        group_description="web",
        vpc_id="vpc-1",
        security_group_ingress=[{"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIp": "0.0.0.0/0"}],
    ),
    _of(
        aws_ec2.CfnSecurityGroupIngress,
        group_id="sg-1",
        ip_protocol="tcp",
        from_port=22,
        to_port=22,
        cidr_ip="10.0.0.0/8",
    ),
    _of(aws_ec2.CfnSubnet, vpc_id="vpc-1", cidr_block="10.0.0.0/24"),
    _of(aws_ec2.CfnVPC, cidr_block="10.0.0.0/16"),
    _of(aws_ec2.CfnVolume, availability_zone="eu-central-1a", size=10, encrypted=True),
    _of(
        aws_ec2.CfnNetworkAclEntry,
        network_acl_id="acl-1",
        protocol=6,
        rule_action="allow",
        rule_number=1,
        cidr_block="10.0.0.0/8",
    ),
    _of(aws_ec2.CfnFlowLog, resource_id="vpc-1", resource_type="VPC", traffic_type="ALL"),
    _of(aws_ec2.CfnTransitGateway),
    _of(aws_ec2.CfnEIP, domain="vpc"),
    _of(aws_ecr.CfnRepository, image_scanning_configuration={"scanOnPush": True}),
    _of(
        aws_ecs.CfnTaskDefinition,
        container_definitions=[{"name": "app", "image": "app", "logConfiguration": {"logDriver": "awslogs"}}],
    ),
    _of(aws_efs.CfnFileSystem, encrypted=True),
    _of(
        aws_elasticache.CfnReplicationGroup,
        replication_group_description="cache",
        transit_encryption_enabled=True,
        snapshot_retention_limit=15,
    ),
    _of(aws_elasticloadbalancingv2.CfnLoadBalancer, scheme="internal", type="application"),
    _of(
        aws_elasticloadbalancingv2.CfnListener,
        load_balancer_arn="arn",
        default_actions=[{"type": "forward"}],
        protocol="HTTPS",
    ),
    _of(aws_events.CfnRule, event_pattern={"source": ["aws.backup"]}),
    _of(aws_glue.CfnJob, command={"name": "glueetl"}, role=ARN),
    _of(aws_glue.CfnSecurityConfiguration, name="s", encryption_configuration={}),
    _of(aws_guardduty.CfnDetector, enable=True),
    _of(aws_iam.CfnManagedPolicy, policy_document=_policy("sqs:SendMessage"), roles=["app"]),
    _of(aws_iam.CfnGroup),
    _of(aws_iam.CfnUser, groups=["developers"]),
    _of(aws_kinesis.CfnStream, shard_count=1, stream_encryption={"encryptionType": "KMS", "keyId": KEY}),
    _of(
        aws_kms.CfnKey,
        enable_key_rotation=True,
        key_policy=_policy("kms:*", Principal={"AWS": "arn:aws:iam::111111111111:root"}),
    ),
    _of(
        aws_lambda.CfnFunction,
        code={"zipFile": "x"},
        role=ARN,
        runtime="python3.13",
        handler="index.handler",
        reserved_concurrent_executions=10,
    ),
    _of(aws_lambda.CfnPermission, action="lambda:InvokeFunction", function_name="f", principal="events.amazonaws.com"),
    _of(aws_logs.CfnLogGroup, retention_in_days=365, kms_key_id=KEY),
    _of(
        aws_logs.CfnMetricFilter,
        filter_pattern="ERROR",
        log_group_name="g",
        metric_transformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
    ),
    _of(
        aws_msk.CfnCluster,
        broker_node_group_info={"clientSubnets": ["a", "b"], "instanceType": "kafka.m5.large"},
        cluster_name="c",
        kafka_version="3.6.0",
        number_of_broker_nodes=2,
    ),
    _of(aws_neptune.CfnDBCluster, copy_tags_to_snapshot=True, storage_encrypted=True),
    _of(aws_opensearchservice.CfnDomain, encryption_at_rest_options={"enabled": True}),
    _of(
        aws_rds.CfnDBInstance,
        engine="postgres",
        db_instance_class="db.t3.medium",
        storage_encrypted=True,
        publicly_accessible=False,
        deletion_protection=True,
        backup_retention_period=35,
        enable_cloudwatch_logs_exports=["postgresql", "upgrade"],
    ),
    _of(
        aws_rds.CfnDBCluster,
        engine="aurora-postgresql",
        storage_encrypted=True,
        kms_key_id=KEY,
        deletion_protection=True,
    ),
    _of(
        aws_redshift.CfnCluster,
        cluster_type="multi-node",
        db_name="d",
        master_username="u",
        node_type="ra3.large",
        encrypted=True,
        publicly_accessible=False,
    ),
    _of(aws_route53.CfnHostedZone, name="example.com"),
    _of(
        aws_sagemaker.CfnNotebookInstance,
        instance_type="ml.t3.medium",
        role_arn=ARN,
        kms_key_id=KEY,
        direct_internet_access="Disabled",
    ),
    _of(aws_secretsmanager.CfnSecret, kms_key_id=KEY),
    _of(aws_securityhub.CfnHub),
    _of(aws_sns.CfnTopic, kms_master_key_id=KEY),
    _of(aws_sqs.CfnQueue, kms_master_key_id=KEY),
    _of(aws_ssm.CfnParameter, type="String", value="x"),
    _of(aws_stepfunctions.CfnStateMachine, role_arn=ARN, definition_string="{}"),
    _of(aws_transfer.CfnServer, protocols=["SFTP"]),
    _of(
        aws_wafv2.CfnWebACL,
        default_action={"allow": {}},
        scope="REGIONAL",
        visibility_config={"cloudWatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True},
    ),
    _of(aws_wafv2.CfnWebACLAssociation, resource_arn="arn", web_acl_arn="arn"),
)


def _service(stack: cdk.Stack, id: str, *, careful: bool) -> None:
    """What a service of a product is made of, by the constructs that teams write; every second team takes care."""
    key = aws_kms.Key(stack, f"{id}Key", enable_key_rotation=careful)
    bucket = aws_s3.Bucket(
        stack,
        f"{id}Files",
        versioned=careful,
        enforce_ssl=careful,
        encryption=aws_s3.BucketEncryption.KMS,
        encryption_key=key,
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
    )
    table = aws_dynamodb.TableV2(
        stack,
        f"{id}Table",
        partition_key=aws_dynamodb.Attribute(name="id", type=aws_dynamodb.AttributeType.STRING),
        encryption=aws_dynamodb.TableEncryptionV2.customer_managed_key(key),
        point_in_time_recovery_specification={"point_in_time_recovery_enabled": careful},
    )
    lost = aws_sqs.Queue(stack, f"{id}Lost", enforce_ssl=True, encryption_master_key=key)
    queue = aws_sqs.Queue(
        stack,
        f"{id}Queue",
        enforce_ssl=True,
        encryption_master_key=key,
        dead_letter_queue=aws_sqs.DeadLetterQueue(queue=lost, max_receive_count=3),
    )
    topic = aws_sns.Topic(stack, f"{id}Alerts", master_key=key if careful else None)
    retention = aws_logs.RetentionDays.ONE_YEAR if careful else aws_logs.RetentionDays.ONE_WEEK
    function = aws_lambda.Function(
        stack,
        f"{id}Function",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): pass"),
        environment={"TABLE": table.table_name, "QUEUE": queue.queue_url, "BUCKET": bucket.bucket_name},
        log_group=aws_logs.LogGroup(stack, f"{id}Logs", retention=retention, encryption_key=key),
        tracing=aws_lambda.Tracing.ACTIVE,
    )
    bucket.grant_read_write(function)
    table.grant_read_write_data(function)
    queue.grant_send_messages(function)
    topic.grant_publish(function)
    alarm = function.metric_errors().create_alarm(stack, f"{id}Errors", evaluation_periods=1, threshold=1)
    if careful:
        alarm.add_alarm_action(aws_cloudwatch_actions.SnsAction(topic))
    aws_events.Rule(
        stack,
        f"{id}Nightly",
        schedule=aws_events.Schedule.rate(cdk.Duration.days(1)),
        targets=[aws_events_targets.LambdaFunction(function)],
    )


#: What an account has one of.
ONCE = (aws_cloudtrail.CfnTrail, aws_guardduty.CfnDetector, aws_securityhub.CfnHub)


def buckets(app: cdk.App, resources: int) -> None:
    """So many resources, 2,000 to a stack: buckets, and the policy of each that demands TLS."""
    for first in range(0, resources, 2000):
        stack = cdk.Stack(app, f"Stack{first // 2000}")
        for number in range(min(2000, resources - first) // 2):
            aws_s3.Bucket(stack, f"Bucket{number}", enforce_ssl=True)


def services(app: cdk.App, resources: int) -> None:
    """About so many resources, in stacks as products have them: each type once, and services as they fit."""
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    for first in range(0, resources, PER_STACK):
        stack = cdk.Stack(app, f"Stack{first // PER_STACK}", env=env)
        for number, make in enumerate(MAKERS):
            if not first or getattr(make, "kind", None) not in ONCE:
                make(stack, f"R{number}", number)
        for number in range((min(PER_STACK, resources - first) - len(MAKERS)) // RESOURCES_OF_A_SERVICE):
            _service(stack, f"Service{number}", careful=number % 2 == 0)

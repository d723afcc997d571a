"""The edits that make the apps in `tests/apps` compliant: pairs of a line and its replacement.

`FIXES` are complete without `soc2.enforce(app)`: they also create the keys, log groups and buckets that a fix only
mentions. `DECISIONS` are the edits that remain with it.
"""

from __future__ import annotations

from collections.abc import Iterable

Edit = tuple[str, str]

_SELECTED = "plan.add_selection("
#: For each control that the apps fail, the edits. The fix of the control contains each of them literally.
TYPED: dict[str, tuple[str, ...]] = {
    "apigateway_method_authorization": (
        "default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)",
    ),
    "apigateway_stage_logging_enabled": (
        "deploy_options=apigateway.StageOptions(",
        "logging_level=apigateway.MethodLoggingLevel.INFO",
        "access_log_destination=apigateway.LogGroupLogDestination(log_group)",
        "cloud_watch_role=True",
    ),
    "backup_plan_region_configured": ('plan = backup.BackupPlan(self, "Plan")', "plan.add_tagged()"),
    "cloudfront_distribution_logging_enabled": ("enable_logging=True", "log_bucket"),
    "cloudtrail_s3_logging_enabled": ("bucket=bucket", "server_access_logs_bucket=log_bucket"),
    "cloudtrail_trail_integrated_with_logs": ("send_to_cloud_watch_logs=True", "cloud_watch_log_group=log_group"),
    "cloudwatch_alarm_action_enabled": ("alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))",),
    "cloudwatch_log_group_retention_period_365": ("retention=logs.RetentionDays.ONE_YEAR",),
    "dynamodb_table_in_backup_plan": (_SELECTED, "backup.BackupResource.from_construct(table)"),
    "dynamodb_table_point_in_time_recovery_enabled": (
        "point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(",
        "point_in_time_recovery_enabled=True",
    ),
    "ebs_snapshot_encryption_enabled": ("encrypted=True",),
    "ebs_volume_encryption_at_rest_enabled": ("encrypted=True",),
    "ebs_volume_in_backup_plan": (_SELECTED, "backup.BackupResource.from_construct(volume)"),
    "ec2_instance_not_publicly_accessible": (
        "vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)",
    ),
    "ec2_instance_uses_imdsv2": ("require_imdsv2=True",),
    "ecr_repository_image_scan_on_push_enabled": ("image_scan_on_push=True",),
    "efs_file_system_in_backup_plan": ("enable_automatic_backups=True",),
    "elasticache_redis_cluster_automatic_backup_retention_15_days": ("snapshot_retention_limit=15",),
    "elasticache_replication_group_encryption_at_rest_enabled": ("at_rest_encryption_enabled=True",),
    "elasticache_replication_group_encryption_in_transit_enabled": ("transit_encryption_enabled=True",),
    "elb_application_classic_lb_logging_enabled": ("balancer.log_access_logs(bucket)",),
    "elb_application_lb_drop_http_headers": (
        'service.load_balancer.set_attribute("routing.http.drop_invalid_header_fields.enabled", "true")',
    ),
    "elb_application_lb_redirect_http_request_to_https": ("certificate=certificate", "redirect_http=True"),
    "elb_application_lb_waf_enabled": (
        'wafv2.CfnWebACLAssociation(self, "Waf", resource_arn=balancer.load_balancer_arn, '
        "web_acl_arn=acl.web_acl.attr_arn)",
    ),
    "gatewayv2_route_authorization_configured": ("default_authorizer=HttpIamAuthorizer()",),
    "gatewayv2_stage_access_logging_enabled": (
        "api.default_stage.node.default_child.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty("
        'destination_arn=log_group.log_group_arn, format="$context.requestId',
    ),
    "kinesis_stream_encrypted_with_kms_cmk": ("encryption=kinesis.StreamEncryption.KMS", "encryption_key=key"),
    "log_group_encryption_at_rest_enabled": ("encryption_key=key", "log_group=log_group"),
    "rds_db_cluster_aurora_mysql_audit_logging_enabled": (
        'cloudwatch_logs_exports=["audit"]',
        'parameters={"server_audit_logging": "1", "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL"}',
    ),
    "rds_db_cluster_aurora_protected_by_backup_plan": (_SELECTED, "backup.BackupResource.from_construct(cluster)"),
    "rds_db_cluster_encrypted_with_cmk": ("storage_encryption_key=key",),
    "rds_db_cluster_encryption_at_rest_enabled": ("storage_encrypted=True",),
    "rds_db_instance_cloudwatch_logs_enabled": ('cloudwatch_logs_exports=["postgresql"',),
    "rds_db_instance_deletion_protection_enabled": ("deletion_protection=True",),
    "rds_db_instance_encryption_at_rest_enabled": ("storage_encrypted=True",),
    "rds_db_instance_in_backup_plan": (_SELECTED, "backup.BackupResource.from_construct(instance)"),
    "rds_db_instance_logging_enabled": ('cloudwatch_logs_exports=["postgresql", "upgrade"]',),
    "rds_db_instance_postgres_logging_enabled": ('cloudwatch_logs_exports=["postgresql", "upgrade"]',),
    "rds_db_snapshot_encrypted_at_rest": ("storage_encrypted=True",),
    "s3_bucket_default_encryption_enabled": ("encryption=s3.BucketEncryption.KMS",),
    "s3_bucket_default_encryption_enabled_kms": ("encryption=s3.BucketEncryption.KMS", "encryption_key=key"),
    "s3_bucket_enforces_ssl": ("enforce_ssl=True",),
    "s3_bucket_logging_enabled": ("server_access_logs_bucket=log_bucket",),
    "s3_bucket_versioning_enabled": ("versioned=True",),
    "s3_public_access_block_bucket": ("block_public_access=s3.BlockPublicAccess.BLOCK_ALL",),
    "secretsmanager_secret_automatic_rotation_enabled": (
        "database.add_rotation_single_user(",
        'secret.add_rotation_schedule("Rotation", rotation_lambda=function)',
    ),
    "sfn_state_machine_logging_enabled": (
        "logs=stepfunctions.LogOptions(destination=log_group, level=stepfunctions.LogLevel.ALL)",
    ),
    "sns_topic_encrypted_at_rest": (
        "master_key=key",
        'key.grant(iam.ServicePrincipal("cloudwatch.amazonaws.com"), "kms:Decrypt", "kms:GenerateDataKey*")',
    ),
    "vpc_flow_logs_enabled": (
        'vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group))',
    ),
    "vpc_security_group_restrict_ingress_public_ports": (
        'group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port',
    ),
    "vpc_security_group_restrict_ingress_ssh_all": (
        'group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port.SSH)',
        'bastion.allow_ssh_access_from(ec2.Peer.ipv4("203.0.113.0/24"))',
    ),
}

_KEY = """
        key = kms.Key(self, "DataKey", enable_key_rotation=True)
        key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{cdk.Stack.of(self).region}.amazonaws.com"))
"""
_LOGS = """
        log_group = logs.LogGroup(self, "Logs", encryption_key=key, retention=logs.RetentionDays.ONE_YEAR)
"""
_LOG_BUCKET = """
        log_bucket = s3.Bucket(
            self,
            "LogBucket",
            versioned=True,
            enforce_ssl=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
        )
        bucket = log_bucket
"""
_PLAN = """
        plan = backup.BackupPlan(self, "Plan")
        plan.add_tagged()
"""
_SAFE_BUCKET = """
            versioned=True,
            enforce_ssl=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            server_access_logs_bucket=log_bucket,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
"""
_FLOW_LOG = """
        vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group))
"""
_FLOW_LOG_OF_SELF = f"        vpc = self.vpc{_FLOW_LOG}"
_SELECT = """
        plan.add_selection("{0}", resources=[backup.BackupResource.from_construct({0})])
"""


def _imports(*modules: str) -> Edit:
    """The modules that the edits need beside the app's own."""
    line = "from constructs import Construct\n"
    return line, line + "".join(f"{module}\n" for module in modules)


# Decisions that are the same edits, whether or not the rest is typed by hand.
_AUTHORIZER = "from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer"
_IAM_METHODS = "default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)"
_IAM_ROUTES = (
    '            "StatusApi",\n',
    '            "StatusApi",\n            default_authorizer=HttpIamAuthorizer(),\n',
)
_A_YEAR = "retention=logs.RetentionDays.ONE_YEAR,"
_CERTIFICATE = (
    "        service = ecs_patterns.",
    """
        arn = "arn:aws:acm:eu-central-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", arn)
        service = ecs_patterns.""",
)
_HTTPS = (
    "            public_load_balancer=True,\n",
    """
            public_load_balancer=True,
            certificate=certificate,
            redirect_http=True,
""",
)
_WAF = """
        acl = WebAcl(self, "WebAcl")
        balancer = service.load_balancer
        wafv2.CfnWebACLAssociation(
            self, "Waf", resource_arn=balancer.load_balancer_arn, web_acl_arn=acl.web_acl.attr_arn
        )
"""
_AUDITED = """
            parameters={"server_audit_logging": "1", "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL"},
"""
#: The function that sets a new password has to reach Secrets Manager, which it does not from an isolated subnet.
_PASSWORDS = """
        for database in (self.accounts, self.orders):
            database.add_rotation_single_user(
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
            )
"""
_PARTNER = (
    "        peer = ec2.Peer",
    """
        function, secret = worker, partner
        secret.add_rotation_schedule("Rotation", rotation_lambda=function)
        peer = ec2.Peer""",
)
_REDIS = (
    "            automatic_failover_enabled=True,\n",
    """
            automatic_failover_enabled=True,
            snapshot_retention_limit=15,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
""",
)
_REDIS_GROUP = '        self.redis_group = ec2.SecurityGroup(self, "RedisGroup"'
_PRIVATE = "            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),\n"
_SSH = (
    (
        "bastion.allow_ssh_access_from(ec2.Peer.any_ipv4())",
        'bastion.allow_ssh_access_from(ec2.Peer.ipv4("203.0.113.0/24"))',
    ),
    (
        'web_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22), "allow ssh access from the world")\n',
        'group = web_group\n        group.add_ingress_rule(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Port.SSH)\n',
    ),
)
_ALARM = (
    (
        '        cloudwatch.Alarm(\n            self,\n            "StatusCheck"',
        '        alarm = cloudwatch.Alarm(\n            self,\n            "StatusCheck"',
    ),
    (
        "        events = kinesis.Stream(",
        "        alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))\n        events = kinesis.Stream(",
    ),
)

_IAM = "from aws_cdk import aws_iam as iam"
_KMS = "from aws_cdk import aws_kms as kms"
_LOGGING = "from aws_cdk import aws_logs as logs"
_S3 = "from aws_cdk import aws_s3 as s3"
_BACKUP = "from soc2_constructs import aws_backup as backup"

FIXES: dict[str, tuple[Edit, ...]] = {
    "static_site": (
        _imports(_IAM, _KMS, _BACKUP),
        ("            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,\n", _SAFE_BUCKET),
        (
            '        host = f"{subdomain}.{zone.zone_name}"\n',
            f'        host = f"{{subdomain}}.{{zone.zone_name}}"\n{_KEY}{_LOG_BUCKET}{_PLAN}',
        ),
        (
            "            domain_names=[host],\n",
            "            domain_names=[host],\n            enable_logging=True,\n            log_bucket=log_bucket,\n",
        ),
    ),
    "serverless_api": (
        _imports(_IAM, _KMS, _LOGGING, _BACKUP, "from aws_cdk import aws_stepfunctions as stepfunctions", _AUTHORIZER),
        _IAM_ROUTES,
        (
            "        self.table = dynamodb.Table(",
            f"{_KEY}{_LOGS}{_PLAN}        self.log_group = log_group\n        self.table = table = dynamodb.Table(",
        ),
        (
            "            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,\n",
            """
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
""",
        ),
        (
            "        failed = sqs.Queue(",
            f"{_SELECT.format('table')}        failed = sqs.Queue(",
        ),
        (
            'rest_api_name="Orders Service")',
            f"""rest_api_name="Orders Service", cloud_watch_role=True, {_IAM_METHODS},
            deploy_options=apigateway.StageOptions(
                logging_level=apigateway.MethodLoggingLevel.INFO,
                access_log_destination=apigateway.LogGroupLogDestination(log_group),
            ),
        )""",
        ),
        (
            '        report = self.function("DailyReport"',
            """
        api = http_api
        api.default_stage.node.default_child.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format="$context.requestId $context.status"
        )
        report = self.function("DailyReport\"""",
        ),
        (
            "            timeout=cdk.Duration.hours(1),\n",
            """
            timeout=cdk.Duration.hours(1),
            logs=stepfunctions.LogOptions(destination=log_group, level=stepfunctions.LogLevel.ALL),
""",
        ),
        ("            timeout=timeout,\n", "            timeout=timeout,\n            log_group=self.log_group,\n"),
    ),
    "ecs_service": (
        _imports(
            _IAM,
            _KMS,
            _BACKUP,
            "from aws_cdk import aws_certificatemanager as acm",
            "from aws_cdk import aws_wafv2 as wafv2",
            "from soc2_constructs.aws_wafv2 import WebAcl",
        ),
        (
            '        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)\n',
            f'        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)\n{_KEY}{_LOGS}{_FLOW_LOG_OF_SELF}',
        ),
        ("        cluster = ecs.Cluster(", f"{_KEY}{_LOG_BUCKET}{_PLAN}        cluster = ecs.Cluster("),
        ('repository_name="web")', 'repository_name="web", image_scan_on_push=True)'),
        ('s3.Bucket(self, "Uploads")', f's3.Bucket(self, "Uploads",{_SAFE_BUCKET})'),
        (
            "            retention=logs.RetentionDays.ONE_WEEK,\n",
            f"            {_A_YEAR}\n            encryption_key=key,\n",
        ),
        _CERTIFICATE,
        _HTTPS,
        (
            "        scaling = service.",
            f"""{_WAF}
        balancer.log_access_logs(bucket)
        service.load_balancer.set_attribute("routing.http.drop_invalid_header_fields.enabled", "true")
        scaling = service.""",
        ),
    ),
    "rds_app": (
        _imports(_IAM, _KMS, _LOGGING, _BACKUP),
        (
            "        self.accounts = rds.DatabaseInstance(",
            f"{_KEY}{_LOGS}{_FLOW_LOG_OF_SELF}{_PLAN}        self.accounts = instance = rds.DatabaseInstance(",
        ),
        ("        self.orders = rds.DatabaseCluster(", "        self.orders = cluster = rds.DatabaseCluster("),
        (
            '            database_name="accounts",\n',
            """
            database_name="accounts",
            deletion_protection=True,
            storage_encrypted=True,
            cloudwatch_logs_exports=["postgresql", "upgrade"],
""",
        ),
        (
            '            default_database_name="orders",\n',
            f"""
            default_database_name="orders",
            deletion_protection=True,
            storage_encrypted=True,
            storage_encryption_key=key,
            cloudwatch_logs_exports=["audit"],{_AUDITED}""",
        ),
        (_REDIS_GROUP, f"{_PASSWORDS}{_SELECT.format('instance')}{_SELECT.format('cluster')}{_REDIS_GROUP}"),
        _REDIS,
        ('efs.FileSystem(self, "Files"', 'efs.FileSystem(self, "Files", enable_automatic_backups=True'),
        ("        worker = lambda_.Function(", f"{_KEY}{_LOGS}        worker = lambda_.Function("),
        ("            memory_size=512,\n", "            memory_size=512,\n            log_group=log_group,\n"),
        _PARTNER,
    ),
    "vpc_bastion": (
        _imports(_KMS, _LOGGING, _S3, _BACKUP),
        (
            "        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)\n",
            f"{_KEY}{_LOGS}{_LOG_BUCKET}{_FLOW_LOG}{_PLAN}",
        ),
        (
            'ec2.BastionHostLinux(self, "Bastion", vpc=vpc, subnet_selection=public)',
            'ec2.BastionHostLinux(self, "Bastion", vpc=vpc, require_imdsv2=True)',
        ),
        *_SSH,
        ("            vpc_subnets=public,\n", f"{_PRIVATE}            require_imdsv2=True,\n"),
        ("        disk = ec2.Volume(", "        disk = volume = ec2.Volume("),
        (
            "            volume_type=ec2.EbsDeviceVolumeType.GP3,\n",
            "            volume_type=ec2.EbsDeviceVolumeType.GP3,\n            encrypted=True,\n",
        ),
        (
            '        topic = sns.Topic(self, "Alerts", display_name="Alerts")\n',
            f"""{_SELECT.format("volume")}
        key.grant(iam.ServicePrincipal("cloudwatch.amazonaws.com"), "kms:Decrypt", "kms:GenerateDataKey*")
        topic = sns.Topic(self, "Alerts", display_name="Alerts", master_key=key)
""",
        ),
        *_ALARM,
        (
            'self, "Events", shard_count=1)\n',
            'self, "Events", shard_count=1, encryption=kinesis.StreamEncryption.KMS, encryption_key=key)\n',
        ),
        (
            '        cloudtrail.Trail(self, "Trail")\n',
            f"""
        key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudtrail.amazonaws.com"))
        bucket = s3.Bucket(
            self,
            "TrailBucket",{_SAFE_BUCKET})
        cloudtrail.Trail(
            self,
            "Trail",
            bucket=bucket,
            encryption_key=key,
            send_to_cloud_watch_logs=True,
            cloud_watch_log_group=log_group,
        )
""",
        ),
    ),
}


_START = "    app = cdk.App()\n"
_BACKED_UP = (
    "    app.synth()\n",
    """
    stack = next(each for each in app.node.children if isinstance(each, cdk.Stack))
    patterns.BackupPolicy(stack, "Backup")
    app.synth()
""",
)


def _enforced(arguments: str = "") -> tuple[Edit, ...]:
    """The one line, with what it imports."""
    return (
        _imports("import soc2_constructs as soc2", "from soc2_constructs import patterns"),
        (_START, f"{_START}    soc2.enforce(app{arguments})\n"),
    )


#: What is done to an app: the one line first, and then each decision of its team, in a few words, with its edits.
DECISIONS: dict[str, dict[str, tuple[Edit, ...]]] = {
    "static_site": {
        "": _enforced(),
        "a backup plan": (_BACKED_UP,),
    },
    "serverless_api": {
        "": _enforced(),
        "a backup plan": (_BACKED_UP,),
        "IAM authorization of both APIs": (
            _imports(_AUTHORIZER),
            _IAM_ROUTES,
            ('rest_api_name="Orders Service")', f'rest_api_name="Orders Service", {_IAM_METHODS})'),
        ),
    },
    "ecs_service": {
        "": _enforced(),
        "a backup plan": (_BACKED_UP,),
        "log retention of a year instead of a week": (("retention=logs.RetentionDays.ONE_WEEK,", _A_YEAR),),
        "HTTPS with a certificate": (
            _imports("from aws_cdk import aws_certificatemanager as acm"),
            _CERTIFICATE,
            _HTTPS,
        ),
        "a web ACL": (
            _imports("from aws_cdk import aws_wafv2 as wafv2", "from soc2_constructs.aws_wafv2 import WebAcl"),
            ("        scaling = service.", f"{_WAF}        scaling = service."),
        ),
    },
    "rds_app": {
        "": _enforced(),
        "a backup plan": (_BACKED_UP,),
        "encryption, since the app is not deployed yet": (
            ("soc2.enforce(app)", 'soc2.enforce(app, allow_replacement=["Data/Accounts", "Data/Orders"])'),
        ),
        "password rotation": ((_REDIS_GROUP, _PASSWORDS + _REDIS_GROUP), _PARTNER),
        "backups, encryption and TLS of the cache": (_REDIS,),
        "an audit log of the database, which requires a restart": (
            ('            default_database_name="orders",\n', f'            default_database_name="orders",{_AUDITED}'),
        ),
    },
    "vpc_bastion": {
        "": _enforced(),
        "a backup plan": (_BACKED_UP,),
        "encryption, since the app is not deployed yet": (
            ("soc2.enforce(app)", 'soc2.enforce(app, allow_replacement=["Bastion/Disk"])'),
        ),
        "the source of SSH connections": _SSH,
        "no server in a public subnet": (
            ("        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)\n", ""),
            (", subnet_selection=public)", ")"),
            ("            vpc_subnets=public,\n", _PRIVATE),
        ),
        "the recipient of an alarm": _ALARM,
    },
}


def fixed(name: str, text: str) -> str:
    """The text of an app after all that is typed by hand."""
    return _edited(name, text, FIXES[name])


def decided(name: str, text: str, *, decisions: bool = True) -> str:
    """The text of an app after the one line, and after the decisions.

    Without them it is the one line alone.
    """
    edits = DECISIONS[name]
    for each in edits if decisions else [""]:
        text = _edited(name, text, edits[each])
    return text


def _edited(name: str, text: str, edits: Iterable[Edit]) -> str:
    """The text after some edits.

    Raises:
        ValueError: an edit does not find its line, or finds several.
    """
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{name} holds {text.count(old)} times: {old}")
        text = text.replace(old, new)
    return text

"""Resource policies: other accounts, the organization, services, websites and public readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam

from flows.access import Fact, Need, account, anyone, origin_access_identity, resource_of, role, service
from flows.catalogue import Site, flow
from flows.world import ORGANIZATION, World

OTHER = "222222222222"
ORG = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


def allow(principal: Any, *actions: str, on: Any, **conditions: Any) -> iam.PolicyStatement:
    resources = on if isinstance(on, list) else [on]
    return iam.PolicyStatement(principals=[principal], actions=[*actions], resources=resources, **conditions)


@flow
def other_account_reads_bucket(site: Site) -> Iterator[Need]:
    """A bucket policy lets another account read and write."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    objects = bucket.arn_for_objects("*")
    bucket.add_to_resource_policy(allow(iam.AccountPrincipal(OTHER), "s3:GetObject", "s3:PutObject", on=objects))
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")
    yield account(OTHER, "s3:*", "kms:*").does("s3:PutObject", bucket, "/a")


@flow
def other_role_reads_bucket(site: Site) -> Iterator[Need]:
    """A bucket policy lets a role of another account read."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    principal = iam.ArnPrincipal(f"arn:aws:iam::{OTHER}:role/reader")
    bucket.add_to_resource_policy(allow(principal, "s3:GetObject", on=bucket.arn_for_objects("*")))
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def bucket_grants_other_account(site: Site) -> Iterator[Need]:
    """`grant_read` to another account."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    bucket.grant_read(iam.AccountPrincipal(OTHER))
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def organization_reads_bucket(site: Site) -> Iterator[Need]:
    """A bucket policy lets the accounts of the organization read."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    bucket.add_to_resource_policy(
        allow(iam.OrganizationPrincipal(ORGANIZATION), "s3:GetObject", on=bucket.arn_for_objects("*"))
    )
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def l1_bucket_policy_shares_bucket(site: Site) -> Iterator[Need]:
    """A CfnBucketPolicy lets another account read a Bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    document = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Action": "s3:GetObject",
                "Resource": f"{bucket.bucket_arn}/*",
            }
        ]
    }
    site.m.s3.CfnBucketPolicy(site.stack, "Policy", bucket=bucket.bucket_name, policy_document=document)
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def own_bucket_policy_shares_bucket(site: Site) -> Iterator[Need]:
    """A BucketPolicy of the user's lets another account read a Bucket."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    policy = site.m.s3.BucketPolicy(site.stack, "Policy", bucket=bucket)
    policy.document.add_statements(allow(iam.AccountPrincipal(OTHER), "s3:GetObject", on=bucket.arn_for_objects("*")))
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def l1_bucket_with_l1_policy(site: Site) -> Iterator[Need]:
    """A CfnBucket whose CfnBucketPolicy lets another account read."""
    bucket = site.m.s3.CfnBucket(site.stack, "Bucket")
    document = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": OTHER},
                "Action": "s3:GetObject",
                "Resource": f"{bucket.attr_arn}/*",
            }
        ]
    }
    site.m.s3.CfnBucketPolicy(site.stack, "Policy", bucket=bucket.ref, policy_document=document)
    yield account(OTHER, "s3:*", "kms:*").does("s3:GetObject", bucket, "/a")


@flow
def other_account_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A topic policy lets another account publish."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(allow(iam.AccountPrincipal(OTHER), "sns:Publish", on=topic.topic_arn))
    yield account(OTHER, "sns:*", "kms:*").does("sns:Publish", topic)


@flow
def organization_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A topic policy lets the organization publish."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(
        allow(iam.StarPrincipal(), "sns:Publish", on=topic.topic_arn, conditions=ORG),
    )
    yield account(OTHER, "sns:*", "kms:*").does("sns:Publish", topic)


@flow
def own_topic_policy_lets_service_publish(site: Site) -> Iterator[Need]:
    """A TopicPolicy of the user's lets CodeStar notifications publish."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    policy = site.m.sns.TopicPolicy(site.stack, "Policy", topics=[topic])
    principal = iam.ServicePrincipal("codestar-notifications.amazonaws.com")
    policy.document.add_statements(allow(principal, "sns:Publish", on=topic.topic_arn))
    yield service("codestar-notifications.amazonaws.com").does("sns:Publish", topic)


@flow
def l1_topic_policy_lets_account_publish(site: Site) -> Iterator[Need]:
    """A CfnTopicPolicy lets another account publish to a Topic."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    document = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sns:Publish", "Resource": topic.topic_arn}
        ]
    }
    site.m.sns.CfnTopicPolicy(site.stack, "Policy", topics=[topic.topic_arn], policy_document=document)
    yield account(OTHER, "sns:*", "kms:*").does("sns:Publish", topic)


@flow
def topic_grants_other_account(site: Site) -> Iterator[Need]:
    """`grant_publish` to another account."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.grant_publish(iam.AccountPrincipal(OTHER))
    yield account(OTHER, "sns:*", "kms:*").does("sns:Publish", topic)


@flow
def other_account_sends_to_queue(site: Site) -> Iterator[Need]:
    """A queue policy lets another account send and receive."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    queue.add_to_resource_policy(
        allow(iam.AccountPrincipal(OTHER), "sqs:SendMessage", "sqs:ReceiveMessage", on=queue.queue_arn)
    )
    yield account(OTHER, "sqs:*", "kms:*").does("sqs:SendMessage", queue)
    yield account(OTHER, "sqs:*", "kms:*").does("sqs:ReceiveMessage", queue)


@flow
def own_queue_policy_lets_account_send(site: Site) -> Iterator[Need]:
    """A QueuePolicy of the user's lets another account send."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    policy = site.m.sqs.QueuePolicy(site.stack, "Policy", queues=[queue])
    policy.document.add_statements(allow(iam.AccountPrincipal(OTHER), "sqs:SendMessage", on=queue.queue_arn))
    yield account(OTHER, "sqs:*", "kms:*").does("sqs:SendMessage", queue)


@flow
def l1_queue_policy_lets_account_send(site: Site) -> Iterator[Need]:
    """A CfnQueuePolicy lets the organization send to a Queue."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    document = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sqs:SendMessage",
                "Resource": queue.queue_arn,
                "Condition": ORG,
            }
        ]
    }
    site.m.sqs.CfnQueuePolicy(site.stack, "Policy", queues=[queue.queue_url], policy_document=document)
    yield account(OTHER, "sqs:*", "kms:*").does("sqs:SendMessage", queue)


@flow
def other_account_reads_secret(site: Site) -> Iterator[Need]:
    """A secret's policy lets another account read; the secret has the user's key, as Secrets Manager requires."""
    key = site.m.kms.Key(site.stack, "Key")
    secret = site.m.secretsmanager.Secret(site.stack, "Secret", encryption_key=key)
    secret.grant_read(iam.AccountPrincipal(OTHER))
    yield account(OTHER, "secretsmanager:*", "kms:*").does("secretsmanager:GetSecretValue", secret)


@flow
def other_account_pulls_image(site: Site) -> Iterator[Need]:
    """A repository policy lets another account pull."""
    repository = site.m.ecr.Repository(site.stack, "Repository")
    repository.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AccountPrincipal(OTHER)],
            actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        )
    )
    yield account(OTHER, "ecr:*").does("ecr:BatchGetImage", repository)


@flow
def other_account_copies_into_vault(site: Site) -> Iterator[Need]:
    """A backup vault's policy lets another account copy recovery points into it."""
    backup = site.m.backup
    copy = iam.PolicyStatement(
        principals=[iam.AccountPrincipal(OTHER)], actions=["backup:CopyIntoBackupVault"], resources=["*"]
    )
    vault = backup.BackupVault(site.stack, "Vault", access_policy=iam.PolicyDocument(statements=[copy]))
    yield account(OTHER, "backup:*").does("backup:CopyIntoBackupVault", vault)


@flow
def public_reads_bucket(site: Site) -> Iterator[Need]:
    """A bucket that the user made public serves anonymous readers."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket", public_read_access=True, block_public_access=_open(site))
    yield anyone().does("s3:GetObject", bucket, "/a")


@flow
def website_serves_over_http(site: Site) -> Iterator[Need]:
    """The website endpoint of a bucket, which speaks HTTP only, serves anonymous readers."""
    bucket = site.m.s3.Bucket(
        site.stack,
        "Bucket",
        website_index_document="index.html",
        public_read_access=True,
        block_public_access=_open(site),
    )
    yield anyone(tls=False).does("s3:GetObject", bucket, "/index.html")


@flow
def website_behind_cloudfront(site: Site) -> Iterator[Need]:
    """CloudFront reads a website endpoint over HTTP as a custom origin."""
    s3, cloudfront = site.m.s3, site.m.cloudfront
    bucket = s3.Bucket(
        site.stack,
        "Bucket",
        website_index_document="index.html",
        public_read_access=True,
        block_public_access=_open(site),
    )
    origin = origins.S3StaticWebsiteOrigin(bucket)
    cloudfront.Distribution(site.stack, "Web", default_behavior=cloudfront.BehaviorOptions(origin=origin))
    yield anyone(tls=False).does("s3:GetObject", bucket, "/index.html")


def _open(site: Site) -> Any:
    return site.m.s3.BlockPublicAccess(
        block_public_acls=False, block_public_policy=False, ignore_public_acls=False, restrict_public_buckets=False
    )


@flow
def origin_access_identity_reads_bucket(site: Site) -> Iterator[Need]:
    """A distribution reads a bucket by an origin access identity."""
    cloudfront = site.m.cloudfront
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    identity = cloudfront.OriginAccessIdentity(site.stack, "Identity")
    bucket.grant_read(identity)
    origin = origins.S3BucketOrigin.with_origin_access_identity(bucket, origin_access_identity=identity)
    cloudfront.Distribution(site.stack, "Web", default_behavior=cloudfront.BehaviorOptions(origin=origin))
    yield origin_access_identity(identity).does("s3:GetObject", bucket, "/a")


@flow
def s3_origin_reads_bucket(site: Site) -> Iterator[Need]:
    """A distribution with the deprecated S3Origin, which makes an identity of its own."""
    cloudfront = site.m.cloudfront
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    web = cloudfront.Distribution(
        site.stack, "Web", default_behavior=cloudfront.BehaviorOptions(origin=origins.S3Origin(bucket))
    )
    (identity,) = [
        each for each in web.node.find_all() if isinstance(each, cloudfront.CfnCloudFrontOriginAccessIdentity)
    ]
    yield origin_access_identity(identity).does("s3:GetObject", bucket, "/a")


@flow
def web_distribution_reads_bucket(site: Site) -> Iterator[Need]:
    """A CloudFrontWebDistribution reads a bucket by an origin access identity."""
    cloudfront = site.m.cloudfront
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    identity = cloudfront.OriginAccessIdentity(site.stack, "Identity")
    source = cloudfront.S3OriginConfig(s3_bucket_source=bucket, origin_access_identity=identity)
    config = cloudfront.SourceConfiguration(
        s3_origin_source=source, behaviors=[cloudfront.Behavior(is_default_behavior=True)]
    )
    cloudfront.CloudFrontWebDistribution(site.stack, "Web", origin_configs=[config])
    yield origin_access_identity(identity).does("s3:GetObject", bucket, "/a")


@flow
def l1_distribution_reads_bucket_by_identity(site: Site) -> Iterator[Need]:
    """A CfnDistribution with an L1 identity, named by its canonical user in a hand-written bucket policy."""
    cloudfront = site.m.cloudfront
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    config = cloudfront.CfnCloudFrontOriginAccessIdentity.CloudFrontOriginAccessIdentityConfigProperty(comment="web")
    identity = cloudfront.CfnCloudFrontOriginAccessIdentity(
        site.stack, "Identity", cloud_front_origin_access_identity_config=config
    )
    principal = iam.CanonicalUserPrincipal(identity.attr_s3_canonical_user_id)
    bucket.add_to_resource_policy(allow(principal, "s3:GetObject", on=bucket.arn_for_objects("*")))
    yield origin_access_identity(identity).does("s3:GetObject", bucket, "/a")


@flow
def origin_access_control_reads_bucket(site: Site) -> Iterator[Need]:
    """A distribution reads a bucket by an origin access control."""
    cloudfront = site.m.cloudfront
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    origin = origins.S3BucketOrigin.with_origin_access_control(bucket)
    web = cloudfront.Distribution(site.stack, "Web", default_behavior=cloudfront.BehaviorOptions(origin=origin))
    yield service("cloudfront.amazonaws.com", web).does("s3:GetObject", bucket, "/a")


@flow
def http_api_without_authorization(site: Site) -> Iterator[Need]:
    """An HTTP API whose route asks for no authorization answers everyone."""
    from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

    api = site.m.apigatewayv2.HttpApi(site.stack, "Api")
    function = site.function()
    (route,) = api.add_routes(path="/", integration=HttpLambdaIntegration("Integration", function))

    def answers(world: World) -> str | None:
        kind = resource_of(world, route).get("AuthorizationType", "NONE")
        return None if kind == "NONE" else f"the route asks for {kind}"

    yield Fact("the route answers without credentials", "Amazon API Gateway: Control access to HTTP APIs", answers, api)


@flow
def rest_api_without_authorization(site: Site) -> Iterator[Need]:
    """A REST API whose method asks for no authorization answers everyone."""
    api = site.m.apigateway.RestApi(site.stack, "Api")
    function = site.function()
    method = api.root.add_method("GET", site.m.apigateway.LambdaIntegration(function))

    def answers(world: World) -> str | None:
        made = resource_of(world, method)
        kind = made.get("AuthorizationType", "NONE")
        if made.get("ApiKeyRequired"):
            return "the method asks for an API key"
        return None if kind == "NONE" else f"the method asks for {kind}"

    page = "Amazon API Gateway: Control and manage access to REST APIs"
    yield Fact("the method answers without credentials", page, answers, api)


@flow
def bucket_upload_by_presigned_browser(site: Site) -> Iterator[Need]:
    """A browser uploads with a URL that a role signed, whose policy is written by hand."""
    bucket = site.m.s3.Bucket(
        site.stack,
        "Bucket",
        cors=[site.m.s3.CorsRule(allowed_methods=[site.m.s3.HttpMethods.PUT], allowed_origins=["https://example.com"])],
    )
    signer = site.role("s3:PutObject", on=bucket.arn_for_objects("*"), by="lambda")
    yield role(signer).does("s3:PutObject", bucket, "/a")


@flow
def acl_grants_log_delivery(site: Site) -> Iterator[Need]:
    """A bucket with the ACL LogDeliveryWrite still takes ACLs."""
    s3 = site.m.s3
    bucket = s3.Bucket(site.stack, "Bucket", access_control=s3.BucketAccessControl.LOG_DELIVERY_WRITE)

    def takes_acls(world: World) -> str | None:
        made = resource_of(world, bucket)
        enforced = made.get("OwnershipControls.Rules.0.ObjectOwnership", "BucketOwnerEnforced")
        acl = made.get("AccessControl")
        if acl != "LogDeliveryWrite":
            return f"the ACL is {acl}"
        return "the bucket owner is enforced, so the ACL is refused" if enforced == "BucketOwnerEnforced" else None

    yield Fact("the bucket takes its ACL", "Amazon S3: Controlling ownership of objects", takes_acls, bucket)


@flow
def l1_distribution_reads_bucket_by_access_control(site: Site) -> Iterator[Need]:
    """A CfnDistribution with an L1 access control reads a bucket with a hand-written policy."""
    cloudfront, bucket = site.m.cloudfront, site.m.s3.Bucket(site.stack, "Bucket")
    control = cloudfront.CfnOriginAccessControl(
        site.stack,
        "Control",
        origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
            name="web", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
        ),
    )
    made = cloudfront.CfnDistribution
    origin = made.OriginProperty(
        id="files",
        domain_name=bucket.bucket_regional_domain_name,
        origin_access_control_id=control.attr_id,
        s3_origin_config=made.S3OriginConfigProperty(origin_access_identity=""),
    )
    behavior = made.DefaultCacheBehaviorProperty(target_origin_id="files", viewer_protocol_policy="https-only")
    config = made.DistributionConfigProperty(enabled=True, origins=[origin], default_cache_behavior=behavior)
    web = made(site.stack, "Web", distribution_config=config)
    bucket.add_to_resource_policy(
        allow(
            iam.ServicePrincipal("cloudfront.amazonaws.com"),
            "s3:GetObject",
            on=bucket.arn_for_objects("*"),
            conditions={"StringEquals": {"aws:SourceAccount": "111111111111"}},
        )
    )
    yield service("cloudfront.amazonaws.com", web).does("s3:GetObject", bucket, "/a")


@flow
def other_account_reads_table(site: Site) -> Iterator[Need]:
    """A table's policy lets another account read."""
    table = site.table(
        resource_policy=iam.PolicyDocument(statements=[allow(iam.AccountPrincipal(OTHER), "dynamodb:GetItem", on="*")])
    )
    yield account(OTHER, "dynamodb:*", "kms:*").does("dynamodb:GetItem", table)


@flow
def alarm_of_another_account_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A topic policy lets the alarms of another account publish."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    alarms = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{OTHER}:alarm:*"}}
    topic.add_to_resource_policy(
        allow(iam.ServicePrincipal("cloudwatch.amazonaws.com"), "sns:Publish", on=topic.topic_arn, conditions=alarms)
    )
    source = f"arn:aws:cloudwatch:us-east-1:{OTHER}:alarm:a"
    yield service("cloudwatch.amazonaws.com", source, OTHER).does("sns:Publish", topic)


@flow
def bucket_of_another_account_notifies_topic(site: Site) -> Iterator[Need]:
    """A topic policy lets the buckets of another account publish."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    theirs = {"StringEquals": {"aws:SourceAccount": OTHER}}
    topic.add_to_resource_policy(
        allow(iam.ServicePrincipal("s3.amazonaws.com"), "sns:Publish", on=topic.topic_arn, conditions=theirs)
    )
    yield service("s3.amazonaws.com", "arn:aws:s3:::theirs", OTHER).does("sns:Publish", topic)


@flow
def topic_of_another_account_fans_out_to_queue(site: Site) -> Iterator[Need]:
    """A queue policy lets a topic of another account deliver."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    source = f"arn:aws:sns:us-east-1:{OTHER}:news"
    queue.add_to_resource_policy(
        allow(
            iam.ServicePrincipal("sns.amazonaws.com"),
            "sqs:SendMessage",
            on=queue.queue_arn,
            conditions={"ArnEquals": {"aws:SourceArn": source}},
        )
    )
    yield service("sns.amazonaws.com", source, OTHER).does("sqs:SendMessage", queue)


@flow
def trail_of_another_account_writes_to_bucket(site: Site) -> Iterator[Need]:
    """A bucket policy lets the trail of another account deliver."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    source = f"arn:aws:cloudtrail:us-east-1:{OTHER}:trail/all"
    theirs = {"StringEquals": {"aws:SourceArn": source}}
    principal = iam.ServicePrincipal("cloudtrail.amazonaws.com")
    bucket.add_to_resource_policy(allow(principal, "s3:GetBucketAcl", on=bucket.bucket_arn, conditions=theirs))
    bucket.add_to_resource_policy(allow(principal, "s3:PutObject", on=bucket.arn_for_objects("*"), conditions=theirs))
    caller = service("cloudtrail.amazonaws.com", source, OTHER)
    yield caller.does("s3:GetBucketAcl", bucket)
    yield caller.does("s3:PutObject", bucket, f"/AWSLogs/{OTHER}/a")


@flow
def flow_logs_of_the_organization_go_to_bucket(site: Site) -> Iterator[Need]:
    """A bucket policy lets log delivery write for all accounts of the organization."""
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    ours = {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}}
    principal = iam.ServicePrincipal("delivery.logs.amazonaws.com")
    bucket.add_to_resource_policy(allow(principal, "s3:PutObject", on=bucket.arn_for_objects("*"), conditions=ours))
    caller = service("delivery.logs.amazonaws.com", f"arn:aws:logs:us-east-1:{OTHER}:*", OTHER)
    yield caller.does("s3:PutObject", bucket, f"/AWSLogs/{OTHER}/a")


@flow
def http_api_default_route_without_authorization(site: Site) -> Iterator[Need]:
    """The default route of an HTTP API asks for no authorization."""
    from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

    integration = HttpLambdaIntegration("Integration", site.function())
    api = site.m.apigatewayv2.HttpApi(site.stack, "Api", default_integration=integration)
    yield _all_open(api, "AWS::ApiGatewayV2::Route")


@flow
def web_socket_api_without_authorization(site: Site) -> Iterator[Need]:
    """The connect route of a WebSocket API asks for no authorization."""
    from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration

    apigatewayv2 = site.m.apigatewayv2
    integration = WebSocketLambdaIntegration("Integration", site.function())
    options = apigatewayv2.WebSocketRouteOptions(integration=integration)
    api = apigatewayv2.WebSocketApi(site.stack, "Api", connect_route_options=options)
    yield _all_open(api, "AWS::ApiGatewayV2::Route")


@flow
def proxy_rest_api_without_authorization(site: Site) -> Iterator[Need]:
    """Every method of a LambdaRestApi asks for no authorization, preflight requests of browsers included."""
    apigateway = site.m.apigateway
    cors = apigateway.CorsOptions(allow_origins=["https://example.com"])
    api = apigateway.LambdaRestApi(site.stack, "Api", handler=site.function(), default_cors_preflight_options=cors)
    yield _all_open(api, "AWS::ApiGateway::Method")


@flow
def rest_api_preflight_stays_open(site: Site) -> Iterator[Need]:
    """The preflight method that browsers call without credentials stays open beside a protected method."""
    apigateway = site.m.apigateway
    api = apigateway.RestApi(site.stack, "Api")
    items = api.root.add_resource("items")
    items.add_method(
        "GET",
        apigateway.LambdaIntegration(site.function()),
        authorization_type=apigateway.AuthorizationType.IAM,
    )
    items.add_cors_preflight(allow_origins=["https://example.com"])

    def answers(world: World) -> str | None:
        (preflight,) = [each for each in world.all("AWS::ApiGateway::Method") if each.get("HttpMethod") == "OPTIONS"]
        kind = preflight.get("AuthorizationType", "NONE")
        return None if kind == "NONE" else f"the preflight method asks for {kind}"

    page = "Amazon API Gateway: Enabling CORS for REST API resources"
    yield Fact("the preflight method answers without credentials", page, answers, api)


@flow
def l1_method_without_authorization(site: Site) -> Iterator[Need]:
    """A CfnMethod of a RestApi asks for no authorization."""
    apigateway = site.m.apigateway
    api = apigateway.RestApi(site.stack, "Api")
    api.root.add_method("POST", apigateway.MockIntegration(), authorization_type=apigateway.AuthorizationType.IAM)
    method = apigateway.CfnMethod(
        site.stack,
        "Method",
        http_method="GET",
        resource_id=api.rest_api_root_resource_id,
        rest_api_id=api.rest_api_id,
        authorization_type="NONE",
    )

    def answers(world: World) -> str | None:
        kind = resource_of(world, method).get("AuthorizationType", "NONE")
        return None if kind == "NONE" else f"the method asks for {kind}"

    page = "Amazon API Gateway: Control and manage access to REST APIs"
    yield Fact("the method answers without credentials", page, answers, api)


def _all_open(api: Any, kind: str) -> Fact:
    def answers(world: World) -> str | None:
        made = world.all(kind)
        assert made
        closed = [each for each in made if each.get("AuthorizationType", "NONE") != "NONE"]
        return f"{closed[0]} asks for {closed[0].get('AuthorizationType')}" if closed else None

    page = "Amazon API Gateway: Control and manage access to HTTP, REST and WebSocket APIs"
    return Fact("it answers without credentials", page, answers, api)

"""Rules for every app: conditions between resources of a template, without which AWS refuses to deploy or deliver.

The producers are read from the templates, so that the rules judge the resources that hardening adds as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flows.access import VIA, Caller, find_key, key_of, load_balancing, role, serve, service
from flows.evaluator import Guard, Principal, Request, evaluate
from flows.world import Resource, TwoPolicies, World

#: Accounts of Elastic Load Balancing by region ("Enable access logs for your Application Load Balancer").
_LOAD_BALANCING = {"us-east-1": "127311923021", "eu-west-1": "156460612806", "eu-central-1": "054676820928"}

#: An account outside the organization that no flow lets in.
STRANGER = "999999999999"

_LAWS: list[Callable[[World], Iterator[str]]] = []


def law(function: Callable[[World], Iterator[str]]) -> Callable[[World], Iterator[str]]:
    _LAWS.append(function)
    return function


def problems(world: World) -> list[str]:
    """Everything in an app that AWS would refuse, whatever the flow is."""
    return [problem for each in _LAWS for problem in each(world)]


def _may(world: World, arn: Any, actions: list[str], on: str = "*") -> str | None:
    """The first of some actions that the identity policies of a role do not allow."""
    principal = world.role(arn)
    for action in actions:
        if not evaluate(Request(principal, action, on), Guard(principal.account)):
            return action
    return None


def _service_may(world: World, caller: Caller, action: str, target: Resource, below: str = "") -> Iterator[str]:
    refused = serve(world, caller, action, target, below)
    if refused:
        yield f"{caller.label} cannot {action} on {target}: {refused}"


@law
def one_policy_per_resource(world: World) -> Iterator[str]:
    """Two bucket policies fail to deploy; of two topic or queue policies the later one replaces the earlier one.

    "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy" and "AWS::SQS::QueuePolicy" in the CloudFormation reference.
    """
    for each in world.all("AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"):
        try:
            world.guard(each)
        except TwoPolicies as error:
            yield str(error)


@law
def traced_functions_may_write_traces(world: World) -> Iterator[str]:
    """Lambda refuses active tracing for a role without X-Ray permissions ("Visualize function calls using X-Ray")."""
    for function in world.all("AWS::Lambda::Function"):
        if function.get("TracingConfig.Mode") == "Active":
            missing = _may(world, function.get("Role"), ["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
            if missing:
                yield f"the role of {function} lacks {missing}, which active tracing requires"


@law
def functions_at_the_edge_are_plain(world: World) -> Iterator[str]:
    """Lambda@Edge knows no tracing, VPC, dead-letter queue, environment or customer managed key.

    "Restrictions on Lambda@Edge" of the CloudFront guide.
    """
    at_edge = {
        str(one.get("LambdaFunctionARN")).split(":function:")[-1].split(":")[0]
        for distribution in world.all("AWS::CloudFront::Distribution")
        for behavior in [
            distribution.get("DistributionConfig.DefaultCacheBehavior", {}),
            *distribution.get("DistributionConfig.CacheBehaviors", []),
        ]
        for one in behavior.get("LambdaFunctionAssociations", [])
    }
    for function in world.all("AWS::Lambda::Function"):
        if function.name in at_edge:
            for path in ("TracingConfig", "VpcConfig", "DeadLetterConfig", "Environment", "KmsKeyArn"):
                if function.get(path) and function.get("TracingConfig.Mode", "Active") != "PassThrough":
                    yield f"{function} is used at the edge, where {path} is not supported"


@law
def state_machines_may_write_logs(world: World) -> Iterator[str]:
    """Step Functions refuses logging for a role without log delivery permissions ("Logging using CloudWatch Logs")."""
    deliver = [f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")]
    for machine in world.all("AWS::StepFunctions::StateMachine"):
        by = machine.get("RoleArn")
        if machine.get("LoggingConfiguration.Level", "OFF") != "OFF":
            needed = [*deliver, "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeLogGroups"]
            missing = _may(world, by, needed)
            if missing:
                yield f"the role of {machine} lacks {missing}, which logging requires"
        if machine.get("TracingConfiguration.Enabled") is True:
            missing = _may(world, by, ["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
            if missing:
                yield f"the role of {machine} lacks {missing}, which tracing requires"


@law
def functions_reach_their_dead_letter_queue(world: World) -> Iterator[str]:
    """Lambda refuses a dead-letter queue that the role cannot send to ("Capturing records of invocations")."""
    for function in world.all("AWS::Lambda::Function"):
        target = function.get("DeadLetterConfig.TargetArn")
        queue = world.find(target, "AWS::SQS::Queue") if target else None
        if queue is not None:
            missing = _may(world, function.get("Role"), ["sqs:SendMessage"], queue.arn)
            if missing:
                yield f"the role of {function} cannot {missing} on {queue}"


@law
def access_logs_arrive(world: World) -> Iterator[str]:
    """S3 delivers server access logs to buckets with SSE-S3 only ("Enabling Amazon S3 server access logging")."""
    for bucket in world.all("AWS::S3::Bucket"):
        name = bucket.get("LoggingConfiguration.DestinationBucketName")
        target = world.find(name, "AWS::S3::Bucket") if name else bucket if bucket.get("LoggingConfiguration") else None
        if target is None:
            continue
        if key_of(target):
            yield f"{target} gets access logs, but is encrypted with a KMS key"
        elif target.get("ObjectLockConfiguration.Rule"):
            yield f"{target} gets access logs, but has a default retention"
        elif target.get("AccessControl") != "LogDeliveryWrite":
            yield from _service_may(
                world, service("logging.s3.amazonaws.com", bucket.arn), "s3:PutObject", target, "/x"
            )


@law
def log_groups_may_use_their_key(world: World) -> Iterator[str]:
    """CloudWatch Logs uses the key in its own name ("Encrypt log data in CloudWatch Logs using AWS KMS")."""
    for group in world.all("AWS::Logs::LogGroup"):
        if not group.get("KmsKeyId"):
            continue
        key = find_key(world, group.get("KmsKeyId"))
        principal = Principal("service", f"logs.{group.stack.region}.amazonaws.com")
        context = {"kms:EncryptionContext:aws:logs:arn": group.arn.removesuffix(":*")}
        for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"):
            if key and not evaluate(Request(principal, action, key.arn, context), world.guard(key)):
                yield f"CloudWatch Logs may not {action} for {group}"


@law
def replication_takes_encrypted_objects(world: World) -> Iterator[str]:
    """A rule copies no KMS objects unless it selects them and names a key ("Replicating encrypted objects")."""
    for bucket in world.all("AWS::S3::Bucket"):
        for rule in bucket.get("ReplicationConfiguration.Rules", []):
            if not key_of(bucket):
                continue
            selects = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status")
            key = rule.get("Destination", {}).get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
            if selects != "Enabled" or not key:
                yield f"{bucket} is encrypted with a KMS key, which a replication rule does not take along"


@law
def load_balancers_deliver_logs(world: World) -> Iterator[str]:
    """Load balancers deliver access logs to a bucket that lets them ("Enable access logs" of each balancer's guide)."""
    for each in world.all("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"):
        attributes = {one["Key"]: one.get("Value") for one in each.get("LoadBalancerAttributes", [])}
        on, name = attributes.get("access_logs.s3.enabled") == "true", attributes.get("access_logs.s3.bucket")
        if each.get("AccessLoggingPolicy"):
            on, name = bool(each.get("AccessLoggingPolicy.Enabled")), each.get("AccessLoggingPolicy.S3BucketName")
        target = world.find(name, "AWS::S3::Bucket") if on else None
        if target is None:
            continue
        if each.get("Type") == "network":
            caller = service("delivery.logs.amazonaws.com", f"arn:aws:logs:{each.stack.region}:{each.stack.account}:x")
            yield from _service_may(world, caller, "s3:PutObject", target, _logs_path(attributes, each))
        else:
            by_account = load_balancing(_LOAD_BALANCING[each.stack.region])
            by_name = service("logdelivery.elasticloadbalancing.amazonaws.com", each.arn)
            path = _logs_path(attributes, each)
            refusals = [serve(world, caller, "s3:PutObject", target, path) for caller in (by_name, by_account)]
            if all(refusals):
                yield f"{each} cannot deliver its logs: {'; '.join(map(str, refusals))}"


def _logs_path(attributes: dict[str, Any], balancer: Resource) -> str:
    prefix = attributes.get("access_logs.s3.prefix")
    start = f"/{prefix}" if prefix else ""
    return f"{start}/AWSLogs/{balancer.stack.account}/elasticloadbalancing/x"


@law
def trails_deliver(world: World) -> Iterator[str]:
    """CloudTrail writes to its bucket, topic and key ("Amazon S3 bucket policy for CloudTrail")."""
    for trail in world.all("AWS::CloudTrail::Trail"):
        caller = service("cloudtrail.amazonaws.com", trail.arn)
        bucket = world.find(trail.get("S3BucketName"), "AWS::S3::Bucket")
        if bucket is not None:
            prefix = trail.get("S3KeyPrefix")
            path = f"/{prefix}/AWSLogs" if prefix else "/AWSLogs"
            yield from _service_may(world, caller, "s3:GetBucketAcl", bucket)
            yield from _service_may(world, caller, "s3:PutObject", bucket, f"{path}/{trail.stack.account}/x")
        topic = world.find(trail.get("SnsTopicName"), "AWS::SNS::Topic") if trail.get("SnsTopicName") else None
        if topic is not None:
            yield from _service_may(world, caller, "sns:Publish", topic)
        key = find_key(world, trail.get("KMSKeyId")) if trail.get("KMSKeyId") else None
        request = Request(caller.principal(world), "kms:DescribeKey", key.arn, caller.passes(world)) if key else None
        if key and request and not evaluate(request, world.guard(key)):
            yield f"CloudTrail may not kms:DescribeKey for {trail}"


@law
def alarms_and_rules_reach_their_targets(world: World) -> Iterator[str]:
    """CloudWatch publishes to topics, EventBridge to topics, queues and functions, each in its own name."""
    for alarm in world.all("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for arn in [*alarm.get("AlarmActions", []), *alarm.get("OKActions", [])]:
            topic = world.find(arn, "AWS::SNS::Topic")
            if topic is not None:
                yield from _service_may(world, service("cloudwatch.amazonaws.com", alarm.arn), "sns:Publish", topic)
    for rule in world.all("AWS::Events::Rule"):
        for target in rule.get("Targets", []):
            caller = service("events.amazonaws.com", rule.arn)
            for action, kind in _TARGETS.items():
                found = world.find(target.get("Arn"), kind)
                if found is not None and not target.get("RoleArn"):
                    yield from _service_may(world, caller, action, found)


_TARGETS = {
    "sns:Publish": "AWS::SNS::Topic",
    "sqs:SendMessage": "AWS::SQS::Queue",
    "lambda:InvokeFunction": "AWS::Lambda::Function",
}


@law
def subscriptions_deliver(world: World) -> Iterator[str]:
    """SNS sends to queues and invokes functions in its own name ("Fanout to Amazon SQS queues")."""
    for each in world.all("AWS::SNS::Subscription"):
        caller = service("sns.amazonaws.com", each.get("TopicArn"))
        queue = world.find(each.get("Endpoint"), "AWS::SQS::Queue")
        function = world.find(each.get("Endpoint"), "AWS::Lambda::Function")
        if queue is not None:
            yield from _service_may(world, caller, "sqs:SendMessage", queue)
        if function is not None:
            yield from _service_may(world, caller, "lambda:InvokeFunction", function)


@law
def notifications_have_one_owner(world: World) -> Iterator[str]:
    """A bucket has one notification configuration: the template's and a custom resource's overwrite each other.

    "PutBucketNotificationConfiguration" of the S3 API reference.
    """
    for custom in world.all("Custom::S3BucketNotifications"):
        bucket = world.find(custom.get("BucketName"), "AWS::S3::Bucket")
        if bucket is not None and bucket.get("NotificationConfiguration"):
            yield f"{bucket} has notifications in its template and from {custom}"
        for kind, action, type_ in _NOTIFIED:
            for one in custom.get(f"NotificationConfiguration.{kind}", []):
                arn = next(value for key, value in one.items() if key.endswith("Arn"))
                target = world.find(arn, type_)
                if target is not None:
                    source = bucket.arn if bucket else f"arn:aws:s3:::{custom.get('BucketName')}"
                    yield from _service_may(world, service("s3.amazonaws.com", source), action, target)


_NOTIFIED = (
    ("TopicConfigurations", "sns:Publish", "AWS::SNS::Topic"),
    ("QueueConfigurations", "sqs:SendMessage", "AWS::SQS::Queue"),
    ("LambdaFunctionConfigurations", "lambda:InvokeFunction", "AWS::Lambda::Function"),
)


@law
def distributions_deliver_logs(world: World) -> Iterator[str]:
    """Standard logging needs a bucket with ACLs, and the key's consent ("Configure standard logging (legacy)")."""
    for each in world.all("AWS::CloudFront::Distribution"):
        name = str(each.get("DistributionConfig.Logging.Bucket", "")).removesuffix("-RegionalDomainName")
        bucket = world.find(name.removesuffix("-DomainName"), "AWS::S3::Bucket") if name else None
        if bucket is None:
            continue
        ownership = bucket.get("OwnershipControls.Rules.0.ObjectOwnership", "BucketOwnerEnforced")
        if ownership == "BucketOwnerEnforced":
            yield f"{bucket} takes no ACL, which the standard logs of {each} need"
        key = find_key(world, key_of(bucket)) if key_of(bucket) else None
        if key is not None:
            caller = service("delivery.logs.amazonaws.com/cloudfront")
            needs = ["kms:GenerateDataKey"]
            if bucket.get("BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled"):
                needs.append("kms:Decrypt")
            for action in needs:
                request = Request(
                    caller.principal(world), action, key.arn, caller.to_kms(world, "s3") if caller.to_kms else {}
                )
                if not evaluate(request, world.guard(key)):
                    yield f"CloudFront may not {action} to deliver the logs of {each}"


@law
def flow_logs_arrive(world: World) -> Iterator[str]:
    """Flow logs go to a log group by a role, or to a bucket by log delivery ("Publish flow logs")."""
    for each in world.all("AWS::EC2::FlowLog"):
        writer = world.find(each.get("DeliverLogsPermissionArn"), "AWS::IAM::Role")
        if writer is not None:
            caller = service(
                "vpc-flow-logs.amazonaws.com", f"arn:aws:ec2:{each.stack.region}:{each.stack.account}:vpc-flow-log/x"
            )
            yield from _service_may(world, caller, "sts:AssumeRole", writer)
            group = world.find(each.get("LogGroupName"), "AWS::Logs::LogGroup")
            on = group.arn if group else "*"
            missing = _may(world, writer.arn, ["logs:CreateLogStream", "logs:PutLogEvents"], on)
            if missing:
                yield f"the role of {each} lacks {missing}"
        destination = str(each.get("LogDestination", "")).partition("/")[0]
        bucket = world.find(destination, "AWS::S3::Bucket") if destination else None
        if bucket is not None:
            caller = service("delivery.logs.amazonaws.com", f"arn:aws:logs:{each.stack.region}:{each.stack.account}:x")
            yield from _service_may(world, caller, "s3:PutObject", bucket, f"/AWSLogs/{each.stack.account}/x")


@law
def sources_feed_their_functions(world: World) -> Iterator[str]:
    """Lambda polls queues and streams with the function's role ("Event source mappings")."""
    for each in world.all("AWS::Lambda::EventSourceMapping"):
        function = next(
            (one for one in world.all("AWS::Lambda::Function") if one.name in str(each.get("FunctionName"))), None
        )
        if function is None:
            continue
        caller = role(str(function.get("Role")))
        arn = str(each.get("EventSourceArn"))
        for kind, actions in _POLLED.items():
            source = world.find(arn.partition("/stream/")[0] if kind.startswith("AWS::Dyn") else arn, kind)
            for action in actions if source is not None else ():
                refused = serve(world, caller, action, source, "/stream/2026" if "Dynamo" in kind else "")
                if refused:
                    yield f"{function} cannot read {source}: {refused}"


_POLLED = {
    "AWS::SQS::Queue": ("sqs:ReceiveMessage",),
    "AWS::Kinesis::Stream": ("kinesis:GetRecords", "kinesis:GetShardIterator"),
    "AWS::DynamoDB::Table": ("dynamodb:GetRecords",),
    "AWS::DynamoDB::GlobalTable": ("dynamodb:GetRecords",),
}


@law
def keys_stay_closed(world: World) -> Iterator[str]:
    """No key opens to a stranger's account, nor to a role without key permissions that calls KMS itself.

    Letting in the callers of a service ("kms:ViaService" in "AWS KMS condition keys") must not let in more than them.
    """
    allow = ({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},)
    stranger = Principal("role", f"arn:aws:iam::{STRANGER}:role/any", STRANGER, allow)
    for key in world.all("AWS::KMS::Key"):
        owner, region = key.stack.account, key.stack.region
        bystander = Principal("role", f"arn:aws:iam::{owner}:role/any", owner)
        through = [each["service"].format(region=region) for each in VIA.values()]
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:PutKeyPolicy"):
            tries = [(bystander, {"kms:CallerAccount": owner}), (Principal("anonymous"), {})]
            tries += [(stranger, {"kms:CallerAccount": STRANGER, "kms:ViaService": name}) for name in ["", *through]]
            for principal, context in tries:
                if evaluate(Request(principal, action, key.arn, context), world.guard(key)):
                    yield f"{key} lets in {principal} for {action}"

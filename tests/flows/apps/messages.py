"""Topics and queues: roles, services that publish, and the CDK's own grants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_codestarnotifications as codestar
from aws_cdk import aws_config as config
from aws_cdk import aws_dms as dms
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_ses as ses
from aws_cdk import aws_ses_actions as ses_actions
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_stepfunctions_tasks as tasks

from flows.access import Fact, Need, resource_of, role, service
from flows.catalogue import Site, flow
from flows.world import World


@flow
def role_publishes_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows sns:Publish publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    yield role(site.role("sns:Publish", on=topic.topic_arn)).does("sns:Publish", topic)


@flow
def role_publishes_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonSNSFullAccess publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    yield role(site.managed("AmazonSNSFullAccess")).does("sns:Publish", topic)


@flow
def imported_role_publishes(site: Site) -> Iterator[Need]:
    """A role that the app cannot change publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.grant_publish(site.imported("sns:Publish"))
    yield site.as_imported().does("sns:Publish", topic)


@flow
def granted_role_publishes(site: Site) -> Iterator[Need]:
    """A role that the CDK grants publishing publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    publisher = site.role()
    topic.grant_publish(publisher)
    yield role(publisher).does("sns:Publish", topic)


@flow
def role_publishes_to_l1_topic(site: Site) -> Iterator[Need]:
    """A role publishes to a CfnTopic."""
    topic = site.m.sns.CfnTopic(site.stack, "Topic")
    yield role(site.role("sns:Publish", on=topic.ref)).does("sns:Publish", topic)


@flow
def autoscaling_notifies_topic(site: Site) -> Iterator[Need]:
    """EC2 Auto Scaling publishes by its service-linked role, which has no key permissions."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    arn = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    site.outside[arn] = ({"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]},)
    ec2, autoscaling = site.m.ec2, site.m.autoscaling
    autoscaling.AutoScalingGroup(
        site.stack,
        "Group",
        vpc=site.vpc(),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
        notifications=[autoscaling.NotificationConfiguration(topic=topic)],
    )
    yield role(arn).does("sns:Publish", topic)


@flow
def task_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A state machine publishes by the SnsPublish task, whose grant says nothing about keys."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    machine = _machine(site, tasks.SnsPublish(site.stack, "Task", topic=topic, message=_message(site)))
    yield role(machine.role).does("sns:Publish", topic)


@flow
def task_sends_to_queue(site: Site) -> Iterator[Need]:
    """A state machine sends by the SqsSendMessage task."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    machine = _machine(site, tasks.SqsSendMessage(site.stack, "Task", queue=queue, message_body=_message(site)))
    yield role(machine.role).does("sqs:SendMessage", queue)


def _message(site: Site) -> Any:
    return site.m.stepfunctions.TaskInput.from_text("done")


def _machine(site: Site, task: Any, **props: Any) -> Any:
    sfn = site.m.stepfunctions
    return sfn.StateMachine(site.stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(task), **props)


@flow
def alarm_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A CloudWatch alarm publishes, by the topic's default policy."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    alarm = _alarm(site)
    alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
    yield service("cloudwatch.amazonaws.com", alarm).does("sns:Publish", topic)


@flow
def alarm_of_another_stack_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A CloudWatch alarm of another stack publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    alarm = _alarm(site, site.stack_in("Alarms"))
    alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
    yield service("cloudwatch.amazonaws.com", alarm).does("sns:Publish", topic)


@flow
def l1_alarm_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A CfnAlarm publishes to a Topic with an email subscription."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_subscription(subscriptions.EmailSubscription("ops@example.com"))
    alarm = cloudwatch.CfnAlarm(
        site.stack,
        "Alarm",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        metric_name="Errors",
        namespace="App",
        period=60,
        statistic="Sum",
        threshold=0,
        alarm_actions=[topic.topic_arn],
    )
    yield service("cloudwatch.amazonaws.com", alarm).does("sns:Publish", topic)


@flow
def alarm_publishes_beside_rule(site: Site) -> Iterator[Need]:
    """A rule and an alarm publish to one topic; the rule's grant replaces the default policy unless ours keeps it."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    rule = _rule(site, targets.SnsTopic(topic))
    yield service("events.amazonaws.com", rule).does("sns:Publish", topic)


@flow
def alarm_publishes_to_l1_topic(site: Site) -> Iterator[Need]:
    """An alarm publishes to a CfnTopic."""
    topic = site.m.sns.CfnTopic(site.stack, "Topic")
    alarm = _alarm(site)
    alarm.add_alarm_action(cloudwatch_actions.SnsAction(site.m.sns.Topic.from_topic_arn(site.stack, "I", topic.ref)))
    yield service("cloudwatch.amazonaws.com", alarm).does("sns:Publish", topic)


def _alarm(site: Site, scope: Any = None) -> Any:
    metric = cloudwatch.Metric(namespace="App", metric_name="Errors")
    return cloudwatch.Alarm(scope or site.stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1)


def _rule(site: Site, *to: Any) -> Any:
    return events.Rule(site.stack, "Rule", event_pattern=events.EventPattern(source=["app"]), targets=[*to])


@flow
def rule_publishes_to_topic(site: Site) -> Iterator[Need]:
    """An EventBridge rule publishes to a topic."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    yield service("events.amazonaws.com", _rule(site, targets.SnsTopic(topic))).does("sns:Publish", topic)


@flow
def l1_rule_publishes_to_topic(site: Site) -> Iterator[Need]:
    """A CfnRule publishes to a topic whose policy the user wrote."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    target = events.CfnRule.TargetProperty(arn=topic.topic_arn, id="topic")
    rule = events.CfnRule(site.stack, "Rule", event_pattern={"source": ["app"]}, targets=[target])
    topic.add_to_resource_policy(_publish("events.amazonaws.com", topic))
    yield service("events.amazonaws.com", rule).does("sns:Publish", topic)


def _publish(name: str, topic: Any, **conditions: Any) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal(name)], actions=["sns:Publish"], resources=[topic.topic_arn], **conditions
    )


@flow
def rule_sends_to_queue(site: Site) -> Iterator[Need]:
    """An EventBridge rule sends to a queue, and to its dead-letter queue."""
    queue, dead = site.m.sqs.Queue(site.stack, "Queue"), site.m.sqs.Queue(site.stack, "Dead")
    rule = _rule(site, targets.SqsQueue(queue, dead_letter_queue=dead))
    yield service("events.amazonaws.com", rule).does("sqs:SendMessage", queue)
    yield service("events.amazonaws.com", rule).does("sqs:SendMessage", dead)


@flow
def rule_starts_state_machine(site: Site) -> Iterator[Need]:
    """An EventBridge rule starts a state machine."""
    sfn = site.m.stepfunctions
    machine = _machine(site, sfn.Pass(site.stack, "Pass"))
    starter = site.role(by="events", id="Starter")
    _rule(site, targets.SfnStateMachine(machine, role=starter))
    yield role(starter).does("states:StartExecution", machine)


@flow
def rule_invokes_function(site: Site) -> Iterator[Need]:
    """An EventBridge rule invokes a function."""
    function = site.function()
    yield service("events.amazonaws.com", _rule(site, targets.LambdaFunction(function))).does(
        "lambda:InvokeFunction", function
    )


@flow
def bucket_notifies_topic(site: Site) -> Iterator[Need]:
    """A bucket publishes its events to a topic."""
    bucket, topic = site.m.s3.Bucket(site.stack, "Bucket"), site.m.sns.Topic(site.stack, "Topic")
    bucket.add_event_notification(site.m.s3.EventType.OBJECT_CREATED, notifications.SnsDestination(topic))
    yield service("s3.amazonaws.com", bucket).does("sns:Publish", topic)


@flow
def bucket_notifies_queue(site: Site) -> Iterator[Need]:
    """A bucket sends its events to a queue."""
    bucket, queue = site.m.s3.Bucket(site.stack, "Bucket"), site.m.sqs.Queue(site.stack, "Queue")
    bucket.add_event_notification(site.m.s3.EventType.OBJECT_CREATED, notifications.SqsDestination(queue))
    yield service("s3.amazonaws.com", bucket).does("sqs:SendMessage", queue)


@flow
def bucket_notifies_users_encrypted_queue(site: Site) -> Iterator[Need]:
    """A bucket sends its events to a queue under a key of the user's."""
    key = site.m.kms.Key(site.stack, "Key")
    queue = site.m.sqs.Queue(site.stack, "Queue", encryption_master_key=key)
    bucket = site.m.s3.Bucket(site.stack, "Bucket")
    bucket.add_event_notification(site.m.s3.EventType.OBJECT_CREATED, notifications.SqsDestination(queue))
    yield service("s3.amazonaws.com", bucket).does("sqs:SendMessage", queue)


@flow
def l1_bucket_notifies_topic(site: Site) -> Iterator[Need]:
    """A CfnBucket publishes its events to a Topic whose policy the user wrote."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    s3 = site.m.s3
    topic.add_to_resource_policy(_publish("s3.amazonaws.com", topic))
    bucket = s3.CfnBucket(
        site.stack,
        "Bucket",
        notification_configuration=s3.CfnBucket.NotificationConfigurationProperty(
            topic_configurations=[
                s3.CfnBucket.TopicConfigurationProperty(event="s3:ObjectCreated:*", topic=topic.topic_arn)
            ]
        ),
    )
    yield service("s3.amazonaws.com", bucket).does("sns:Publish", topic)


@flow
def topic_fans_out_to_queue(site: Site) -> Iterator[Need]:
    """A topic delivers to a subscribed queue, which a role reads by a hand-written policy."""
    topic, queue = site.m.sns.Topic(site.stack, "Topic"), site.m.sqs.Queue(site.stack, "Queue")
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    yield service("sns.amazonaws.com", topic).does("sqs:SendMessage", queue)
    yield role(site.role("sqs:ReceiveMessage", on=queue.queue_arn)).does("sqs:ReceiveMessage", queue)


@flow
def topic_fans_out_to_queue_of_another_stack(site: Site) -> Iterator[Need]:
    """A topic delivers to a subscribed queue of another stack."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    queue = site.m.sqs.Queue(site.stack_in("Consumer"), "Queue")
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    yield service("sns.amazonaws.com", topic).does("sqs:SendMessage", queue)


@flow
def topic_invokes_function(site: Site) -> Iterator[Need]:
    """A topic invokes a subscribed function."""
    topic, function = site.m.sns.Topic(site.stack, "Topic"), site.function()
    topic.add_subscription(subscriptions.LambdaSubscription(function))
    yield service("sns.amazonaws.com", topic).does("lambda:InvokeFunction", function)


@flow
def database_events_reach_topic(site: Site) -> Iterator[Need]:
    """RDS publishes its events, by the topic's default policy."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    rds.CfnEventSubscription(site.stack, "Events", sns_topic_arn=topic.topic_arn)
    yield service("events.rds.amazonaws.com").does("sns:Publish", topic)


@flow
def warehouse_events_reach_topic(site: Site) -> Iterator[Need]:
    """Redshift publishes its events, by the topic's default policy."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    redshift.CfnEventSubscription(
        site.stack, "Events", subscription_name="events", sns_topic_arn=topic.topic_arn, source_type="cluster"
    )
    yield service("redshift.amazonaws.com").does("sns:Publish", topic)


@flow
def migration_events_reach_topic(site: Site) -> Iterator[Need]:
    """DMS publishes its events, by the topic's default policy."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    dms.CfnEventSubscription(site.stack, "Events", sns_topic_arn=topic.topic_arn)
    yield service("dms.amazonaws.com").does("sns:Publish", topic)


@flow
def cache_events_reach_topic(site: Site) -> Iterator[Need]:
    """ElastiCache publishes its events, by the topic's default policy; never to an encrypted topic."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    elasticache.CfnReplicationGroup(
        site.stack,
        "Cache",
        replication_group_description="cache",
        cache_node_type="cache.t4g.micro",
        engine="redis",
        num_cache_clusters=2,
        automatic_failover_enabled=True,
        notification_topic_arn=topic.topic_arn,
    )
    yield service("elasticache.amazonaws.com").does("sns:Publish", topic)


@flow
def budget_reaches_topic(site: Site) -> Iterator[Need]:
    """AWS Budgets publishes to a topic whose policy the user wrote."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("budgets.amazonaws.com", topic))
    spend = budgets.CfnBudget.SpendProperty(amount=1, unit="USD")
    data = budgets.CfnBudget.BudgetDataProperty(budget_type="COST", time_unit="MONTHLY", budget_limit=spend)
    notice = budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN", notification_type="ACTUAL", threshold=80
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(address=topic.topic_arn, subscription_type="SNS")],
    )
    budgets.CfnBudget(site.stack, "Budget", budget=data, notifications_with_subscribers=[notice])
    yield service("budgets.amazonaws.com").does("sns:Publish", topic)


@flow
def mail_events_reach_topic(site: Site) -> Iterator[Need]:
    """SES publishes bounces to a topic by a configuration set."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("ses.amazonaws.com", topic))
    ses.ConfigurationSet(site.stack, "Set").add_event_destination(
        "Topic", destination=ses.EventDestination.sns_topic(topic)
    )
    yield service("ses.amazonaws.com").does("sns:Publish", topic)


@flow
def pipeline_notice_reaches_topic(site: Site) -> Iterator[Need]:
    """A notification rule of the Developer Tools publishes."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("codestar-notifications.amazonaws.com", topic))
    codestar.CfnNotificationRule(
        site.stack,
        "Rule",
        detail_type="BASIC",
        event_type_ids=["codebuild-project-build-state-failed"],
        name="failed",
        resource="arn:aws:codebuild:us-east-1:111111111111:project/app",
        targets=[codestar.CfnNotificationRule.TargetProperty(target_address=topic.topic_arn, target_type="SNS")],
    )
    yield service("codestar-notifications.amazonaws.com").does("sns:Publish", topic)


@flow
def notification_rule_reaches_topic(site: Site) -> Iterator[Need]:
    """A NotificationRule publishes by the CDK's own topic policy."""
    from aws_cdk import aws_codebuild as codebuild

    topic = site.m.sns.Topic(site.stack, "Topic")
    spec = codebuild.BuildSpec.from_object({"version": "0.2"})
    project = codebuild.Project(site.stack, "Project", build_spec=spec)
    project.notify_on_build_failed("Notice", topic)
    yield service("codestar-notifications.amazonaws.com").does("sns:Publish", topic)


@flow
def vault_notifies_topic(site: Site) -> Iterator[Need]:
    """A backup vault publishes its events, by the CDK's own grant."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    vault = site.m.backup.BackupVault(site.stack, "Vault", notification_topic=topic)
    yield service("backup.amazonaws.com", vault).does("sns:Publish", topic)


@flow
def l1_vault_notifies_topic(site: Site) -> Iterator[Need]:
    """A CfnBackupVault publishes to a topic whose policy the user wrote."""
    backup = site.m.backup
    topic = site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("backup.amazonaws.com", topic))
    notice = backup.CfnBackupVault.NotificationObjectTypeProperty(
        backup_vault_events=["BACKUP_JOB_FAILED"], sns_topic_arn=topic.topic_arn
    )
    vault = backup.CfnBackupVault(site.stack, "Vault", backup_vault_name="vault", notifications=notice)
    yield service("backup.amazonaws.com", vault).does("sns:Publish", topic)


@flow
def config_notifies_topic(site: Site) -> Iterator[Need]:
    """AWS Config publishes to its delivery channel's topic; never to an encrypted one."""
    bucket, topic = site.m.s3.Bucket(site.stack, "Bucket"), site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("config.amazonaws.com", topic))
    config.CfnDeliveryChannel(site.stack, "Channel", s3_bucket_name=bucket.bucket_name, sns_topic_arn=topic.topic_arn)
    yield service("config.amazonaws.com").does("sns:Publish", topic)


@flow
def trail_notifies_topic(site: Site) -> Iterator[Need]:
    """A trail publishes to a topic, by the CDK's own grant."""
    topic = site.m.sns.Topic(site.stack, "Topic")
    trail = site.m.cloudtrail.Trail(site.stack, "Trail", sns_topic=topic)
    yield service("cloudtrail.amazonaws.com", trail).does("sns:Publish", topic)


@flow
def role_uses_queue_by_hand_written_policy(site: Site) -> Iterator[Need]:
    """A role whose policy allows sending and receiving does so."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    user = role(site.role("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", on=queue.queue_arn))
    yield user.does("sqs:SendMessage", queue)
    yield user.does("sqs:ReceiveMessage", queue)
    yield user.does("sqs:DeleteMessage", queue)


@flow
def role_uses_queue_by_managed_policy(site: Site) -> Iterator[Need]:
    """A role with AmazonSQSFullAccess sends and receives."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    user = role(site.managed("AmazonSQSFullAccess"))
    yield user.does("sqs:SendMessage", queue)
    yield user.does("sqs:ReceiveMessage", queue)


@flow
def imported_role_uses_queue(site: Site) -> Iterator[Need]:
    """A role that the app cannot change sends to a queue with a dead-letter queue."""
    sqs = site.m.sqs
    dead = sqs.Queue(site.stack, "Dead")
    queue = sqs.Queue(site.stack, "Queue", dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=3))
    queue.grant_send_messages(site.imported("sqs:*"))
    yield site.as_imported().does("sqs:SendMessage", queue)
    yield site.as_imported().does("sqs:ReceiveMessage", dead)


@flow
def topic_subscription_has_dead_letter_queue(site: Site) -> Iterator[Need]:
    """A subscription's undelivered messages go to a dead-letter queue."""
    topic, dead = site.m.sns.Topic(site.stack, "Topic"), site.m.sqs.Queue(site.stack, "Dead")
    topic.add_subscription(subscriptions.LambdaSubscription(site.function(), dead_letter_queue=dead))
    yield service("sns.amazonaws.com", topic).does("sqs:SendMessage", dead)


@flow
def function_publishes_to_topic_of_another_region_stack(site: Site) -> Iterator[Need]:
    """A role with a fixed name in another region publishes, by the CDK's grant."""
    far = site.stack_in("Far", region="eu-west-1")
    publisher = iam.Role(far, "Role", role_name="publisher", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    topic = site.m.sns.Topic(site.stack, "Topic", topic_name="news")
    topic.grant_publish(publisher)
    yield role(publisher).does("sns:Publish", topic)


@flow
def granted_unnamed_role_of_another_region_publishes(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, publishes to a named topic by the CDK's grant."""
    publisher = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    topic = site.m.sns.Topic(site.stack, "Topic", topic_name="news")
    topic.grant_publish(publisher)
    yield role(publisher).does("sns:Publish", topic)


@flow
def granted_unnamed_role_of_another_region_sends(site: Site) -> Iterator[Need]:
    """A role without a name, of a stack in another region, sends to a named queue by the CDK's grant."""
    sender = site.role(scope=site.stack_in("Far", region="eu-west-1"))
    queue = site.m.sqs.Queue(site.stack, "Queue", queue_name="work")
    queue.grant_send_messages(sender)
    yield role(sender).does("sqs:SendMessage", queue)


@flow
def receipt_rule_stores_mail_and_notifies(site: Site) -> Iterator[Need]:
    """A receipt rule of SES stores mail in a bucket and publishes, by the CDK's own grants."""
    bucket, topic = site.m.s3.Bucket(site.stack, "Bucket"), site.m.sns.Topic(site.stack, "Topic")
    topic.add_to_resource_policy(_publish("ses.amazonaws.com", topic))
    rules = ses.ReceiptRuleSet(site.stack, "Rules")
    rules.add_rule("Store", actions=[ses_actions.S3(bucket=bucket, topic=topic)])
    yield service("ses.amazonaws.com").does("s3:PutObject", bucket, "/a")
    yield service("ses.amazonaws.com").does("sns:Publish", topic)


@flow
def bucket_events_reach_rule(site: Site) -> Iterator[Need]:
    """A bucket sends its events to EventBridge and to a queue, as the user asked."""
    s3, queue = site.m.s3, site.m.sqs.Queue(site.stack, "Queue")
    bucket = s3.Bucket(site.stack, "Bucket", event_bridge_enabled=True)
    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, notifications.SqsDestination(queue))

    def emits(world: World) -> str | None:
        own = resource_of(world, bucket).get("NotificationConfiguration.EventBridgeConfiguration") is not None
        custom = any(
            each.get("NotificationConfiguration.EventBridgeConfiguration") is not None
            for each in world.all("Custom::S3BucketNotifications")
        )
        return None if own or custom else "no events go to EventBridge"

    yield Fact("events go to EventBridge", "Amazon S3: Using EventBridge", emits, bucket)
    yield service("s3.amazonaws.com", bucket).does("sqs:SendMessage", queue)


@flow
def queue_of_another_stack_feeds_function(site: Site) -> Iterator[Need]:
    """A function consumes a queue of another stack; a topic of a third one publishes to it."""
    queue = site.m.sqs.Queue(site.stack, "Queue")
    topic = site.m.sns.Topic(site.stack_in("News"), "Topic")
    topic.add_subscription(subscriptions.SqsSubscription(queue))
    function = site.function(scope=site.stack_in("App"))
    queue.grant_consume_messages(function)
    yield role(function.role).does("sqs:ReceiveMessage", queue)
    yield service("sns.amazonaws.com", topic).does("sqs:SendMessage", queue)

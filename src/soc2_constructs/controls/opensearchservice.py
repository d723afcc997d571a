"""Amazon OpenSearch Service, the domains of Elasticsearch included."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

DOMAIN = "AWS::OpenSearchService::Domain"
ELASTICSEARCH_DOMAIN = "AWS::Elasticsearch::Domain"

_OPERATION_LOGS = ("ES_APPLICATION_LOGS", "SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS")


@control(
    resource_types=DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=opensearchservice.LoggingOptions(audit_log_enabled=True)` and `fine_grained_access_control` "
    "(LogPublishingOptions.AUDIT_LOGS, AdvancedSecurityOptions.Enabled: true).",
    config_rule="OPENSEARCH_AUDIT_LOGGING_ENABLED",
    prowler=("opensearch_service_domains_audit_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.3", "A1.2")},
)
def opensearch_domain_audit_logging_enabled(domain: Resource) -> Verdict:
    """OpenSearch domains publish audit logs.

    Who signed in, who was refused, and who read which index. The domain writes them only with fine-grained access
    control, which cannot be switched off again, and only after audit logging is switched on inside of OpenSearch as
    well: that half no template shows. The change is a blue/green deployment without downtime.
    """
    return _audits(domain)


@control(
    resource_types=DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=opensearchservice.LoggingOptions(app_log_enabled=True, slow_search_log_enabled=True, "
    "slow_index_log_enabled=True)` (LogPublishingOptions: ES_APPLICATION_LOGS, SEARCH_SLOW_LOGS, INDEX_SLOW_LOGS).",
    config_rule="OPENSEARCH_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error,search,index"},
    prowler=("opensearch_service_domains_cloudwatch_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.3", "A1.2")},
)
def opensearch_domain_logs_to_cloudwatch(domain: Resource) -> Verdict:
    """OpenSearch domains publish error and slow logs.

    The error log tells why a domain failed, the slow logs what wore it down. What counts as slow is set for each index,
    inside of OpenSearch. Log groups cost by volume; nothing restarts.
    """
    return _publishes(domain, *_OPERATION_LOGS)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="encryption_at_rest",
    severity="high",
    fix="Set `encryption_at_rest=opensearchservice.EncryptionAtRestOptions(enabled=True)` "
    "(EncryptionAtRestOptions.Enabled: true).",
    config_rule=("ELASTICSEARCH_ENCRYPTED_AT_REST", "OPENSEARCH_ENCRYPTED_AT_REST"),
    prowler=("opensearch_service_domains_encryption_at_rest_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def es_domain_encryption_at_rest_enabled(domain: Resource) -> Verdict:
    """Search domains are encrypted at rest.

    Encryption covers indices, logs, swap files and automated snapshots; where nothing is said there is none. From
    Elasticsearch 6.7 on it can be switched on for a domain that exists, by a blue/green deployment without downtime,
    and never off again. Earlier versions need a new domain.
    """
    return domain["EncryptionAtRestOptions.Enabled"].equals(True)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="network_boundary",
    severity="high",
    fix="Set `vpc=vpc` and `vpc_subnets` to private subnets (VPCOptions.SubnetIds).",
    config_rule=("ELASTICSEARCH_IN_VPC_ONLY", "OPENSEARCH_IN_VPC_ONLY"),
    prowler=("opensearch_service_domains_not_publicly_accessible",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def es_domain_in_vpc(domain: Resource) -> Verdict:
    """Search domains live in a VPC.

    Outside of one the domain has a public address, and its access policy is all that stands before the data. A domain
    cannot move: make a new one in the VPC, restore a snapshot there, and send clients to the new address.
    """
    return domain["VPCOptions.SubnetIds"].is_set()


@control(
    resource_types=ELASTICSEARCH_DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging` with `app_log_enabled`, `slow_search_log_enabled` and `slow_index_log_enabled` "
    "(LogPublishingOptions: ES_APPLICATION_LOGS, SEARCH_SLOW_LOGS, INDEX_SLOW_LOGS).",
    config_rule="ELASTICSEARCH_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error,search,index"},
    prowler=("opensearch_service_domains_cloudwatch_logging_enabled",),
    also_mapped={"inferred": ("CC7.3", "A1.2")},
)
def es_domain_logs_to_cloudwatch(domain: Resource) -> Verdict:
    """Elasticsearch domains publish error and slow logs.

    The same as for OpenSearch, on the resource type from before it: why a domain failed, and what wore it down. Nothing
    restarts.
    """
    return _publishes(domain, *_OPERATION_LOGS)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="encryption_in_transit",
    severity="high",
    fix="Set `node_to_node_encryption=True` (NodeToNodeEncryptionOptions.Enabled: true).",
    config_rule=("ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK", "OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK"),
    prowler=("opensearch_service_domains_node_to_node_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.7")},
)
def es_domain_node_to_node_encryption_enabled(domain: Resource) -> Verdict:
    """Traffic between the nodes of search domains is encrypted.

    TLS to the domain ends at its first node; from there shards travel in plain text, unless this is on. From
    Elasticsearch 6.7 on it can be switched on for a domain that exists, by a blue/green deployment without downtime,
    and never off again. Earlier versions need a new domain.
    """
    return domain["NodeToNodeEncryptionOptions.Enabled"].equals(True)


@control(
    resource_types=ELASTICSEARCH_DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging` with `audit_log_enabled=True` and `fine_grained_access_control` "
    "(LogPublishingOptions.AUDIT_LOGS, AdvancedSecurityOptions.Enabled: true).",
    prowler=("opensearch_service_domains_audit_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def es_domain_audit_logging_enabled(domain: Resource) -> Verdict:
    """Elasticsearch domains publish audit logs.

    The same as for OpenSearch: who signed in, who was refused, and who read which index. It takes Elasticsearch 6.7 or
    later with fine-grained access control, and audit logging switched on inside of Elasticsearch.
    """
    return _audits(domain)


def _audits(domain: Resource) -> Verdict:
    return _publishes(domain, "AUDIT_LOGS") & domain["AdvancedSecurityOptions.Enabled"].equals(True)


def _publishes(domain: Resource, *logs: str) -> Verdict:
    """Whether the domain publishes each of the logs: an option that does not say so publishes nothing."""
    options = [domain["LogPublishingOptions"][log] for log in logs]
    return all_of(option["Enabled"].equals(True) & option["CloudWatchLogsLogGroupArn"].is_set() for option in options)

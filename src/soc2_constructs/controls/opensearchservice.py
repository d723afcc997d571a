"""Amazon OpenSearch Service, including Elasticsearch domains."""

from __future__ import annotations

from soc2_constructs.aws.end_of_support import SEARCH, is_supported
from soc2_constructs.aws.policies import statements_of
from soc2_constructs.aws.public_access import no_public_grant
from soc2_constructs.aws.required import is_given
from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

DOMAIN = "AWS::OpenSearchService::Domain"
ELASTICSEARCH_DOMAIN = "AWS::Elasticsearch::Domain"

_OPERATION_LOGS = ("ES_APPLICATION_LOGS", "SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS")


@control(
    resource_types=(DOMAIN, ELASTICSEARCH_DOMAIN),
    kind="public_data",
    severity="high",
    fix="Set the account or service in `principals` of the `iam.PolicyStatement`, or "
    '`conditions={"StringEquals": {"aws:PrincipalOrgID": organization}}` '
    "(AccessPolicies).",
    config_rule="OPENSEARCH_IN_VPC_ONLY",
    prowler=("opensearch_service_domains_not_publicly_accessible",),
)
def es_domain_not_publicly_accessible(domain: Resource) -> Verdict:
    """Access policies of search domains do not allow public access.

    Everyone could read and change the indexes of a public domain. Domains inside a VPC pass, because only clients in
    the VPC reach them.

    Fixed values of an account, an organization, a network or a source narrow a statement for everyone. The
    change takes effect at once.
    """
    return domain["VPCOptions.SubnetIds"].is_set() | no_public_grant(statements_of(domain, "AccessPolicies"), "es")


@control(
    resource_types=DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=opensearchservice.LoggingOptions(audit_log_enabled=True, audit_log_group=log_group)`, "
    "`fine_grained_access_control=opensearchservice.AdvancedSecurityOptions(master_user_arn=role.role_arn)`, "
    "`enforce_https=True`, `node_to_node_encryption=True` and "
    "`encryption_at_rest=opensearchservice.EncryptionAtRestOptions(enabled=True)` "
    "(LogPublishingOptions.AUDIT_LOGS, AdvancedSecurityOptions.Enabled: true).",
    config_rule="OPENSEARCH_AUDIT_LOGGING_ENABLED",
    prowler=("opensearch_service_domains_audit_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.3", "A1.2")},
)
def opensearch_domain_audit_logging_enabled(domain: Resource) -> Verdict:
    """OpenSearch domains publish audit logs.

    Audit logs record sign-ins, rejected requests, and access to indices.

    Audit logs require fine-grained access control, which cannot be disabled again. It requires HTTPS, node-to-node
    encryption and encryption at rest. Audit logging must also be enabled inside OpenSearch, which no template shows.
    The change is a blue/green deployment without downtime.
    """
    return _audits(domain)


@control(
    resource_types=DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=opensearchservice.LoggingOptions(app_log_enabled=True, slow_search_log_enabled=True, "
    "slow_index_log_enabled=True)` (LogPublishingOptions: ES_APPLICATION_LOGS, SEARCH_SLOW_LOGS, "
    "INDEX_SLOW_LOGS).",
    config_rule="OPENSEARCH_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error,search,index"},
    prowler=("opensearch_service_domains_cloudwatch_logging_enabled",),
    also_mapped={"Powerpipe": ("CC7.3", "A1.2")},
)
def opensearch_domain_logs_to_cloudwatch(domain: Resource) -> Verdict:
    """OpenSearch domains publish error and slow logs.

    Error logs show why a domain failed, and slow logs which requests overload it.

    The thresholds of slow logs are set for each index, inside OpenSearch. The change restarts nothing; log volume
    costs.
    """
    return _publishes(domain, *_OPERATION_LOGS)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="encryption_at_rest",
    severity="high",
    severity_reason="Without the setting, data is stored unencrypted.",
    fix="Set `encryption_at_rest=opensearchservice.EncryptionAtRestOptions(enabled=True)` "
    "(EncryptionAtRestOptions.Enabled: true).",
    config_rule=("ELASTICSEARCH_ENCRYPTED_AT_REST", "OPENSEARCH_ENCRYPTED_AT_REST"),
    prowler=("opensearch_service_domains_encryption_at_rest_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2")},
)
def es_domain_encryption_at_rest_enabled(domain: Resource) -> Verdict:
    """Search domains are encrypted at rest.

    Encryption covers indices, logs, swap files and automated snapshots. It is disabled by default.

    From Elasticsearch 6.7, encryption can be enabled on a deployed domain by a blue/green deployment without downtime.
    It cannot be disabled again. Earlier versions need a new domain.
    """
    return domain["EncryptionAtRestOptions.Enabled"].equals(True)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="network_boundary",
    severity="high",
    fix="Set `vpc=vpc` and `vpc_subnets` with private subnets (VPCOptions.SubnetIds).",
    config_rule=("ELASTICSEARCH_IN_VPC_ONLY", "OPENSEARCH_IN_VPC_ONLY"),
    prowler=("opensearch_service_domains_not_publicly_accessible",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.6")},
)
def es_domain_in_vpc(domain: Resource) -> Verdict:
    """Search domains are inside a VPC.

    A domain outside of a VPC has a public endpoint, and only its access policy protects the data.

    The change replaces the domain and its endpoint. To keep the data, restore a snapshot into the new domain and update
    clients.
    """
    return domain["VPCOptions.SubnetIds"].is_set()


@control(
    resource_types=ELASTICSEARCH_DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=elasticsearch.LoggingOptions(app_log_enabled=True, slow_search_log_enabled=True, "
    "slow_index_log_enabled=True)` (LogPublishingOptions: ES_APPLICATION_LOGS, SEARCH_SLOW_LOGS, "
    "INDEX_SLOW_LOGS).",
    config_rule="ELASTICSEARCH_LOGS_TO_CLOUDWATCH",
    config_parameters={"logTypes": "error,search,index"},
    prowler=("opensearch_service_domains_cloudwatch_logging_enabled",),
    also_mapped={"inferred": ("CC7.3", "A1.2")},
)
def es_domain_logs_to_cloudwatch(domain: Resource) -> Verdict:
    """Elasticsearch domains publish error and slow logs.

    Error logs show why a domain failed, and slow logs which requests overload it.

    The thresholds of slow logs are set for each index, inside Elasticsearch. The change restarts nothing; log volume
    costs.
    """
    return _publishes(domain, *_OPERATION_LOGS)


@control(
    resource_types=(ELASTICSEARCH_DOMAIN, DOMAIN),
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="The traffic stays inside of the network of the domain, so it is not exposed to the internet.",
    fix="Set `node_to_node_encryption=True` (NodeToNodeEncryptionOptions.Enabled: true).",
    config_rule=("ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK", "OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK"),
    prowler=("opensearch_service_domains_node_to_node_encryption_enabled",),
    also_mapped={"inferred": ("CC6.1", "CC6.2", "CC6.7")},
)
def es_domain_node_to_node_encryption_enabled(domain: Resource) -> Verdict:
    """Traffic between nodes of search domains is encrypted.

    TLS to the domain ends at the first node. Without node-to-node encryption, data between nodes is in plain text.

    From Elasticsearch 6.7, it can be enabled on a deployed domain by a blue/green deployment without downtime. It
    cannot be disabled again. Earlier versions need a new domain.
    """
    return domain["NodeToNodeEncryptionOptions.Enabled"].equals(True)


@control(
    resource_types=ELASTICSEARCH_DOMAIN,
    kind="logging",
    severity="medium",
    fix="Set `logging=elasticsearch.LoggingOptions(audit_log_enabled=True, audit_log_group=log_group)`, "
    "`fine_grained_access_control=elasticsearch.AdvancedSecurityOptions(master_user_arn=role.role_arn)`, "
    "`enforce_https=True`, `node_to_node_encryption=True` and "
    "`encryption_at_rest=elasticsearch.EncryptionAtRestOptions(enabled=True)` "
    "(LogPublishingOptions.AUDIT_LOGS, AdvancedSecurityOptions.Enabled: true).",
    prowler=("opensearch_service_domains_audit_logging_enabled",),
    also_mapped={"inferred": ("A1.2",)},
)
def es_domain_audit_logging_enabled(domain: Resource) -> Verdict:
    """Elasticsearch domains publish audit logs.

    Audit logs record sign-ins, rejected requests, and access to indices.

    Audit logs require Elasticsearch 6.7 or later with fine-grained access control. It requires HTTPS, node-to-node
    encryption and encryption at rest. Audit logging must also be enabled inside Elasticsearch, which no template shows.
    The change is a blue/green deployment without downtime.
    """
    return _audits(domain)


def _audits(domain: Resource) -> Verdict:
    return _publishes(domain, "AUDIT_LOGS") & domain["AdvancedSecurityOptions.Enabled"].equals(True)


def _publishes(domain: Resource, *logs: str) -> Verdict:
    """Whether the domain publishes each of the logs: Enabled is true, and a log group is set."""
    options = [domain["LogPublishingOptions"][log] for log in logs]
    return all_of(option["Enabled"].equals(True) & is_given(option["CloudWatchLogsLogGroupArn"]) for option in options)


@control(
    resource_types=(DOMAIN, ELASTICSEARCH_DOMAIN),
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Most domains are reachable only from inside a VPC.",
    fix="Set `enforce_https=True` and `tls_security_policy=opensearchservice.TLSSecurityPolicy.TLS_1_2_PFS` "
    "(DomainEndpointOptions.EnforceHTTPS: true, TLSSecurityPolicy: Policy-Min-TLS-1-2-PFS-2023-10).",
    config_rule="OPENSEARCH_HTTPS_REQUIRED",
    prowler=("opensearch_service_domains_https_communications_enforced",),
)
def opensearch_domain_https_required(domain: Resource) -> Verdict:
    """OpenSearch and Elasticsearch domains accept only HTTPS with TLS 1.2.

    Otherwise clients can send credentials and documents in plaintext, or with a version of TLS that has known
    weaknesses. By default a domain accepts HTTP, and TLS 1.0.

    The change is a blue/green deployment without downtime. Clients that use HTTP cannot connect.
    """
    options = domain["DomainEndpointOptions"]
    policy = options["TLSSecurityPolicy"].default("Policy-Min-TLS-1-0-2019-07")
    return options["EnforceHTTPS"].equals(True) & policy.satisfies(
        lambda name: str(name).startswith("Policy-Min-TLS-1-2"), "a policy that requires TLS 1.2"
    )


@control(
    resource_types=(DOMAIN, ELASTICSEARCH_DOMAIN),
    kind="vulnerabilities",
    severity="low",
    severity_reason="AWS still patches critical vulnerabilities in extended support, at an additional price.",
    fix="Set `version=opensearchservice.EngineVersion.OPENSEARCH_2_19` or newer (EngineVersion: OpenSearch_2.19).",
)
def opensearch_domain_engine_version_supported(domain: Resource) -> Verdict:
    """OpenSearch and Elasticsearch domains run a version in standard support.

    Afterwards, OpenSearch Service charges for extended support, which covers critical vulnerabilities only. The day of
    the audit decides. An Elasticsearch domain without a version runs 1.5.

    The upgrade is a blue/green deployment without downtime. Several upgrades can be necessary one after another.
    """
    if domain.type == DOMAIN:
        return is_supported(domain["EngineVersion"], SEARCH)
    return is_supported(domain["ElasticsearchVersion"].default("1.5"), SEARCH, prefix="Elasticsearch_")

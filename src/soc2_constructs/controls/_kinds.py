"""Kinds of controls, and the criteria that a control of each kind supports.

The kind of a control determines the criteria that it supports, the primary one first, with one sentence of rationale
for each. Example: a control of the kind ``encryption_at_rest`` supports CC6.1 and C1.1.

    >>> KINDS["encryption_at_rest"].criteria
    ('CC6.1', 'C1.1')
    >>> KINDS["encryption_at_rest"].rationale("C1.1")
    'Encryption at rest keeps confidential information unreadable to anyone without access to the key.'

Sources: the ids and subjects of the criteria are those of AICPA TSP section 100 (2017, points of focus revised 2022).
The rationale is ours.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind:
    """The subject of a group of controls.

    Attributes:
        id: The name that `@control(kind=...)` takes, such as `"encryption_at_rest"`.
        title: The subject in words, for pages and reports.
        criteria: Ids of the criteria that a control of this kind supports, the primary one first.
    """

    __slots__ = ("_rationale", "criteria", "id", "title")

    def __init__(self, id: str, title: str, rationale: Mapping[str, str]) -> None:
        self.id = id
        self.title = title
        self.criteria = tuple(rationale)
        self._rationale = rationale

    def rationale(self, criterion: str) -> str:
        """Return the sentence that explains why a control of this kind supports a criterion.

        Raises:
            KeyError: The kind does not support the criterion.
        """
        return self._rationale[criterion]

    def __repr__(self) -> str:
        return f"<Kind {self.id}>"


#: Every kind by its id. The first criterion of each is the primary one.
KINDS: Mapping[str, Kind] = {
    id: Kind(id, title, rationale)
    for id, title, rationale in (
        (
            "encryption_at_rest",
            "Encryption at rest and keys",
            {
                "CC6.1": "Encryption at rest adds a second logical access control: reading the data also requires "
                "permission to use the key.",
                "C1.1": "Encryption at rest keeps confidential information unreadable to anyone without access to the "
                "key.",
            },
        ),
        (
            "encryption_in_transit",
            "Encryption in transit",
            {
                "CC6.7": "TLS protects information from disclosure and change while it is transmitted.",
                "CC6.1": "Authenticated, encrypted connections keep credentials and sessions from being intercepted.",
                "C1.1": "Confidential information stays unreadable on the network.",
            },
        ),
        (
            "public_data",
            "Public data",
            {
                "CC6.1": "Access is limited to identified principals instead of everyone.",
                "CC6.6": "Data is not exposed to the public internet.",
                "CC6.7": "Information leaves the system only to authorized recipients.",
                "C1.1": "Confidential information is not published by mistake.",
            },
        ),
        (
            "network_boundary",
            "Network boundary",
            {
                "CC6.6": "Traffic from outside the system boundary is restricted at the network edge.",
                "CC6.1": "Network segmentation limits which sources can reach a resource at all.",
            },
        ),
        (
            "permissions",
            "Permissions",
            {
                "CC6.3": "Permissions follow least privilege and are assigned by role.",
                "CC6.1": "Policies limit which principals can use a resource and what they can do with it.",
            },
        ),
        (
            "authentication",
            "Authentication",
            {
                "CC6.1": "Principals are authenticated before access is granted.",
                "CC6.6": "Stronger authentication protects access from outside the system boundary.",
            },
        ),
        (
            "secrets",
            "Secrets and root credentials",
            {
                "CC6.1": "Credentials are protected and replaced, so that a disclosed one grants little or no access.",
                "C1.1": "Secrets, and the information that they protect, are not disclosed.",
            },
        ),
        (
            "credential_lifecycle",
            "Life cycle of user credentials",
            {
                "CC6.2": "Credentials are removed when they are no longer needed.",
                "CC6.1": "Fewer active credentials leave fewer ways to gain access.",
                "CC6.3": "Access is withdrawn when roles change or users leave.",
            },
        ),
        (
            "vulnerabilities",
            "Vulnerability management",
            {
                "CC7.1": "Known vulnerabilities are detected.",
                "CC6.8": "Vulnerable or malicious software is found before or soon after it runs.",
                "CC8.1": "Patches are identified and applied as part of change management.",
            },
        ),
        (
            "unauthorized_software",
            "Unauthorized software",
            {
                "CC6.8": "Unauthorized or malicious software is prevented from being introduced.",
                "CC8.1": "Only approved software is deployed.",
            },
        ),
        (
            "configuration_detection",
            "Detection of configuration changes",
            {
                "CC7.1": "Changes that introduce weaknesses are detected.",
                "CC4.1": "Configuration is evaluated continuously against a defined baseline.",
                "CC8.1": "Unauthorized or unexpected changes become visible.",
            },
        ),
        (
            "logging",
            "Logs",
            {
                "CC7.2": "Logs record the activity in which anomalies and security events are detected.",
                "CC7.3": "Logs are the record from which security events are evaluated.",
            },
        ),
        (
            "log_integrity",
            "Integrity and protection of logs",
            {
                "CC7.2": "Monitoring can rely on logs that cannot be changed unnoticed.",
                "CC6.1": "Access to logs is restricted to those who need it.",
            },
        ),
        (
            "alarms",
            "Alarms",
            {
                "CC7.2": "Anomalies raise an alarm.",
                "CC7.3": "An alarm prompts someone to evaluate the event.",
            },
        ),
        (
            "configuration_alarms",
            "Alarms on configuration changes",
            {
                "CC7.2": "Changes of security settings raise an alarm.",
                "CC7.3": "An alarm prompts someone to evaluate the change.",
                "CC7.1": "Changes that can introduce weaknesses are detected when they are made.",
            },
        ),
        (
            "threat_detection",
            "Threat detection",
            {
                "CC7.2": "Indicators of an attack are detected.",
                "CC6.8": "Malicious activity and software are detected.",
            },
        ),
        (
            "incident_response",
            "Incident response",
            {
                "CC7.4": "Security incidents are responded to.",
                "CC7.3": "Security events are evaluated to decide whether they are incidents.",
            },
        ),
        (
            "backups",
            "Backups and recovery points",
            {
                "A1.2": "Data can be restored after loss or corruption.",
                "CC7.5": "Data from before a security incident is available for recovery.",
            },
        ),
        (
            "deletion_protection",
            "Deletion protection",
            {
                "A1.2": "Data and the systems that store it are protected from accidental deletion.",
                "C1.1": "Confidential information is protected from erasure during its retention period.",
            },
        ),
        (
            "failover",
            "Redundancy and failover",
            {"A1.2": "The system stays available when a zone or a component fails."},
        ),
        (
            "capacity",
            "Capacity",
            {"A1.1": "Capacity is managed to meet demand."},
        ),
        (
            "restore_tests",
            "Restore tests",
            {
                "A1.3": "Recovery is tested.",
                "CC7.5": "Tests show that recovery from an incident works.",
            },
        ),
        (
            "processing",
            "Queues and processing",
            {
                "PI1.3": "Processing is complete: failed or late items are kept and can be processed again.",
                "A1.2": "Work survives the failure of a consumer.",
            },
        ),
        (
            "disposal",
            "Life cycle and disposal",
            {
                "C1.2": "Confidential information is disposed of at the end of its retention period.",
                "P4.2": "Personal information is retained no longer than its purpose requires.",
                "P4.3": "Personal information is disposed of.",
            },
        ),
        (
            "inventory",
            "Inventory and ownership",
            {"CC6.1": "Information assets are identified, so that access to them can be managed."},
        ),
        (
            "deployment_approval",
            "Approval of deployments",
            {"CC8.1": "Changes are authorized before they are deployed."},
        ),
        (
            "risk_acceptance",
            "Accepted risks",
            {
                "CC3.2": "An accepted risk is analyzed, owned and limited in time.",
                "CC4.2": "A deficiency that is not fixed is recorded and followed up.",
            },
        ),
    )
}

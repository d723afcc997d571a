"""AWS Transfer Family."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of, passed
from soc2_constructs.controls import control

SERVER = "AWS::Transfer::Server"


@control(
    resource_types=SERVER,
    kind="network_boundary",
    severity="medium",
    severity_reason="Users must still authenticate.",
    fix='Set `endpoint_type="VPC"` and `endpoint_details` with `subnet_ids` and `security_group_ids` on '
    "`transfer.CfnServer`; for partners on the internet add `address_allocation_ids` (EndpointType: VPC).",
)
def transfer_server_endpoint_in_vpc(server: Resource) -> Verdict:
    """Transfer servers have their endpoints in a VPC.

    A public endpoint accepts connections from every address. An endpoint in a VPC has security groups, which admit only
    the addresses of your partners, and flow logs.

    An endpoint in a VPC can have Elastic IP addresses for partners on the internet. The change stops the server and
    changes its address.
    """
    return server["EndpointType"].default("PUBLIC").one_of("VPC", "VPC_ENDPOINT")


@control(
    resource_types=SERVER,
    kind="encryption_in_transit",
    severity="high",
    fix='Set `protocols=["SFTP"]` or `["FTPS"]` on `CfnServer` (Protocols without FTP).',
    config_rule="TRANSFER_FAMILY_SERVER_NO_FTP",
    prowler=("transfer_server_in_transit_encryption_enabled",),
    also_mapped={"Prowler": ("CC6.7",)},
)
def transfer_server_no_ftp_protocol(server: Resource) -> Verdict:
    """Transfer servers do not offer FTP.

    FTP transmits passwords and files in plain text, also inside a VPC.

    Without Protocols, a server offers SFTP only. Protocols can be changed without replacement. FTP clients must change
    to SFTP or FTPS.
    """
    protocols = server["Protocols"]
    return all_of(passed("Protocols does not include FTP"), (~protocol.equals("FTP") for protocol in protocols.each()))


@control(
    resource_types=SERVER,
    kind="encryption_in_transit",
    severity="low",
    severity_reason="The older policies require current clients to choose a weak algorithm.",
    fix='Remove `security_policy_name`, or set `security_policy_name="TransferSecurityPolicy-2024-01"` on `CfnServer` '
    "(SecurityPolicyName: TransferSecurityPolicy-2024-01).",
)
def transfer_server_security_policy_current(server: Resource) -> Verdict:
    """Transfer servers do not offer SHA-1 or other outdated algorithms.

    The security policies of 2018 and 2020 offer SHA-1, which has known weaknesses. New servers get a current policy by
    default.

    Nothing is interrupted. Clients that only support the old algorithms cannot connect.
    """
    # AWS Transfer Family User Guide, "Security policies for AWS Transfer Family servers".
    policy = server["SecurityPolicyName"].default("TransferSecurityPolicy-2024-01")
    return ~policy.satisfies(lambda name: "-2018-" in str(name) or "-2020-" in str(name), "a current policy")

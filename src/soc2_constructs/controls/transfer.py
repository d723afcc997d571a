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

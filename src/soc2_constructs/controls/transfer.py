"""AWS Transfer Family."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of, passed
from soc2_constructs.controls import control

SERVER = "AWS::Transfer::Server"


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

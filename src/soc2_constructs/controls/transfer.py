"""AWS Transfer Family."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, all_of
from soc2_constructs.controls import control

SERVER = "AWS::Transfer::Server"


@control(
    resource_types=SERVER,
    kind="encryption_in_transit",
    severity="high",
    fix='Set `protocols=["SFTP"]` or `["FTPS"]` (Protocols without FTP).',
    config_rule="TRANSFER_FAMILY_SERVER_NO_FTP",
    prowler=("transfer_server_in_transit_encryption_enabled",),
    also_mapped={"Prowler": ("CC6.7",)},
)
def transfer_server_no_ftp_protocol(server: Resource) -> Verdict:
    """Transfer servers offer no plain FTP.

    FTP sends passwords and files in clear text, also inside a VPC, which is where a server that offers it has to be.
    Without Protocols a server offers SFTP only. Protocols can change without replacement; clients of FTP have to change
    with them.
    """
    return all_of(~protocol.equals("FTP") for protocol in server["Protocols"].each())

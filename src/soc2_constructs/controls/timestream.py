"""Amazon Timestream."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict
from soc2_constructs.controls import control

INSTANCE = "AWS::Timestream::InfluxDBInstance"
CLUSTER = "AWS::Timestream::InfluxDBCluster"


@control(
    resource_types=(INSTANCE, CLUSTER),
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` on `timestream.CfnInfluxDBInstance` (PubliclyAccessible: false).",
)
def timestream_influxdb_not_publicly_accessible(database: Resource) -> Verdict:
    """Timestream for InfluxDB databases are not publicly accessible.

    A public database can be attacked from the internet with guessed or stolen tokens.

    The default is private. The change replaces the database; its data is lost.
    """
    return database["PubliclyAccessible"].default(False).equals(False)

"""Amazon Lightsail."""

from __future__ import annotations

from soc2_constructs.aws.network import is_internet
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.controls import control

BUCKET = "AWS::Lightsail::Bucket"
DATABASE = "AWS::Lightsail::Database"
INSTANCE = "AWS::Lightsail::Instance"


@control(
    resource_types=DATABASE,
    kind="network_boundary",
    severity="high",
    fix="Set `publicly_accessible=False` on `lightsail.CfnDatabase` (PubliclyAccessible: false).",
    prowler=("lightsail_database_public",),
)
def lightsail_database_not_publicly_accessible(database: Resource) -> Verdict:
    """Lightsail databases are not publicly accessible.

    A public database can be attacked from the internet with guessed or stolen passwords.

    The change needs no replacement and disconnects clients outside of Lightsail.
    """
    return database["PubliclyAccessible"].default(False).equals(False)


@control(
    resource_types=BUCKET,
    kind="public_data",
    severity="high",
    fix='Set `get_object="private"` in `access_rules` of `lightsail.CfnBucket` (AccessRules.GetObject: private).',
)
def lightsail_bucket_not_publicly_accessible(bucket: Resource) -> Verdict:
    """Objects of Lightsail buckets are private.

    Everyone on the internet can read a public bucket.

    Private is the default. The change takes effect at once and interrupts readers without credentials. Serve public
    files through a distribution.
    """
    return bucket["AccessRules.GetObject"].default("private").equals("private")


@control(
    resource_types=INSTANCE,
    kind="network_boundary",
    severity="medium",
    severity_reason="The port may be meant for the public.",
    fix='Set `ports` in `networking` of `lightsail.CfnInstance`, with `cidrs=["203.0.113.0/24"]` for each port '
    "that is not for the public (Networking.Ports[].Cidrs).",
    prowler=("lightsail_instance_public",),
)
def lightsail_instance_restrict_ingress_public_ports(
    instance: Resource, *, public_ports: tuple[float, ...] = (80, 443)
) -> Verdict:
    """Lightsail instances open only the ports for the public to the internet.

    Every open port is a service that anyone can attack. The default firewall of Lightsail opens SSH or RDP to everyone.

    Ports 80 and 443 pass. A port without Cidrs is open to everyone. The change takes effect at once.
    """
    ports = instance["Networking.Ports"]
    if ports.is_absent:
        return failed("{} is not set; the default firewall opens SSH or RDP to everyone", ports, path=ports.path)
    return all_of(_is_meant(port, public_ports) | ~_is_for_everyone(port) for port in ports.each())


def _is_meant(port: Value, public_ports: tuple[float, ...]) -> Verdict:
    first, last = port["FromPort"], port["ToPort"]
    if first.unresolved is not None:
        return unresolved("{} is known only at deployment", first, path=first.path)
    return port["Protocol"].one_of("icmp", "icmpv6") | (first.one_of(*public_ports) & last.equals(first.known))


def _is_for_everyone(port: Value) -> Verdict:
    sources = [*port["Cidrs"].each(), *port["Ipv6Cidrs"].each()]
    if not sources and port["CidrListAliases"].is_absent:
        return passed("a port without Cidrs is open to everyone")
    return any_of(is_internet(source) for source in sources)

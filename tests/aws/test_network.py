"""Rules of security groups against a model that knows every port and every address."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from soc2_constructs.aws.network import Rule, ingress_rules, is_internet
from soc2_constructs.cloudformation import FAIL, PASS, UNRESOLVED, Assembly
from support.evaluated import only_scope

PROTOCOLS = {
    "-1": ("tcp", "udp", "icmp"),
    "all": ("tcp", "udp", "icmp"),
    "tcp": ("tcp",),
    "TCP": ("tcp",),
    "6": ("tcp",),
    "17": ("udp",),
    "udp": ("udp",),
    "icmp": ("icmp",),
    "58": (),
    "50": (),
}
PORTS = st.integers(-1, 65535)


def rule(**properties: Any) -> Rule:
    body = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": properties}
    document = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"Rule": body}}
    (found,) = ingress_rules(only_scope(Assembly.of_document(document)).resources["Rule"])
    return found


@given(st.sampled_from(sorted(PROTOCOLS)), PORTS, PORTS, st.integers(0, 65535), st.sampled_from(["tcp", "udp"]))
@example("tcp", 22, 22, 22, "tcp")
@example("tcp", -1, -1, 0, "tcp")
@example("-1", 443, 443, 22, "udp")
def test_a_rule_covers_the_ports_that_it_spans(protocol: str, first: int, last: int, port: int, wanted: str) -> None:
    spans = range(first, (65535 if last < 0 else last) + 1)
    expected = wanted in PROTOCOLS[protocol] and (len(PROTOCOLS[protocol]) > 1 or port in spans)
    found = rule(IpProtocol=protocol, FromPort=first, ToPort=last).covers((port,), wanted)
    assert found.status == (PASS if expected else FAIL)
    texts = rule(IpProtocol=protocol, FromPort=str(first), ToPort=str(last)).covers((port,), wanted)
    assert texts.status == found.status


@given(st.ip_addresses(v=4), st.integers(0, 32))
@example(ipaddress.IPv4Address("128.0.0.0"), 1)
@example(ipaddress.IPv4Address("10.0.0.0"), 8)
@example(ipaddress.IPv4Address("8.0.0.0"), 7)
def test_no_private_ipv4_range_and_no_share_of_one_holder_is_the_internet(
    address: ipaddress.IPv4Address, bits: int
) -> None:
    network = ipaddress.IPv4Network((int(address), bits), strict=False)
    found = is_internet(rule(IpProtocol="-1", CidrIp=str(network)).value["CidrIp"])
    assert (found.status == PASS) == (network.num_addresses > 2**24)


@given(st.ip_addresses(v=6), st.integers(0, 128))
@example(ipaddress.IPv6Address("fc00::"), 7)
@example(ipaddress.IPv6Address("fe80::"), 10)
@example(ipaddress.IPv6Address("fc00::"), 6)
@example(ipaddress.IPv6Address("fc::"), 15)
@example(ipaddress.IPv6Address("2000::"), 3)
@example(ipaddress.IPv6Address("::"), 0)
def test_no_local_ipv6_range_is_the_internet(address: ipaddress.IPv6Address, bits: int) -> None:
    network = ipaddress.IPv6Network((int(address), bits), strict=False)
    local = any(network.subnet_of(ipaddress.IPv6Network(one)) for one in ("fc00::/7", "fe80::/10"))
    found = is_internet(rule(IpProtocol="-1", CidrIpv6=str(network)).value["CidrIpv6"])
    assert (found.status == PASS) == (bits < 16 and not local)


@given(st.sampled_from(["IpProtocol", "FromPort", "ToPort", "CidrIp"]))
def test_what_is_not_known_is_neither_open_nor_closed(unknown: str) -> None:
    known = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    assert rule(**known).keeps_closed((22,), "tcp").status == FAIL
    assert rule(**{**known, unknown: {"Ref": "P"}}).keeps_closed((22,), "tcp").status == UNRESOLVED

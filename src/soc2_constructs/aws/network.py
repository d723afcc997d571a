"""Network exposure: address ranges, security group rules, subnets and their routes."""

from __future__ import annotations

from soc2_constructs.aws.address_ranges import WIDEST_IPV6, is_range, is_wide, is_wide_together
from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    all_of,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.resource import Properties
from soc2_constructs.cloudformation.values import as_number, format_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

GROUP = "AWS::EC2::SecurityGroup"
INGRESS = "AWS::EC2::SecurityGroupIngress"
VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"

_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
_GATEWAY = "AWS::EC2::InternetGateway"
_PREFIX_LIST = "AWS::EC2::PrefixList"
_ROUTE = "AWS::EC2::Route"
_ROUTE_TABLE = "AWS::EC2::RouteTable"

#: Names of the protocols that rules write as numbers.
_PROTOCOLS = {"all": "-1", "6": "tcp", "17": "udp"}
#: Values of IpProtocol beside numbers: "IpPermission", Amazon EC2 API Reference.
_PROTOCOL_NAMES = ("tcp", "udp", "icmp", "icmpv6", "-1", "all")
_LAST_PROTOCOL = 255
_LAST_PORT = 65535


def is_internet(cidr: Value) -> Verdict:
    """Whether a range includes the internet or a large part of it: ``0.0.0.0/0``, ``::/0``, or one of their halves."""
    node = cidr.node
    if cidr.known is not None and not is_range(cidr.known):
        return unresolved("{} is {}, which is not a range of addresses", cidr, format_value(node), path=cidr.path)
    if type(node) is Reference and node.attribute == "CidrBlock" and node.resource.type in (VPC, SUBNET):
        return failed("{} is the range of {}", cidr, node.resource.logical_id)
    if type(node) is Text and type(node.parts[-1]) is str:
        _, slash, bits = node.parts[-1].rpartition("/")
        if slash and bits.isdecimal() and int(bits) >= WIDEST_IPV6:
            return failed("{} is a small range", cidr)
    return cidr.satisfies(is_wide, "a range that includes the internet")


class Rule:
    """An ingress rule of a security group, inline or as a separate resource."""

    __slots__ = ("value",)

    def __init__(self, value: Value | Properties) -> None:
        self.value = value

    def is_from_internet(self) -> Verdict:
        """Whether its source is the internet."""
        return any_of(is_internet(self.value["CidrIp"]), is_internet(self.value["CidrIpv6"]), self._lists_internet())

    def _lists_internet(self) -> Verdict:
        name = self.value["SourcePrefixListId"]
        if name.is_absent:
            return failed("SourcePrefixListId is not set")
        prefixes = name.target_of(_PREFIX_LIST)
        if prefixes is None or prefixes["Entries"].is_absent:
            return unresolved("the entries of the prefix list are known only in the live account", path=name.path)
        return any_of(is_internet(entry["Cidr"]) for entry in prefixes["Entries"].each())

    def covers(self, ports: tuple[int, ...], *protocols: str) -> Verdict:
        """Whether the rule covers one of the ports for one of the protocols (`"tcp"`, `"udp"`)."""
        return self._is_of("-1") | (self._is_of(*protocols) & self._spans(lambda span: any(p in span for p in ports)))

    def covers_many(self, count: float) -> Verdict:
        """Whether the rule covers at least `count` ports of TCP or UDP."""
        return self._is_of("-1") | (self._is_of("tcp", "udp") & self._spans(lambda span: len(span) >= count))

    def _spans(self, accepts: Callable[[range], bool]) -> Verdict:
        first, last = self.value["FromPort"].default(0), self.value["ToPort"].default(-1)
        for end in (first, last):
            if end.unresolved is not None:
                return unresolved("{} is not known before deployment: {}", end, end.unresolved, path=end.path)
            if not _is_port(end.node):
                return unresolved("{} is {}, which is not a port", end, format_value(end.node), path=end.path)
        return (
            passed("the range includes the ports")
            if accepts(self._span())
            else failed("the range includes other ports")
        )

    def _span(self) -> range:
        return _span(self.value["FromPort"].default(0).node, self.value["ToPort"].default(-1).node)

    def _is_of(self, *protocols: str) -> Verdict:
        def matches(protocol: object) -> bool:
            name = str(protocol).lower()
            return _PROTOCOLS.get(name, name) in protocols

        given = self.value["IpProtocol"]
        if given.known is not None and not _is_protocol(given.known):
            shown = format_value(given.node)
            return unresolved("{} is {}, which is not a protocol", given, shown, path=given.path)
        return given.satisfies(matches, " or ".join(protocols))

    def keeps_closed(self, ports: tuple[int, ...], *protocols: str) -> Verdict:
        """Whether the rule opens none of the ports to the internet."""
        opened = self.covers(ports, *protocols) & self.is_from_internet()
        if opened.status is not PASS:
            return ~opened
        if self._is_of("-1").status is PASS:
            return self._open("every port")
        found = [str(port) for port in ports if self.covers((port,), *protocols).status is PASS]
        return self._open(f"port{'s' if len(found) > 1 else ''} {', '.join(found)}")

    def keeps_narrow(self, count: float) -> Verdict:
        """Whether the rule opens fewer than `count` ports to the internet."""
        opened = self.covers_many(count) & self.is_from_internet()
        if opened.status is not PASS:
            return ~opened
        return self._open("every port" if self._is_of("-1").status is PASS else "a range of ports")

    def keeps_closed_except(self, ports: tuple[float, ...]) -> Verdict:
        """Whether the rule opens no TCP or UDP port to the internet besides these."""
        allowed = frozenset(ports)
        others = self._spans(lambda span: any(port not in allowed for port in span))
        opened = (self._is_of("-1") | (self._is_of("tcp", "udp") & others)) & self.is_from_internet()
        if opened.status is not PASS:
            return ~opened
        if self._is_of("-1").status is PASS:
            return self._open("every port")
        span = self._span()
        return self._open(f"port {span[0]}" if len(span) == 1 else f"ports {span[0]} to {span[-1]}")

    def keeps_out_internet(self) -> Verdict:
        """Whether the source of the rule is not the internet."""
        verdict = ~self.is_from_internet()
        return self._open("ports") if verdict.status is FAIL else verdict

    def _open(self, what: str) -> Verdict:
        cidr = self.value["CidrIp"].known or self.value["CidrIpv6"].known or "a prefix list that includes the internet"
        return failed("a rule opens {} to {}", what, cidr, path=self.value.path)

    def ranges(self) -> list[str]:
        """The known address ranges of its source, those of a prefix list included."""
        prefixes = self.value["SourcePrefixListId"].target_of(_PREFIX_LIST)
        entries = [entry["Cidr"] for entry in prefixes["Entries"].each()] if prefixes is not None else []
        known = [cidr.known for cidr in (self.value["CidrIp"], self.value["CidrIpv6"], *entries)]
        return [range_ for range_ in known if isinstance(range_, str)]


def _is_port(node: object) -> bool:
    """Whether a value is a port, or -1, which stands for the first or last of all ports."""
    number = as_number(node)
    return number is not None and number == int(number) and -1 <= number <= _LAST_PORT


def _is_protocol(protocol: object) -> bool:
    name = str(protocol).lower()
    return name in _PROTOCOL_NAMES or (name.isdecimal() and name.isascii() and int(name) <= _LAST_PROTOCOL)


def _span(first: Any, last: Any) -> range:
    """Return the ports from the first to the last; -1 stands for the first or last of all ports."""
    low, high = (int(float(end)) for end in (first, last))
    return range(max(low, 0), (high if high >= 0 else _LAST_PORT) + 1)


def ingress_rules(resource: Resource) -> list[Rule]:
    """Return the inline rules of a security group, or the rule that a separate resource declares."""
    if resource.type == INGRESS:
        return [Rule(resource.whole)]
    return [Rule(value) for value in resource["SecurityGroupIngress"].each()]


def all_ingress_rules(group: Resource) -> list[Rule]:
    """Return the rules of a security group, including rules that other resources add."""
    others = group.referrers(INGRESS, via="GroupId")
    return [rule for resource in (group, *others) for rule in ingress_rules(resource)]


def keeps_closed(resource: Resource, ports: tuple[int, ...], *protocols: str) -> Verdict:
    """Whether a group or a rule opens none of the ports to the internet: each rule alone, and all rules together."""
    rules = _rules_together(resource)
    return all_of(
        (rule.keeps_closed(ports, *protocols) for rule in ingress_rules(resource)),
        (
            _keep_out(rules, [rule.covers((port,), *protocols).status for rule in rules], f"port {port}")
            for port in (ports if _are_wide(rules) else ())
        ),
    )


def keeps_narrow(resource: Resource, count: float) -> Verdict:
    """Whether a group or a rule opens fewer than `count` ports: each rule alone, and all rules together."""
    rules = _rules_together(resource)
    each = all_of(rule.keeps_narrow(count) for rule in ingress_rules(resource))
    if not _are_wide(rules):
        return each
    return each & _keep_out(rules, [rule.covers_many(count).status for rule in rules], "a range of ports")


def keeps_out_internet(group: Resource) -> Verdict:
    """Whether no rule of a group has the internet as its source: each rule alone, and all rules together."""
    rules = all_ingress_rules(group)
    if _are_wide(rules):
        return failed("the rules together open ports to a large part of the internet")
    return all_of(rule.keeps_out_internet() for rule in rules)


def _rules_together(resource: Resource) -> list[Rule]:
    return ingress_rules(resource) if resource.type == INGRESS else all_ingress_rules(resource)


def _keep_out(rules: list[Rule], covering: list[str], what: str) -> Verdict:
    """Whether rules do not open some ports to the internet together.

    Args:
        rules: The rules.
        covering: For each rule, the status of whether it covers the ports.
        what: The ports in words.
    """
    found = list(zip(rules, covering, strict=True))
    if _are_wide([rule for rule, status in found if status is PASS]):
        return failed("the rules together open {} to a large part of the internet", what)
    if _are_wide([rule for rule, status in found if status is not FAIL]):
        return unresolved("the rules together may open {} to a large part of the internet", what)
    return passed("the rules together have a small range")


def _are_wide(rules: list[Rule]) -> bool:
    """Whether the address ranges of several rules are wide together."""
    return is_wide_together([range_ for rule in rules for range_ in rule.ranges()])


def is_public(subnet: Resource) -> Verdict:
    """Whether the subnet has a route to an internet gateway."""
    return any_of(
        _leads_outside(association["RouteTableId"]) for association in subnet.referrers(_ASSOCIATION, via="SubnetId")
    ).with_message("the subnet has no route to an internet gateway")


def _leads_outside(table: Value) -> Verdict:
    routes = table.target_of(_ROUTE_TABLE)
    if routes is None:
        return unresolved("the route table of a subnet is not part of the assembly")
    return any_of(_is_way_out(route) for route in routes.referrers(_ROUTE, via="RouteTableId"))


def _is_way_out(route: Resource) -> Verdict:
    gateway = route["GatewayId"]
    if gateway.is_absent:
        return failed("GatewayId is not set")
    if gateway.target is not None:
        way = (
            passed("{} is an internet gateway", gateway)
            if gateway.target.type == _GATEWAY
            else failed("{} is not an internet gateway", gateway)
        )
    else:
        way = gateway.satisfies(lambda value: str(value).startswith("igw-"), "an internet gateway")
    return way & (is_internet(route["DestinationCidrBlock"]) | is_internet(route["DestinationIpv6CidrBlock"]))


def gives_public_addresses(subnet: Value) -> Verdict:
    """Whether instances in a subnet get a public address by default."""
    if subnet.is_absent:
        return passed("the subnet is a default subnet, which assigns public addresses")
    target = subnet.target_of(SUBNET)
    if target is None:
        return unresolved("the subnet is not part of the assembly", path=subnet.path)
    flag = target["MapPublicIpOnLaunch"].equals(True)
    if flag.status is PASS:
        return Verdict(PASS, "{} gives out public addresses", target.logical_id, path=subnet.path)
    return flag

"""Network exposure: address ranges, security group rules, subnets and their routes."""

from __future__ import annotations

from soc2_constructs.cloudformation import (
    FAIL,
    PASS,
    Reference,
    Resource,
    Text,
    Value,
    Verdict,
    any_of,
    failed,
    passed,
    unresolved,
)
from soc2_constructs.cloudformation.resource import Properties
from soc2_constructs.cloudformation.values import as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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
_LAST_PORT = 65535

#: No single organization holds a wider range, so a wider range includes other parties, even as two halves.
_WIDEST_IPV4 = 8
_WIDEST_IPV6 = 16
#: More than this part of all IPv4 addresses is the internet, even in narrow ranges; it takes more rules than this.
_LARGEST_SHARE = 1 / 8
_FEW_RULES = int(2**_WIDEST_IPV4 * _LARGEST_SHARE)
#: IPv6 ranges that are not routed on the internet (unique local and link-local): first group and prefix length.
_LOCAL_IPV6 = ((0xFC00, 7), (0xFE80, 10))


def is_internet(cidr: Value) -> Verdict:
    """Whether a range includes the internet or a large part of it: ``0.0.0.0/0``, ``::/0``, or one of their halves."""
    node = cidr.node
    if type(node) is Reference and node.attribute == "CidrBlock" and node.resource.type in (VPC, SUBNET):
        return failed("{} is the range of {}", cidr, node.resource.logical_id)
    if type(node) is Text and type(node.parts[-1]) is str:
        _, slash, bits = node.parts[-1].rpartition("/")
        if slash and bits.isdecimal() and int(bits) >= _WIDEST_IPV6:
            return failed("{} is a small range", cidr)
    return cidr.satisfies(_is_wide, "a range that includes the internet")


def _is_wide(range_: object) -> bool:
    address, _, bits = str(range_).strip().lower().partition("/")
    if not bits.isdecimal():
        return False
    if ":" in address:
        return int(bits) < _WIDEST_IPV6 and not _is_local(address.partition(":")[0], int(bits))
    return int(bits) < _WIDEST_IPV4


def _is_local(group: str, bits: int) -> bool:
    try:
        number = int(group, 16)
    except ValueError:
        return False
    return any(bits >= length and (number ^ start) >> (16 - length) == 0 for start, length in _LOCAL_IPV6)


class Rule:
    """An ingress rule of a security group, inline or as a separate resource."""

    __slots__ = ("_one_of_many", "value")

    def __init__(self, value: Value | Properties, one_of_many: bool = False) -> None:
        self.value = value
        #: Whether the rules for the same ports together include a large part of the internet.
        self._one_of_many = one_of_many

    def is_from_internet(self) -> Verdict:
        """Whether its source is the internet."""
        if self._one_of_many:
            return passed("the rules for these ports together include a large part of the internet")
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
        return (
            passed("the range includes the ports")
            if accepts(_span(first.node, last.node))
            else failed("the range includes other ports")
        )

    def _is_of(self, *protocols: str) -> Verdict:
        def matches(protocol: object) -> bool:
            name = str(protocol).lower()
            return _PROTOCOLS.get(name, name) in protocols

        return self.value["IpProtocol"].satisfies(matches, " or ".join(protocols))

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

    def keeps_out_internet(self) -> Verdict:
        """Whether the source of the rule is not the internet."""
        verdict = ~self.is_from_internet()
        return self._open("ports") if verdict.status is FAIL else verdict

    def _open(self, what: str) -> Verdict:
        cidr = self.value["CidrIp"].known or self.value["CidrIpv6"].known or "a prefix list that includes the internet"
        return failed("a rule opens {} to {}", what, cidr, path=self.value.path)


def _span(first: object, last: object) -> range:
    """Return the ports from the first to the last; -1 stands for the first or last of all ports."""
    low, high = (int(as_number(end) or 0) for end in (first, last))
    return range(max(low, 0), (high if high >= 0 else _LAST_PORT) + 1)


def ingress_rules(resource: Resource) -> list[Rule]:
    """Return the inline rules of a security group, or the rule that a separate resource declares."""
    if resource.type == INGRESS:
        return [Rule(resource.whole)]
    values = resource["SecurityGroupIngress"].each()
    if len(values) <= _FEW_RULES:
        return [Rule(value) for value in values]
    shares: dict[object, float] = {}
    keys = [tuple(str(value[name].node) for name in ("IpProtocol", "FromPort", "ToPort")) for value in values]
    for key, value in zip(keys, values, strict=True):
        shares[key] = shares.get(key, 0) + _share(value["CidrIp"].known)
    return [Rule(value, shares[key] > _LARGEST_SHARE) for key, value in zip(keys, values, strict=True)]


def _share(range_: object) -> float:
    """The part of all IPv4 addresses that a range includes."""
    _, _, bits = str(range_).partition("/")
    return 2.0 ** -int(bits) if bits.isdecimal() and len(bits) < 3 else 0


def all_ingress_rules(group: Resource) -> list[Rule]:
    """Return the rules of a security group, including rules that other resources add."""
    others = group.referrers(INGRESS, via="GroupId")
    return [rule for resource in (group, *others) for rule in ingress_rules(resource)]


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

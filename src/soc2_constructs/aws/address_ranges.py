"""Ranges of IP addresses in CIDR notation: which of them, alone or together, include the internet."""

from __future__ import annotations

import re
from itertools import filterfalse

#: No single organization holds a wider range, so a wider range includes other parties, even as two halves.
WIDEST_IPV4 = 8
WIDEST_IPV6 = 16

_RANGE = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/(?:[0-9]|[12][0-9]|3[0-2])"
    r"|[0-9a-f.]*:[0-9a-f:.]*/(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])"
)
_BITS_IPV4 = 32
_BITS_IPV6 = 128
#: IPv6 ranges that are not routed on the internet (unique local and link-local): first group and prefix length.
_LOCAL_IPV6 = ((0xFC00, 7), (0xFE80, 10))
#: IPv4 ranges that are not routed on the internet: "IANA IPv4 Special-Purpose Address Registry", and class D and E.
_PRIVATE = "10."
_LOCAL_IPV4 = (
    "0.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)


def is_wide(range_: object) -> bool:
    """Whether a range includes the internet or a large part of it."""
    address, _, bits = str(range_).strip().lower().partition("/")
    if not bits.isdecimal():
        return False
    if ":" in address:
        return int(bits) < WIDEST_IPV6 and not _is_local(address.partition(":")[0], int(bits))
    return int(bits) < WIDEST_IPV4


def is_range(text: object) -> bool:
    """Whether a text is a range of IPv4 or IPv6 addresses."""
    return _RANGE.fullmatch(str(text).strip().lower()) is not None


def is_wide_together(ranges: list[str]) -> bool:
    """Whether ranges cover, together, as many addresses of the internet as a range that is too wide on its own.

    Ranges that are too wide on their own do not count.

    >>> is_wide_together([f"{number}.0.0.0/8" for number in range(11, 20)])
    True
    >>> is_wide_together(["10.0.0.0/8", "172.16.0.0/12", "203.0.113.0/24"])
    False
    """
    # Most rules allow the internet, a private range, or a few addresses.
    narrow = [one for one in filterfalse(is_wide, filter(is_range, ranges)) if not one.startswith(_PRIVATE)]
    return _cover_too_many([one for one in narrow if ":" not in one], _BITS_IPV4, WIDEST_IPV4) or _cover_too_many(
        [one for one in narrow if ":" in one], _BITS_IPV6, WIDEST_IPV6
    )


def _cover_too_many(ranges: list[str], bits: int, widest: int) -> bool:
    limit = 1 << (bits - widest + 1)
    # The sum of their sizes is a bound that takes no look at the addresses.
    if sum(1 << (bits - int(one.rpartition("/")[2])) for one in ranges) < limit:
        return False
    import ipaddress

    intervals: list[tuple[int, int]] = []
    local = [ipaddress.IPv4Network(one) for one in _LOCAL_IPV4]
    for one in dict.fromkeys(ranges):
        try:
            network = ipaddress.ip_network(one.strip(), strict=False)
        except ValueError:
            continue
        first = int(network.network_address)
        if isinstance(network, ipaddress.IPv4Network):
            if any(network.subnet_of(other) for other in local):
                continue
        elif _is_local(f"{first >> 112:x}", network.prefixlen):
            continue
        intervals.append((first, first + network.num_addresses))
    covered, reached = 0, -1
    for first, end in sorted(intervals):
        covered += max(end - max(first, reached), 0)
        reached = max(reached, end)
    return covered >= limit


def _is_local(group: str, bits: int) -> bool:
    try:
        number = int(group, 16)
    except ValueError:
        return False
    return any(bits >= length and (number ^ start) >> (16 - length) == 0 for start, length in _LOCAL_IPV6)

"""Whether the statement of a resource policy grants access to the public.

A statement for everyone is public unless a condition narrows it. A condition narrows only with fixed values of a key
that identifies the caller, its account, its organization, its network, or the resource that a service acts for.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The meaning of public".
"""

from __future__ import annotations

import functools

from soc2_constructs.aws.patterns import NAME, OPEN, as_pattern, has_wildcard
from soc2_constructs.cloudformation.verdicts import FAIL, PASS, Verdict, all_of, any_of, failed, passed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ipaddress import IPv4Network, IPv6Network
    from typing import Any

    from soc2_constructs.aws.policies import Statement

#: Operators that require the key and one of the values.
_EXACT = ("stringequals", "stringequalsignorecase")
_POSITIVE = (*_EXACT, "stringlike", "arnequals", "arnlike", "ipaddress")

#: Addresses that belong to every network: RFC 1918, shared and link-local addresses, loopback, and their IPv6 kin.
_PRIVATE_RANGES = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
#: The shortest prefixes that S3 regards as fixed, by IP version.
_SHORTEST_PREFIX = {4: 8, 6: 32}


def grants_public(statement: Statement, service: str) -> Verdict:
    """Whether a statement grants access to the public: it allows everyone, and no condition narrows it.

    Args:
        statement: A statement of a resource policy.
        service: The service of the policy as IAM actions name it, such as ``"s3"``: its own condition keys narrow too.

    Returns:
        A verdict that passes for a public statement. A statement that cannot be read is unresolved.
    """
    if statement.denies:
        return failed("the statement denies")
    if statement.malformed:
        return unresolved("a statement is not known: {}", statement.malformed, path=statement.path)
    return statement.is_for_everyone() & ~is_narrowed(statement, service)


def no_public_grant(document: Iterable[Statement], service: str) -> Verdict:
    """Whether no statement of a resource policy grants access to the public.

    Args:
        document: The statements.
        service: The service of the policy as IAM actions name it.

    Returns:
        A verdict that fails at the path of the statement.
    """
    return all_of(_withholds(statement, service) for statement in document)


def _withholds(statement: Statement, service: str) -> Verdict:
    verdict = ~grants_public(statement, service)
    if verdict.status is FAIL:
        return failed("a statement allows access to everyone without a condition that narrows it", path=statement.path)
    return verdict


def is_narrowed(statement: Statement, service: str) -> Verdict:
    """Whether a condition limits a statement to fixed callers, accounts, organizations, networks or sources.

    Args:
        statement: A statement.
        service: The service of the policy as IAM actions name it.
    """
    own = _SERVICE_KEYS.get(service, {})
    verdicts = []
    for (operator, key), values in statement.conditions.items():
        quantifier, _, plain = operator.lower().rpartition(":")
        judge = own.get(key) or _GLOBAL_KEYS.get(key)
        if plain == "bool" and key in _SERVICE_FLAGS.get(service, ()):
            verdicts.append(_narrows(key, plain, values, _are_true))
        # Other operators also hold where the request has no such key, or has any value but these.
        elif judge is not None and plain in _POSITIVE and quantifier != "forallvalues":
            verdicts.append(_narrows(key, plain, values, judge))
    return any_of(failed("no condition narrows it"), verdicts)


def _narrows(key: str, operator: str, values: list[Any], judge: Callable[[list[str]], Verdict]) -> Verdict:
    patterns = [as_pattern(value) for value in values]
    if operator in _EXACT:
        # IAM reads no wildcard in these, so the text of a parameter is a fixed one.
        patterns = [pattern.replace(OPEN, NAME) for pattern in patterns]
    verdict = judge(patterns)
    if verdict.status is PASS:
        return passed("a condition on {} narrows it", key)
    return verdict


def is_fixed(pattern: str) -> Verdict:
    """Whether a value of a condition is one text, such as an account id."""
    if has_wildcard(pattern) or not pattern:
        return failed("a value of a condition has a wildcard")
    if OPEN in pattern:
        return unresolved("a value of a condition is known only at deployment")
    return passed("the value is fixed")


def is_fixed_arn(pattern: str) -> Verdict:
    """Whether a value is the ARN of resources in one account; an ARN without an account must name the resource.

    The ARNs of buckets contain no account. The name of a bucket is unique, so the keys in it may have wildcards.
    """
    if not has_wildcard(pattern) and OPEN not in pattern:
        return is_fixed(pattern)
    if pattern.startswith(NAME):
        # An attribute such as `${Bucket.Arn}`, without a wildcard that continues the name.
        return is_fixed(pattern[1:2].strip(OPEN) or NAME)
    fields = pattern.split(":", 5)
    if len(fields) < 6 or fields[0] != "arn":
        # A wildcard, or an unknown text, stands for several fields.
        return is_fixed(pattern)
    account, resource = fields[4:]
    return is_fixed(account or (resource.partition("/")[0] if fields[2] == "s3" else resource))


def _each(accepts: Callable[[str], Verdict]) -> Callable[[list[str]], Verdict]:
    return lambda patterns: all_of(accepts(pattern) for pattern in patterns)


def _before(separator: str) -> Callable[[str], Verdict]:
    """Judge the text before a separator: the organization of a path, or the role before the name of a session."""
    return lambda pattern: is_fixed(pattern.partition(separator)[0])


def _are_fixed_addresses(patterns: list[str]) -> Verdict:
    """Whether addresses are few enough to identify networks; private addresses exist in every network."""
    networks = [_network(pattern) for pattern in patterns]
    known = [network for network in networks if network is not None and not _is_private(network)]
    if any(network.prefixlen < _SHORTEST_PREFIX[network.version] for network in known):
        return failed("a value of a condition is a vast range of addresses")
    # Short ranges can cover all addresses together: more than an eighth of them identifies no network.
    if sum(2.0**-network.prefixlen for network in known) > 1 / 8:
        return failed("the values of a condition are vast ranges of addresses")
    unknown = [pattern for pattern, network in zip(patterns, networks, strict=True) if network is None]
    if not known and not unknown:
        return failed("the values of a condition are private addresses, which exist in every network")
    return all_of(is_fixed(pattern) for pattern in unknown)


@functools.lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_private(network: IPv4Network | IPv6Network) -> bool:
    ranges = [private for text in _PRIVATE_RANGES if (private := _network(text)) is not None]
    return any(
        network.version == private.version and network.subnet_of(private)  # type: ignore[arg-type]
        for private in ranges
    )


def _are_true(patterns: list[str]) -> Verdict:
    if all(pattern.lower() == "true" for pattern in patterns):
        return passed("the key must be true")
    return any_of(is_fixed(pattern) for pattern in patterns if OPEN in pattern)


_GLOBAL_KEYS: dict[str, Callable[[list[str]], Verdict]] = {
    "aws:principalaccount": _each(is_fixed),
    "aws:principalarn": _each(is_fixed_arn),
    "aws:principalorgid": _each(is_fixed),
    "aws:principalorgpaths": _each(_before("/")),
    "aws:principalservicename": _each(is_fixed),
    "aws:sourceaccount": _each(is_fixed),
    "aws:sourcearn": _each(is_fixed_arn),
    "aws:sourceip": _are_fixed_addresses,
    "aws:sourceorgid": _each(is_fixed),
    "aws:sourceorgpaths": _each(_before("/")),
    "aws:sourceowner": _each(is_fixed),
    "aws:sourcevpc": _each(is_fixed),
    "aws:sourcevpcarn": _each(is_fixed_arn),
    "aws:sourcevpce": _each(is_fixed),
    # `AROA…:*` is every session of one role.
    "aws:userid": _each(_before(":")),
    "aws:vpceaccount": _each(is_fixed),
    "aws:vpceorgid": _each(is_fixed),
    "aws:vpceorgpaths": _each(_before("/")),
}
#: Condition keys of one service that narrow a statement of its policies.
_SERVICE_KEYS: dict[str, dict[str, Callable[[list[str]], Verdict]]] = {
    # AWS KMS Developer Guide, "kms:CallerAccount".
    "kms": {"kms:calleraccount": _each(is_fixed)},
    # Amazon EFS User Guide, "Blocking public access to EFS file systems".
    "elasticfilesystem": {"elasticfilesystem:accesspointarn": _each(is_fixed_arn)},
    "s3": {"s3:dataaccesspointaccount": _each(is_fixed), "s3:dataaccesspointarn": _each(is_fixed_arn)},
}
#: Condition keys of one service that narrow a statement where they must be true: mount targets are inside a VPC.
_SERVICE_FLAGS = {"elasticfilesystem": ("elasticfilesystem:accessedviamounttarget",)}

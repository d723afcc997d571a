"""Evaluate IAM policies, as described in "Policy evaluation logic" of the IAM User Guide.

The evaluator shares no code with `soc2_constructs`: it is the second opinion on the policies that the library writes.
It covers identity policies, resource policies and key policies. Permissions boundaries and organization policies are
outside the templates of an app.
"""

from __future__ import annotations

import fnmatch
import functools
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]

#: The value of a condition key in a request: one string, or several for a multivalued key.
Value = str | Sequence[str]


@dataclass(frozen=True)
class Principal:
    """The caller of a request.

    Attributes:
        kind: `"role"`, `"root"` (the root user of an account), `"service"`, `"canonical"` (a canonical user, such as an
            origin access identity) or `"anonymous"`.
        id: The ARN of a role or root user, the name of a service, or a canonical user id; empty for `"anonymous"`.
        account: The account of a role or root user.
        policies: The identity policies of a role or root user.
    """

    kind: str
    id: str = ""
    account: str = ""
    policies: tuple[Document, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return self.id or "an anonymous caller"


@dataclass(frozen=True)
class Request:
    """One API call: the caller, the action, the ARN of the resource and the values of condition keys."""

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Whether a request is allowed, and the reason."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Guard:
    """The policies on the side of a resource.

    Attributes:
        owner: The account that owns the resource.
        policy: The resource policy; None where the resource has none.
        is_key: Whether the resource is a KMS key, for which identity policies count only where the key policy
            delegates to the account ("Key policies in AWS KMS").
    """

    owner: str
    policy: Document | None = None
    is_key: bool = False


def evaluate(request: Request, guard: Guard) -> Decision:
    """Decide on a request."""
    caller = request.principal
    identity = [statement for policy in caller.policies for statement in _statements(policy)]
    resource = _statements(guard.policy) if guard.policy is not None else []
    context = {key.lower(): value for key, value in request.context.items()}

    for statement in identity:
        if statement["Effect"] == "Deny" and _covers(statement, request, context):
            return Decision(False, f"an identity policy denies {request.action}{_sid(statement)}")
    for statement in resource:
        if statement["Effect"] == "Deny" and _names(statement, caller) and _covers(statement, request, context):
            return Decision(False, f"the resource policy denies {request.action}{_sid(statement)}")

    by_identity = any(each["Effect"] == "Allow" and _covers(each, request, context) for each in identity)
    grants = [each for each in resource if each["Effect"] == "Allow" and _covers(each, request, context)]
    directly = any(_names(statement, caller, delegated=False) for statement in grants)
    delegated = any(_names(statement, caller) for statement in grants)

    if caller.kind in ("service", "anonymous", "canonical"):
        allowed = directly
        reason = "the resource policy does not let it in"
    elif caller.account != guard.owner:
        allowed = by_identity and delegated
        reason = "no identity policy allows it" if not by_identity else "the resource policy lets in no such principal"
    elif guard.is_key:
        allowed = directly or (by_identity and delegated)
        reason = "the key policy does not let it in" if not delegated else "no identity policy allows it"
    else:
        # A statement for the root user of the account delegates only: the identity policy decides, as without it.
        allowed = by_identity or directly
        reason = "neither an identity policy nor the resource policy allows it"
    if allowed:
        return Decision(True, "allowed")
    return Decision(False, f"{caller} may not {request.action} on {request.resource}: {reason}")


def _statements(policy: Document) -> list[Mapping[str, Any]]:
    return [each for each in _listed(policy.get("Statement", ())) if isinstance(each, Mapping)]


def _sid(statement: Mapping[str, Any]) -> str:
    return f" ({statement['Sid']})" if statement.get("Sid") else ""


# -- principals -------------------------------------------------------------------------------------------------------


def _names(statement: Mapping[str, Any], caller: Principal, *, delegated: bool = True) -> bool:
    """Whether a statement of a resource policy names the caller.

    Args:
        statement: The statement.
        caller: The caller.
        delegated: Whether a statement for the account of the caller counts as well. Default True.
    """
    if "NotPrincipal" in statement:
        return not _is_among(statement["NotPrincipal"], caller, delegated)
    return _is_among(statement.get("Principal"), caller, delegated)


def _is_among(element: Any, caller: Principal, delegated: bool) -> bool:
    if element == "*":
        return True
    if not isinstance(element, Mapping):
        return False
    if "*" in _listed(element.get("AWS", ())):
        return True
    if caller.kind == "service":
        return caller.id in _listed(element.get("Service", ()))
    if caller.kind == "canonical":
        return caller.id in _listed(element.get("CanonicalUser", ()))
    for name in _listed(element.get("AWS", ())):
        if name == caller.id:
            return True
        is_root = name == caller.account or name == f"arn:aws:iam::{caller.account}:root"
        if is_root and (delegated or caller.kind == "root"):
            return True
    return False


# -- actions, resources, conditions -----------------------------------------------------------------------------------


def _covers(statement: Mapping[str, Any], request: Request, context: Mapping[str, Value]) -> bool:
    """Whether the action, the resource and the conditions of a statement fit the request."""
    if "NotAction" in statement:
        action = not _any_like(statement["NotAction"], request.action, ignore_case=True)
    else:
        action = _any_like(statement.get("Action", ()), request.action, ignore_case=True)
    if not action:
        return False
    if "NotResource" in statement:
        resource = not _any_like(_filled(statement["NotResource"], context), request.resource)
    else:
        # A trust policy and a key policy may leave the resource out: it is the one that carries the policy.
        resource = _any_like(_filled(statement.get("Resource", "*"), context), request.resource)
    if not resource:
        return False
    return all(
        _holds(operator, key, expected, context)
        for operator, pairs in (statement.get("Condition") or {}).items()
        for key, expected in pairs.items()
    )


def _filled(patterns: Any, context: Mapping[str, Value]) -> list[str]:
    """Patterns with their policy variables, such as `${aws:PrincipalAccount}`, replaced."""

    def value(match: re.Match[str]) -> str:
        found = context.get(match[1].lower())
        return found if isinstance(found, str) else match[0]

    return [re.sub(r"\$\{([^}]+)\}", value, str(pattern)) for pattern in _listed(patterns)]


def _any_like(patterns: Any, value: str, *, ignore_case: bool = False) -> bool:
    return any(_like(str(pattern), value, ignore_case=ignore_case) for pattern in _listed(patterns))


def _like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    if ignore_case:
        pattern, value = pattern.lower(), value.lower()
    return _matcher(pattern)(value) is not None


@functools.cache
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    # Square brackets have no meaning in IAM.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match


def _arn_like(pattern: str, value: str) -> bool:
    """Match the six parts of an ARN one by one; a wildcard does not cross a colon, but in the last part."""
    expected, found = pattern.split(":", 5), value.split(":", 5)
    if pattern == "*":
        return True
    return len(expected) == len(found) == 6 and all(map(_like, expected, found))


def _in_network(expected: str, found: str) -> bool:
    return ipaddress.ip_address(found) in ipaddress.ip_network(expected, strict=False)


def _as_bool(value: str) -> str:
    return str(value).lower()


#: The operators, and whether each is a negation of the one it is built on.
_OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (lambda expected, found: expected == found, False),
    "StringNotEquals": (lambda expected, found: expected == found, True),
    "StringEqualsIgnoreCase": (lambda expected, found: expected.lower() == found.lower(), False),
    "StringNotEqualsIgnoreCase": (lambda expected, found: expected.lower() == found.lower(), True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (lambda expected, found: _as_bool(expected) == _as_bool(found), False),
    "NumericEquals": (lambda expected, found: float(found) == float(expected), False),
    "NumericNotEquals": (lambda expected, found: float(found) == float(expected), True),
    "NumericLessThan": (lambda expected, found: float(found) < float(expected), False),
    "NumericLessThanEquals": (lambda expected, found: float(found) <= float(expected), False),
    "NumericGreaterThan": (lambda expected, found: float(found) > float(expected), False),
    "NumericGreaterThanEquals": (lambda expected, found: float(found) >= float(expected), False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
}


def _holds(operator: str, key: str, expected: Any, context: Mapping[str, Value]) -> bool:
    """Whether one condition holds ("IAM JSON policy elements: Condition operators")."""
    found = context.get(key.lower())
    if operator == "Null":
        return (found is None) == (_as_bool(str(_listed(expected)[0])) == "true")
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    test, negated = _OPERATORS[name.removesuffix("IfExists")]
    wanted = [text if isinstance(text, str) else str(text) for text in _filled(expected, context)]
    if found is None or (not isinstance(found, str) and not found):
        # Without the key a comparison is false, but for a negation, `IfExists` and `ForAllValues`.
        return if_exists or quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue")
    values = [found] if isinstance(found, str) else list(found)

    def fits(value: str) -> bool:
        return any(test(pattern, value) for pattern in wanted) != negated

    return all(map(fits, values)) if quantifier == "ForAllValues" else any(map(fits, values))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)) else [value]

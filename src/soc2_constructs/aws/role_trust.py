"""Trust policies of roles: which accounts and which users of identity providers can assume them."""

from __future__ import annotations

from soc2_constructs.aws.patterns import NAME, OPEN, as_pattern, has_wildcard
from soc2_constructs.cloudformation import Verdict, any_of, failed, passed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from soc2_constructs.aws.policies import Statement

_SAML = ":saml-provider/"
#: Providers whose users anyone can be; the audience identifies the application.
#: Source: IAM User Guide, "Create a role for OpenID Connect federation (console)".
_PUBLIC_PROVIDERS = {
    "accounts.google.com": ("aud", "sub"),
    "cognito-identity.amazonaws.com": ("aud",),
    "graph.facebook.com": ("app_id",),
    "www.amazon.com": ("app_id",),
}
#: Claims that identify an organization or repository of GitHub, besides `sub`.
_GITHUB_CLAIMS = ("repository", "repository_id", "repository_owner", "repository_owner_id")
_POSITIVE = ("stringequals", "stringequalsignorecase", "stringlike")
#: What precedes the organization in a subject: `repo:` of GitHub Actions, `project_path:` of GitLab.
_SUBJECT_TYPES = ("repo", "project_path")
#: Keys with which a trusted account has to identify itself, or its caller.
_IDENTIFYING = ("aws:multifactorauthpresent", "aws:principalarn", "aws:principalorgid", "sts:externalid")


def limits_federation(statement: Statement) -> Verdict:
    """Whether the identity providers of a trust statement are limited to fixed subjects or audiences."""
    principal = statement.body.get("Principal")
    providers = principal.get("Federated", []) if type(principal) is dict else []
    for provider in providers if type(providers) is list else [providers]:
        name = as_pattern(provider)
        if (verdict := _is_limited(statement, name)).status != "PASS":
            return verdict.with_message(f"a statement trusts every user of {_shown(name)}", path=statement.path)
    return passed("every identity provider is limited")


def _shown(provider: str) -> str:
    return provider.rpartition("oidc-provider/")[2] if NAME not in provider and OPEN not in provider else "a provider"


def _is_limited(statement: Statement, provider: str) -> Verdict:
    if _SAML in provider:
        return _has_claim(statement, ("saml:aud",))
    issuer = provider.rpartition("oidc-provider/")[2]
    claims = _PUBLIC_PROVIDERS.get(issuer, ("sub",))
    if issuer.endswith("githubusercontent.com"):
        claims += _GITHUB_CLAIMS
    # The key consists of the issuer and the claim. A SAML provider whose ARN is an attribute has a key of its own.
    keys = tuple(f":{claim}" for claim in claims)
    return _has_claim(statement, (*keys, "saml:aud") if issuer.startswith((NAME, OPEN)) else keys)


def _has_claim(statement: Statement, ends: tuple[str, ...]) -> Verdict:
    verdicts = []
    for (operator, key), values in statement.conditions.items():
        quantifier, _, plain = operator.lower().rpartition(":")
        if plain in _POSITIVE and quantifier != "forallvalues" and key.endswith(ends):
            verdicts += [_all_fixed(values)]
    return any_of(verdicts)


def _all_fixed(values: list[Any]) -> Verdict:
    patterns = [as_pattern(value) for value in values]
    if any(not _names_organization(pattern) for pattern in patterns):
        return failed("a value of the condition has a wildcard in place of the organization")
    if any(OPEN in pattern for pattern in patterns):
        return unresolved("a value of the condition is known only at deployment")
    return passed("the condition limits the users")


def _names_organization(subject: str) -> bool:
    """Whether a subject has a fixed organization, as ``repo:example/*`` has, or another fixed start."""
    kind, _, rest = subject.partition(":")
    owner = rest.partition("/")[0].partition(":")[0] if kind in _SUBJECT_TYPES else subject[:1]
    return bool(owner) and not has_wildcard(owner)


def other_account(principal: Any, own: str | None) -> str | None:
    """Return the account that a principal trusts as a whole, where it is not the own account of the role; else None."""
    if type(principal) is not str:
        return None
    account, resource = principal, "root"
    if principal.startswith("arn:"):
        fields = principal.split(":", 5)
        account, resource = (fields[4], fields[5]) if len(fields) == 6 else ("", "")
    return account if account.isdecimal() and resource == "root" and account != own else None


def identifies_caller(statement: Statement) -> Verdict:
    """Whether a condition requires an external ID, MFA, an organization or a fixed principal."""
    found = []
    for operator, key in statement.conditions:
        quantifier, _, plain = operator.lower().rpartition(":")
        if (
            key in _IDENTIFYING
            and plain in (*_POSITIVE, "arnequals", "arnlike", "bool")
            and quantifier != "forallvalues"
        ):
            found.append(passed("a condition on {} identifies the caller", key))
    return any_of(found)

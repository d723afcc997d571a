"""Where resources are deployed."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, failed, passed, unresolved


def same_place(one: Resource, other: Resource) -> Verdict:
    """Whether two resources are deployed to the same account and region."""
    return is_in(one, other.template.account, other.region)


def is_in(resource: Resource, account: str | None, region: str | None) -> Verdict:
    """Whether a resource is deployed to an account and a region; stacks that tell neither go to the same."""
    here, there = (resource.template.account, resource.region), (account, region)
    if here == there:
        return passed("it is in the same account and region")
    if any(left != right and None not in (left, right) for left, right in zip(here, there, strict=True)):
        return failed("it is in another account or region")
    return unresolved("the template does not tell the account and region of its stack")

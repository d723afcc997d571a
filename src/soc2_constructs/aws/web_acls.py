"""Whether a web ACL blocks any request, or only counts requests.

Source: AWS WAF Developer Guide, "Using rule actions in AWS WAF" and "Overriding rule group actions in AWS WAF".
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Value, Verdict, any_of, failed, passed, unresolved

WEB_ACL = "AWS::WAFv2::WebACL"
_CLASSIC = "AWS::WAFRegional::WebACL"

#: Actions of a rule that stop some requests.
_STOPPING = ("Block", "Captcha", "Challenge")


def blocks_requests(acl: Value) -> Verdict:
    """Whether a web ACL blocks requests, by its default action or by a rule.

    Args:
        acl: A property that names a web ACL. One that is not part of the assembly counts.
    """
    if acl.is_absent:
        return failed("{} is not set", acl, path=acl.path)
    target = acl.target
    if target is not None and target.type == WEB_ACL:
        return any_of(
            _is_present(target["DefaultAction.Block"]),
            (_stops(rule) for rule in target["Rules"].each()),
        ).with_message(f"the web ACL {target.logical_id} blocks no request")
    if target is not None and target.type == _CLASSIC:
        return any_of(
            target["DefaultAction.Type"].equals("BLOCK"),
            (rule["Action.Type"].equals("BLOCK") for rule in target["Rules"].each()),
        ).with_message(f"the web ACL {target.logical_id} blocks no request")
    return acl.is_set()


def _stops(rule: Value) -> Verdict:
    # A rule group blocks by its own rules, unless the web ACL overrides their actions to count.
    return any_of(_is_present(rule["OverrideAction.None"]), (_is_present(rule["Action"][name]) for name in _STOPPING))


def _is_present(value: Value) -> Verdict:
    """Whether an action is chosen: it is an object without members."""
    if value.is_absent:
        return failed("{} is not set", value, path=value.path)
    if value.unresolved is not None:
        return unresolved("{} is not known before deployment: {}", value, value.unresolved, path=value.path)
    return passed("{} is set", value)

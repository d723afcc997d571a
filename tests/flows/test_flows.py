"""Every data flow of the table, three ways: plain CDK, one line of `enforce`, and the import swap.

`outcomes.yaml` records the known breaks as strict expected failures: after a fix the test fails until its
entry is removed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.access import OPERATIONS, SERVICES
from flows.catalogue import all_flows
from flows.run import BREAKS, DROP_IN, ENFORCE, PLAIN, REFUSED, WORKS, run

OUTCOMES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "outcomes.yaml").read_text())
CAUSES = {id: re.compile(cause["seen"]) for id, cause in OUTCOMES["causes"].items()}
FLOWS = all_flows()

#: The situations that reviewers reported, by their short names, as flows of the table.
SITUATIONS = {
    "a1": "alarm_publishes_to_topic",
    "a2": "own_bucket_policy_shares_bucket",
    "a2t": "own_topic_policy_lets_service_publish",
    "a3": "application_load_balancer_logs",
    "a4": "origin_access_identity_reads_bucket",
    "a5": "website_serves_over_http",
    "a6": "bucket_replicates",
    "a7": "database_events_reach_topic",
    "a8": "config_delivers_to_bucket",
    "a9": "other_account_reads_bucket",
    "a10": "bucket_notifies_function_of_another_stack",
    "a11": "function_has_unchangeable_role",
    "a11e": "state_machine_has_unchangeable_role",
    "a12": "function_at_the_edge",
}


class Broken(Exception):
    """A flow stops working, and the synthesis says nothing of it."""


def _cases(*modes: str) -> list[Any]:
    """Every flow in some modes, in an app without feature flags and in one as `cdk init` makes it."""
    cases = []
    for mode in modes:
        for name in FLOWS:
            causes = OUTCOMES["breaks"].get(mode, {}).get(name, [])
            why = "; ".join(OUTCOMES["causes"][cause]["why"] for cause in causes)
            known = [pytest.mark.xfail(raises=Broken, strict=True, reason=why)] if causes else []
            for flags in (False, True):
                if not flags or name not in OUTCOMES["without_flags"]:
                    id = f"{mode}-{name}{'-flags' if flags else ''}"
                    cases.append(pytest.param(name, mode, flags, id=id, marks=known))
    return cases


@pytest.mark.parametrize(("name", "mode", "flags"), _cases(PLAIN))
def test_flow_works_in_plain_cdk(name: str, mode: str, flags: bool) -> None:
    """Shows that the flow is one, and that the evaluator lets it through by its policies only."""
    outcome = run(FLOWS[name], mode, flags=flags)
    assert outcome.status == WORKS, str(outcome)
    assert not outcome.idle, f"AWS would serve these without any policy: {outcome.idle}"


@pytest.mark.parametrize(("name", "mode", "flags"), _cases(ENFORCE, DROP_IN))
def test_flow_still_works(name: str, mode: str, flags: bool) -> None:
    outcome = run(FLOWS[name], mode, flags=flags)
    if outcome.status == BREAKS:
        found = _causes(outcome.reasons)
        recorded = OUTCOMES["breaks"][mode].get(name, found)
        assert found == recorded, f"{name} breaks for {found}, outcomes.yaml has {recorded}: {outcome}"
        raise Broken(str(outcome))
    expected = OUTCOMES["refused"][mode].get(name)
    if outcome.status == REFUSED:
        assert expected, f"{name} is refused; record the pattern of the message in outcomes.yaml: {outcome}"
        assert re.search(expected, outcome.reasons[0]), str(outcome)
    else:
        assert not expected, f"{name} works now: take it out of `refused` in outcomes.yaml"


def _causes(reasons: tuple[str, ...]) -> list[str]:
    """The causes of some problems, in the order of outcomes.yaml; a problem without a cause is returned as it is."""
    found = {id for id, seen in CAUSES.items() for reason in reasons if seen.search(reason)}
    unknown = [reason for reason in reasons if not any(seen.search(reason) for seen in CAUSES.values())]
    return [id for id in CAUSES if id in found] + unknown


def test_the_table_is_complete() -> None:
    assert len(FLOWS) >= 90
    assert all(flow.title for flow in FLOWS.values())
    assert all(facts["page"] for facts in (*SERVICES.values(), *OPERATIONS.values())), "name the AWS page"
    assert {*SITUATIONS.values()} <= {*FLOWS}
    assert {*OUTCOMES["without_flags"]} <= {*FLOWS}
    for kind in ("breaks", "refused"):
        for mode in (ENFORCE, DROP_IN):
            assert {*OUTCOMES[kind][mode]} <= {*FLOWS}, f"{kind} of {mode} names a flow that the table lacks"
    used = {cause for mode in OUTCOMES["breaks"].values() for causes in mode.values() for cause in causes}
    assert used == {*CAUSES}, "a cause is no longer used, or not described"

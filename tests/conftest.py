"""Settings of every test process, and the linter that every test may call."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from support.linting import Linter

# The framework's own template validator takes seconds per synth; one end-to-end test runs with it, the others without.
# Rule packs run all the same.
os.environ.setdefault("CDK_VALIDATION", "false")

# No deadline: a busy machine is not a failure, and benchmarks/ measures speed.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: Findings of cfn-lint about output of the CDK that this library cannot change, by rule.
PINNED_LINT = {
    "W3005": "The CDK writes DependsOn for the roles of functions and state machines, which they also reference.",
    "W3010": "In a stack with a region, the CDK writes the availability zones of a network literally.",
}


@pytest.fixture(scope="session")
def cfn_lint(pytestconfig: pytest.Config) -> Callable[..., list[str]]:
    """Lint every template of an assembly; with `pinned=True`, return the findings of PINNED_LINT only."""
    assert pytestconfig.cache is not None
    linter = Linter(pytestconfig.cache.mkdir("cfn-lint"))

    def lint(assembly: Path, pinned: bool = False) -> list[str]:
        return [
            f"{template}: {finding.rule} {finding.message} at {finding.path}"
            for template, finding in linter.assembly(assembly)
            if (finding.rule in PINNED_LINT) is pinned
        ]

    return lint


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Show what Node prints during a test, such as validation reports, in the report of that test if it fails.

    A thread of jsii forwards Node's output to `sys.stderr`, often after pytest has stopped capturing for the test: the
    text then appears between the progress dots. Here, that thread gets a buffer instead.
    """
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)
    _forward_node_to(output)
    try:
        return (yield)
    finally:
        _forward_node_to(output)  # where the test itself was the first to start Node
        output.seek(0)
        item.add_report_section("call", "Node", output.read())


def _forward_node_to(output: io.TextIOWrapper) -> None:
    if (process := sys.modules.get("jsii._kernel.providers.process")) is not None:
        process.sys = SimpleNamespace(stdout=output, stderr=output)  # type: ignore[attr-defined]

"""Soc2Checks against NIST80053R5Checks, on the same app, in the same process, one after the other.

What a rule pack costs is what a synthesis takes longer with it. Ours is measured by its one callback, in which the CDK
hands it the templates and takes its report.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

import aws_cdk as cdk
import cdk_nag
import jsii
from big_app import build

from soc2_constructs import Soc2Checks

LEAST_AGAINST_NIST = 100
MOST_AGAINST_JSON = 15
MOST_FOR_FIVE_TIMES = 5.5
#: Each time is the best of so many: what else the machine does only adds to it.
RUNS = 5


class Timed(Soc2Checks):
    """The pack, with a clock around its callback."""

    seconds: float = 0.0

    @jsii.member(jsii_name="validate")
    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        start = time.perf_counter()
        report = super().validate(context)
        self.seconds = time.perf_counter() - start
        return report


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Node prints the report of a failed validation on the standard error that it inherited."""
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def synth(app: cdk.App) -> float:
    """Seconds of one synthesis, whatever its validation says."""
    start = time.perf_counter()
    with contextlib.suppress(RuntimeError):
        app.synth(force=True)
    return time.perf_counter() - start


def parse(outdir: str) -> float:
    """Seconds of `json.load` on every template of an assembly."""
    templates = sorted(Path(outdir).glob("**/*.template.json"))
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        for path in templates:
            with path.open() as file:
                json.load(file)
        best = min(best, time.perf_counter() - start)
    return best


def measure(resources: int, outdir: str) -> dict[str, float]:
    app = cdk.App(outdir=outdir, context={"aws:cdk:disable-asset-staging": True})
    build(app, resources)
    plain = min(synth(app) for _ in range(2))
    pack = Timed(app, report_only=True)
    cdk.Validations.of(app).add_plugins(pack)
    ours = with_ours = float("inf")
    for _ in range(RUNS):
        with_ours = min(with_ours, synth(app))
        ours = min(ours, pack.seconds)
    cdk.Validations.of(app).add_plugins(cdk_nag.NIST80053R5Checks())
    with_nist = min(synth(app) for _ in range(2))
    return {
        "plain": plain,
        "with ours": with_ours,
        "ours": ours,
        "nist": with_nist - with_ours,
        "json": parse(outdir),
    }


def main() -> int:
    found = {}
    with tempfile.TemporaryDirectory() as folder, quiet():
        for resources in (2000, 10000):
            found[resources] = measure(resources, f"{folder}/{resources}")
    met = True
    for resources, seconds in found.items():
        print(f"{resources} resources: " + ", ".join(f"{name} {value:.3f} s" for name, value in seconds.items()))
        against_nist, against_json = seconds["nist"] / seconds["ours"], seconds["ours"] / seconds["json"]
        met &= against_nist >= LEAST_AGAINST_NIST and against_json <= MOST_AGAINST_JSON
        print(f"  NIST80053R5Checks takes {against_nist:.0f} times as long (at least {LEAST_AGAINST_NIST})")
        print(f"  Soc2Checks takes {against_json:.1f} times as long as json.load (at most {MOST_AGAINST_JSON})")
    growth = found[10000]["ours"] / found[2000]["ours"]
    met &= growth <= MOST_FOR_FIVE_TIMES
    print(f"  10,000 resources cost {growth:.1f} times as much as 2,000 (at most {MOST_FOR_FIVE_TIMES})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

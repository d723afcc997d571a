"""Soc2Checks against NIST80053R5Checks, on the same apps, in the same process, one after the other.

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
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

import aws_cdk as cdk
import cdk_nag
import jsii
from big_app import buckets, services

from soc2_constructs import Soc2Checks

Build = Callable[[cdk.App, int], None]

#: The apps, each with how many times as long NIST80053R5Checks takes at least. Its rules about buckets look through the
#: whole stack for the policies of each, and so the time grows with the square of the stack; elsewhere it is quick.
APPS: dict[str, tuple[Build, float]] = {"buckets": (buckets, 100), "services": (services, 1)}
SIZES = (2000, 10000)
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


def measure(build: Build, resources: int, outdir: str) -> dict[str, float]:
    context = {"aws:cdk:disable-asset-staging": True, "@aws-cdk/core:stackResourceLimit": 0}
    app = cdk.App(outdir=outdir, context=context)
    build(app, resources)
    plain = min(synth(app) for _ in range(2))
    pack = Timed(app, report_only=True)
    cdk.Validations.of(app).add_plugins(pack)
    ours = with_ours = float("inf")
    for _ in range(RUNS):
        with_ours = min(with_ours, synth(app))
        ours = min(ours, pack.seconds)
    cdk.Validations.of(app).add_plugins(cdk_nag.NIST80053R5Checks())
    return {"plain": plain, "with ours": with_ours, "ours": ours, "nist": synth(app) - with_ours, "json": parse(outdir)}


def main() -> int:
    met = True
    with tempfile.TemporaryDirectory() as folder, quiet():
        for name, (build, least) in APPS.items():
            times = {resources: measure(build, resources, f"{folder}/{name}-{resources}") for resources in SIZES}
            met &= judge(name, times, least)
    return 0 if met else 1


def judge(name: str, times: dict[int, dict[str, float]], least: float) -> bool:
    """Print what was measured, and say whether it holds."""
    met = True
    for resources, seconds in times.items():
        print(f"{name}, {resources} resources: " + ", ".join(f"{what} {each:.3f} s" for what, each in seconds.items()))
        against_nist, against_json = seconds["nist"] / seconds["ours"], seconds["ours"] / seconds["json"]
        met &= against_nist >= least and against_json <= MOST_AGAINST_JSON
        print(f"  NIST80053R5Checks takes {against_nist:.0f} times as long (at least {least})")
        print(f"  Soc2Checks takes {against_json:.1f} times as long as json.load (at most {MOST_AGAINST_JSON})")
    small, large = (times[resources]["ours"] for resources in SIZES)
    met &= large / small <= MOST_FOR_FIVE_TIMES
    print(f"  10,000 resources cost {large / small:.1f} times as much as 2,000 (at most {MOST_FOR_FIVE_TIMES})")
    return met


if __name__ == "__main__":
    sys.exit(main())

"""What it costs a synthesis that every construct remembers its line of Python: as the drop-in classes, with the pack.

A file beside the templates holds the lines. Construct metadata would take a round trip to Node for each construct, and
is measured beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

import aws_cdk as cdk

from soc2_constructs import Soc2Checks
from soc2_constructs import aws_s3 as s3
from soc2_constructs.cloudformation import sources

MOST = 1.03
BUCKETS = 150
RUNS = 5


def synth(outdir: str, way: str) -> float:
    os.environ[sources.VARIABLE] = "on" if way == "file" else "off"
    start = time.perf_counter()
    app = cdk.App(outdir=outdir)
    cdk.Validations.of(app).add_plugins(Soc2Checks(app, include=["soc2_template_visible"]))  # type: ignore[arg-type]
    stack = cdk.Stack(app, "S")
    for number in range(BUCKETS):
        bucket = s3.Bucket(stack, f"Bucket{number}")
        if way == "metadata":
            bucket.node.add_metadata("soc2:source", sources.here())
    app.synth()
    return time.perf_counter() - start


def main() -> int:
    best = {"off": float("inf"), "file": float("inf"), "metadata": float("inf")}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS):
            for way in best:
                best[way] = min(best[way], synth(f"{folder}/{way}{run}", way))
    ratio = best["file"] / best["off"]
    print(f"{BUCKETS} buckets: " + ", ".join(f"{way} {seconds:.2f} s" for way, seconds in best.items()))
    print(
        f"  a file takes {ratio:.3f} times as long (at most {MOST}), "
        f"metadata would take {best['metadata'] / best['off']:.3f} times as long"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())

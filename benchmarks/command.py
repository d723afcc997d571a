"""`soc2 check` on a cdk.out of one stack, against what Python itself takes to start; and never a Node process."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import soc2_constructs

MOST_AGAINST_PYTHON = 5
RUNS = 40

APP = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
app = cdk.App(outdir=sys.argv[1])
s3.Bucket(cdk.Stack(app, "One"), "Files", enforce_ssl=True)
app.synth()
"""


def best(*command: str, environment: dict[str, str]) -> float:
    """Seconds of the fastest of many runs."""
    fastest = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def without_node(folder: str) -> dict[str, str]:
    """An environment in which starting `node` creates a file, and fails."""
    trap = Path(folder) / "bin" / "node"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\\ntouch {folder}/node-was-started\\nexit 1\\n")
    trap.chmod(0o755)
    return {**os.environ, "PATH": f"{trap.parent}{os.pathsep}{os.environ['PATH']}"}


def main() -> int:
    soc2 = shutil.which("soc2", path=str(Path(sys.executable).parent))
    assert soc2 is not None, "run `make setup` first"
    # As pip leaves a package: where Python may write no bytecode, a checkout is compiled anew at every start.
    compileall.compile_dir(Path(soc2_constructs.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        assembly = f"{folder}/cdk.out"
        subprocess.run([sys.executable, "-c", APP, assembly], check=True, env={**os.environ, "CDK_VALIDATION": "false"})
        environment = without_node(folder)
        python = best(sys.executable, "-c", "pass", environment=environment)
        check = best(soc2, "check", assembly, environment=environment)
        node = (Path(folder) / "node-was-started").exists()
    print(f"python -c pass {python * 1000:.1f} ms, soc2 check {check * 1000:.1f} ms")
    print(f"  soc2 check takes {check / python:.1f} times as long (at most {MOST_AGAINST_PYTHON})")
    print(f"  node was {'started' if node else 'never started'}")
    return 0 if check / python <= MOST_AGAINST_PYTHON and not node else 1


if __name__ == "__main__":
    sys.exit(main())

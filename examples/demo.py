"""The program behind `make demo`: run the CDK CLI on a compliant and a non-compliant app, and write the evidence.

It needs no AWS account. It exits with 0 only if the compliant app passes and the other one fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / "evidence"


def run(*command: str) -> int:
    """Run a command in the repository with its output in this terminal, and return its exit code."""
    print(f"\n$ {' '.join(command)}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def synthesize(name: str) -> int:
    """Synthesize an example with the CDK CLI and the rule pack.

    All stacks of both examples are in stages. Without the pattern `**`, `cdk synth` would not report their findings.
    """
    app = f"{sys.executable} {(ROOT / 'examples' / name / 'app.py').relative_to(ROOT)}"
    return run("cdk", "synth", "**", "--quiet", "--app", app, "--output", f"cdk.out/{name}")


def collect(name: str) -> dict[str, int]:
    """Write the evidence of an example and return its counts."""
    report = EVIDENCE / f"{name}.json"
    code = run("soc2", "check", f"cdk.out/{name}", "--format", "json", "--output", str(report.relative_to(ROOT)))
    if code not in (0, 1):
        raise SystemExit(f"soc2 check could not read cdk.out/{name}")
    summary: dict[str, int] = json.loads(report.read_text())["summary"]
    return summary


def main() -> int:
    EVIDENCE.mkdir(exist_ok=True)
    outcomes = {}
    for name, title in (("saas", "written with soc2_constructs"), ("legacy", "written in plain aws_cdk")):
        print(f"\n== {name}: {title} ".ljust(100, "="))
        code = synthesize(name)
        outcomes[name] = (code, collect(name))
    run("soc2", "check", "cdk.out/saas")
    print("\n== result ".ljust(100, "="))
    for name, (code, summary) in outcomes.items():
        verdict = "passes" if code == 0 else "fails"
        print(
            f"{name:7} {verdict:7} cdk synth exits with {code}: {summary['findings']} to fix, "
            f"{summary['WAIVED']} waived, {summary['PASS']} passed, {summary['UNRESOLVED']} unresolved; "
            f"evidence/{name}.json"
        )
    expected = outcomes["saas"][0] == 0 and outcomes["legacy"][0] != 0 and outcomes["saas"][1]["compliant"]
    return 0 if expected else 1


if __name__ == "__main__":
    sys.exit(main())

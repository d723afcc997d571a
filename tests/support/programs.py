"""Apps that run as their teams run them: as programs, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def run(program: Path, outdir: Path, context: Mapping[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    """Run an app that ends with `app.synth()`; where its rule pack stops it, it exits 1."""
    environment = {**os.environ, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context or {})}
    return subprocess.run(
        [sys.executable, str(program)], env=environment, capture_output=True, text=True, timeout=300, check=False
    )

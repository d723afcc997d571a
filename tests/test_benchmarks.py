"""The benchmarks compare equal templates, and their apps have the stated sizes."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import aws_cdk as cdk
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def types(outdir: Path) -> list[str]:
    templates = [json.loads(path.read_text()) for path in outdir.glob("*.template.json")]
    return [resource["Type"] for template in templates for resource in template["Resources"].values()]


def test_a_bucket_by_hand_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = benchmark("bucket")
    monkeypatch.setattr(module, "BUCKETS", 2)
    _, ours = module.synth(module.with_ours, str(tmp_path / "ours"))
    _, theirs = module.synth(module.by_hand, str(tmp_path / "theirs"))
    assert ours == theirs


def test_the_large_apps_have_what_they_say(tmp_path: Path) -> None:
    module = benchmark("big_app")
    found = {}
    for make in (module.services, module.buckets):
        context = {"aws:cdk:disable-asset-staging": True}
        app = cdk.App(outdir=str(tmp_path / make.__name__), context=context)
        make(app, 400)
        app.synth()
        found[make.__name__] = types(tmp_path / make.__name__)
    assert len(set(found["services"])) >= 60
    assert set(found["buckets"]) == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert all(abs(len(kinds) - 400) < 20 for kinds in found.values()), {name: len(k) for name, k in found.items()}

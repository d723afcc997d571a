"""Database proxies."""

from __future__ import annotations

from soc2_constructs.hardening import (
    Hardening,
    default,
    hardened,
)

from aws_cdk import aws_rds as rds

DATABASE_PROXY = Hardening(rds.DatabaseProxy, default("require_tls", True), default("iam_auth", True))


@hardened(DATABASE_PROXY)
class DatabaseProxy(rds.DatabaseProxy):
    """A proxy that requires TLS and IAM authentication by default."""

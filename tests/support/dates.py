"""Days for waivers, which must expire within a year from today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: A day on which a waiver written today may expire.
LATER = (datetime.now(UTC) + timedelta(days=300)).strftime("%Y-%m-%d")

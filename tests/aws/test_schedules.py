"""Schedule expressions."""

from __future__ import annotations

import pytest

from soc2_constructs.aws.schedules import fires_daily, never_fires


@pytest.mark.parametrize(
    ("expression", "daily"),
    [
        ("cron(0 5 * * ? *)", True),
        ("cron(0 5 ? * * *)", True),
        ("cron(0/30 * * * ? *)", True),
        ("cron(0 5,17 ? * 1-7 *)", True),
        ("cron(0 5 ? * MON-SUN *)", True),
        ("cron(0 5 ? * SAT *)", False),
        ("cron(0 5 ? * MON-FRI *)", False),
        ("cron(0 5 1 * ? *)", False),
        ("cron(0 5 * 1-6 ? *)", False),
        ("cron(0 5 * * ? 2026)", False),
        ("cron(0 5 1/2 * ? *)", False),
        ("rate(1 day)", True),
        ("rate(24 hours)", True),
        ("rate(12 hours)", True),
        ("rate(90 minutes)", True),
        ("rate(25 hours)", False),
        ("rate(7 days)", False),
        ("rate(0 days)", False),
        ("rate(1 week)", None),
        ("cron(0 5 * *)", None),
        ("at(2026-01-01T00:00:00)", None),
        ("daily", None),
        ("", None),
    ],
)
def test_fires_daily(expression: str, daily: bool | None) -> None:
    assert fires_daily(expression) is daily


@pytest.mark.parametrize(
    ("expression", "never"),
    [
        ("cron(0 5 30 2 ? *)", True),
        ("cron(0 5 31 APR,6 ? *)", True),
        ("cron(0 5 31 4,5 ? *)", False),
        ("cron(0 5 29 2 ? *)", False),
        ("cron(0 5 30,1 2 ? *)", False),
        ("cron(0 5 30-31 2 ? *)", True),
        ("cron(0 5 * * ? 2020)", True),
        ("cron(0 5 * * ? 2020-2025)", True),
        ("cron(0 5 * * ? 2020,2030)", False),
        ("cron(0 5 ? * SUN *)", False),
        ("rate(0 days)", True),
        ("rate(7 days)", False),
        ("nonsense", False),
    ],
)
def test_never_fires(expression: str, never: bool) -> None:
    assert never_fires(expression) is never

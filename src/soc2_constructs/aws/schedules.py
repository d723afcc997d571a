"""Schedule expressions of EventBridge and AWS Backup: `cron(0 5 * * ? *)`, `rate(12 hours)`."""

from __future__ import annotations

_HOURS = {"minute": 1 / 60, "hour": 1, "day": 24}


def fires_daily(expression: str) -> bool | None:
    """Whether a schedule fires on every day of the year; None where it is no schedule.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    kind, opened, rest = expression.strip().partition("(")
    if not opened or not rest.endswith(")"):
        return None
    fields = rest[:-1].split()
    if kind == "rate" and len(fields) == 2 and fields[0].isdecimal():
        hours = _HOURS.get(fields[1].removesuffix("s"))
        return None if hours is None else 0 < int(fields[0]) * hours <= 24
    if kind == "cron" and len(fields) == 6:
        _, _, day_of_month, month, day_of_week, year = fields
        return (
            _is_every(day_of_month, 1, 31)
            and _is_every(month, 1, 12, "JAN-DEC")
            and _is_every(day_of_week, 1, 7, "SUN-SAT", "MON-SUN")
            and year == "*"
        )
    return None


def _is_every(field: str, first: int, last: int, *names: str) -> bool:
    return field.upper() in ("*", "?", "*/1", f"{first}/1", f"{first}-{last}", *names)

"""Schedule expressions of EventBridge and AWS Backup: `cron(0 5 * * ? *)`, `rate(12 hours)`."""

from __future__ import annotations

#: Schedules of earlier years are over. A constant, so that the same template has the same result on every day.
_PRESENT_YEAR = 2026
#: The days of the months that have fewer than 31, by number and by name.
_DAYS = {"2": 29, "FEB": 29, "4": 30, "APR": 30, "6": 30, "JUN": 30, "9": 30, "SEP": 30, "11": 30, "NOV": 30}
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


def never_fires(expression: str) -> bool:
    """Whether a schedule surely never fires: its years are over, or no month has such a day.

    >>> never_fires("cron(0 5 30 2 ? *)"), never_fires("cron(0 5 ? * * 2020)"), never_fires("cron(0 5 * * ? *)")
    (True, True, False)
    """
    kind, _, rest = expression.strip().partition("(")
    fields = rest.removesuffix(")").split()
    if kind == "rate":
        return bool(fields) and fields[0].isdecimal() and int(fields[0]) == 0
    if kind != "cron" or len(fields) != 6:
        return False
    _, _, day, month, _, year = fields
    years = [int(text) for text in year.replace("-", ",").split(",") if text.isdecimal()]
    if len(years) == len(year.replace("-", ",").split(",")) and max(years) < _PRESENT_YEAR:
        return True
    return _first(day) > max((_DAYS.get(name.upper(), 31) for name in month.split(",")), default=31)


def _first(day: str) -> int:
    """The first day of the month in a field; 0 where the field is no list of numbers."""
    days = [text.partition("-")[0] for text in day.split(",")]
    return min(map(int, days)) if all(text.isdecimal() for text in days) else 0


def _is_every(field: str, first: int, last: int, *names: str) -> bool:
    return field.upper() in ("*", "?", "*/1", f"{first}/1", f"{first}-{last}", *names)

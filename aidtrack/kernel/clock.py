"""The one place where the time is read. Adapters call it; services are handed the result."""

import re
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

DEFAULT_TIME_ZONE = "Europe/Kyiv"


def utc_now() -> datetime:
    """The moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_date(moment: datetime, time_zone: str = DEFAULT_TIME_ZONE) -> date:
    """The calendar day at the site at that moment: a round's first and last day are local days."""
    return moment.astimezone(zone(time_zone)).date()


_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")


def read_day(text: str) -> date:
    """A day as a date input sends it (2022-09-01) or as people write it (01.09.2022).

    Raises:
        ValueError: it is neither, or there is no such day.
    """
    text = text.strip()
    match = _DAY.fullmatch(text)
    if match is not None:
        day, month, year = (int(part) for part in match.groups())
        return date(year, month, day)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)

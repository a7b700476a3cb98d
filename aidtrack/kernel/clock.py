"""The one place where the time is read. Adapters call it; services are handed the result."""

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

"""The product's clock for tests that speak of "today": it stands in the morning of one day, whatever the hour is here.

A day read at import or in a fixture and a page's own today are two days when midnight in Kyiv lies between them, and
late in the evening the day in UTC is another one than at the site.
"""

from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from aidtrack.kernel import clock

MORNING = time(10)


def stay_on(day: date, patch: pytest.MonkeyPatch) -> datetime:
    """From now on it is ten in the morning of that day in Kyiv, and time goes on from there; gives that moment."""
    began = datetime.now(UTC)
    start = datetime.combine(day, MORNING, ZoneInfo(clock.DEFAULT_TIME_ZONE)).astimezone(UTC)

    def now(zone: object) -> datetime:
        assert zone is UTC
        return start + (datetime.now(UTC) - began)

    patch.setattr(clock, "datetime", SimpleNamespace(now=now))
    return start

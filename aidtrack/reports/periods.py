"""Periods of a statement, and how one is put together from whole months and days at its ends."""

import calendar
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from aidtrack.kernel.late import dataclass
from aidtrack.reports.errors import PeriodBackwards, PeriodTooLong

MAX_YEARS = 20
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it; local days at the site."""

    start: date
    end: date

    @classmethod
    def checked(cls, start: date, end: date) -> "Period":
        """Raises `PeriodBackwards` or `PeriodTooLong`."""
        if end < start:
            raise PeriodBackwards()
        if end.year - start.year > MAX_YEARS:
            raise PeriodTooLong(years=MAX_YEARS)
        return cls(start, end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def next_month(month: date) -> date:
    return last_of_month(month) + ONE_DAY


def months_of(period: Period) -> Iterator[date]:
    """The first days of the months that the period touches."""
    month = first_of_month(period.start)
    while month <= period.end:
        yield month
        month = next_month(month)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A period as months whose sums are kept, days of such months, and the rest, each piece within one month."""

    closed: tuple[date, ...]
    days: tuple[Period, ...]
    open: tuple[Period, ...]


def pieces(period: Period, closed: Collection[date]) -> Pieces:
    """Split a period: a closed month that lies wholly inside it is taken as its sum, of another one the days' sums."""
    sums, days, rest = [], [], []
    for month in months_of(period):
        part = Period(max(month, period.start), min(last_of_month(month), period.end))
        if month not in closed:
            rest.append(part)
        elif part == Period(month, last_of_month(month)):
            sums.append(month)
        else:
            days.append(part)
    return Pieces(tuple(sums), tuple(days), tuple(rest))


def usual_periods(today: date) -> dict[str, Period]:
    """The periods a donor asks for, most usual first; each ends today at the latest."""
    this_month = first_of_month(today)
    last_month_end = this_month - ONE_DAY
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    year = today.replace(month=1, day=1)
    return {
        "this_month": Period(this_month, today),
        "last_month": Period(first_of_month(last_month_end), last_month_end),
        "quarter": Period(quarter, today),
        "year": Period(year, today),
        "last_year": Period(year.replace(year=today.year - 1), year - ONE_DAY),
    }

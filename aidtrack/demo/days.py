"""The demonstration's calendar of 2022."""

from datetime import date, timedelta
from functools import cache

OPENED = date(2022, 1, 10)
INVASION = date(2022, 2, 24)
# first working day and last day of each month's distribution of food
FOOD_MONTHS = (
    (date(2022, 9, 12), date(2022, 9, 23)),
    (date(2022, 10, 10), date(2022, 10, 21)),
    (date(2022, 11, 7), date(2022, 11, 18)),
    (date(2022, 12, 5), date(2022, 12, 16)),
)
WINTER = (date(2022, 11, 21), date(2022, 12, 9))
CITY = (date(2022, 10, 24), date(2022, 10, 28))
CHILD_CARE = (
    (date(2022, 4, 18), date(2022, 4, 22)),
    (date(2022, 6, 13), date(2022, 6, 17)),
    (date(2022, 8, 22), date(2022, 8, 26)),
    (date(2022, 11, 28), date(2022, 12, 2)),
)


@cache
def working_days(first: date, last: date) -> tuple[date, ...]:
    """Monday to Friday, both ends included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() < 5)

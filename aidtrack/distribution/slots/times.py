"""A day's bookable times from one line of a form: from, to, minutes each, a break. Plain rules, local minutes."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
SHORTEST, LONGEST = 5, 240
MOST_A_DAY = 150


def day_times(
    starts: int, ends: int, *, each: int, pause: tuple[int, int] | None = None
) -> list[tuple[int, int]]:
    """The times between `starts` and `ends`, minutes since midnight, none reaching into the break.

    What is too short for a whole time is left out: before the break, and at the end of the day. After the
    break times begin when it ends.
    """
    if each < 1:
        raise ValueError(each)
    parts = [(starts, ends)]
    if pause is not None and pause[0] < pause[1]:
        parts = [(starts, min(ends, pause[0])), (max(starts, pause[1]), ends)]
    return [(at, at + each) for begin, end in parts for at in range(begin, end - each + 1, each)]


def minutes_of(value: time) -> int:
    return value.hour * 60 + value.minute


def clock(minutes: int) -> str:
    """«9:05»: the clock of the site, for papers and screens; midnight at the end of a day is 24:00."""
    return f"{minutes // 60}:{minutes % 60:02}"


def minute_at(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """Minutes of the local clock from the beginning of `day` to the moment; below 0 the day before.

    By the clock on the wall and not by elapsed time, so that the days on which clocks change do not move slots.
    """
    local = moment.astimezone(zone).replace(tzinfo=None)
    return int((local - datetime.combine(day, time())) // timedelta(minutes=1))

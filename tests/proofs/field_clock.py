"""A phone's clocks in the simulation: what it shows can be set at any time, and its trusted time follows `trusted.js`.

Trusted time starts at the server's word and goes on with the monotonic clock. Only across a restart of the browser the
clock on the wall says how long that was, and never leads back; where it says less than was seen before, the pack's life
is cut. A phone of another make may know no trusted time at all.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

PACK_LIFE = timedelta(hours=72)
TURNED_BACK = timedelta(minutes=10)  # clocks are put right by less every day
AFTER_TURNING_BACK = timedelta(hours=12)
MONTH = timedelta(days=30)
TURNS = (MONTH, -MONTH, timedelta(days=2), timedelta(days=-1), timedelta(hours=5), timedelta(minutes=-50))
NEVER_OFF = timedelta(minutes=10)  # of a signed request, by docs/sync.md


@dataclass
class Clock:
    """`skew` is how far the wall clock is off, `slow` what the line took to bring the server's word."""

    skew: timedelta
    slow: timedelta
    at: datetime
    read_at: datetime  # the true time of the last reading: what the monotonic clock counts from
    pack_of: datetime
    trusts_itself: bool = False
    closed: bool = False
    until: datetime | None = None  # no pack serves after it until the server is heard

    def __post_init__(self) -> None:
        self.offset = self.at - self.wall(self.read_at)

    def wall(self, now: datetime) -> datetime:
        return now + self.skew

    def est(self, now: datetime) -> datetime:
        """What an event of this moment says of its time."""
        if self.trusts_itself:
            return self.wall(now)
        if self.closed:
            shown = self.wall(now) + self.offset
            at = max(self.at, shown)
            if shown < self.at - TURNED_BACK:
                left = AFTER_TURNING_BACK if self.until is None else max(self.until - at, timedelta(0)) / 2
                self.until = at + left
        else:
            at = self.at + (now - self.read_at)
        self.at, self.read_at, self.offset, self.closed = at, now, at - self.wall(now), False
        return at

    def heard(self, now: datetime) -> None:
        """The server said what time it is, and gave a new pack."""
        self.at, self.read_at, self.closed, self.pack_of = now + self.slow, now, False, now
        self.until = None
        self.offset = self.at - self.wall(now)

    def opens_vouchers(self, now: datetime) -> bool:
        if self.trusts_itself:
            return True
        est = self.est(now)
        return est < min(self.pack_of + PACK_LIFE, self.until or datetime.max.replace(tzinfo=now.tzinfo))

    def would_be_believed(self, now: datetime) -> bool:
        """Whether a request signed now is near enough to the server's time."""
        return abs(self.est(now) - now) <= NEVER_OFF

    def close(self, now: datetime) -> None:
        """The browser is closed, or the phone runs empty; it is open again when it is used next."""
        self.est(now)
        self.closed = True

    def turn(self, now: datetime, by: timedelta) -> None:
        """Somebody sets the clock, or it forgets the date."""
        if self.closed:
            self.skew += by
        else:  # with the page open the next reading notes by how much
            self.est(now)
            self.skew += by
            self.est(now)


def clock_of(rng: random.Random, began: datetime) -> Clock:
    """A phone's clock in the morning: right, or a month off either way."""
    slow = timedelta(minutes=rng.randint(-2, 2))
    return Clock(
        skew=rng.choice([-MONTH, timedelta(0), timedelta(0), MONTH]),
        slow=slow,
        at=began + slow,
        read_at=began,
        pack_of=began,
        trusts_itself=rng.random() < 0.15,
    )

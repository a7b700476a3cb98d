"""Plain rules of a case: when an act is due, what a result needs, how a funnel counts. No database, no clock.

Source: docs/rules.md#cases
"""

from collections.abc import Collection, Iterable, Set
from datetime import date, timedelta
from enum import StrEnum

from aidtrack.beneficiaries.cases.commands import Result
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass

WARNED_DAYS = 30  # an act that ends within these is due
MOST_CASES = 25  # of one sitting: what one page with names may show
GRANT_MONTHS = 6


class Due(StrEnum):
    """Why a family's act is on the work list."""

    MISSING = "missing"  # an appeal waits, and there is no act
    EXPIRED = "expired"
    SOON = "soon"

    @property
    def label(self) -> str:
        return _DUES[self]


class Problem(StrEnum):
    """What keeps a result from being closed; those of `ASKED` may be confirmed."""

    NO_RESULT = "no_result"
    NO_REASON = "no_reason"
    NO_START = "no_start"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    GRANTS_NOTHING = "grants_nothing"
    BEFORE_ACT = "before_act"
    NO_ACT = "no_act"
    ACT_EXPIRED = "act_expired"

    @property
    def label(self) -> str:
        return _PROBLEMS[self]


ASKED = frozenset({Problem.NO_ACT, Problem.ACT_EXPIRED})
_DUES = {
    Due.MISSING: N_("no act although an appeal is open"),
    Due.EXPIRED: N_("the act is out of date"),
    Due.SOON: N_("the act ends soon"),
}
_PROBLEMS = {
    Problem.NO_RESULT: N_("Say what was decided."),
    Problem.NO_REASON: N_("A refusal or postponement needs its reason."),
    Problem.NO_START: N_("Say from which day it is granted."),
    Problem.DATES_OUT_OF_ORDER: N_("The last day lies before the first one."),
    Problem.GRANTS_NOTHING: N_("Say what is granted: a programme, or in words."),
    Problem.BEFORE_ACT: N_("The sitting was held before the act was made."),
    Problem.NO_ACT: N_("The family has no act."),
    Problem.ACT_EXPIRED: N_("The act was out of date on the day of the sitting."),
}


@dataclass(frozen=True, slots=True)
class Act:
    made_on: date
    valid_until: date

    def in_force(self, on: date) -> bool:
        return self.made_on <= on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Decided:
    """A result as typed, without whom it is about."""

    result: Result | None
    has_reason: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    grants_something: bool = False


def due_on(newest: Act | None, *, on: date, appeal_open: bool) -> Due | None:
    """Why an act must be made, None while there is nothing to do. Both ends of an act's validity count.

    A family without an appeal is asked for a new act only while the old one's end is near or past: whoever
    has never had one is left in peace.
    """
    if newest is None:
        return Due.MISSING if appeal_open else None
    if newest.valid_until < on:
        return Due.EXPIRED
    return Due.SOON if newest.valid_until <= on + timedelta(days=WARNED_DAYS) else None


def act_for(acts: Iterable[Act], on: date) -> Act | None:
    """The act a decision of that day rests on: the newest made by then, in force if there is one; else the newest."""
    known = sorted(acts, key=lambda one: (one.in_force(on), one.made_on <= on, one.made_on))
    return known[-1] if known else None


def problems_of(decided: Decided, act: Act | None, held_on: date) -> frozenset[Problem]:
    """All that is wrong with one result; empty when the minutes may take it."""
    found: set[Problem] = set()
    if decided.result is None:
        return frozenset({Problem.NO_RESULT})
    if decided.result is not Result.GRANTED:
        return frozenset() if decided.has_reason else frozenset({Problem.NO_REASON})
    if decided.valid_from is None:
        found.add(Problem.NO_START)
    elif decided.valid_until is not None and decided.valid_until < decided.valid_from:
        found.add(Problem.DATES_OUT_OF_ORDER)
    if not decided.grants_something:
        found.add(Problem.GRANTS_NOTHING)
    if act is None:
        found.add(Problem.NO_ACT)
    elif held_on < act.made_on:
        found.add(Problem.BEFORE_ACT)
    elif not act.in_force(held_on):
        found.add(Problem.ACT_EXPIRED)
    return frozenset(found)


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (after - timedelta(days=1)).day))


def next_serials(highest: int, taken: Collection[str], year: int, count: int) -> list[int]:
    """The next numbers of a journal's year, past those a person gave by hand."""
    found: list[int] = []
    serial = highest
    while len(found) < count:
        serial += 1
        if journal_number(serial, year) not in taken:
            found.append(serial)
    return found


def journal_number(serial: int, year: int) -> str:
    """«17/2026»."""
    return f"{serial}/{year}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: papers, and the different families behind them."""

    papers: int
    households: int
    of_before: (
        int | None
    )  # families of this step that were in the step before, in percent of those; None of none


def funnel(steps: Iterable[tuple[int, Set[int]]]) -> list[Step]:
    """Counts beside families, and how many of the families of one step came to the next.

    Appeals, acts and decisions have different bases: more papers may stand at a later step than at an earlier
    one, and the share is of families who were in both, never of two counts.
    """
    made: list[Step] = []
    before: Set[int] | None = None
    for papers, households in steps:
        share = None
        if before:
            share = round(100 * len(before & households) / len(before))
        made.append(Step(papers, len(households), share))
        before = households
    return made

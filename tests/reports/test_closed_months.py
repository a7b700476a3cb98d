"""Statements from closed months, straight from rows, and by plain Python over what the test wrote: all equal."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from aidtrack.reports import closing
from aidtrack.reports.figures import Figure
from aidtrack.reports.periods import Period, months_of
from aidtrack.reports.scope import AskForStatement, scope_for
from aidtrack.reports.statements import Statement, make
from tests.reports.books import (
    AWAY,
    CITY,
    HANDED_OUT,
    IN_TRANSIT,
    KIT,
    LOSS,
    NOW,
    OIL,
    OTHER_STORE,
    POINT,
    RICE,
    STORE,
    SUPPLIER,
    SUSPENSE,
    TODAY,
    WFP,
    Books,
    reviewer,
)

FIRST = date(2022, 8, 25)
HELD = (STORE, POINT, OTHER_STORE, IN_TRANSIT)
REAL = (STORE, POINT, OTHER_STORE)
SITES = {STORE: 1, POINT: 1, OTHER_STORE: 2, IN_TRANSIT: 1}

days = st.integers(0, (TODAY - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
VERBS = (
    "receive", "hand out", "hand out", "hand out", "hand out two", "move", "dispatch", "lose", "away",
    "suspense", "reverse", "reverse", "close", "lose on the way",
)  # fmt: skip
steps = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 10**6),
        st.integers(1, 50),
        days,
        st.integers(1, 12),
    ),
    min_size=5,
    max_size=40,
)
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@contextmanager
def left_as_it_was(session: Session) -> Iterator[None]:
    """Each example of a property writes into the same database and leaves nothing."""
    nested = session.begin_nested()
    try:
        yield
    finally:
        nested.rollback()


def close_all(session: Session, *, behind: bool = False) -> None:
    """Sum every month anew whose sums are not good, or (not `behind`) have later entries beside them."""
    upto = closing.newest_entry_id(session)
    kept = closing.kept_months(session)
    good = set(kept.months) - (set() if behind else set(kept.later))
    for month in sorted(set(months_of(Period(FIRST, TODAY))) - good):
        closing.keep_month(session, closing.sum_month(session, month, upto), now=NOW)


def play(books: Books, script: list[tuple[str, int, int, date, int]]) -> None:
    """Turn drawn steps into entries that stock could really make."""
    lots = [
        books.lot(WFP, RICE, 1),
        books.lot(WFP, OIL, 2),
        books.lot(WFP, RICE, 2),
        books.lot(CITY, KIT, None),
        books.lot(WFP, KIT, None),
    ]
    for lot in lots:
        books.entry("receipt", FIRST, (lot, SUPPLIER, STORE, 500))
    for verb, pick, units, on, household in script:
        step(books, verb, pick, units, on, household)
    books.keep_balances()


def step(books: Books, verb: str, pick: int, units: int, on: date, household: int) -> None:
    full = sorted(key for key, held in books.balances().items() if held >= units)
    real = [key for key in full if key[1] in REAL]
    if verb == "receive":
        books.entry("receipt", on, (1 + pick % len(books.lots), SUPPLIER, REAL[pick % 3], units))
    elif verb == "close":
        close_all(books.session, behind=bool(pick % 2))
    elif verb == "reverse":
        candidates = [
            entry
            for entry in books.entries
            if entry.reverses is None and not entry.reversed and can_go_back(books, entry)
        ]
        if candidates:
            entry = candidates[pick % len(candidates)]
            books.reverse(entry, max(entry.on, on))
    elif verb == "lose on the way":
        lost = [key for key in full if key[1] == IN_TRANSIT]
        if lost:
            books.entry("arrival", on, (lost[0][0], IN_TRANSIT, LOSS, units), site=2, cause="transport")
    elif verb == "hand out two" and len(real) > 1:
        place = real[pick % len(real)][1]
        two = [key for key in real if key[1] == place][:2]
        moves = [(lot, place, HANDED_OUT, units) for lot, _ in two]
        books.entry("handout", on, *moves, site=SITES[place], household=household, place=place)
    elif real:
        lot, place = real[pick % len(real)]
        site = SITES[place]
        other = next(found for found in REAL if found != place)
        if verb.startswith("hand out"):
            books.entry(
                "handout", on, (lot, place, HANDED_OUT, units), site=site, household=household, place=place
            )
        elif verb == "move":
            books.entry("dispatch", on, (lot, place, other, units), site=site)
        elif verb == "dispatch":
            books.entry("dispatch", on, (lot, place, IN_TRANSIT, units), site=site)
        elif verb == "lose":
            books.entry("loss", on, (lot, place, LOSS, units), site=site, cause="wetting")
        elif verb == "away":
            books.entry("transfer_away", on, (lot, place, AWAY, units), site=site)
        elif verb == "suspense":
            books.entry("count", on, (lot, place, SUSPENSE, units), site=site)


def can_go_back(books: Books, entry: Any) -> bool:
    balances = books.balances()
    return all(
        target not in HELD or balances.get((lot, target), 0) >= units for lot, _, target, units in entry.moves
    )


def expected(books: Books, period: Period) -> dict[str, Any]:
    """The WFP's figures by the plainest arithmetic there is, for all sites together."""
    lines: dict[tuple[int | None, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reached: dict[str, set[int]] = defaultdict(set)
    places: dict[int, set[int]] = defaultdict(set)
    ends = {HANDED_OUT: "handed_out", LOSS: "lost", SUSPENSE: "suspense", AWAY: "transferred_away"}
    for entry in books.entries:
        for lot, source, target, units in entry.moves:
            donor, agreement, item = books.lots[lot]
            if donor != WFP or entry.on > period.end:
                continue
            line = lines[agreement, item]
            for place, signed in ((source, -units), (target, units)):
                if place in HELD:
                    line["closing"] += signed
                    line["in_transit" if place == IN_TRANSIT else "on_hand"] += signed
                    if entry.on < period.start:
                        line["opening"] += signed
                elif entry.on >= period.start:
                    line[ends.get(place, "received")] += signed if place != SUPPLIER else -signed
            if entry.household and not entry.reversed and entry.on >= period.start:
                reached["issues"].add(entry.id)
                reached["households"].add(entry.household)
                reached["persons"] |= set(books.members[entry.household])
                assert entry.place is not None
                places[entry.place].add(entry.household)
    return {"lines": lines, "reached": reached, "places": places}


def told(made: Statement) -> dict[tuple[int | None, int], dict[str, int]]:
    return {
        (line.agreement.id if line.agreement else None, line.item.id): {
            figure.value: line.balance.of(figure) for figure in Figure if line.balance.of(figure)
        }
        for line in made.lines
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=steps, period=periods)
def test_closed_months_rows_and_plain_arithmetic_agree(
    session: Session, script: list[tuple[str, int, int, date, int]], period: Period
) -> None:
    with left_as_it_was(session):
        books = Books(session).found()
        play(books, script)
        asked = AskForStatement("WFP", period.start, period.end)
        scope = scope_for(session, asked, actor=reviewer(), now=NOW)
        from_rows = make(session, scope, from_rows=True)
        with_months_behind = make(session, scope)
        close_all(session)
        from_sums = make(session, scope)
        assert from_rows == from_sums == with_months_behind
        assert from_sums.closes
        truth = expected(books, period)
        assert told(from_sums) == {
            key: {name: units for name, units in line.items() if units}
            for key, line in truth["lines"].items()
            if any(line.values())
        }
        assert from_sums.reached is not None
        assert from_sums.reached.issues == len(truth["reached"]["issues"])
        assert from_sums.reached.households == len(truth["reached"]["households"])
        assert from_sums.reached.persons == len(truth["reached"]["persons"])
        assert {
            row.place.id: row.reached and row.reached.households for row in from_sums.by_place if row.place
        } == {place: len(families) for place, families in truth["places"].items()}


@pytest.mark.parametrize("sites", [(1,), (2,)])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=steps, period=periods)
def test_a_part_of_the_sites_closes_too(
    session: Session, sites: tuple[int, ...], script: list[tuple[str, int, int, date, int]], period: Period
) -> None:
    with left_as_it_was(session):
        play(Books(session).found(), script)
        asked = AskForStatement("WFP", period.start, TODAY)
        scope = scope_for(session, asked, actor=reviewer(*sites), now=NOW)
        made = make(session, scope, from_rows=True)
        close_all(session)
        assert make(session, scope) == made
        assert made.closes

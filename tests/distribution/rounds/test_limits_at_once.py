"""Late-comers at several points at the same moment: the last places of a cycle and of a day are given once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueOne
from aidtrack.distribution.models import ProgrammeRule, Voucher
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.distribution.services import issuing, limits
from aidtrack.distribution.services.limits import Places
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import registration_number
from tests.distribution.rounds.conftest import ADULT, NOW, TODAY, Place, Unit, add_families, new_id, plan

EVERYBODY: dict[str, Any] = {"is": "all", "of": []}
FAMILIES, PLACES = 4, 2
HELD_UP = 0.3  # seconds between looking and taking, as on a busy machine
PATIENCE = 240

Look = Callable[..., Places]


@pytest.fixture
def families(unit: Unit, place: Place) -> range:
    """Four marked families; gives the numbers of their registrations."""
    with unit() as session:
        add_families(session, place, *[[ADULT]] * FAMILIES)
    return range(len(place.marked) - FAMILIES + 1, len(place.marked) + 1)


def put(unit: Unit, place: Place, **terms: int) -> None:
    with unit() as session:
        session.execute(
            sa.insert(ProgrammeRule).values(
                programme_id=place.programme, version=2, valid_from=TODAY, rule=EVERYBODY, terms=terms, created_at=NOW,
                created_by="t",
            )
        )  # fmt: skip


def rounds_of_the_cycle(unit: Unit, place: Place) -> list[int]:
    """One for each family, so that nothing but the cycle's own row keeps them apart."""
    with unit() as session:
        return [
            services.create_round(session, plan(place, f"Р-{number}"), actor=place.actor(), now=NOW)
            for number in range(FAMILIES)
        ]


def rush(
    app: Flask,
    place: Place,
    asked: list[tuple[int, int]],
    opened: Callable[[], AbstractContextManager[Session]],
) -> None:
    """Everybody asks for (round, family number) at once."""
    start = threading.Barrier(len(asked))

    def one(round_id: int, number: int) -> None:
        with app.app_context():
            start.wait(PATIENCE)
            command = IssueOne(new_id(), round_id, registration_number("DN", 2022, number))
            try:
                with opened() as session:
                    services.issue_one(session, command, actor=place.actor(), now=NOW)
            except DomainError:
                return

    crowd = [threading.Thread(target=one, args=pair) for pair in asked]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()


def issued(unit: Unit) -> int:
    with unit() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Voucher)) or 0


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    look: Look = limits.places_left

    def wait(*found: Any, **options: Any) -> Places:
        seen = look(*found, **options)
        threading.Event().wait(HELD_UP)
        return seen

    monkeypatch.setattr(issuing, "places_left", wait)


@pytest.mark.usefixtures("slow")
def test_four_who_come_at_once_for_two_places_of_a_cycle_get_two(
    app: Flask, unit: Unit, place: Place, families: range
) -> None:
    put(unit, place, first_come=PLACES)
    rush(app, place, list(zip(rounds_of_the_cycle(unit, place), families, strict=True)), unit)
    assert issued(unit) == PLACES


@pytest.mark.usefixtures("slow")
def test_four_who_come_at_once_get_four_different_days(
    app: Flask, unit: Unit, place: Place, families: range
) -> None:
    put(unit, place, quota_per_day=1)
    rush(app, place, [(place.round, number) for number in families], unit)
    with unit() as session:
        days = session.scalars(sa.select(Voucher.first_day).order_by(Voucher.first_day)).all()
    assert days == [TODAY + timedelta(days=number) for number in range(FAMILIES)]


def test_control_without_the_cycles_row_more_are_served_than_there_are_places(
    app: Flask, unit: Unit, place: Place, families: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(unit, place, first_come=PLACES)
    rounds = rounds_of_the_cycle(unit, place)

    def unlocked(session: Session, round_id: int, *, actor: Actor) -> RoundRow:
        return round_by_id(session, round_id, actor=actor)

    look: Look = limits.places_left
    all_have_looked, turn, here = threading.Barrier(FAMILIES), threading.Lock(), threading.local()

    def together(*found: Any, **options: Any) -> Places:
        seen = look(*found, **options)
        if not hasattr(here, "looked"):
            here.looked = True
            all_have_looked.wait(PATIENCE)
            turn.acquire()  # whoever takes at the same moment is also stopped by numbers given twice
        return seen

    monkeypatch.setattr(issuing, "locked_round", unlocked)
    monkeypatch.setattr(issuing, "places_left", together)
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout=60000")

    @contextmanager
    def opened() -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False, autoflush=False) as session:
                yield session
        finally:
            if hasattr(here, "looked"):
                turn.release()

    try:
        rush(app, place, list(zip(rounds, families, strict=True)), opened)
        assert issued(unit) > PLACES
    finally:
        engine.dispose()

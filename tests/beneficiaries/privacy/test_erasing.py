"""Erasing a family: a second person, nothing left to read, everything still counted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.holdings import holdings
from aidtrack.beneficiaries.models import (
    ErasureRequest,
    ErasureWhy,
    Household,
    NameToken,
    Person,
    RequestState,
)
from aidtrack.beneficiaries.privacy import erasure, reading
from aidtrack.beneficiaries.privacy.errors import AlreadyAsked, SecondPersonNeeded
from aidtrack.beneficiaries.privacy.invariants import CHECKS
from aidtrack.beneficiaries.privacy.own import band_date
from aidtrack.beneficiaries.services import open_household, search_households
from aidtrack.db import Base
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import NotFound
from tests.beneficiaries.families import NOW, idp, member, registered
from tests.support.people import add_person

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def colleague(unit: Unit, caseworker: Actor) -> Actor:
    with unit() as session:
        return add_person(session, Role.CASEWORKER, site_ids=list(caseworker.site_ids)).actor


def asked(session: Session, household_id: int, actor: Actor) -> int:
    return erasure.ask(
        session, household_id, why=ErasureWhy.ASKED, reason="письмова заява Zqxreason", actor=actor, now=NOW
    )


def canary_family(session: Session, actor: Actor) -> int:
    head = member(
        "Зкххканарка", "Зкххголова", birth_date=date(1980, 2, 3), document="ZQX 111222", patronymic="Зкххівна",
        categories=(idp(evidence="Zqxpaper"),),
    )  # fmt: skip
    return registered(
        session, actor, member("Зкххканарка", "Зкххдитина", birth_date=date(2015, 1, 9)), head=head,
        settlement="Зкххсело", address="вул. Зкххвулиця, 7", phone="+380507776655",
    )  # fmt: skip


def test_one_person_asks_and_another_erases(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        request = asked(session, household_id, caseworker)
    with pytest.raises(AlreadyAsked), unit() as session:
        asked(session, household_id, colleague)
    with pytest.raises(SecondPersonNeeded), unit() as session:
        erasure.decide(session, request, approve=True, actor=caseworker, now=NOW)
    with unit() as session:
        erasure.decide(session, request, approve=True, actor=colleague, now=NOW)
    with unit() as session:
        row = session.get_one(ErasureRequest, request)
        assert (row.state, row.decided_by, row.reason) == (RequestState.DONE, colleague.label, None)
        with pytest.raises(NotFound):
            open_household(session, household_id, actor=caseworker, now=NOW)
        assert search_households(session, "Зкххкан", actor=caseworker, now=NOW).households == ()
        assert session.scalars(select(NameToken.token)).all() == []
        people = session.scalars(select(Person).where(Person.household_id == household_id)).all()
        # counts stay: who they were does not
        assert [one.birth_date for one in people] == [date(1987, 1, 1), date(2017, 1, 1)]
        assert {one.surname for one in people} == {"—"}
        assert [breach for check in CHECKS for breach in check(session)] == []


def test_the_database_itself_refuses_one_person_for_both(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        request = asked(session, canary_family(session, caseworker), caseworker)
    with pytest.raises(IntegrityError), unit() as session:
        session.execute(
            text("UPDATE erasure_request SET state = 'done', decided_by = asked_by, decided_at = asked_at")
        )
    with unit() as session:
        assert session.get_one(ErasureRequest, request).state is RequestState.ASKED


def test_nothing_of_an_erased_family_is_left_in_any_table(
    app: Flask, unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    """Every cell of every table is read as it lies there, and what can be opened with any key left is opened."""
    with unit() as session:
        household_id = canary_family(session, caseworker)
        number = session.get_one(Household, household_id).registration_no
        registered(session, caseworker, head=member("Інша"))
        request = asked(session, household_id, caseworker)
        reading.what_is_held(session, household_id, language="uk", actor=caseworker, now=NOW)
    # none so short that it may stand in random bytes
    canaries = ("канарка", "зкхх", "zqxpaper", "zqxreason", "111222", "507776655")
    with unit() as session:
        assert {word for word in canaries if word in everything(session)} == set(canaries)
        erasure.decide(session, request, approve=True, actor=colleague, now=NOW)
    with unit() as session:
        left = everything(session)
        assert [word for word in canaries if word in left] == []
        # the log of registering still says the number that was on paper, and that alone
        assert session.get_one(Household, household_id).registration_no != number
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        files = [Path(path + end) for end in ("", "-wal") if Path(path + end).exists()]
        stored = b"".join(file.read_bytes() for file in files)
        for word in ("Зкхх", "Zqxpaper", "Zqxreason", "111222", "507776655"):
            assert word.encode() not in stored


def everything(session: Session) -> str:
    """All cells of all tables, opened where they can be, in small letters."""
    cells: list[str] = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            cells += [str(cell).casefold() for cell in row]
    return "\n".join(cells)


def test_a_declined_family_stays_as_it_is(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        request = asked(session, household_id, caseworker)
        erasure.decide(session, request, approve=False, actor=colleague, now=NOW)
        assert open_household(session, household_id, actor=caseworker, now=NOW).head is not None
        again = asked(session, household_id, caseworker)
        assert again != request


def test_another_sites_request_is_not_there(unit: Unit, caseworker: Actor, stranger: Actor) -> None:
    with unit() as session:
        request = asked(session, canary_family(session, caseworker), caseworker)
        with pytest.raises(NotFound):
            erasure.decide(session, request, approve=True, actor=stranger, now=NOW)
        assert erasure.requests(session, actor=stranger) == []


def test_an_erased_number_is_found_by_nobody(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        erasure.decide(
            session, asked(session, household_id, caseworker), approve=True, actor=colleague, now=NOW
        )
        with pytest.raises(NotFound):
            queries.lock_household(session, household_id, caseworker)


@pytest.mark.parametrize(("years", "stands_for"), [(0, 9), (17, 9), (18, 39), (59, 39), (60, 75), (101, 75)])
def test_an_erased_birth_date_keeps_its_age_band(years: int, stands_for: int) -> None:
    today = date(2026, 11, 20)
    born = date(today.year - years, 11, 20)
    assert band_date(born, today) == date(today.year - stands_for, 1, 1)
    assert band_date(None, today) is None


# Tables that name a household or a person and are nobody's holding; and why.
NOT_HELD = {
    "identifier_export": "a file of a site, not of a family",
}


def test_every_table_about_families_is_somebodys_holding(app: Flask) -> None:
    """Whoever adds a table with a household says what is in it and how it is forgotten."""
    with app.app_context():
        spoken_for = set().union(*(one.tables for one in holdings()))
    about = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name in ("household", "person") for key in table.foreign_keys)
    }
    assert about - spoken_for - NOT_HELD.keys() == set()

"""How many families one person looks at; files with names; grounds; dates of keeping."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.cases.commands import RecordAssessment
from aidtrack.beneficiaries.cases.services.recording import record_paper
from aidtrack.beneficiaries.models import (
    ErasureRequest,
    HowTold,
    IdentifierExport,
    LegalGround,
    RequestState,
    RetentionKind,
)
from aidtrack.beneficiaries.privacy import budget, exports, grounds, reading, retention, settings, texts
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.privacy.errors import (
    AskedForReason,
    DayNotPossible,
    ExportOver,
    NoMoreNow,
    SecondPersonNeeded,
)
from aidtrack.beneficiaries.privacy.retention import months_before
from aidtrack.beneficiaries.services import open_household, search_households
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import Forbidden, NotFound
from tests.beneficiaries.families import NOW, TODAY, member, registered
from tests.support.kinds import on_sqlite
from tests.support.people import Somebody, add_person, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
SURNAMES = ("Абрикосенко", "Бузиненко", "Вишненко", "Грушенко", "Дубенко")


@pytest.fixture
def five(unit: Unit, caseworker: Actor, administrator: Actor) -> list[int]:
    """Five families, where a reason is asked after two and nothing goes after four."""
    with unit() as session:
        settings.set_limits(session, Limits(2, 4, 3, 4), actor=administrator, now=NOW)
        return [registered(session, caseworker, head=member(name, "Тест")) for name in SURNAMES]


def look(unit: Unit, household_id: int, actor: Actor, minutes: int = 0) -> None:
    with unit() as session:
        open_household(session, household_id, actor=actor, now=NOW + timedelta(minutes=minutes))


def test_a_reason_is_asked_and_then_there_is_an_end(
    unit: Unit, caseworker: Actor, administrator: Actor, five: list[int]
) -> None:
    for household_id in (five[0], five[1], five[0]):  # the same family twice is one family
        look(unit, household_id, caseworker)
    with pytest.raises(AskedForReason):
        look(unit, five[2], caseworker)
    with unit() as session:
        assert budget.nearly_spent(session, caseworker, NOW) == (2, 2)
        budget.go_on(session, "засідання ради о другій", actor=caseworker, now=NOW)
    look(unit, five[2], caseworker)
    look(unit, five[3], caseworker)
    with pytest.raises(NoMoreNow):
        look(unit, five[4], caseworker)
    look(unit, five[4], caseworker, minutes=61)  # the hour has passed
    with unit() as session:
        [one] = budget.went_on(session, administrator, since=NOW - timedelta(days=1))
        assert (one.who, one.opened, one.reason) == (caseworker.label, 2, "засідання ради о другій")


def test_searching_over_and_over_counts_too(unit: Unit, caseworker: Actor, five: list[int]) -> None:
    for name in SURNAMES[:3]:
        with unit() as session:
            search_households(session, name, actor=caseworker, now=NOW)
    with pytest.raises(AskedForReason), unit() as session:
        search_households(session, SURNAMES[3], actor=caseworker, now=NOW)


def test_asking_what_is_held_opens_a_family_like_its_page(
    unit: Unit, caseworker: Actor, five: list[int]
) -> None:
    for household_id in five[:2]:
        with unit() as session:
            reading.what_is_held(session, household_id, language="uk", actor=caseworker, now=NOW)
    with pytest.raises(AskedForReason), unit() as session:
        reading.what_is_held(session, five[2], language="uk", actor=caseworker, now=NOW)


def test_a_look_says_what_it_was_for_and_the_family_can_ask(
    unit: Unit, caseworker: Actor, five: list[int]
) -> None:
    look(unit, five[0], caseworker)
    look(unit, five[0], replace(caseworker, reading_for="checking"))
    with unit() as session:
        search_households(session, SURNAMES[0], actor=caseworker, now=NOW)
        answer = reading.what_is_held(session, five[0], language="en", actor=caseworker, now=NOW)
        assert [one.purpose for one in answer.reads] == [
            "the family asked what is held", "serving the family", "checking data or a complaint", "serving the family",
        ]  # fmt: skip
        assert {part.title for part in answer.parts} >= {"Registration", "Members"}
        other = reading.reads(session, five[1], language="en", most=9)
        assert other == []


# -- a page asks, and comes back ------------------------------------------------------------------------


@on_sqlite
def test_the_page_asks_for_the_reason_and_goes_on(
    app: Flask, unit: Unit, worker: Somebody, five: list[int]
) -> None:
    client = sign_in(app, worker)
    for household_id in five[:2]:
        assert client.get(f"/families/{household_id}").status_code == 200
    asked = client.get(f"/families/{five[2]}")
    assert (asked.status_code, asked.location) == (303, f"/privacy/go-on?next=/families/{five[2]}")
    program = client.get(f"/families/{five[2]}", headers={"Accept": "application/json"})
    assert (program.status_code, program.get_json()["code"]) == (429, "view_budget_reached")
    app.config["WTF_CSRF_ENABLED"] = False
    back = client.post(asked.location, data={"reason": "Прийом за списком ради"})
    assert (back.status_code, back.location) == (303, f"/families/{five[2]}")
    assert client.get(back.location).status_code == 200


# -- files with names -----------------------------------------------------------------------------------


def test_a_file_is_approved_by_another_and_taken_once(
    app: Flask, unit: Unit, worker: Somebody, administrator: Actor, five: list[int]
) -> None:
    caseworker, [site_id] = worker.actor, worker.actor.site_ids
    with unit() as session:
        export = exports.ask(
            session, site_id, ["names", "phone"], "звірка з громадою", actor=caseworker, now=NOW
        )
    with pytest.raises(SecondPersonNeeded), unit() as session:
        exports.decide(session, export, approve=True, actor=caseworker, now=NOW)
    with pytest.raises(ExportOver), unit() as session:
        exports.take(session, export, actor=caseworker, now=NOW)
    with unit() as session:
        exports.decide(session, export, approve=True, actor=administrator, now=NOW)
    with pytest.raises(Forbidden), unit() as session:  # an administrator approves and never reads
        exports.take(session, export, actor=administrator, now=NOW)
    with pytest.raises(ExportOver), unit() as session:
        exports.take(session, export, actor=caseworker, now=NOW + timedelta(hours=5))
    with unit() as session:
        row, lines = exports.take(session, export, actor=caseworker, now=NOW)
    assert [line[1] for line in lines] == list(SURNAMES)
    with pytest.raises(ExportOver), unit() as session:
        exports.take(session, export, actor=caseworker, now=NOW)
    with unit() as session:
        read = session.scalars(select(AuditEvent).where(AuditEvent.action == "read.identifiers")).one()
        assert (
            read.facts is not None
            and read.facts["families"] == 5
            and read.facts["approved_by"] == administrator.label
        )
        assert session.get_one(IdentifierExport, export).state is RequestState.DONE
    stream = io.BytesIO()
    with app.test_request_context():
        exports.write(stream, row, lines, "Made for me, at noon, for Zqxpurpose")
    with ZipFile(stream) as book:
        body = book.read("xl/worksheets/sheet1.xml").decode() + "".join(
            book.read(name).decode() for name in book.namelist() if "sharedStrings" in name
        )
    assert body.count("Zqxpurpose") >= len(lines)  # every row leads back


@on_sqlite
def test_a_family_that_looks_like_a_formula_is_disarmed_in_the_file(app: Flask) -> None:
    row = exports.ExportRow(
        1, 1, "Дніпро", "Dnipro", "звірка", ("names",), RequestState.DONE, NOW, "А", "Б", NOW, NOW, 1, True
    )
    stream = io.BytesIO()
    with app.test_request_context():
        exports.write(stream, row, [["D-1", '=HYPERLINK("http://zqx")', "+1", "@x"]], "mark")
    with ZipFile(stream) as book:
        body = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "<f>" not in body
    assert all(f">{one}" in body for one in ("'=HYPERLINK", "'+1", "'@x"))


@on_sqlite
def test_another_colleague_does_not_take_it(
    unit: Unit, caseworker: Actor, administrator: Actor, five: list[int]
) -> None:
    [site_id] = caseworker.site_ids
    with unit() as session:
        other = add_person(session, Role.CASEWORKER, site_ids=[site_id]).actor
        export = exports.ask(session, site_id, ["names"], "звірка", actor=caseworker, now=NOW)
        exports.decide(session, export, approve=True, actor=other, now=NOW)
        with pytest.raises(NotFound):
            exports.take(session, export, actor=other, now=NOW)


# -- grounds and dates ----------------------------------------------------------------------------------


def test_a_ground_keeps_the_version_that_was_read(
    unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        common: dict[str, Any] = {
            "how": HowTold.SIGNED,
            "language": "uk",
            "today": TODAY,
            "actor": caseworker,
            "now": NOW,
        }
        first = grounds.record_ground(
            session, household_id, ground=LegalGround.CONSENT, given_on=TODAY, **common
        )
        texts.add_text(session, {"uk": "Новий", "en": "New"}, TODAY, actor=administrator, now=NOW)
        grounds.record_ground(session, household_id, ground=LegalGround.PUBLIC_TASK, given_on=TODAY, **common)
        assert [one.text_version for one in grounds.grounds_of(session, household_id)] == [2, 1]
        with pytest.raises(DayNotPossible):
            grounds.withdraw_ground(
                session,
                household_id,
                first,
                on=TODAY + timedelta(days=1),
                today=TODAY,
                actor=caseworker,
                now=NOW,
            )
        grounds.withdraw_ground(
            session, household_id, first, on=TODAY, today=TODAY, actor=caseworker, now=NOW
        )
        assert [one.withdrawn_on for one in grounds.grounds_of(session, household_id)] == [None, TODAY]


def test_what_is_due_is_asked_for_by_a_person(unit: Unit, caseworker: Actor, administrator: Actor) -> None:
    later = NOW.replace(year=2033)
    with unit() as session:
        old = registered(session, caseworker, head=member("Давненко"))
        assert retention.due(session, actor=caseworker, today=TODAY) == ([], False)
        [row], more = retention.due(session, actor=caseworker, today=later.date())
        assert (row.household_id, row.kind, more) == (old, RetentionKind.QUIET, False)
        retention.set_rule(
            session, RetentionKind.QUIET, 120, TODAY, "наказ № 5", actor=administrator, now=NOW
        )
        assert retention.due(session, actor=caseworker, today=later.date()) == ([], False)
        retention.set_rule(
            session, RetentionKind.QUIET, 12, date(2033, 1, 1), "наказ № 6", actor=administrator, now=NOW
        )
        asked = retention.ask_for_due(session, [old, 999], actor=caseworker, today=later.date(), now=later)
        assert asked == (1, 0)
        assert session.scalars(select(ErasureRequest.state)).all() == [RequestState.ASKED]
        assert retention.due(session, actor=caseworker, today=later.date()) == ([], False)


def test_a_family_something_was_done_for_since_is_not_due(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        quiet, seen = (registered(session, caseworker, head=member(name)) for name in SURNAMES[:2])
        act = RecordAssessment(uuid4(), seen, "7", date(2031, 5, 4), date(2031, 8, 4))
        record_paper(session, act, actor=caseworker, now=NOW.replace(year=2031, month=5))
        rows, _more = retention.due(session, actor=caseworker, today=date(2033, 1, 1))
        assert [row.household_id for row in rows] == [quiet]


def test_a_withdrawn_last_ground_makes_a_family_due(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        ground = grounds.record_ground(
            session, household_id, ground=LegalGround.CONSENT, how=HowTold.ORAL, language="uk", given_on=TODAY,
            today=TODAY, actor=caseworker, now=NOW,
        )  # fmt: skip
        grounds.withdraw_ground(
            session, household_id, ground, on=TODAY, today=TODAY, actor=caseworker, now=NOW
        )
        [row], _more = retention.due(session, actor=caseworker, today=TODAY + timedelta(days=31))
        assert (row.household_id, row.kind) == (household_id, RetentionKind.WITHDRAWN)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)), (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 12, date(2025, 1, 15)), (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)  # fmt: skip
def test_months_before_a_day(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before

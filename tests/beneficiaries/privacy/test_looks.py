"""Every door to names counts: appeals without a family, agendas, the journal, a dry run; and what a drawer hides."""

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.cases import services as cases
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    DecisionBody,
    IntakeKind,
    ListKind,
    PlanSitting,
    RecordAssessment,
    RecordIntake,
)
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter
from aidtrack.beneficiaries.models import CaseListEntry
from aidtrack.beneficiaries.privacy import budget, reading, settings
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.privacy.errors import AskedForReason, NoMoreNow
from aidtrack.beneficiaries.queries import find_household
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.families import NOW, TODAY, member, registered, with_grant
from tests.importing.bringing import Bringing

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def two_an_hour(unit: Unit, administrator: Actor) -> None:
    """Two families opened or listed in an hour, and a third by no means."""
    with unit() as session:
        settings.set_limits(session, Limits(2, 2, 2, 2), actor=administrator, now=NOW)


def an_appeal(session: Session, actor: Actor, household_id: int | None = None) -> int:
    [site_id] = actor.site_ids
    command = RecordIntake(
        uuid4(), household_id, None, IntakeKind.APPEAL, TODAY, site_id=site_id, from_whom="Вигаданенко Олена"
    )
    return cases.record_paper(session, command, actor=actor, now=NOW)


@pytest.mark.usefixtures("two_an_hour")
def test_appeals_count_whether_their_family_is_known_or_not(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        family = registered(session, caseworker)
        known = an_appeal(session, caseworker, family)
        nobodys = [an_appeal(session, caseworker) for _ in range(2)]
    for intake_id in (known, nobodys[0], known, nobodys[0]):  # the same ones again cost nothing
        with unit() as session:
            cases.open_intake(session, intake_id, actor=caseworker, now=NOW)
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_intake(session, nobodys[1], actor=caseworker, now=NOW)
    with unit() as session:
        cases.open_intake(session, nobodys[1], actor=caseworker, now=NOW + timedelta(minutes=61))


@pytest.mark.usefixtures("two_an_hour")
def test_the_journal_counts_those_whose_family_is_unknown(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        for _ in range(2):
            an_appeal(session, caseworker)
        assert cases.open_journal(session, JournalFilter(), 1, actor=caseworker, now=NOW)[1] == 2
    with unit() as session:
        an_appeal(session, caseworker)
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_journal(session, JournalFilter(), 1, actor=caseworker, now=NOW)


@pytest.mark.usefixtures("two_an_hour")
def test_the_printed_journal_counts_and_the_file_without_names_does_not(
    unit: Unit, caseworker: Actor
) -> None:
    with unit() as session:
        for _ in range(2):
            an_appeal(session, caseworker)
        assert (
            len(cases.open_whole_journal(session, JournalFilter(), "print", actor=caseworker, now=NOW)) == 2
        )
    with unit() as session:
        an_appeal(session, caseworker)
        assert len(cases.open_whole_journal(session, JournalFilter(), "csv", actor=caseworker, now=NOW)) == 3
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_whole_journal(session, JournalFilter(), "print", actor=caseworker, now=NOW)
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_journal(session, JournalFilter(), 1, actor=caseworker, now=NOW)


@pytest.mark.usefixtures("two_an_hour")
def test_an_agenda_counts_like_any_other_list(unit: Unit, caseworker: Actor) -> None:
    [site_id] = caseworker.site_ids
    with unit() as session:
        families = tuple(registered(session, caseworker, go_on_reason="інша") for _ in range(3))
        plan = PlanSitting(uuid4(), site_id, DecisionBody.COUNCIL, TODAY, "вул. Робоча, 23", TODAY, None)
        sitting = cases.plan_sitting(session, plan, actor=caseworker, now=NOW)
        cases.add_cases(session, AddCases(sitting, families), actor=caseworker, now=NOW)
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_sitting(session, sitting, actor=caseworker, now=NOW)


# -- a dry run shows what the registry holds -------------------------------------------------------------


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def guesses(unit: Unit, actor: Actor, count: int) -> bytes:
    """A register that names families by their numbers, which anybody can count up."""
    lines = ["Реєстраційний номер;Адреса"]
    with unit() as session:
        for number in range(count):
            family = registered(
                session, actor, head=member(), address=f"вул. Таємна, {number}", go_on_reason="інша"
            )
            lines.append(f"{find_household(session, family, actor).registration_no};вул. Інша, 1")
    return "\n".join(lines).encode()


def values_before(bringing: Bringing) -> list[str]:
    return [before for one in bringing.result["shown"] for _label, before, _after in one["differences"]]


@pytest.mark.usefixtures("inside", "two_an_hour")
def test_a_dry_run_shows_the_registrys_values_only_as_far_as_one_may_look(
    unit: Unit, caseworker: Actor
) -> None:
    two = Bringing(caseworker, "families", guesses(unit, caseworker, 2), now=NOW).columns()
    assert two.try_out()["changed"] == 2
    assert values_before(two) == ["вул. Таємна, 0", "вул. Таємна, 1"]
    with unit() as session:
        looks = select(AuditEvent.facts).where(AuditEvent.action == "read.household_list")
        assert [facts["by"] for facts in session.scalars(looks) if facts] == ["import"]
    more = Bringing(caseworker, "families", guesses(unit, caseworker, 3), now=NOW).columns()
    assert more.try_out()["changed"] == 3
    assert values_before(more) == ["…"] * 3, "that they differ is told, what is there is not"


@pytest.mark.usefixtures("inside")
def test_a_dry_run_opens_no_more_than_its_page_shows(unit: Unit, caseworker: Actor) -> None:
    bringing = Bringing(caseworker, "families", guesses(unit, caseworker, 27), now=NOW).columns()
    bringing.try_out()
    assert values_before(bringing).count("…") == 2


# -- what is held ----------------------------------------------------------------------------------------


@pytest.fixture
def ticked(unit: Unit, caseworker: Actor) -> int:
    """A family with an act that has an ordinary tick and a protected one."""
    with unit() as session:
        ids = []
        for name, protected in (("ремонт даху", False), ("постраждала від насильства", True)):
            values: dict[str, Any] = {"name_uk": name, "name_en": name, "protected": protected}
            row = insert(CaseListEntry).values(
                list=ListKind.CIRCUMSTANCES, position=1, valid_from=date(2020, 1, 1), **values
            )
            ids.append(session.scalars(row.returning(CaseListEntry.id)).one())
        family = registered(session, caseworker)
        act = RecordAssessment(
            uuid4(), family, "7", TODAY, TODAY + timedelta(90), entry_ids=tuple(ids)
        )  # fmt: skip
        cases.record_paper(session, act, actor=with_grant(caseworker), now=NOW)
    return family


def test_a_protected_tick_is_told_only_under_a_grant(unit: Unit, caseworker: Actor, ticked: int) -> None:
    def told(actor: Actor) -> str:
        with unit() as session:
            return repr(reading.what_is_held(session, ticked, language="uk", actor=actor, now=NOW).parts)

    assert "ремонт даху" in told(caseworker) and "насильства" not in told(caseworker)
    assert "насильства" in told(replace(with_grant(caseworker)))


# -- no door is forgotten -------------------------------------------------------------------------------


def test_whoever_logs_a_look_at_families_spends_the_limit() -> None:
    package = Path(budget.__file__).parents[2]
    logged, silent = 0, set()
    for path in sorted(package.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.name == "budget.py" or not any(
            f'"{one}"' in source for one in (*budget.OPENING, *budget.LISTING)
        ):
            continue
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef):
                words = {one.value for one in ast.walk(function) if isinstance(one, ast.Constant)}
                spends = any(ast.unparse(one) == "budget.spend" for one in ast.walk(function))
                if words & {*budget.OPENING, *budget.LISTING}:
                    logged += 1
                    if not spends:
                        silent.add(f"{path.parent.name}/{path.name}: {function.name}")
    assert logged >= 9
    assert silent == set()


@pytest.mark.usefixtures("two_an_hour")
def test_the_work_list_of_acts_counts(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        for number in range(3):
            an_appeal(
                session, caseworker, registered(session, caseworker, head=member(f"Вигад{'аби'[number]}"))
            )
    with pytest.raises((AskedForReason, NoMoreNow)), unit() as session:
        cases.open_due(session, None, 1, TODAY, actor=caseworker, now=NOW)

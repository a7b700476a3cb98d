"""An act goes with its circumstances and needs wherever it goes: into the family merged with, back, into a new one."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.cases import services as cases
from aidtrack.beneficiaries.cases.commands import AddListEntry, ListKind
from aidtrack.beneficiaries.cases.queries.story import story_of
from aidtrack.beneficiaries.commands import ProposeMerge, SplitHousehold
from aidtrack.beneficiaries.models import AssessmentEntry, Household, Person, ProtectedEntry
from aidtrack.beneficiaries.services import merging
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.cases.test_journal import an_act
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, TODAY, member, registered, with_grant


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def ticks_of(session: Session, household_id: int, actor: Actor) -> list[list[str]]:
    return [[one.name_uk for one in act.ticks] for act in story_of(session, household_id, actor).acts]


def with_ticks(session: Session, household_id: int, caseworker: Actor, administrator: Actor) -> None:
    chosen = [
        cases.add_entry(
            session, AddListEntry(uuid4(), kind, name, name, date(2020, 1, 1), protected), actor=administrator, now=NOW
        )
        for kind, name, protected in (
            (ListKind.CIRCUMSTANCES, "Таємне", True), (ListKind.NEEDS, "Генератор", False),
        )
    ]  # fmt: skip
    act = an_act(household_id, entry_ids=tuple(chosen))
    cases.record_paper(session, act, actor=with_grant(caseworker), now=NOW)


def test_merged_acts_keep_their_ticks_and_so_do_those_of_an_undone_merge(
    unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    granted, second = with_grant(caseworker), replace(caseworker, label="second person", user_id=None)
    with unit() as session:
        staying = registered(session, caseworker)
        ending = registered(session, caseworker, head=member("Інша"), go_on_reason="інша сім'я")
        with_ticks(session, ending, caseworker, administrator)
        versions = [session.get_one(Household, one).version for one in (staying, ending)]
        command = ProposeMerge(
            uuid4(), staying, versions[0], ending, versions[1], "одна родина", frozenset(), ()
        )
        merge_id = merging.propose_merge(session, command, actor=caseworker, now=NOW)
        merging.approve_merge(session, merge_id, actor=second, now=NOW)
        assert ticks_of(session, staying, granted) == [["Генератор", "Таємне"]]
        assert ticks_of(session, staying, caseworker) == [["Генератор"]]  # the drawer opens for a grant alone
        merging.undo_merge(session, merge_id, "помилка", actor=caseworker, now=NOW)
        assert ticks_of(session, staying, granted) == []
        assert ticks_of(session, ending, granted) == [["Генератор", "Таємне"]]
        left = [
            session.scalar(select(func.count()).select_from(one)) for one in (AssessmentEntry, ProtectedEntry)
        ]
        assert left == [1, 1]  # nothing of the copy stays behind


def test_a_family_that_parts_takes_the_acts_with_their_ticks_along(
    unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, member(given_name="Софія"))
        with_ticks(session, household_id, caseworker, administrator)
        child = session.scalars(
            select(Person.id).where(Person.household_id == household_id, Person.is_head.is_(False))
        ).one()
        version = session.get_one(Household, household_id).version
        command = SplitHousehold(
            uuid4(), household_id, version, (child,), child, TODAY, "Дніпро", keep_papers=True
        )
        new_id = services.split_household(session, command, actor=caseworker, now=NOW)
        for one in (household_id, new_id):
            assert ticks_of(session, one, with_grant(caseworker)) == [["Генератор", "Таємне"]]

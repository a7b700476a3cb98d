"""The journal and the acts: numbers, whose an appeal is, how it ends, what is ticked, what is due."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import (
    AddListEntry,
    AssignIntake,
    CloseIntake,
    DecisionBody,
    EndListEntry,
    IntakeKind,
    IntakeStatus,
    LinkIntake,
    ListKind,
    Outcome,
    RecordAssessment,
    RecordDecision,
    RecordIntake,
    ReopenIntake,
    ReplaceListEntry,
    TransferIntake,
)
from aidtrack.beneficiaries.cases.errors import CaseRefused
from aidtrack.beneficiaries.cases.queries import due
from aidtrack.beneficiaries.cases.queries.due import due_counts, due_rows
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter, find_intake, journal, open_ones
from aidtrack.beneficiaries.cases.queries.lists import entries, ticked
from aidtrack.beneficiaries.cases.queries.story import story_of
from aidtrack.beneficiaries.cases.rules import Due
from aidtrack.beneficiaries.errors import DecisionBeforeAct
from aidtrack.beneficiaries.models import Intake, ProtectedEntry
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import DomainError, Forbidden, NotFound
from tests.beneficiaries.families import NOW, TODAY, registered, with_grant
from tests.support.people import Somebody

Unit = Callable[[], AbstractContextManager[Session]]


def appeal(actor: Actor, household_id: int | None = None, **more: Any) -> RecordIntake:
    [site_id] = actor.site_ids
    return RecordIntake(
        uuid4(), household_id, more.pop("number", None), more.pop("kind", IntakeKind.APPEAL),
        more.pop("received_on", TODAY), site_id=site_id, **more,
    )  # fmt: skip


def an_act(household_id: int, made_on: date = TODAY, days: int = 180, **more: Any) -> RecordAssessment:
    return RecordAssessment(uuid4(), household_id, "А-1", made_on, made_on + timedelta(days), **more)


def code_of(refused: pytest.ExceptionInfo[DomainError]) -> str:
    return refused.value.code


def test_an_appeal_goes_from_an_unknown_caller_to_a_family_and_its_answer(
    unit: Unit, worker: Somebody, stranger: Actor
) -> None:
    actor = worker.actor
    with unit() as session:
        typed = appeal(actor, from_whom="Вигаданенко Олена", number=" 2/2026 ")
        own = services.record_paper(session, typed, actor=actor, now=NOW)
        assert services.record_paper(session, typed, actor=actor, now=NOW) == own  # sent twice, one entry
        given = services.record_papers(session, [appeal(actor), appeal(actor)], actor=actor, now=NOW)
        rows = {row.id: row.number for row in journal(session, actor, JournalFilter(), limit=25, offset=0)[0]}
        # the product's numbers pass the one a person gave
        assert [rows[one] for one in (own, *given)] == ["2/2026", "1/2026", "3/2026"]
        with pytest.raises(CaseRefused) as refused:
            services.record_paper(session, appeal(actor, number="2/2026"), actor=actor, now=NOW)
        assert code_of(refused) == "number_taken"
        with pytest.raises(NotFound):
            services.assign_intake(session, AssignIntake(own, None), actor=stranger, now=NOW)
        with pytest.raises(CaseRefused) as refused:
            services.assign_intake(session, AssignIntake(own, stranger.user_id), actor=actor, now=NOW)
        assert code_of(refused) == "not_a_caseworker_here"
        services.assign_intake(session, AssignIntake(own, worker.user_id), actor=actor, now=NOW)
        assert (open_ones(session, actor, TODAY).mine, open_ones(session, actor, TODAY).nobodys) == (1, 2)
        household_id = registered(session, actor)
        services.link_intake(session, LinkIntake(own, household_id), actor=actor, now=NOW)
        session.expire_all()
        assert (
            find_intake(session, own, actor).row.from_whom == "Вигаданенко Олена"
        )  # under the family's key now
        with pytest.raises(CaseRefused) as refused:
            services.link_intake(
                session,
                LinkIntake(own, registered(session, actor, go_on_reason="інша")),
                actor=actor,
                now=NOW,
            )
        assert code_of(refused) == "linked_already"
        services.close_intake(session, CloseIntake(own, Outcome.ADVISED, "Пояснено"), actor=actor, now=NOW)
        with pytest.raises(CaseRefused) as refused:
            services.transfer_intake(session, TransferIntake(own, "ЦНАП", "їхнє"), actor=actor, now=NOW)
        assert code_of(refused) == "not_open"
        services.reopen_intake(session, ReopenIntake(own, "Прийшла знову"), actor=actor, now=NOW)
        services.transfer_intake(session, TransferIntake(own, "ЦНАП", "їхнє"), actor=actor, now=NOW)
        file = find_intake(session, own, actor)
        assert (file.row.status, file.row.closed_on, file.transferred_to) == (
            IntakeStatus.TRANSFERRED, TODAY, "ЦНАП",
        )  # fmt: skip
        assert services.open_intake(session, own, actor=actor, now=NOW).row.number == "2/2026"
        with pytest.raises(NotFound):
            find_intake(session, own, stranger)
        acts = set(session.scalars(select(AuditEvent.action)))
        assert acts >= {
            "beneficiaries.record_intake", "cases.assign_intake", "cases.link_intake", "cases.close_intake",
            "cases.reopen_intake", "cases.transfer_intake", "read.intake",
        }  # fmt: skip


def test_an_act_keeps_what_was_ticked_whatever_becomes_of_the_list(
    unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    with unit() as session:
        new = AddListEntry(uuid4(), ListKind.NEEDS, "Генератор", "Generator", date(2026, 1, 1))
        with pytest.raises(Forbidden):
            services.add_entry(session, new, actor=caseworker, now=NOW)
        generator = services.add_entry(session, new, actor=administrator, now=NOW)
        hidden = services.add_entry(
            session,
            AddListEntry(uuid4(), ListKind.CIRCUMSTANCES, "Приховане", "Hidden", date(2026, 1, 1), True),
            actor=administrator,
            now=NOW,
        )
        household_id = registered(session, caseworker)
        command = an_act(household_id, entry_ids=(generator, hidden))
        with pytest.raises(CaseRefused) as refused:
            services.record_paper(session, command, actor=caseworker, now=NOW)
        assert code_of(refused) == "unknown_entry"  # a protected one is none to whoever holds no grant
        granted = with_grant(caseworker)
        act = services.record_paper(session, an_act(household_id, entry_ids=(generator, hidden), notes="Слова"), actor=granted, now=NOW)  # fmt: skip
        assert {one.id for one in ticked(session, [act], granted)[act]} == {generator, hidden}
        assert [one.id for one in ticked(session, [act], caseworker)[act]] == [generator]
        assert session.scalars(select(ProtectedEntry.entry)).all() == [str(hidden)]
        # words that an act carries hold through its day
        rename = ReplaceListEntry(generator, "Джерело світла", "Source of light", TODAY)
        with pytest.raises(DomainError) as in_use:
            services.replace_entry(session, rename, actor=administrator, now=NOW)
        assert code_of(in_use) == "entry_in_use"
        tomorrow = TODAY + timedelta(1)
        following = services.replace_entry(
            session, ReplaceListEntry(generator, "Джерело світла", "Source of light", tomorrow),
            actor=administrator, now=NOW,
        )  # fmt: skip
        assert {one.name_uk for one in story_of(session, household_id, caseworker).acts[0].ticks} == {
            "Генератор"
        }
        now, later = (
            {one.id for one in entries(session, on=day)} & {generator, following} for day in (TODAY, tomorrow)
        )
        assert (now, later) == ({generator}, {following})
        services.end_entry(session, EndListEntry(following, tomorrow), actor=administrator, now=NOW)
        assert following not in {one.id for one in entries(session, on=tomorrow + timedelta(1))}


def test_old_acts_and_decisions_before_them_are_asked_about_or_refused(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        old = an_act(household_id, date(2025, 1, 1), expired_confirmed=False)
        with pytest.raises(CaseRefused) as refused:
            services.record_paper(session, old, actor=caseworker, now=NOW)
        assert code_of(refused) == "act_expired"
        services.record_paper(session, an_act(household_id, date(2025, 1, 1)), actor=caseworker, now=NOW)

        def decided(on: date, **more: Any) -> RecordDecision:
            return RecordDecision(uuid4(), household_id, DecisionBody.DEPARTMENT, "Р-1", on, on, **more)

        with pytest.raises(DecisionBeforeAct):
            services.record_paper(session, decided(date(2024, 12, 31)), actor=caseworker, now=NOW)
        late = decided(TODAY, without_act_confirmed=False)
        with pytest.raises(CaseRefused) as refused:
            services.record_paper(session, late, actor=caseworker, now=NOW)
        assert code_of(refused) == "no_act_in_force"
        came = services.record_paper(session, appeal(caseworker, household_id), actor=caseworker, now=NOW)
        services.record_paper(session, decided(TODAY), actor=caseworker, now=NOW)
        session.expire_all()
        answered = session.get_one(Intake, came)
        assert (answered.status, answered.outcome, answered.closed_on) == (
            IntakeStatus.CLOSED,
            Outcome.GRANTED,
            TODAY,
        )


def test_the_work_list_knows_who_has_no_act_an_old_one_or_one_that_ends(
    unit: Unit, caseworker: Actor, stranger: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit() as session:
        missing, again, expired, later, soon, fine, silent, foreign = (
            registered(session, actor, head=None, settlement="Дніпро", go_on_reason="інша")
            for actor in (*[caseworker] * 7, stranger)
        )
        papers: list[Any] = [
            appeal(caseworker, missing, received_on=date(2026, 10, 1)),
            appeal(caseworker, again, received_on=date(2026, 10, 2)),
            an_act(again, date(2024, 1, 1), 30),
            an_act(expired, date(2026, 9, 1), 30),
            an_act(later, date(2026, 9, 2), 30),
            an_act(soon, date(2026, 6, 1), (TODAY - date(2026, 6, 1)).days + 30),
            # an older act that lasts longer still holds
            an_act(fine, date(2026, 9, 1), 300),
            an_act(fine, date(2026, 10, 1), 10),
            an_act(silent, date(2024, 1, 1), 30),
        ]
        services.record_papers(session, papers, actor=caseworker, now=NOW)
        services.record_paper(session, appeal(stranger, foreign), actor=stranger, now=NOW)
        rows, total = due_rows(session, caseworker, TODAY, None, limit=25, offset=0)
        assert [(row.household_id, row.due) for row in rows] == [
            (missing, Due.MISSING), (again, Due.EXPIRED), (expired, Due.EXPIRED), (later, Due.EXPIRED),
            (soon, Due.SOON),
        ]  # fmt: skip
        assert total == 5
        assert due_counts(session, caseworker, TODAY) == {Due.MISSING: 1, Due.EXPIRED: 3, Due.SOON: 1}
        assert due_counts(session, caseworker, TODAY, most=0) == dict.fromkeys(Due, 1)
        for limit in (1, 2):
            pages = [
                due_rows(session, caseworker, TODAY, None, limit=limit, offset=start)[0]
                for start in range(0, 6, limit)
            ]
            listed = [row.household_id for page in pages for row in page]
            assert listed == [missing, again, expired, later, soon]
        monkeypatch.setattr(due, "MOST_LISTED", 1)  # of each kind so many
        rows, total = due_rows(session, caseworker, TODAY, None, limit=25, offset=0)
        assert ([row.household_id for row in rows], total) == ([missing, again, soon], 3)
        only, _ = due_rows(session, caseworker, TODAY, Due.SOON, limit=25, offset=0)
        assert [row.household_id for row in only] == [soon]

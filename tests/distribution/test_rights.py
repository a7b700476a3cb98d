"""Who is entitled: rules as data, marks with their facts, exceptions by two people."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services as families
from aidtrack.beneficiaries.cases.commands import DecisionBody, RecordAssessment, RecordDecision
from aidtrack.beneficiaries.cases.services.recording import record_paper, record_papers
from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.beneficiaries.privacy import erasure, reading
from aidtrack.db import unit_of_work
from aidtrack.db.keyring import owner_of
from aidtrack.distribution.models import Eligibility, EligibilityStatus, Ground
from aidtrack.distribution.rights import queries, services
from aidtrack.distribution.rights.commands import (
    AddRule,
    EndEligibility,
    MarkEligible,
    MarkMany,
    SettleOverride,
)
from aidtrack.distribution.rights.errors import NoRule, NotEntitled, RightRefused
from aidtrack.inventory.models import Programme
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import CommandReused, Forbidden, NotFound
from tests.beneficiaries.families import NOW, TODAY, a_family, idp, member, registered, with_grant
from tests.support.kinds import on_sqlite
from tests.support.people import Somebody, add_person, add_site, client_as, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
IDP_RULE: dict[str, Any] = {"is": "all", "of": [{"is": "any_member", "categories": ["idp"]}]}


@pytest.fixture
def unit(app: Flask) -> Unit:
    """Units of work as an adapter opens them, and no context left over for the next client."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return opened


@pytest.fixture
def worker(unit: Unit) -> Somebody:
    with unit() as session:
        families.seed_category_kinds(session)
        return add_person(session, Role.CASEWORKER, site_ids=[add_site(session)])


@pytest.fixture
def caseworker(worker: Somebody) -> Actor:
    return worker.actor


@pytest.fixture
def colleague(unit: Unit, worker: Somebody) -> Actor:
    with unit() as session:
        return add_person(session, Role.CASEWORKER, site_ids=[add_site(session)]).actor


@pytest.fixture
def administrator(unit: Unit, worker: Somebody) -> Actor:
    with unit() as session:
        return add_person(session, Role.ADMINISTRATOR, site_ids=[add_site(session)]).actor


@pytest.fixture
def programme_id(unit: Unit) -> int:
    with unit() as session:
        programme = Programme(code="FOOD", name_uk="Продукти", name_en="Food")
        session.add(programme)
        session.flush()
        return programme.id


def put_rule(unit: Unit, administrator: Actor, programme_id: int, rule: dict[str, Any] = IDP_RULE) -> int:
    with unit() as session:
        command = AddRule(uuid4(), programme_id, date(2022, 1, 1), rule, everyone=not rule["of"])
        return services.add_rule(session, command, actor=administrator, now=NOW)


def displaced(session: Session, caseworker: Actor, **more: Any) -> int:
    return registered(session, caseworker, head=member(categories=(idp(),)), **more)


def mark(household_id: int, programme_id: int, **more: Any) -> MarkEligible:
    return MarkEligible(uuid4(), household_id, programme_id, more.pop("ground", Ground.APPLICATION), **more)


def test_rule_versions_are_dated_and_never_rewritten(
    unit: Unit, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    stricter = {"is": "all", "of": [*IDP_RULE["of"], {"is": "size_between", "at_least": 3}]}
    with unit() as session:
        later = AddRule(uuid4(), programme_id, date(2026, 12, 1), stricter)
        services.add_rule(session, later, actor=administrator, now=NOW)
        before, after = (queries.rule_on(session, programme_id, day) for day in (TODAY, date(2026, 12, 1)))
        assert before is not None
        assert after is not None
        assert (before.version, after.version) == (1, 2)
        assert queries.rule_on(session, programme_id, date(2021, 12, 31)) is None
    backdated = AddRule(uuid4(), programme_id, date(2026, 11, 1), IDP_RULE)
    with unit() as session, pytest.raises(RightRefused) as refused:
        services.add_rule(session, backdated, actor=administrator, now=NOW)
    assert refused.value.code == "rule_not_later"


@on_sqlite
def test_a_rule_that_everybody_meets_is_asked_about(
    unit: Unit, administrator: Actor, programme_id: int
) -> None:
    open_to_all = AddRule(uuid4(), programme_id, TODAY, {"is": "all", "of": []})
    with unit() as session:
        with pytest.raises(RightRefused) as refused:
            services.add_rule(session, open_to_all, actor=administrator, now=NOW)
        assert refused.value.code == "everyone_meets_it"
        assert services.add_rule(session, replace(open_to_all, everyone=True), actor=administrator, now=NOW)


@on_sqlite
def test_only_an_administrator_writes_rules_and_only_a_caseworker_marks(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        with pytest.raises(Forbidden):
            services.add_rule(
                session, AddRule(uuid4(), programme_id, TODAY, IDP_RULE), actor=caseworker, now=NOW
            )
        household_id = displaced(session, caseworker)
        with pytest.raises(Forbidden):
            services.mark_eligible(session, mark(household_id, programme_id), actor=administrator, now=NOW)


@on_sqlite
def test_a_mark_keeps_what_it_was_judged_by(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    rule_id = put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = displaced(session, caseworker)
        command = mark(household_id, programme_id)
        made = services.mark_eligible(session, command, actor=caseworker, now=NOW)
        again = services.mark_eligible(session, command, actor=caseworker, now=NOW)
        assert again.eligibility_id == made.eligibility_id
    with unit() as session:
        kept = session.get_one(Eligibility, made.eligibility_id)
        assert (kept.status, kept.rule_id, kept.valid_from) == (EligibilityStatus.ELIGIBLE, rule_id, TODAY)
        assert json.loads(kept.facts)["members"][0]["categories"] == ["idp"]
        assert kept.marked_by_id == caseworker.user_id
        with pytest.raises(CommandReused):
            services.mark_eligible(session, replace(command, valid_until=TODAY), actor=caseworker, now=NOW)
        with pytest.raises(RightRefused) as refused:
            services.mark_eligible(session, mark(household_id, programme_id), actor=caseworker, now=NOW)
        assert refused.value.code == "already_marked"


def test_a_mark_keeps_the_version_it_was_judged_by_and_a_later_one_its_own(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    first = put_rule(unit, administrator, programme_id)
    stricter = {"is": "all", "of": [*IDP_RULE["of"], {"is": "size_between", "at_least": 1}]}
    with unit() as session:
        changed_on = date(2026, 12, 1)
        later = AddRule(uuid4(), programme_id, changed_on, stricter)
        second = services.add_rule(session, later, actor=administrator, now=NOW)
        marks = []
        for at in (NOW, NOW + (changed_on - TODAY)):
            command = mark(displaced(session, caseworker), programme_id)
            marks.append(services.mark_eligible(session, command, actor=caseworker, now=at).eligibility_id)
    with unit() as session:
        assert [session.get_one(Eligibility, one).rule_id for one in marks] == [first, second]


def test_a_refusal_says_why_with_the_nearest_mend_first(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    rule = {
        "is": "all",
        "of": [{"is": "size_between", "at_least": 5}, *IDP_RULE["of"], {"is": "has_assessment"}],
    }
    put_rule(unit, administrator, programme_id, rule)
    with unit() as session:
        household_id = registered(session, caseworker)
        with pytest.raises(NotEntitled) as refused:
            services.mark_eligible(session, mark(household_id, programme_id), actor=caseworker, now=NOW)
        codes = [one["code"] for one in refused.value.facts["reasons"]]
        assert codes == ["assessment_missing", "no_fitting_member", "size_outside"]
        kept = services.mark_eligible(
            session, mark(household_id, programme_id, record_refusal=True), actor=caseworker, now=NOW
        )
        assert kept.status is EligibilityStatus.REFUSED
        assert [one.code for one in queries.stored_reasons(session, kept.eligibility_id)] == codes


@on_sqlite
def test_no_rule_entitles_nobody(unit: Unit, caseworker: Actor, programme_id: int) -> None:
    with unit() as session:
        household_id = displaced(session, caseworker)
        with pytest.raises(NoRule):
            services.mark_eligible(session, mark(household_id, programme_id), actor=caseworker, now=NOW)
        with pytest.raises(NotFound):
            services.mark_eligible(session, mark(household_id, 999), actor=caseworker, now=NOW)


def test_the_ground_needs_its_paper_in_force(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = displaced(session, caseworker)
        by_act = mark(household_id, programme_id, ground=Ground.NEEDS_ASSESSMENT)
        with pytest.raises(RightRefused) as refused:
            services.mark_eligible(session, by_act, actor=caseworker, now=NOW)
        assert refused.value.code == "paper_needed"
        old = RecordAssessment(uuid4(), household_id, "А-1", date(2025, 1, 1), date(2025, 7, 1))
        new = RecordAssessment(uuid4(), household_id, "А-2", date(2026, 10, 1), date(2027, 4, 1))
        old_id, new_id = record_papers(session, [old, new], actor=caseworker, now=NOW)
        with pytest.raises(RightRefused) as refused:
            services.mark_eligible(session, replace(by_act, assessment_id=old_id), actor=caseworker, now=NOW)
        assert refused.value.code == "paper_outdated"
        other = RecordDecision(
            uuid4(), household_id, DecisionBody.COUNCIL, "Р-1", date(2026, 10, 5), date(2026, 10, 5),
            programme_id=programme_id + 1,
        )  # fmt: skip
        other_id = record_paper(session, other, actor=caseworker, now=NOW)
        with pytest.raises(RightRefused) as refused:
            services.mark_eligible(session, replace(by_act, decision_id=other_id), actor=caseworker, now=NOW)
        assert refused.value.code == "decision_elsewhere"
        made = services.mark_eligible(session, by_act, actor=caseworker, now=NOW)
        assert session.get_one(Eligibility, made.eligibility_id).assessment_id == new_id


def test_an_exception_needs_a_second_person(
    unit: Unit, caseworker: Actor, colleague: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = registered(session, caseworker)
        asked = mark(household_id, programme_id, override_reason="згоріла оселя, довідка пізніше")
        made = services.mark_eligible(session, asked, actor=caseworker, now=NOW)
        assert made.waits
        assert queries.live_marks(session, programme_id, [household_id]) == {}
        assert [number for _mark, number in queries.waiting_overrides(session, sorted(caseworker.site_ids))]
    answer = SettleOverride(made.eligibility_id, True, "бачив акт про пожежу")
    with unit() as session, pytest.raises(RightRefused) as refused:
        services.settle_override(session, answer, actor=caseworker, now=NOW)
    assert refused.value.code == "second_person_needed"
    with unit() as session:
        services.settle_override(session, answer, actor=colleague, now=NOW)
        live = queries.live_marks(session, programme_id, [household_id])[household_id]
        assert live.approved_by_id == colleague.user_id
        with pytest.raises(RightRefused) as refused:
            services.settle_override(session, answer, actor=colleague, now=NOW)
        assert refused.value.code == "not_pending"


def test_the_database_itself_refuses_an_exception_approved_by_its_asker(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = registered(session, caseworker)
        asked = mark(household_id, programme_id, override_reason="дуже треба")
        made = services.mark_eligible(session, asked, actor=caseworker, now=NOW)
    with unit() as session:
        row = session.get_one(Eligibility, made.eligibility_id)
        row.status, row.approved_by_id = EligibilityStatus.ELIGIBLE, caseworker.user_id
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_a_declined_exception_waits_no_more(
    unit: Unit, caseworker: Actor, colleague: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = registered(session, caseworker)
        asked = mark(household_id, programme_id, override_reason="дуже треба")
        made = services.mark_eligible(session, asked, actor=caseworker, now=NOW)
        answer = SettleOverride(made.eligibility_id, False, "підстав немає")
        services.settle_override(session, answer, actor=colleague, now=NOW)
        assert queries.waiting_overrides(session, sorted(caseworker.site_ids)) == []


def test_why_an_exception_is_right_is_sealed_told_to_the_family_and_erased_with_it(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = registered(session, caseworker)
        asked = mark(household_id, programme_id, override_reason="просила сестра Зкххмарія")
        services.mark_eligible(session, asked, actor=caseworker, now=NOW)
    raw = "SELECT override_reason FROM eligibility WHERE override_reason IS NOT NULL"
    with unit() as session:
        [(sealed,)] = session.connection().exec_driver_sql(raw).all()
        assert owner_of(bytes(sealed)) == household_id
        logged = session.execute(select(AuditEvent.reason, AuditEvent.facts)).all()
        assert "Зкххмарія" not in repr(logged)
        answer = reading.what_is_held(session, household_id, language="uk", actor=caseworker, now=NOW)
        assert repr(answer.parts).count("Зкххмарія") == 1
        erasure.erase(session, household_id, now=NOW)
        assert session.connection().exec_driver_sql(raw).all() == []


def test_a_right_ends_and_another_may_begin(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = displaced(session, caseworker, registered_on=date(2022, 9, 1))
        made = services.mark_eligible(
            session, mark(household_id, programme_id, valid_from=date(2026, 1, 1)), actor=caseworker, now=NOW
        )
        ending = EndEligibility(made.eligibility_id, date(2026, 11, 1), "виїхали за кордон")
        with pytest.raises(RightRefused) as refused:
            services.end_eligibility(
                session, replace(ending, last_day=date(2025, 1, 1)), actor=caseworker, now=NOW
            )
        assert refused.value.code == "days_reversed"
        services.end_eligibility(session, ending, actor=caseworker, now=NOW)
        assert queries.live_marks(session, programme_id, [household_id]) == {}
        again = services.mark_eligible(session, mark(household_id, programme_id), actor=caseworker, now=NOW)
        assert again.eligibility_id != made.eligibility_id


def test_a_right_that_ran_out_makes_room_for_the_next(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = displaced(session, caseworker, registered_on=date(2022, 9, 1))
        first = mark(household_id, programme_id, valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 30))
        services.mark_eligible(session, first, actor=caseworker, now=NOW)
        services.mark_eligible(session, mark(household_id, programme_id), actor=caseworker, now=NOW)
        statuses = session.scalars(select(Eligibility.status).order_by(Eligibility.id)).all()
        assert statuses == [EligibilityStatus.ENDED, EligibilityStatus.ELIGIBLE]


def test_many_are_marked_by_the_same_rule(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    [site_id] = caseworker.site_ids
    commands = [
        a_family(site_id, head=member(f"Прізвище{'а' * n}", categories=(idp(),) if n % 2 else ()))
        for n in range(6)
    ]
    with unit() as session:
        ids = families.register_many(session, commands, actor=caseworker, now=NOW)
        single = services.mark_eligible(session, mark(ids[1], programme_id), actor=caseworker, now=NOW)
        asked = MarkMany(programme_id, tuple(ids), Ground.APPLICATION, TODAY)
        outcome = services.mark_many(session, asked, actor=caseworker, now=NOW)
        assert sorted(outcome.marked) == [ids[3], ids[5]]
        assert outcome.already == (ids[1],)
        assert sorted(outcome.refused) == [ids[0], ids[2], ids[4]]
        one, other = (
            session.get_one(Eligibility, number) for number in (single.eligibility_id, outcome.marked[ids[3]])
        )
        same = ("programme_id", "status", "rule_id", "ground", "valid_from", "marked_by_id", "reasons")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
        logged = (
            select(AuditEvent.object_id).where(AuditEvent.action == "rights.mark").order_by(AuditEvent.id)
        )
        assert session.scalars(logged).all() == [ids[1], ids[3], ids[5]]
        by_act = MarkMany(programme_id, (ids[5],), Ground.NEEDS_ASSESSMENT, date(2027, 1, 1))
        assert services.mark_many(session, by_act, actor=caseworker, now=NOW).already == (ids[5],)


@on_sqlite
def test_many_without_the_paper_are_named(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = displaced(session, caseworker)
        by_act = MarkMany(programme_id, (household_id,), Ground.NEEDS_ASSESSMENT, TODAY)
        assert services.mark_many(session, by_act, actor=caseworker, now=NOW).without_paper == (household_id,)


@on_sqlite
def test_another_sites_family_is_as_if_missing(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        other = add_person(session, Role.CASEWORKER, site_ids=[add_site(session, "ZH")]).actor
        household_id = displaced(session, caseworker)
        for number in (household_id, 999_999):
            with pytest.raises(NotFound):
                services.mark_eligible(session, mark(number, programme_id), actor=other, now=NOW)
            with pytest.raises(NotFound):
                services.judge_household(session, number, programme_id, TODAY, actor=other)
            many = MarkMany(programme_id, (number,), Ground.APPLICATION, TODAY)
            with pytest.raises(NotFound):
                services.mark_many(session, many, actor=other, now=NOW)


def test_a_protected_category_counts_only_for_who_may_see_it(
    unit: Unit, caseworker: Actor, administrator: Actor, programme_id: int
) -> None:
    rule = {"is": "all", "of": [{"is": "any_member", "categories": ["ex_prisoner"]}]}
    put_rule(unit, administrator, programme_id, rule)
    with unit() as session:
        head = member(categories=(NewCategory("ex_prisoner", TODAY),))
        household_id = registered(session, with_grant(caseworker), head=head)
        unseen = services.judge_household(session, household_id, programme_id, TODAY, actor=caseworker)
        seen = services.judge_household(
            session, household_id, programme_id, TODAY, actor=with_grant(caseworker)
        )
        assert (unseen.verdict.allowed, unseen.protected_unseen) == (False, True)
        assert (seen.verdict.allowed, seen.protected_unseen) == (True, False)
        facts = queries.facts_for(session, [household_id], TODAY)[household_id]
        assert facts.members[0].categories == {"ex_prisoner"}  # the system's own recomputing


# -- pages -------------------------------------------------------------------------------------------


def test_a_caseworker_sees_why_not_and_marks_when_it_is_mended(
    app: Flask, unit: Unit, worker: Somebody, administrator: Actor, programme_id: int
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    put_rule(unit, administrator, programme_id, {"is": "all", "of": [{"is": "has_assessment"}]})
    with unit() as session:
        household_id = registered(session, worker.actor)
    desk = sign_in(app, worker)
    address = f"/rights/families/{household_id}/{programme_id}"
    page = desk.get(address)
    assert page.status_code == 200
    assert "tree" in page.text
    fields = {"ground": "application", "valid_from": "2026-11-20", "step": "mark"}
    assert desk.post(address, data=fields).status_code == 422
    with unit() as session:
        act = RecordAssessment(uuid4(), household_id, "А-1", date(2026, 11, 1), date(2027, 5, 1))
        record_paper(session, act, actor=worker.actor, now=NOW)
    assert desk.post(address, data=fields).status_code == 303
    assert "Продукти" in desk.get(f"/families/{household_id}").text
    with unit() as session:
        [mark_id] = session.scalars(select(Eligibility.id)).all()
    end = f"/rights/marks/{mark_id}/end"
    assert desk.get(end).status_code == 200
    assert desk.post(end, data={"last_day": "2026-11-20", "reason": "ні"}).status_code == 422
    assert desk.post(end, data={"last_day": "2026-11-20", "reason": "виїхали"}).status_code == 303


def test_an_exception_goes_through_two_desks(
    app: Flask, unit: Unit, worker: Somebody, administrator: Actor, programme_id: int
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    put_rule(unit, administrator, programme_id)
    with unit() as session:
        household_id = registered(session, worker.actor)
    desk, (second, _who) = sign_in(app, worker), client_as(app, Role.CASEWORKER)
    stranger, _other = client_as(app, Role.CASEWORKER, site="ZH")
    asked = {
        "ground": "application", "valid_from": "2026-11-20", "step": "exception",
        "override_reason": "згоріла оселя",
    }  # fmt: skip
    assert desk.post(f"/rights/families/{household_id}/{programme_id}", data=asked).status_code == 303
    with unit() as session:
        [mark_id] = session.scalars(select(Eligibility.id)).all()
    address, answer = f"/rights/exceptions/{mark_id}", {"reason": "бачив довідку", "step": "approve"}
    waiting = second.get("/rights/exceptions").text
    assert address in waiting and "згоріла оселя" not in waiting, (
        "a list has numbers; words are read one by one"
    )
    assert "згоріла оселя" in second.get(address).text
    assert stranger.get(address).status_code == 404
    assert address not in stranger.get("/rights/exceptions").text
    assert desk.post(address, data=answer).status_code in (403, 422)
    assert second.get(address).status_code == 200
    assert second.post(address, data=answer).status_code == 303
    assert second.get(address).status_code == 200

"""A draft's way: saved, tried over the registry, put in force, and the marks looked through afterwards."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services as families
from aidtrack.beneficiaries.commands import JoinHouseholds, NewCategory
from aidtrack.beneficiaries.privacy import erasure
from aidtrack.beneficiaries.queries.files import household_file
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import (
    Eligibility,
    EligibilityStatus,
    Ground,
    RuleTrialChange,
    TrialPurpose,
)
from aidtrack.distribution.rights import queries, runs, services, trials
from aidtrack.distribution.rights.commands import (
    AddRule,
    EndMany,
    MarkMany,
    PutInForce,
    SaveDraft,
    StartTrial,
)
from aidtrack.distribution.rights.errors import (
    AllMeetIt,
    DraftChanged,
    DraftSettled,
    NobodyMeetsIt,
    NotTried,
)
from aidtrack.distribution.rights.runs import mark_in_batches, run_trial
from aidtrack.distribution.rights.services import trials as trying
from aidtrack.distribution.rights.views import trials as trial_pages
from aidtrack.inventory.models import Programme
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import Forbidden, NotFound
from tests.beneficiaries.families import NOW, TODAY, idp, member, registered, with_grant
from tests.support.kinds import on_sqlite
from tests.support.people import add_person, add_site, bearer, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
IDP: dict[str, Any] = {"is": "all", "of": [{"is": "any_member", "categories": ["idp"]}]}
SMALL: dict[str, Any] = {"is": "all", "of": [{"is": "any_member", "age_to": 3}]}
NOBODY: dict[str, Any] = {"is": "all", "of": [{"is": "size_between", "at_least": 90}]}
SURNAMES = "абвгдежзик"


class Office:
    """Six families: four displaced, of whom one has a small child, as has one family of the town."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), unit_of_work() as session:
            families.seed_category_kinds(session)
            site = add_site(session)
            self.writer = add_person(session, Role.ADMINISTRATOR, site_ids=[site])
            self.worker = add_person(session, Role.CASEWORKER, site_ids=[site])
            self.stranger = add_person(session, Role.CASEWORKER, site_ids=[add_site(session, "ZH")]).actor
            programme = Programme(code="FOOD", name_uk="Продукти", name_en="Food")
            session.add(programme)
            session.flush()
            self.programme = programme.id
            command = AddRule(uuid4(), self.programme, date(2022, 1, 1), IDP)
            services.add_rule(session, command, actor=self.writer.actor, now=NOW)
            self.homes = [
                registered(
                    session, self.worker.actor,
                    *([member("Дитячук", "Мар", birth_date=TODAY - timedelta(days=500))] if n in (0, 4) else []),
                    head=member(f"Родиненко{SURNAMES[n]}", birth_date=None, categories=(idp(),) if n < 4 else ()),
                    go_on_reason="тезки",
                )
                for n in range(6)
            ]  # fmt: skip

    @property
    def admin(self) -> Actor:
        return self.writer.actor

    def draft(self, rule: dict[str, Any], **more: Any) -> int:
        command = SaveDraft(uuid4(), self.programme, "Чернетка", rule, **more)
        with self.app.app_context(), unit_of_work() as session:
            return services.save_draft(session, command, actor=self.admin, now=NOW)

    def try_out(
        self, purpose: TrialPurpose, draft_id: int | None = None, actor: Actor | None = None
    ) -> tuple[int, trials.Tally]:
        who = actor or self.worker.actor
        with self.app.app_context():
            with unit_of_work() as session:
                plan = services.start_trial(
                    session, StartTrial(purpose, self.programme, TODAY, draft_id), actor=who, now=NOW
                )
            return plan.trial_id, run_trial(plan, actor=who, now=NOW)

    def put(self, draft_id: int, version: int = 1, **more: Any) -> int:
        command = PutInForce(uuid4(), draft_id, version, TODAY, **more)
        with self.app.app_context(), unit_of_work() as session:
            return services.put_in_force(session, command, actor=self.admin, now=NOW)


@pytest.fixture
def office(app: Flask) -> Office:
    return Office(app)


def test_a_trial_says_who_falls_out_and_who_comes_in(office: Office, unit: Unit) -> None:
    trial_id, tally = office.try_out(TrialPurpose.DRAFT, office.draft(SMALL))
    assert (tally.families, tally.now, tally.under) == (6, 4, 2)
    assert (tally.falls_out, tally.comes_in) == (3, 1)
    assert dict(tally.out_for) == {"no_fitting_member": 3}
    with unit() as session:
        out, total = trials.changed_families(
            session, trial_id, comes_in=False, actor=office.worker.actor, offset=0, limit=2
        )
        assert (total, [household for household, _code in out]) == (3, office.homes[1:3])
        kept = trials.trial(session, trial_id, office.worker.actor)
        assert kept.counts is not None
        assert (kept.done, kept.counts.refused) == (6, (("no_fitting_member", 4),))
        with pytest.raises(NotFound):
            trials.trial(session, trial_id, office.stranger)


def test_a_trial_sees_protected_categories_only_under_a_grant(office: Office, unit: Unit) -> None:
    granted = with_grant(office.worker.actor)
    with unit() as session:
        survivor = member("Захищенко", categories=(NewCategory("gbv_survivor", date(2022, 1, 1)),))
        registered(session, granted, head=survivor)
    draft_id = office.draft({"is": "any_member", "categories": ["gbv_survivor"]})
    assert office.try_out(TrialPurpose.DRAFT, draft_id)[1].comes_in == 0
    assert office.try_out(TrialPurpose.DRAFT, draft_id, office.admin)[1].comes_in == 0
    trial_id, tally = office.try_out(TrialPurpose.DRAFT, draft_id, granted)
    assert tally.comes_in == 1
    with unit() as session, pytest.raises(NotFound):
        trials.trial(session, trial_id, office.worker.actor)


def test_a_draft_is_tried_as_it_stands_before_it_applies(office: Office, unit: Unit) -> None:
    draft_id = office.draft(SMALL, terms={"quota_per_day": 5})
    with pytest.raises(NotTried):
        office.put(draft_id)
    office.try_out(TrialPurpose.DRAFT, draft_id, office.admin)
    with unit() as session:
        changed = SaveDraft(uuid4(), office.programme, "Чернетка", IDP, draft_id=draft_id, version=1)
        services.save_draft(session, changed, actor=office.admin, now=NOW)
    with pytest.raises(NotTried):
        office.put(draft_id, version=2)
    with pytest.raises(DraftChanged):
        office.put(draft_id, version=1)
    office.try_out(TrialPurpose.DRAFT, draft_id, office.admin)
    rule_id = office.put(draft_id, version=2)
    with unit() as session:
        rule = queries.rule_on(session, office.programme, TODAY)
        assert rule is not None
        assert (rule.id, rule.version, rule.json["is"]) == (rule_id, 2, "all")
    with pytest.raises(DraftSettled):
        office.put(draft_id, version=2)


def test_a_rule_that_nobody_or_everybody_meets_is_asked_about(office: Office) -> None:
    for rule, asked in ((NOBODY, NobodyMeetsIt), ({"is": "size_between", "at_least": 1}, AllMeetIt)):
        draft_id = office.draft(rule)
        office.try_out(TrialPurpose.DRAFT, draft_id, office.admin)
        with pytest.raises(asked) as refused:
            office.put(draft_id)
        assert refused.value.facts["tried"] == 6
        assert office.put(draft_id, sure=True)


def test_a_dropped_draft_stays_dropped_and_only_administrators_write(office: Office, unit: Unit) -> None:
    draft_id = office.draft(SMALL)
    with unit() as session:
        with pytest.raises(Forbidden):
            services.drop_draft(session, draft_id, actor=office.worker.actor, now=NOW)
        services.drop_draft(session, draft_id, actor=office.admin, now=NOW)
        assert trials.open_drafts(session, office.programme) == []
        with pytest.raises(Forbidden):
            services.start_trial(
                session,
                StartTrial(TrialPurpose.QUALIFY, office.programme, TODAY),
                actor=office.admin,
                now=NOW,
            )


def test_all_who_qualify_are_marked_and_a_stricter_rule_leaves_a_work_list(
    office: Office, unit: Unit
) -> None:
    trial_id, tally = office.try_out(TrialPurpose.QUALIFY)
    assert (tally.families, tally.comes_in) == (6, 4)
    command = MarkMany(office.programme, (), Ground.APPLICATION, TODAY)
    with office.app.app_context():
        assert mark_in_batches(command, trial_id, actor=office.worker.actor, now=NOW) == (4, 0)
        assert mark_in_batches(command, trial_id, actor=office.worker.actor, now=NOW) == (0, 0)
    draft_id = office.draft(SMALL)
    office.try_out(TrialPurpose.DRAFT, draft_id, office.admin)
    office.put(draft_id)
    trial_id, tally = office.try_out(TrialPurpose.MARKS)
    assert (tally.families, tally.falls_out) == (4, 3)
    with unit() as session:
        ending = tuple(office.homes[1:4])
        command_end = EndMany(office.programme, ending, TODAY - timedelta(days=0), "правило змінилося")
        assert services.end_many(session, command_end, actor=office.worker.actor, now=NOW) == 3
        trials.forget_changes(session, trial_id, ending)
        assert trials.all_changed(session, trial_id, comes_in=False) == []
        standing = select(func.count()).where(
            Eligibility.status == EligibilityStatus.ELIGIBLE, Eligibility.valid_until.is_(None)
        )
        assert session.scalar(standing) == 1


def test_only_the_newest_trial_keeps_whom_it_concerned(office: Office, unit: Unit) -> None:
    draft_id = office.draft(SMALL)
    first, _tally = office.try_out(TrialPurpose.DRAFT, draft_id)
    second, _tally = office.try_out(TrialPurpose.DRAFT, draft_id)
    with unit() as session:
        assert set(session.scalars(select(RuleTrialChange.trial_id))) == {second}
        assert trials.trial(session, first, office.worker.actor).counts is not None


def test_names_are_read_by_caseworkers_and_logged_and_others_see_rounded_figures(office: Office) -> None:
    small_or_many = {"is": "any", "of": [NOBODY, SMALL]}
    trial_id, tally = office.try_out(TrialPurpose.DRAFT, office.draft(small_or_many))
    assert dict(tally.out_for) == {"no_alternative:no_fitting_member|size_outside": 3}
    client = sign_in(office.app, office.worker)
    page = client.get(f"/rights/trials/{trial_id}/out")
    assert page.status_code == 200
    assert page.text.count("Родиненко") == 3
    nearest, farther = "Умову виконує замало членів сім’ї: 0", "Кількість членів сім’ї, 1, виходить за межі"
    assert page.text.count(nearest) == page.text.count(farther) == 3
    assert page.text.index(nearest) < page.text.index(farther)
    figures = client.get(f"/rights/trials/{trial_id}").text
    assert (
        "найближча перша: Умові не відповідає ніхто або відповідає замало членів сім’ї; Кількість членів"
        in figures
    )
    refused = office.app.test_client().get(
        f"/api/v1/rule-trials/{trial_id}", headers=bearer(office.app, Role.CASEWORKER, site="DN")
    )
    assert refused.get_json()["refused"] == [
        {
            "code": "no_alternative",
            "alternatives": [["no_fitting_member"], ["size_outside"]],
            "families": 4,
        }
    ]
    with office.app.app_context(), unit_of_work() as session:
        logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "read.household_list")).all()
        assert [one.facts["by"] for one in logged if one.facts] == ["trial_out"]
    told = sign_in(office.app, office.writer).get(f"/rights/trials/{trial_id}").text
    assert "&lt; 5" in told
    assert "Родиненко" not in told


@on_sqlite
def test_a_trial_whose_run_was_killed_says_so_and_is_begun_anew(office: Office) -> None:
    begun = StartTrial(TrialPurpose.DRAFT, office.programme, TODAY, office.draft(SMALL))
    with office.app.app_context(), unit_of_work() as session:
        trial_id = services.start_trial(session, begun, actor=office.admin, now=NOW).trial_id
    page = sign_in(office.app, office.writer).get(f"/rights/trials/{trial_id}")
    assert "Refresh" not in page.headers  # nobody waits for what will never come
    assert "Випробування перервано" in page.text
    told = office.app.test_client().get(
        f"/api/v1/rule-trials/{trial_id}", headers=bearer(office.app, Role.ADMINISTRATOR)
    )
    assert told.get_json()["state"] == "failed"
    _trial_id, tally = office.try_out(TrialPurpose.DRAFT, begun.draft_id, office.admin)
    assert tally.families == 6


@on_sqlite
def test_whoever_waits_sees_how_far_a_trial_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "TRIED_AT_ONCE", 2)
    monkeypatch.setattr(trial_pages, "jobs", lambda: SimpleNamespace(running=lambda _key: "at work"))
    begun = StartTrial(TrialPurpose.DRAFT, office.programme, TODAY, office.draft(SMALL))
    with office.app.app_context(), unit_of_work() as session:
        plan = services.start_trial(session, begun, actor=office.admin, now=NOW)
    desk = sign_in(office.app, office.writer)
    shown: list[str] = []

    def look(_done: int, _total: int) -> None:
        page = desk.get(f"/rights/trials/{plan.trial_id}")
        assert page.headers["Refresh"] == "1"
        shown.extend(re.findall(r"<span>(\d+ із \d+)</span>", page.text))

    def families_to_try(*arguments: Any) -> list[int]:
        look(0, 0)
        return found(*arguments)

    def try_portion(*arguments: Any) -> Any:
        if not shown:
            look(0, 0)
        return judged(*arguments)

    found, judged = trying.families_to_try, trying.try_portion
    monkeypatch.setattr(trying, "families_to_try", families_to_try)
    monkeypatch.setattr(trying, "try_portion", try_portion)
    with office.app.app_context():
        run_trial(plan, actor=office.admin, now=NOW, progress=look)
    assert shown == ["0 із 6", "2 із 6", "4 із 6", "6 із 6"], (
        "how many there are is told at once, 0 of 0 never"
    )
    done = desk.get(f"/rights/trials/{plan.trial_id}")
    assert "Refresh" not in done.headers and "за чернеткою" in done.text


def test_who_was_erased_or_joined_another_family_since_is_passed_over(office: Office, unit: Unit) -> None:
    trial_id, tally = office.try_out(TrialPurpose.QUALIFY)
    assert tally.comes_in == 4
    worker = office.worker.actor
    first, second, third, fourth = office.homes[:4]
    with unit() as session:
        [head, *_] = household_file(session, second, worker, protected=False).members
        joining = JoinHouseholds(third, 1, second, 1, (head.id,), TODAY)
        families.join_households(session, joining, actor=worker, now=NOW)
        erasure.erase(session, fourth, now=NOW)
    token = bearer(office.app, Role.CASEWORKER, site="DN")
    client = sign_in(office.app, office.worker)
    assert client.get(f"/rights/trials/{trial_id}/in").status_code == 200
    listed = client.get(f"/api/v1/rule-trials/{trial_id}/families?way=in", headers=token)
    assert listed.status_code == 200 and len(listed.get_json()["families"]) == 2
    with office.app.app_context(), unit_of_work() as session:
        # the list as it stood when the marking began
        rows = [
            {"trial_id": trial_id, "household_id": one, "comes_in": True, "code": None} for one in (fourth,)
        ]
        session.execute(insert(RuleTrialChange), rows)
    command = MarkMany(office.programme, (), Ground.APPLICATION, TODAY)
    with office.app.app_context():
        assert mark_in_batches(command, trial_id, actor=worker, now=NOW) == (2, 2)
    with unit() as session:
        assert set(session.scalars(select(Eligibility.household_id))) == {first, third}


@on_sqlite
@pytest.mark.parametrize("sent", ["²", "9" * 40, "-1", ""])
def test_a_ticked_family_that_is_no_number_is_left_out(office: Office, sent: str) -> None:
    command = MarkMany(office.programme, tuple(office.homes[:1]), Ground.APPLICATION, TODAY)
    with office.app.app_context(), unit_of_work() as session:
        services.mark_many(session, command, actor=office.worker.actor, now=NOW)
    trial_id, _tally = office.try_out(TrialPurpose.MARKS)
    answer = sign_in(office.app, office.worker).get(f"/rights/trials/{trial_id}/end?family={sent}")
    assert answer.status_code == 200

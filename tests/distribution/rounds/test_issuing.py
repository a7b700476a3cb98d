"""Issuing to all and to one, on both databases."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from aidtrack.db import db
from aidtrack.distribution import services, signing
from aidtrack.distribution.commands import CreateCycle, IssueOne, IssueRound
from aidtrack.distribution.errors import (
    AlreadyEntitled,
    EmptyHousehold,
    NoSuchFamily,
    NotEligible,
    NothingDue,
    RoundClosed,
    RoundIsOver,
    ShortOfStock,
)
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.services import hand_out
from aidtrack.distribution.models import (
    Eligibility,
    EligibilityStatus,
    Entitlement,
    EntitlementPerson,
    ProfileLine,
    Round,
    RoundState,
    SigningKey,
    Voucher,
)
from aidtrack.distribution.queries.printed import open_voucher_codes, print_rows, printable_ids
from aidtrack.distribution.queries.rounds import reconciliation, round_by_id
from aidtrack.distribution.rights.errors import ServedTooSoon
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.distribution.services.signing_keys import deployment_tag
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import Forbidden, NotFound
from aidtrack.kernel.ids import check_code, registration_number
from tests.distribution.rounds.conftest import (
    ADULT,
    ELDER,
    LAST,
    NOW,
    TODAY,
    Place,
    Unit,
    add_families,
    new_id,
    plan,
)
from tests.support.kinds import on_sqlite


def issue(unit: Unit, place: Place, **changes: object) -> services.Issued:
    with unit() as session:
        command = IssueRound(round_id=place.round, **changes)  # type: ignore[arg-type]
        return services.issue_round(session, command, actor=place.actor(), now=NOW)


def due_by_household(unit: Unit) -> dict[int, dict[int, int]]:
    with unit() as session:
        rows = session.execute(
            select(Entitlement.household_id, ProfileLine.item_id, ProfileLine.units).join(
                ProfileLine, ProfileLine.profile_id == Entitlement.profile_id
            )
        )
        due: dict[int, dict[int, int]] = {}
        for household, item, units in rows:
            due.setdefault(household, {})[item] = units
        return due


def test_every_marked_family_gets_what_the_set_promises(unit: Unit, place: Place) -> None:
    assert issue(unit, place) == services.Issued(vouchers=3, skipped=0)
    with_child, couple, elder = place.marked
    assert due_by_household(unit) == {
        with_child: {place.rice: 6_000, place.diapers: 40},  # 25 pieces are rounded up to a pack
        couple: {place.rice: 6_000},
        elder: {place.rice: 3_000},
    }


def test_members_present_are_remembered_with_the_entitlement(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        counted = session.execute(select(func.sum(Entitlement.persons))).scalar_one()
        named = session.execute(select(func.count()).select_from(EntitlementPerson)).scalar_one()
    assert counted == named == 5


def test_a_household_is_served_once_in_a_cycle(unit: Unit, place: Place) -> None:
    issue(unit, place)
    assert issue(unit, place) == services.Issued(vouchers=0, skipped=0)
    with unit() as session:
        second = services.create_round(session, plan(place, "Ж-2"), actor=place.actor(), now=NOW)
        command = IssueRound(second)
        assert services.issue_round(session, command, actor=place.actor(), now=NOW).vouchers == 0


def test_families_with_the_same_goods_share_a_profile(unit: Unit, place: Place) -> None:
    with unit() as session:
        add_families(session, place, *[[ELDER]] * 4)
    issue(unit, place)
    with unit() as session:
        profiles = session.execute(select(func.count(Entitlement.profile_id.distinct()))).scalar_one()
    assert profiles == 3


def test_every_voucher_is_signed_numbered_and_told_apart(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        round_ = round_by_id(session, place.round, actor=place.actor())
        rows = list(print_rows(session, round_, printable_ids(session, place.round)))
        keys = {
            row.id: signing.public_key_from_bytes(row.public_key)
            for row in session.execute(select(SigningKey.id, SigningKey.public_key))
        }
        claims = [signing.verify(row.code, keys, deployment_tag(session)) for row in rows]
        stored = session.execute(select(Voucher.status_index).order_by(Voucher.id)).scalars().all()
    assert [row.serial for row in rows] == ["Ж-1-00001", "Ж-1-00002", "Ж-1-00003"]
    assert all(check_code(row.typed_code) == row.typed_code for row in rows)
    assert [claim.status_index for claim in claims] == list(stored)
    assert {claim.round_tag for claim in claims} == {round_.tag}
    assert {(claim.first_day, claim.last_day) for claim in claims} == {(round_.first_day, LAST)}
    assert len({claim.voucher_id for claim in claims}) == 3


def test_open_codes_are_those_on_paper(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        round_ = round_by_id(session, place.round, actor=place.actor())
        printed = [row.code for row in print_rows(session, round_, printable_ids(session, place.round))]
        assert list(open_voucher_codes(session, "Ж-1")) == printed
        with pytest.raises(NotFound):
            open_voucher_codes(session, "Ж-999")


@on_sqlite
def test_a_family_without_members_is_skipped(unit: Unit, place: Place) -> None:
    with unit() as session:
        add_families(session, place, [])
    assert issue(unit, place) == services.Issued(vouchers=3, skipped=1)


def test_another_sites_families_and_ended_marks_get_nothing(unit: Unit, place: Place) -> None:
    with unit() as session:
        add_families(session, place, [ADULT], site=place.other_site)
        (ended,) = add_families(session, place, [ADULT])
        session.query(Eligibility).filter_by(household_id=ended).update({"status": EligibilityStatus.ENDED})
    assert issue(unit, place).vouchers == 3


@on_sqlite
def test_a_shortage_stops_the_run_until_it_is_accepted(unit: Unit, place: Place) -> None:
    with unit() as session:
        add_families(session, place, *[[ADULT] * 8] * 5)
    with pytest.raises(ShortOfStock) as refused:
        issue(unit, place)
    assert refused.value.facts == {"items": ["RICE"]}
    with unit() as session:
        assert reconciliation(session, place.round).printed == 0
    assert issue(unit, place, accept_shortage=True).vouchers == 8


@on_sqlite
def test_a_round_opens_with_its_first_voucher(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        assert round_by_id(session, place.round, actor=place.actor()).state is RoundState.OPEN


def test_a_chosen_few_can_be_issued_first(unit: Unit, place: Place) -> None:
    assert issue(unit, place, household_ids=frozenset(place.marked[:1])).vouchers == 1
    assert issue(unit, place).vouchers == 2


def test_a_killed_run_goes_on_where_it_stopped(unit: Unit, place: Place) -> None:
    class Killed(BaseException):
        pass

    def stop_after_two(done: int, _total: int) -> None:
        if done == 2:
            raise Killed

    with unit() as session:
        add_families(session, place, *[[ADULT]] * 3)
    command = IssueRound(place.round)
    with pytest.raises(Killed):
        issue_in_batches(command, actor=place.actor(), now=NOW, batch=2, progress=stop_after_two)
    with unit() as session:
        assert reconciliation(session, place.round).printed == 2
    seen: list[tuple[int, int]] = []
    again = issue_in_batches(
        command,
        actor=place.actor(),
        now=NOW,
        batch=3,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert again.vouchers == 4
    assert seen == [(0, 4), (3, 4), (4, 4), (4, 4)]
    with unit() as session:
        places = session.execute(select(Voucher.status_index)).scalars().all()
        serials = session.execute(select(Voucher.serial).order_by(Voucher.id)).scalars().all()
    assert len(set(places)) == 6
    assert serials == [f"Ж-1-{n:05}" for n in range(1, 7)]


def test_two_runs_at_once_issue_to_each_family_once(unit: Unit, place: Place, app: object) -> None:
    with unit() as session:
        add_families(session, place, *[[ADULT]] * 20)
    made: list[int] = []

    def run() -> None:
        with app.app_context():  # type: ignore[attr-defined]
            made.append(
                issue_in_batches(IssueRound(place.round), actor=place.actor(), now=NOW, batch=4).vouchers
            )

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert sum(made) == 23
    with unit() as session:
        assert reconciliation(session, place.round).printed == 23


@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # SQLite lets one write at a time anyway
def test_nobody_issues_between_the_questions_of_a_plan(unit: Unit, place: Place) -> None:
    with unit() as session:
        services.start_issue(session, IssueRound(place.round), actor=place.actor(), now=NOW)
        held = select(Round.id).where(Round.id == place.round).with_for_update(nowait=True, key_share=True)
        with db.engine.connect() as other, pytest.raises(OperationalError):
            other.execute(held)


# -- one family --------------------------------------------------------------------------------------


def late(place: Place, number: int, command_id: str | None = None) -> IssueOne:
    return IssueOne(command_id or new_id(), place.round, registration_number("DN", 2022, number))


def test_a_late_comer_gets_a_voucher_once_however_often_the_form_is_sent(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        add_families(session, place, [ADULT])
    command = late(place, 4)
    made = []
    for _ in range(2):
        with unit() as session:
            made.append(services.issue_one(session, command, actor=place.actor(), now=NOW))
    assert made[0] == made[1]
    with unit() as session, pytest.raises(AlreadyEntitled):
        services.issue_one(session, late(place, 4), actor=place.actor(), now=NOW)


def test_why_a_family_gets_no_voucher(unit: Unit, place: Place) -> None:
    with unit() as session:
        (unmarked,) = add_families(session, place, [ADULT])
        session.query(Eligibility).filter_by(household_id=unmarked).delete()
        add_families(session, place, [])
    for number, refusal in ((4, NotEligible), (5, EmptyHousehold), (99, NoSuchFamily)):
        with unit() as session, pytest.raises(refusal):
            services.issue_one(session, late(place, number), actor=place.actor(), now=NOW)


# -- refusals ----------------------------------------------------------------------------------------


def test_nothing_is_issued_in_a_round_without_goods(unit: Unit, place: Place) -> None:
    with unit() as session:
        place.round = services.create_round(
            session, plan(place, "Ж-2", lines=()), actor=place.actor(), now=NOW
        )
    with pytest.raises(NothingDue):
        issue(unit, place)


def test_nothing_is_issued_after_the_last_day_or_after_closing(unit: Unit, place: Place) -> None:
    with unit() as session, pytest.raises(RoundIsOver):
        services.issue_round(
            session, IssueRound(place.round), actor=place.actor(), now=NOW + timedelta(days=10)
        )
    with unit() as session:
        services.close_round(session, place.round, actor=place.actor(), now=NOW)
    with pytest.raises(RoundClosed):
        issue(unit, place)


@on_sqlite
def test_only_caseworkers_of_the_site_issue(unit: Unit, place: Place) -> None:
    for actor, refusal in (
        (place.actor(Role.WAREHOUSE), Forbidden),
        (place.actor(elsewhere=True), NotFound),
    ):
        with unit() as session, pytest.raises(refusal):
            services.issue_round(session, IssueRound(place.round), actor=actor, now=NOW)


@on_sqlite
def test_the_rule_makes_a_family_wait_between_two_handouts(unit: Unit, place: Place) -> None:
    issue(unit, place)
    with unit() as session:
        code = next(open_voucher_codes(session, "Ж-1"))
        hand_out(session, HandOut(uuid4(), code, place.point), actor=place.actor(Role.WAREHOUSE), now=NOW)
    with unit() as session:
        command = CreateCycle(new_id(), place.programme, "C-2", "Ц", "C", TODAY, TODAY + timedelta(days=40))
        place.cycle = services.create_cycle(session, command, actor=place.actor(), now=NOW)
        soon = plan(place, "Ж-2", first_day=TODAY + timedelta(days=19), last_day=TODAY + timedelta(days=21))
        place.round = services.create_round(session, soon, actor=place.actor(), now=NOW)
    with unit() as session:
        assert services.plan_round(
            session, place.round, on=TODAY + timedelta(days=19), actor=place.actor()
        ).too_soon == 1  # fmt: skip
    assert issue(unit, place) == services.Issued(vouchers=2, skipped=1)
    with unit() as session, pytest.raises(ServedTooSoon):
        services.issue_one(session, late(place, 1), actor=place.actor(), now=NOW)
    with unit() as session:
        in_time = NOW + timedelta(days=20)
        services.issue_one(session, late(place, 1), actor=place.actor(), now=in_time)

"""Terms bite when vouchers are made: whom a rule serves, how often, how many in a cycle and in a day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from aidtrack.beneficiaries.commands import SplitHousehold
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.beneficiaries.services import split_household
from aidtrack.distribution import services
from aidtrack.distribution.commands import CreateCycle, IssueOne, IssueRound, ReprintVoucher, VoidVoucher
from aidtrack.distribution.errors import ProxyNotAllowed
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.services import hand_out
from aidtrack.distribution.models import (
    Collector,
    Eligibility,
    EligibilityStatus,
    Entitlement,
    EntitlementPerson,
    Ground,
    ProgrammeRule,
    Voucher,
)
from aidtrack.distribution.queries.planning import candidates
from aidtrack.distribution.queries.printed import open_voucher_codes
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.rights.errors import CapReached, CountedElsewhere, DaysAreFull, OthersCameFirst
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.distribution.services.limits import Left, Places, judge_candidates
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import registration_number
from tests.distribution.rounds.conftest import (
    ADULT,
    CHILD,
    NOW,
    TODAY,
    Place,
    Unit,
    add_families,
    new_id,
    plan,
)

EVERYBODY: dict[str, Any] = {"is": "all", "of": []}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rows are counted by plain SQL that issuing's own tests run on both databases."""
    return sqlite_url


def put(unit: Unit, place: Place, rule: dict[str, Any] = EVERYBODY, **terms: Any) -> None:
    with unit() as session:
        newest = session.scalar(select(func.max(ProgrammeRule.version))) or 0
        session.execute(
            insert(ProgrammeRule).values(
                programme_id=place.programme, version=newest + 1, valid_from=TODAY, rule=rule, terms=terms,
                created_at=NOW, created_by="t",
            )
        )  # fmt: skip


def issue(unit: Unit, place: Place, batch: int = 500) -> int:
    with unit():
        pass  # the run opens its own units
    return issue_in_batches(IssueRound(place.round), actor=place.actor(), now=NOW, batch=batch).vouchers


def next_cycle(unit: Unit, place: Place, code: str) -> None:
    with unit() as session:
        command = CreateCycle(new_id(), place.programme, code, "Ц", "C", TODAY, TODAY + timedelta(days=40))
        place.cycle = services.create_cycle(session, command, actor=place.actor(), now=NOW)
        place.round = services.create_round(session, plan(place, f"Р-{code}"), actor=place.actor(), now=NOW)


def left_of(unit: Unit, place: Place) -> dict[Left, int]:
    with unit() as session:
        return services.plan_round(session, place.round, on=TODAY, actor=place.actor()).left


def refusal(unit: Unit, place: Place, number: int) -> type[DomainError]:
    late = IssueOne(new_id(), place.round, registration_number("DN", 2022, number))
    with unit() as session, pytest.raises(DomainError) as refused:
        services.issue_one(session, late, actor=place.actor(), now=NOW)
    return type(refused.value)


def test_a_quota_gives_each_family_its_day_and_the_rest_must_wait(app: Any, unit: Unit, place: Place) -> None:
    put(unit, place, quota_per_day=1)
    with unit() as session:
        add_families(session, place, *[[ADULT]] * 4)
    assert left_of(unit, place) == {Left.OVER_QUOTA: 2}
    with app.app_context():
        assert issue(unit, place, batch=2) == 5  # a round of five days
    with unit() as session:
        days = session.execute(select(Voucher.first_day, Voucher.last_day).order_by(Voucher.id)).all()
    assert [tuple(one) for one in days] == [
        (TODAY + timedelta(days=number), TODAY + timedelta(days=number)) for number in range(5)
    ]
    assert refusal(unit, place, 7) is DaysAreFull


def test_those_marked_first_come_first_and_a_place_is_filled_once(app: Any, unit: Unit, place: Place) -> None:
    put(unit, place, first_come=2)
    assert left_of(unit, place) == {Left.OVER_LIMIT: 1}
    with app.app_context():
        assert issue(unit, place, batch=1) == 2
        assert issue(unit, place) == 0
    with unit() as session:
        assert session.scalars(select(Entitlement.household_id)).all() == place.marked[:2]
    assert refusal(unit, place, 3) is OthersCameFirst


def test_a_family_is_served_as_often_as_the_cap_says(app: Any, unit: Unit, place: Place) -> None:
    put(unit, place, cap_household=1)
    with app.app_context():
        assert issue(unit, place) == 3
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {Left.CAPPED: 3}
    assert refusal(unit, place, 1) is CapReached
    put(unit, place, cap_household=2)
    with app.app_context():
        assert issue(unit, place) == 3


@pytest.mark.parametrize("terms", [{"cap_household": 1}, {"cap_member": 1}])
def test_a_withdrawn_voucher_lives_again_only_within_the_cap(
    app: Any, unit: Unit, place: Place, terms: dict[str, Any]
) -> None:
    put(unit, place, **terms)
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        first, second = session.scalars(select(Voucher.id).order_by(Voucher.id).limit(2)).all()
        for voucher in (first, second):
            services.void_voucher(session, VoidVoucher(voucher, "помилка"), actor=place.actor(), now=NOW)
        again = ReprintVoucher(new_id(), second, "таки потрібен")
        services.reprint_voucher(session, again, actor=place.actor(), now=NOW)
    next_cycle(unit, place, "C-2")
    with app.app_context():
        assert issue(unit, place) == 1, "the one whose paper was withdrawn"
    late = ReprintVoucher(new_id(), first, "таки потрібен")
    with unit() as session, pytest.raises(CapReached):
        services.reprint_voucher(session, late, actor=place.actor(), now=NOW)


def test_a_withdrawn_voucher_lives_again_only_while_its_place_is_free(
    app: Any, unit: Unit, place: Place
) -> None:
    put(unit, place, first_come=2)
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        first = session.scalars(select(Voucher.id).order_by(Voucher.id)).first()
        assert first is not None
        services.void_voucher(session, VoidVoucher(first, "помилка"), actor=place.actor(), now=NOW)
    with app.app_context():
        assert issue(unit, place) == 1
    late = ReprintVoucher(new_id(), first, "таки потрібен")
    with unit() as session, pytest.raises(OthersCameFirst):
        services.reprint_voucher(session, late, actor=place.actor(), now=NOW)


def test_a_cap_looks_back_so_many_days_and_a_paper_nobody_used_does_not_count(
    app: Any, unit: Unit, place: Place
) -> None:
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        services.close_round(session, place.round, actor=place.actor(), now=NOW)
    put(unit, place, cap_household=1)
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {}


def test_a_person_is_counted_once_also_in_another_family(app: Any, unit: Unit, place: Place) -> None:
    put(unit, place, cap_member=1)
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        born = [ADULT]
        add_families(session, place, born)
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {Left.CAPPED: 3}
    with app.app_context():
        assert issue(unit, place) == 1


def test_a_rule_of_persons_counts_only_those_who_meet_it(app: Any, unit: Unit, place: Place) -> None:
    """Kits for children of one to three: a family's adults are not counted, families without a child get none."""
    put(unit, place, {"is": "any_member", "age_from": 1, "age_to": 3}, scope="person")
    assert left_of(unit, place) == {Left.UNFIT: 2}
    with app.app_context():
        assert issue(unit, place) == 1
    with unit() as session:
        assert session.execute(select(Entitlement.household_id, Entitlement.persons)).all() == [
            (place.marked[0], 1)
        ]
        assert len(session.scalars(select(EntitlementPerson.person_id)).all()) == 1
    assert CHILD.year == 2019


def test_another_collector_is_refused_where_only_the_family_may_come(
    app: Any, unit: Unit, place: Place
) -> None:
    put(unit, place, proxy_allowed=False)
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        code = next(open_voucher_codes(session, "Ж-1"))
    counter = place.actor(Role.WAREHOUSE)
    with unit() as session, pytest.raises(ProxyNotAllowed):
        hand_out(
            session, HandOut(uuid4(), code, place.point, collector=Collector.PROXY), actor=counter, now=NOW
        )
    with unit() as session:
        # what a paper says was given that day is entered as it was
        paper = HandOut(uuid4(), code, place.point, collector=Collector.PROXY)
        assert hand_out(session, paper, actor=counter, now=NOW, happened_on=TODAY).serial


def test_places_are_taken_day_by_day() -> None:
    places = Places(first_come=3, quota=1, days=(TODAY, TODAY + timedelta(days=1)))
    assert [places.take() for _ in range(3)] == [
        (None, TODAY),
        (None, TODAY + timedelta(days=1)),
        (Left.OVER_QUOTA, None),
    ]
    assert places.first_come == 1
    assert Places().take() == (None, None)
    assert Places(first_come=0).take() == (Left.OVER_LIMIT, None)


def test_a_cap_looks_back_from_the_day_of_handing_out(app: Any, unit: Unit, place: Place) -> None:
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        code = next(open_voucher_codes(session, "Ж-1"))
        hand_out(session, HandOut(uuid4(), code, place.point), actor=place.actor(Role.WAREHOUSE), now=NOW)
    put(unit, place, cap_household=1, cap_days=3)
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {Left.CAPPED: 3}, "open vouchers can still be collected on"
    with unit() as session:
        first = session.scalar(select(func.min(Voucher.round_id)))
        assert first is not None
        services.close_round(session, first, actor=place.actor(), now=NOW)
    for later, capped in ((2, {Left.CAPPED: 1}), (3, {})):
        with unit() as session:
            on = TODAY + timedelta(days=later)
            assert services.plan_round(session, place.round, on=on, actor=place.actor()).left == capped


def split(unit: Unit, place: Place, household_id: int) -> tuple[int, str]:
    """The second member founds a family of their own, which is marked too; its id and number."""
    with unit() as session:
        person = session.scalars(
            select(Person.id).where(Person.household_id == household_id).order_by(Person.id)
        ).all()[1]
        version = session.get_one(Household, household_id).version
        command = SplitHousehold(uuid4(), household_id, version, (person,), person, TODAY, "Дніпро")
        made = split_household(session, command, actor=place.actor(), now=NOW)
        session.execute(
            insert(Eligibility).values(
                household_id=made, programme_id=place.programme, rule_id=place.rule, facts="{}",
                status=EligibilityStatus.ELIGIBLE, ground=Ground.APPLICATION, valid_from=TODAY, marked_at=NOW,
            )
        )  # fmt: skip
        return made, session.get_one(Household, made).registration_no


def test_who_was_counted_in_a_cycle_is_not_counted_again_in_a_family_of_their_own(
    app: Any, unit: Unit, place: Place
) -> None:
    with app.app_context():
        issue(unit, place)
    made, number = split(unit, place, place.marked[1])
    assert left_of(unit, place) == {Left.COUNTED: 1}
    with unit() as session, pytest.raises(CountedElsewhere):
        services.issue_one(session, IssueOne(new_id(), place.round, number), actor=place.actor(), now=NOW)
    with unit() as session:
        round_ = round_by_id(session, place.round, actor=place.actor())
        [found] = candidates(session, round_, on=TODAY)
        [judged] = judge_candidates(session, round_, [replace(found, exception=True)], on=TODAY)
        assert judged.left is None, "two people said otherwise"
        session.execute(
            insert(Person).values(
                household_id=made, is_head=False, surname="Мороз", given_name="Яна", sex=Sex.FEMALE, birth_date=CHILD,
                joined_on=TODAY,
            )
        )  # fmt: skip
    with app.app_context():
        assert issue(unit, place) == 1, "for whom nobody had a share yet"
    with unit() as session:
        assert session.scalar(select(Entitlement.persons).where(Entitlement.household_id == made)) == 1
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {}


def test_a_share_that_nobody_can_collect_any_more_does_not_count(app: Any, unit: Unit, place: Place) -> None:
    with app.app_context():
        issue(unit, place)
    split(unit, place, place.marked[1])
    with unit() as session:
        voucher = session.scalar(
            select(Voucher.id)
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .where(Entitlement.household_id == place.marked[1])
        )
        assert voucher is not None
        services.void_voucher(session, VoidVoucher(voucher, "помилка"), actor=place.actor(), now=NOW)
    assert left_of(unit, place) == {}


def test_a_missed_day_is_replaced_by_one_that_has_a_place(app: Any, unit: Unit, place: Place) -> None:
    put(unit, place, quota_per_day=1)
    with app.app_context():
        assert issue(unit, place) == 3
    later = NOW + timedelta(days=3)

    def reprint(voucher_id: int) -> date:
        with unit() as session:
            command = ReprintVoucher(new_id(), voucher_id, "загублено")
            made = services.reprint_voucher(session, command, actor=place.actor(), now=later)
            voucher = session.get_one(Voucher, made)
            assert voucher.first_day == voucher.last_day
            return voucher.first_day

    with unit() as session:
        first, second, third = session.scalars(select(Voucher.id).order_by(Voucher.id)).all()
    assert reprint(first) == TODAY + timedelta(days=3)
    assert reprint(second) == TODAY + timedelta(days=4)
    with pytest.raises(DaysAreFull):
        reprint(third)


def test_who_was_served_since_the_set_day_is_left_out_of_the_next_cycle(
    app: Any, unit: Unit, place: Place
) -> None:
    put(unit, place, {"is": "all", "of": [{"is": "last_issue_before", "day": TODAY.isoformat()}]})
    with app.app_context():
        issue(unit, place)
    with unit() as session:
        code = next(open_voucher_codes(session, "Ж-1"))
        hand_out(session, HandOut(uuid4(), code, place.point), actor=place.actor(Role.WAREHOUSE), now=NOW)
    next_cycle(unit, place, "C-2")
    assert left_of(unit, place) == {Left.TOO_SOON: 1}
    put(unit, place, {"is": "last_issue_before", "day": (TODAY + timedelta(days=1)).isoformat()})
    assert left_of(unit, place) == {}

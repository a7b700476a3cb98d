"""A merged family is served once in a cycle, its papers are collected once, and undoing gives papers back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.commands import JoinHouseholds, ProposeMerge, SamePerson
from aidtrack.beneficiaries.errors import FamilyEnded, MergeSettled
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Person
from aidtrack.beneficiaries.services import join_households, merging
from aidtrack.db import unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueOne, IssueRound
from aidtrack.distribution.errors import AlreadyEntitled
from aidtrack.distribution.invariants import CHECKS
from aidtrack.distribution.models import Eligibility, Entitlement, Voucher
from aidtrack.distribution.rights.queries import live_marks
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import Conflict, DomainError
from tests.distribution.rounds.conftest import ADULT, CHILD, NOW, TODAY, Place, add_families, add_stock, build

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def unit(app: Flask) -> Iterator[Unit]:
    def opened() -> AbstractContextManager[Session]:
        return unit_of_work()

    with app.app_context():
        yield opened


@pytest.fixture
def place(unit: Unit) -> Place:
    with unit() as session:
        place = build(session)
        add_stock(session, place, place.rice, 10**6)
        add_families(session, place, [ADULT, CHILD], [ADULT], [ADULT])
        return place


def second(actor: Actor) -> Actor:
    return replace(actor, label="second person")


def merge(session: Session, staying: int, ending: int, actor: Actor) -> int:
    heads = dict(
        session.execute(
            select(Person.household_id, Person.id).where(
                Person.household_id.in_((staying, ending)), Person.is_head
            )
        ).all()
    )
    versions = dict(session.execute(select(Household.id, Household.version)).all())
    pair = SamePerson(heads[ending], heads[staying])
    proposal = ProposeMerge(
        uuid4(), staying, versions[staying], ending, versions[ending], "одна родина", people=(pair,)
    )
    return merging.propose_merge(session, proposal, actor=actor, now=NOW)


def vouchers(session: Session, household_id: int) -> list[VoucherState]:
    return list(
        session.scalars(
            select(Voucher.state)
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .where(Entitlement.household_id == household_id)
            .order_by(Voucher.id)
        )
    )


def all_holds(session: Session) -> bool:
    return [breach for check in CHECKS for breach in check(session)] == []


def test_of_two_open_vouchers_one_stays_and_undoing_prints_the_other_anew(unit: Unit, place: Place) -> None:
    actor = place.actor()
    one, other, _ = place.marked
    with unit() as session:
        services.issue_round(session, IssueRound(place.round, accept_shortage=True), actor=actor, now=NOW)
        merge_id = merge(session, one, other, actor)
    with unit() as session:
        merging.approve_merge(session, merge_id, actor=second(actor), now=NOW)
        assert vouchers(session, one) == [VoucherState.ISSUED]
        assert vouchers(session, other) == [VoucherState.VOID]
        assert all_holds(session)
    with unit() as session:
        merging.undo_merge(session, merge_id, "помилка", actor=actor, now=NOW)
        assert vouchers(session, other) == [VoucherState.VOID, VoucherState.ISSUED]
        assert all_holds(session)


def test_a_family_that_was_served_keeps_no_second_paper(unit: Unit, place: Place) -> None:
    actor = place.actor()
    one, other, _ = place.marked
    with unit() as session:
        services.issue_round(session, IssueRound(place.round, accept_shortage=True), actor=actor, now=NOW)
        mine = select(Entitlement.id).where(Entitlement.household_id == other)
        session.execute(
            update(Voucher).where(Voucher.entitlement_id.in_(mine)).values(state=VoucherState.REDEEMED)
        )
        merging.approve_merge(session, merge(session, one, other, actor), actor=second(actor), now=NOW)
        assert vouchers(session, one) == [VoucherState.VOID]
        assert vouchers(session, other) == [VoucherState.REDEEMED]


def test_what_the_ending_registration_was_given_counts_for_the_family(unit: Unit, place: Place) -> None:
    """Issued before the merge to the one that ends: the other gets nothing in that cycle, and its mark goes over."""
    actor = place.actor()
    one, other, third = place.marked
    with unit() as session:
        number = session.scalar(select(Household.registration_no).where(Household.id == other)) or ""
        services.issue_one(session, IssueOne(str(uuid4()), place.round, number), actor=actor, now=NOW)
        session.execute(update(Eligibility).where(Eligibility.household_id == one).values(status="ended"))
        merging.approve_merge(session, merge(session, one, other, actor), actor=second(actor), now=NOW)
    with unit() as session:
        assert set(live_marks(session, place.programme, [one, other])) == {one}
        assert vouchers(session, other) == [VoucherState.ISSUED], "the paper in the family's hands stays good"
        number = session.scalar(select(Household.registration_no).where(Household.id == one)) or ""
        with pytest.raises(AlreadyEntitled):
            services.issue_one(session, IssueOne(str(uuid4()), place.round, number), actor=actor, now=NOW)
        services.issue_round(session, IssueRound(place.round, accept_shortage=True), actor=actor, now=NOW)
        assert (vouchers(session, one), len(vouchers(session, third))) == ([], 1)
        assert all_holds(session)


def race(app: Flask, *acts: Callable[[Session], object]) -> list[type[DomainError] | None]:
    barrier = Barrier(len(acts))
    found: dict[int, type[DomainError] | None] = dict.fromkeys(range(len(acts)))

    def run(number: int, act: Callable[[Session], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work() as session:
                    act(session)
            except DomainError as error:
                found[number] = type(error)

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(found.values())


def test_of_two_people_who_settle_one_merge_at_once_one_does(app: Flask, unit: Unit, place: Place) -> None:
    actor = place.actor()
    one, other, _ = place.marked
    with unit() as session:
        merge_id = merge(session, one, other, actor)
    checkers = [replace(actor, label=f"checker {number}") for number in range(4)]
    answers = race(
        app,
        *(
            lambda session, who=who: merging.approve_merge(session, merge_id, actor=who, now=NOW)
            for who in checkers
        ),
    )
    assert sorted(map(str, answers)) == sorted(map(str, [None, *[MergeSettled] * 3]))
    with unit() as session:
        assert len(session.scalars(select(HouseholdEnd.household_id)).all()) == 1


def test_of_two_people_who_join_families_crosswise_at_once_one_does(
    app: Flask, unit: Unit, place: Place
) -> None:
    actor = place.actor(Role.CASEWORKER)
    one, other, _ = place.marked
    with unit() as session:
        versions = dict(session.execute(select(Household.id, Household.version)).all())
        people = {
            number: tuple(session.scalars(select(Person.id).where(Person.household_id == number)))
            for number in (one, other)
        }

    def join(to: int, of: int) -> Callable[[Session], object]:
        command = JoinHouseholds(to, versions[to], of, versions[of], people[of], TODAY)
        return lambda session: join_households(session, command, actor=actor, now=NOW)

    answers = race(app, join(one, other), join(other, one))
    assert len([answer for answer in answers if answer is None]) == 1
    assert next(answer for answer in answers if answer is not None) in (Conflict, FamilyEnded)
    with unit() as session:
        ended = session.execute(select(HouseholdEnd.household_id, HouseholdEnd.successor_id)).one()
        gone, stays = ended
        assert session.scalars(select(Person.id).where(Person.household_id == gone)).all() == []
        assert len(session.scalars(select(Person.id).where(Person.household_id == stays)).all()) == 3

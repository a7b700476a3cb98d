"""Losses, counts, debts and reprints that wait for a second person: nothing happens before, and nobody is both."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from aidtrack.accounts.approvals import queries, services
from aidtrack.accounts.approvals.errors import AlreadyDecided, NotYours, OwnAct, SecondPersonNeeded
from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.accounts.approvals.services import Decide, SetThreshold
from aidtrack.audit.models import AuditEvent
from aidtrack.distribution import services as rounds
from aidtrack.distribution.commands import ReprintVoucher
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.models import RationEntry, Voucher
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.second_person import ask_reprint
from aidtrack.inventory import second_person
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import CountLot, SettleDebt, WriteOff
from aidtrack.inventory.errors import DebtDiffers, DifferentCount
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.services import debts
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import CommandReused, NotFound
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import page_client
from tests.support.kinds import on_sqlite


def person(place: Field, label: str, role: Role = Role.WAREHOUSE, *, elsewhere: bool = False) -> Actor:
    site = place.world.other_site_id if elsewhere else place.world.site_id
    number = sum(map(ord, label))
    return Actor(
        label=label, role=role, site_ids=frozenset({site}), user_id=number, permissions=PERMISSIONS[role]
    )


def lose(place: Field, units: int, *, by: str = "anna", cause: LossCause = LossCause.WETTING) -> int | None:
    with place.unit() as session:
        command = WriteOff(str(uuid4()), place.world.place_id, place.lot_id, units, cause, "намокло")
        return second_person.ask_write_off(session, command, actor=person(place, by), now=utc_now())


def waiting(place: Field) -> list[queries.ApprovalRow]:
    with place.unit() as session:
        return queries.waiting(session, person(place, "anna"))


def decide(place: Field, state: ApprovalState, actor: Actor) -> int | None:
    (row,) = waiting(place)
    with place.unit() as session:
        return services.decide(session, Decide(row.id, state, "так"), actor=actor, now=utc_now())


@on_sqlite
def test_a_small_loss_is_one_persons_and_a_large_one_or_theft_is_two_persons(place: Field) -> None:
    assert lose(place, 40) is not None  # 2 % of 2 000
    assert place.stock()[0] == 1_960
    assert lose(place, 60) is None and lose(place, 1, cause=LossCause.THEFT) is None
    assert place.stock()[0] == 1_960 and len(waiting(place)) == 2


def test_who_asked_does_not_approve_and_the_other_carries_it_out_in_their_name(place: Field) -> None:
    lose(place, 500)
    with pytest.raises(OwnAct):
        decide(place, ApprovalState.APPROVED, person(place, "anna"))
    with pytest.raises(NotYours):
        decide(place, ApprovalState.WITHDRAWN, person(place, "borys"))
    with pytest.raises(NotFound):
        decide(place, ApprovalState.APPROVED, person(place, "borys", elsewhere=True))
    (row,) = waiting(place)
    assert decide(place, ApprovalState.APPROVED, person(place, "borys", Role.CASEWORKER)) is not None
    assert place.stock()[0] == 1_500
    with place.unit() as session, pytest.raises(AlreadyDecided):
        services.decide(
            session, Decide(row.id, ApprovalState.APPROVED), actor=person(place, "vira"), now=utc_now()
        )
    with place.unit() as session:
        found = session.execute(
            select(AuditEvent.action, AuditEvent.actor_label).order_by(AuditEvent.id.desc()).limit(2)
        ).all()
    assert {tuple(one) for one in found} == {
        ("approval.approved", "borys"),
        ("inventory.write_off", "anna"),
    }
    assert place.breaches() == []


@on_sqlite
@pytest.mark.parametrize(
    ("state", "who"), [(ApprovalState.REFUSED, "borys"), (ApprovalState.WITHDRAWN, "anna")]
)
def test_what_is_refused_or_taken_back_changes_nothing(place: Field, state: ApprovalState, who: str) -> None:
    lose(place, 500)
    assert decide(place, state, person(place, who)) is None
    assert place.stock()[0] == 2_000 and waiting(place) == []


def test_the_database_itself_wants_two(place: Field) -> None:
    lose(place, 500)
    change = text("UPDATE approval SET state = 'approved', decided_at = asked_at, decided_by = asked_by")
    with pytest.raises(DBAPIError), place.unit() as session:
        session.execute(change)


@on_sqlite
def test_a_count_that_is_overtaken_is_refused_when_it_would_be_carried_out(place: Field) -> None:
    with place.unit() as session:
        command = CountLot(str(uuid4()), place.world.place_id, place.lot_id, 2_000, 1_000, "звірка")
        assert second_person.ask_count(session, command, actor=person(place, "anna"), now=utc_now()) is None
    place.bring(place.handout(0))
    with pytest.raises(DifferentCount):
        decide(place, ApprovalState.APPROVED, person(place, "borys"))
    assert len(waiting(place)) == 1 and place.stock()[0] == 1_500


def test_a_debt_that_no_delivery_pays_is_settled_by_two_and_its_handouts_are_in_order(place: Field) -> None:
    sent = [place.handout(n, at=n) for n in range(5)]
    for one in sent:
        place.bring(one)
    assert place.stock() == (0, 500, 2_500)
    with place.unit() as session:
        command = SettleDebt(str(uuid4()), place.world.place_id, place.lot_id, 500, "взяли іншу партію")
        second_person.ask_settle_debt(session, command, actor=person(place, "anna"), now=utc_now())
    assert place.outcome(sent[4]) is Outcome.COUNT_NEEDED
    assert decide(place, ApprovalState.APPROVED, person(place, "borys")) is not None
    assert place.stock() == (0, 0, 2_500)
    assert place.outcome(sent[4]) is Outcome.RECORDED and place.breaches() == []


@on_sqlite
def test_a_debt_that_changed_meanwhile_is_not_settled(place: Field) -> None:
    place.bring(place.handout(0, lines=place.rice(2_300, due=2_300)))
    with place.unit() as session:
        command = SettleDebt(str(uuid4()), place.world.place_id, place.lot_id, 300, "взяли іншу партію")
        second_person.ask_settle_debt(session, command, actor=person(place, "anna"), now=utc_now())
    place.bring(place.handout(1, at=4))
    with pytest.raises(DebtDiffers):
        decide(place, ApprovalState.APPROVED, person(place, "borys"))


def test_so_many_reprints_a_day_are_one_persons_and_the_next_waits_with_the_old_paper_good(
    place: Field,
) -> None:
    clerk, chief = person(place, "anna", Role.CASEWORKER), person(place, "chief", Role.ADMINISTRATOR)
    with place.unit() as session:
        services.set_threshold(session, SetThreshold(place.world.site_id, 2, 1), actor=chief, now=utc_now())
        session.add(
            RationEntry(
                round_id=place.world.round_id,
                item_id=place.world.item_ids["RICE"],
                basis=Basis.HOUSEHOLD,
                units=500,
            )
        )
    made = []
    for voucher_id in place.world.voucher_ids[:2]:
        with place.unit() as session:
            command = ReprintVoucher(str(uuid4()), voucher_id, "загублено")
            made.append(ask_reprint(session, command, actor=clerk, now=utc_now()))
    assert made[0] is not None and made[1] is None
    past = ReprintVoucher(str(uuid4()), place.world.voucher_ids[2], "загублено")
    with place.unit() as session, pytest.raises(SecondPersonNeeded):
        rounds.reprint_voucher(session, past, actor=clerk, now=utc_now())
    with place.unit() as session:
        before = session.scalar(select(func.count()).select_from(Voucher))
    assert decide(place, ApprovalState.APPROVED, person(place, "borys")) is not None
    with place.unit() as session:
        assert session.scalar(select(func.count()).select_from(Voucher)) == (before or 0) + 1


def test_the_services_themselves_refuse_a_large_act_that_nobody_approved(place: Field) -> None:
    at, lot = place.world.place_id, place.lot_id
    approved_loss(place, 500)  # an approval of something else lends itself to nothing
    acts: list[tuple[Callable[..., object], object]] = [
        (stock.write_off, WriteOff(str(uuid4()), at, lot, 60, LossCause.WETTING, "намокло")),
        (stock.write_off, WriteOff(str(uuid4()), at, lot, 1, LossCause.THEFT, "вкрали")),
        (stock.count_lot, CountLot(str(uuid4()), at, lot, 1_500, 1_000, "звірка")),
        (debts.settle_debt, SettleDebt(str(uuid4()), at, lot, 300, "інша партія")),
    ]
    for act, command in acts:
        with place.unit() as session, pytest.raises(SecondPersonNeeded):
            act(session, command, actor=person(place, "anna"), now=utc_now())
    assert place.stock()[0] == 1_500 and place.breaches() == []


def approved_loss(place: Field, units: int) -> str:
    """A loss that two persons stand behind; gives the id of its command."""
    lose(place, units)
    assert decide(place, ApprovalState.APPROVED, person(place, "borys")) is not None
    with place.unit() as session:
        return session.scalars(select(Approval.command_id)).one()


def test_what_was_approved_and_comes_again_has_one_effect(place: Field) -> None:
    command_id = approved_loss(place, 500)
    at, lot = place.world.place_id, place.lot_id
    again = WriteOff(command_id, at, lot, 500, LossCause.WETTING, "намокло")
    with place.unit() as session:
        stock.write_off(session, again, actor=person(place, "anna"), now=utc_now())
    assert place.stock()[0] == 1_500
    with place.unit() as session, pytest.raises(CommandReused):
        stock.write_off(session, replace(again, units=600), actor=person(place, "anna"), now=utc_now())


def test_the_pages_show_it_to_both_and_decide_it(place: Field, app: Flask) -> None:
    lose(place, 500)
    client = page_client(app, place, Role.CASEWORKER)
    assert "/approvals" in client.get("/").text
    page = client.get("/approvals").text
    assert "намокло" in page and place.lot in page and 'class="count"' in page
    (row,) = waiting(place)
    done = client.post("/approvals", data={"approval_id": str(row.id), "state": "approved", "answer": ""})
    assert done.status_code == 303 and place.stock()[0] == 1_500
    assert "anna" in client.get("/approvals").text
    again = client.post("/approvals", data={"approval_id": str(row.id), "state": "approved"})
    assert again.status_code == 422
    admin = page_client(app, place, Role.ADMINISTRATOR)
    saved = admin.post(
        "/approvals/settings",
        data={
            "site_id": str(place.world.site_id),
            "loss_percent": "50",
            "loss_days": "1",
            "reprints_a_day": "0",
        },
    )
    assert saved.status_code == 303
    assert lose(place, 500) is not None


def test_a_place_that_owes_is_shown_with_the_way_to_settle_it(place: Field, app: Flask) -> None:
    place.bring(place.handout(0, lines=place.rice(2_300, due=2_300)))
    client = page_client(app, place, Role.WAREHOUSE)
    assert place.lot in client.get("/stock/debts").text
    address = f"/stock/debts/settle?place={place.world.place_id}&lot={place.lot_id}"
    assert place.lot in client.get(address).text
    asked = client.post(address, data={"reason": "взяли іншу партію", "command_id": str(uuid4())})
    assert asked.status_code == 303 and len(waiting(place)) == 1

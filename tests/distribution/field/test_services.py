"""Events taken one by one: outcomes, goods, papers, reviews; on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import current_app
from sqlalchemy import select, update

from aidtrack.audit.models import AuditEvent
from aidtrack.distribution import signing
from aidtrack.distribution.errors import AlreadyCollected
from aidtrack.distribution.field.devices import device_by
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.services import note_sequence
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.models import (
    CaseKind,
    Device,
    FieldEvent,
    FieldOutcome,
    FieldQuarantine,
    Handout,
    HandoutKind,
    ReviewCase,
    Settlement,
    SigningKey,
    SupervisorCode,
    Voucher,
)
from aidtrack.distribution.phones import supervisors
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.services.supervisor_codes import make_code
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import CountLot
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.models import StockLot
from aidtrack.inventory.services.correcting import post_count
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import CommandReused
from tests.distribution.field.conftest import Field
from tests.support import patience
from tests.support import world as made
from tests.support.databases import waiting_for_locks
from tests.support.field import bring, id_of
from tests.support.kinds import on_sqlite
from tests.support.patience import until


def state_of(place: Field, n: int = 0) -> VoucherState:
    with place.unit() as session:
        found = session.get(Voucher, place.world.voucher_ids[n])
        assert found is not None
        return found.state


def cases(place: Field) -> list[tuple[CaseKind, Settlement | None]]:
    with place.unit() as session:
        return [(case.kind, case.how) for case in session.scalars(select(ReviewCase).order_by(ReviewCase.id))]


def online(place: Field, n: int = 0, **changes: object) -> object:
    arguments = {
        "client_id": uuid4(), "code": place.world.codes[n], "place_id": place.world.place_id, **changes,
    }  # fmt: skip
    with place.unit() as session:
        return counter.hand_out(session, HandOut(**arguments), actor=place.world.actor(), now=utc_now())  # type: ignore[arg-type]


@on_sqlite
def test_a_handout_is_recorded_with_its_lot_and_its_paper_is_collected(place: Field) -> None:
    receipt = place.bring(place.handout())
    assert receipt.outcome is Outcome.RECORDED and not receipt.repeated
    assert place.stock() == (1_500, 0, 500)
    assert state_of(place) is VoucherState.REDEEMED
    assert cases(place) == []
    assert place.breaches() == []


@on_sqlite
def test_sent_again_it_has_one_effect_and_the_same_receipt(place: Field) -> None:
    sent = place.handout()
    first, again = place.bring(sent), place.bring(sent)
    assert (again.id, again.hash, again.outcome, again.at) == (first.id, first.hash, first.outcome, first.at)
    assert again.repeated
    assert place.stock() == (1_500, 0, 500)


def test_a_second_handout_to_a_family_is_an_extra_whoever_comes_home_first(place: Field) -> None:
    early, late = place.handout(at=1), place.handout(at=2, phone=1)
    assert place.bring(late, 1).outcome is Outcome.RECORDED
    assert place.bring(early).outcome is Outcome.RECORDED
    assert place.outcome(late) is Outcome.EXTRA
    assert place.stock() == (1_000, 0, 1_000)
    assert cases(place) == [(CaseKind.EXTRA, None)]
    with place.unit() as session:
        changes = session.scalars(select(AuditEvent.facts).where(AuditEvent.action == "field.outcome")).all()
    assert changes == [{"before": "recorded", "after": "extra"}]
    assert place.breaches() == []


@on_sqlite
def test_a_handout_online_comes_first_whatever_the_phone_says(place: Field) -> None:
    online(place)
    assert place.bring(place.handout(at=-20)).outcome is Outcome.EXTRA
    assert place.breaches() == []


def test_once_the_online_handout_is_undone_the_field_one_stands(place: Field) -> None:
    client_id = uuid4()
    online(place, client_id=client_id)
    sent = place.handout()
    place.bring(sent)
    with place.unit() as session:
        undo = UndoHandout(uuid4(), client_id, "mistaken")
        counter.undo_handout(session, undo, actor=place.world.actor(), now=utc_now())
    assert place.outcome(sent) is Outcome.RECORDED
    assert state_of(place) is VoucherState.REDEEMED
    assert cases(place) == [(CaseKind.EXTRA, Settlement.BY_ITSELF)]
    assert place.breaches() == []


@on_sqlite
def test_the_counter_says_when_and_where_it_was_collected_in_the_field(place: Field) -> None:
    place.bring(place.handout())
    with pytest.raises(AlreadyCollected) as refused:
        online(place)
    collected = datetime.fromisoformat(refused.value.facts["at"])
    assert abs(collected - place.noon) < timedelta(milliseconds=1)
    assert refused.value.facts["place"] == "Пункт P1"


def test_the_same_press_online_and_in_the_field_is_one_handout(place: Field) -> None:
    sent = place.handout()
    online(place, client_id=id_of(sent))
    assert place.bring(sent).outcome is Outcome.ALREADY_RECORDED
    assert place.stock() == (1_500, 0, 500)
    assert place.breaches() == []


def test_the_same_press_in_the_field_and_then_online_answers_the_handout(place: Field) -> None:
    sent = place.handout()
    place.bring(sent)
    receipt = online(place, client_id=id_of(sent))
    assert receipt.repeated and receipt.kind == "field"  # type: ignore[attr-defined]
    with pytest.raises(CommandReused):
        online(place, 1, client_id=id_of(sent))
    assert place.stock() == (1_500, 0, 500)


@on_sqlite
def test_the_same_id_for_another_voucher_is_kept(place: Field) -> None:
    sent = place.handout(1)
    online(place, 0, client_id=id_of(sent))
    assert place.bring(sent).outcome is Outcome.KEPT
    assert place.stock() == (1_500, 0, 500)


def test_what_the_book_does_not_hold_is_owed_and_paid_by_what_comes(place: Field) -> None:
    sent = [place.handout(n, at=n) for n in range(6)]
    outcomes = [place.bring(one).outcome for one in sent]
    assert outcomes == [Outcome.RECORDED] * 4 + [Outcome.COUNT_NEEDED] * 2
    assert place.stock() == (0, 1_000, 3_000)
    assert place.breaches() == []
    arrive(place, 700)
    assert place.stock() == (0, 300, 3_000)
    assert [place.outcome(one) for one in sent[4:]] == [Outcome.RECORDED, Outcome.COUNT_NEEDED]
    arrive(place, 700)
    assert place.stock() == (400, 0, 3_000)
    assert place.outcome(sent[5]) is Outcome.RECORDED
    assert cases(place) == [(CaseKind.COUNT_NEEDED, Settlement.BY_ITSELF)] * 2
    assert place.breaches() == []


def arrive(place: Field, units: int) -> None:
    """More of the lot comes to the point, as from a warehouse that had lent it to suspense."""
    suspense = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]
    with place.unit() as session:
        ledger.post(
            session, kind=EntryKind.COUNT, document="C", effective_on=local_date(utc_now()),
            site_id=place.world.site_id, moves=[ledger.Move(place.lot_id, suspense, place.world.place_id, units)],
            actor=place.world.actor(), now=utc_now(),
        )  # fmt: skip


@on_sqlite
def test_who_carries_the_shortage_does_not_depend_on_who_came_home_last(place: Field) -> None:
    sent = [place.handout(n, at=n) for n in range(6)]
    for one in reversed(sent):
        place.bring(one)
    assert [place.outcome(one) for one in sent] == [Outcome.RECORDED] * 4 + [Outcome.COUNT_NEEDED] * 2
    assert place.stock() == (0, 1_000, 3_000)


@on_sqlite
def test_an_undone_handout_brings_its_goods_back_and_opens_the_paper(place: Field) -> None:
    sent = place.handout()
    place.bring(sent)
    assert place.bring(place.phones[0].undo(sent, est=place.at(1))).outcome is Outcome.TAKEN_BACK
    assert place.outcome(sent) is Outcome.UNDONE
    assert place.stock() == (2_000, 0, 0)
    assert state_of(place) is VoucherState.ISSUED
    assert place.breaches() == []
    online(place)


@on_sqlite
def test_an_undo_that_comes_first_waits_for_its_handout(place: Field) -> None:
    sent = place.handout()
    undo = place.phones[0].undo(sent, est=place.at(1))
    assert place.bring(undo).notes == ("waiting",)
    assert place.bring(sent).outcome is Outcome.UNDONE
    assert place.bring(undo).notes == ()
    assert place.stock() == (2_000, 0, 0)
    assert place.breaches() == []


@on_sqlite
def test_another_phone_cannot_undo(place: Field) -> None:
    sent = place.handout()
    place.bring(sent)
    place.bring(place.phones[1].undo(sent, est=place.at(1)), 1)
    assert place.outcome(sent) is Outcome.RECORDED


def test_an_undone_shortage_is_paid_back_first(place: Field) -> None:
    sent = [place.handout(n, at=n) for n in range(5)]
    for one in sent:
        place.bring(one)
    place.bring(place.phones[0].undo(sent[0], est=place.at(9)))
    assert place.stock() == (0, 0, 2_000)
    assert place.outcome(sent[4]) is Outcome.RECORDED
    assert place.breaches() == []


def test_late_goes_by_the_day_of_the_handout_and_not_of_its_arrival(place: Field) -> None:
    with place.unit() as session:
        yesterday = local_date(place.noon) - timedelta(days=1)
        session.execute(update(Voucher).values(last_day=yesterday))
    assert place.bring(place.handout(0, at=-24 * 60)).outcome is Outcome.RECORDED
    assert place.bring(place.handout(1)).outcome is Outcome.LATE


def test_a_paper_withdrawn_before_the_handout_is_withdrawn_and_one_withdrawn_later_is_not(
    place: Field,
) -> None:
    with place.unit() as session:
        for n, voided_at in ((0, place.at(-5)), (1, place.at(5))):
            session.execute(
                update(Voucher)
                .where(Voucher.id == place.world.voucher_ids[n])
                .values(state=VoucherState.VOID, voided_at=voided_at)
            )
    assert place.bring(place.handout(0)).outcome is Outcome.WITHDRAWN
    assert place.bring(place.handout(1)).outcome is Outcome.RECORDED
    assert state_of(place, 0) is state_of(place, 1) is VoucherState.VOID
    assert place.breaches() == []


def test_a_withdrawn_key_withdraws_its_vouchers(place: Field) -> None:
    with place.unit() as session:
        session.execute(update(SigningKey).values(withdrawn_at=place.at(-5)))
    assert place.bring(place.handout(0)).outcome is Outcome.WITHDRAWN
    assert place.bring(place.handout(1, at=-6)).outcome is Outcome.RECORDED


def test_a_family_served_under_an_old_paper_cannot_collect_on_the_new_one(place: Field) -> None:
    with place.unit() as session:
        old = session.get(Voucher, place.world.voucher_ids[0])
        assert old is not None
        old.state, old.voided_at = VoucherState.VOID, place.at(5)
        session.flush()
        claims = signing.decode(place.world.codes[0])[0]
        new_claims = replace(claims, voucher_id=uuid4(), status_index=900)
        code = signing.encode(new_claims, place.world.key)  # type: ignore[arg-type]
        session.add(
            Voucher(
                entitlement_id=old.entitlement_id, round_id=old.round_id, public_id=new_claims.voucher_id.bytes,
                typed_code="NEWPAPER01", serial="R1-000900", status_index=900, key_id=1, first_day=old.first_day,
                last_day=old.last_day, signature=signing.decode(code)[1], state=VoucherState.ISSUED,
                issued_at=utc_now(), printed_at=utc_now(), replaces_id=old.id,
            )
        )  # fmt: skip
    place.world.codes.append(code)
    assert place.bring(place.handout(0)).outcome is Outcome.RECORDED
    with pytest.raises(AlreadyCollected):
        online(place, -1)
    assert place.breaches() == []


@on_sqlite
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"token": "AID1:" + "A" * 160}, "damaged_voucher"),
        ({"token": "https://example.org"}, "not_a_voucher"),
        (
            {"lines": [{"item": "GOLD", "due": 1, "units": 1, "lots": [{"lot": "L", "units": 1}]}]},
            "unknown_item",
        ),
        (
            {"lines": [{"item": "RICE", "due": 1, "units": 1, "lots": [{"lot": "L-no", "units": 1}]}]},
            "unknown_lot",
        ),
        (
            {"lines": [{"item": "RICE", "due": 1, "units": 2, "lots": [{"lot": "L-no", "units": 1}]}]},
            "contradiction",
        ),
        ({"lines": [{"item": "RICE", "due": 1, "units": 0, "lots": []}]}, "nothing_given"),
        ({"place": 99}, "contradiction"),
        ({"v": 2}, "other_version"),
        ({"est": "yesterday"}, "incomplete"),
        ({"seq": 1.5}, "incomplete"),
        ({"device": str(uuid4())}, "unknown_device"),
    ],
)
def test_what_cannot_be_taken_is_kept_raw_once_with_a_receipt(
    place: Field, change: dict[str, object], reason: str
) -> None:
    sent = place.handout(changes=change)
    receipt, again = place.bring(sent), place.bring(sent)
    assert (receipt.outcome, receipt.reason) == (Outcome.KEPT, reason)
    assert again.outcome is Outcome.KEPT and again.repeated
    with place.unit() as session:
        [kept] = session.scalars(select(FieldQuarantine)).all()
        assert kept.raw == sent.body
    assert cases(place) == [(CaseKind.KEPT, None)]
    assert place.stock() == (2_000, 0, 0)


@on_sqlite
@pytest.mark.parametrize(
    "body", ["", "[]", "{", "null", "\0", "\ud800", "{" * 100_000, '{"v": 1}', '{"v": NaN}']
)
def test_no_text_whatever_is_refused(place: Field, body: str) -> None:
    receipt = place.bring(Sent(body, b""))
    assert receipt.outcome is Outcome.KEPT and receipt.id is None
    assert place.bring(Sent(body, b"")).repeated


@on_sqlite
def test_a_changed_body_is_unsigned_and_does_not_stop_the_true_one(place: Field) -> None:
    sent = place.handout()
    changed = Sent(sent.body.replace('"units": 500', '"units": 400'), sent.signature)
    assert place.bring(changed).reason == "unsigned"
    assert place.bring(sent).outcome is Outcome.RECORDED
    assert place.bring(changed).outcome is Outcome.KEPT


@on_sqlite
def test_another_body_under_a_known_id_is_kept(place: Field) -> None:
    sent = place.handout()
    place.bring(sent)
    other = place.handout(1, id=id_of(sent))
    receipt = place.bring(other)
    assert (receipt.outcome, receipt.reason, receipt.id) == (Outcome.KEPT, "other_body", id_of(sent))


@on_sqlite
def test_without_a_voucher_nothing_is_posted_and_a_person_reads_it(place: Field) -> None:
    receipt = place.bring(place.phones[0].without_voucher(place.rice(), est=place.at(0)))
    assert receipt.outcome is Outcome.KEPT
    assert place.stock() == (2_000, 0, 0)
    assert cases(place) == [(CaseKind.KEPT, None)]


@on_sqlite
def test_an_expired_lot_is_recorded_and_noted(place: Field) -> None:
    with place.unit() as session:
        old = made.add_lot(
            session, place.world, "RICE", 500, expires_on=local_date(utc_now()) - timedelta(days=3)
        )
        code = session.execute(select(StockLot.code).where(StockLot.id == old)).scalar_one()
    receipt = place.bring(place.handout(lines=place.rice(lot=code)))
    assert receipt.outcome is Outcome.RECORDED and receipt.notes == ("expired_lot",)
    assert cases(place) == [(CaseKind.NOTED, None)]


@on_sqlite
def test_a_lot_that_never_stood_there_is_owed(place: Field) -> None:
    receipt = place.bring(place.handout(phone=2), 2)
    assert receipt.outcome is Outcome.COUNT_NEEDED
    assert place.stock() == (2_000, 0, 500)
    with place.unit() as session:
        assert ledger.shortage(session, lot_id=place.lot_id, place_id=place.world.other_place_id) == 500
    assert place.breaches() == []


@on_sqlite
def test_a_partial_handout_leaves_the_paper_partly_collected(place: Field) -> None:
    place.bring(place.handout(lines=place.rice(200), reason="bag torn"))
    assert state_of(place) is VoucherState.PARTLY_REDEEMED
    assert place.stock() == (1_800, 0, 200)


@on_sqlite
def test_more_than_was_due_is_recorded_and_noted(place: Field) -> None:
    receipt = place.bring(place.handout(lines=place.rice(700)))
    assert (receipt.outcome, receipt.notes) == (Outcome.RECORDED, ("raised",))
    assert place.stock() == (1_300, 0, 700)
    assert place.breaches() == []


def test_neither_log_nor_tables_hold_the_code_in_the_clear(place: Field) -> None:
    sent = place.handout()
    place.bring(sent)
    with place.unit() as session:
        log = repr(session.execute(select(AuditEvent.__table__)).all())
        raw = session.connection().exec_driver_sql("SELECT body FROM field_event").scalar_one()
        stored = session.scalars(select(FieldEvent)).one()
    token = json.loads(sent.body)["token"]
    assert token not in log
    assert token.encode() not in bytes(raw)
    assert stored.body == sent.body


def test_a_field_handout_names_its_phone_and_day(place: Field) -> None:
    place.bring(place.handout(at=-24 * 60))
    with place.unit() as session:
        given = session.scalars(select(Handout).where(Handout.kind == HandoutKind.FIELD)).one()
    assert given.actor_label.startswith("counter (phone ")
    assert given.given_on == local_date(place.at(-24 * 60))


def test_a_count_that_finds_goods_settles_what_was_owed(place: Field) -> None:
    sent = [place.handout(n, at=n) for n in range(5)]
    for one in sent:
        place.bring(one)
    assert place.stock() == (0, 500, 2_500)
    with place.unit() as session:
        counted = CountLot(
            command_id=str(uuid4()), place_id=place.world.place_id, lot_id=place.lot_id, expected_units=0,
            counted_units=300, reason="counted on the shelf", cause=LossCause.COUNTING,
        )  # fmt: skip
        post_count(session, counted, actor=place.world.actor(), now=utc_now(), two_persons=True)
    assert place.stock() == (300, 0, 2_500)
    assert place.outcome(sent[4]) is Outcome.RECORDED
    assert place.breaches() == []


@on_sqlite
@pytest.mark.parametrize("undone_first", [False, True])
def test_what_was_given_without_a_voucher_and_came_back_is_nobodys_to_enter(
    place: Field, undone_first: bool
) -> None:
    given = place.phones[0].without_voucher(place.rice(), est=place.at(0))
    both = [given, place.phones[0].undo(given, est=place.at(1))]
    for sent in reversed(both) if undone_first else both:
        place.bring(sent)
    assert place.bring(given).outcome is Outcome.UNDONE
    assert place.bring(both[1]).notes == ()
    assert cases(place) == [(CaseKind.KEPT, Settlement.BY_ITSELF)]
    assert place.stock() == (2_000, 0, 0)
    assert place.breaches() == []


def test_what_was_recorded_before_a_revocation_keeps_its_receipt(place: Field) -> None:
    ahead = place.handout(at=32)  # by a clock two minutes ahead
    first = place.bring(ahead)
    with place.unit() as session:
        session.execute(
            update(Device)
            .where(Device.public_id == place.phones[0].device)
            .values(revoked_at=place.at(31), revoke_reason="lost")
        )
    again = place.bring(ahead)
    assert (again.outcome, again.at, again.repeated) == (first.outcome, first.at, True)
    assert place.bring(place.handout(1, at=33)).reason == "after_revocation"


@on_sqlite
@pytest.mark.parametrize("event_first", [False, True])
def test_a_press_undone_online_is_undone_whenever_its_event_comes(place: Field, event_first: bool) -> None:
    sent = place.handout()
    online(place, client_id=UUID(id_of(sent)))
    if event_first:
        place.bring(sent)
    with place.unit() as session:
        undo = UndoHandout(uuid4(), UUID(id_of(sent)), "mistaken")
        counter.undo_handout(session, undo, actor=place.world.actor(), now=utc_now())
    place.bring(sent)
    assert place.outcome(sent) is Outcome.UNDONE
    assert place.stock() == (2_000, 0, 0)
    assert place.breaches() == []


def test_a_handout_and_its_undo_at_the_same_moment_see_each_other(place: Field) -> None:
    """PostgreSQL shows a unit nothing of another's that is not committed; SQLite lets one write after the other."""
    sent = place.handout()
    undo = place.phones[0].undo(sent, est=place.at(1))
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def meanwhile() -> None:
        with app.app_context():
            place.bring(sent)

    with ThreadPoolExecutor(1) as crew:
        with place.unit() as session:
            bring(session, place.phones[0], undo, now=utc_now())
            other = crew.submit(meanwhile)
            if session.get_bind().dialect.name == "postgresql":
                until(lambda: waiting_for_locks(session) or other.done(), "the other's waiting")
                assert not other.done(), "taken, although it had to wait"
        other.result(timeout=patience.SECONDS)
    assert place.outcome(sent) is Outcome.UNDONE
    assert place.stock() == (2_000, 0, 0)


@on_sqlite
@pytest.mark.parametrize("seq", [2**53 - 1, 2**53, 2**63 - 1])
def test_a_number_no_phone_reaches_does_not_stop_its_receipts(place: Field, seq: int) -> None:
    place.phones[0].seq = seq - 1
    place.bring(place.handout())
    with place.unit() as session:
        device = device_by(session, place.phones[0].device)
        assert device is not None
        assert note_sequence(session, device, now=utc_now()) is (seq >= 2**53)  # kept raw, without a number


def test_what_was_kept_stays_kept_when_it_comes_again(place: Field) -> None:
    """A lost receipt: meanwhile the lot is known and the handout was entered by hand. It must not count twice."""
    sent = place.handout(lines=place.rice(lot="L-NEW"))
    first = place.bring(sent)
    assert (first.outcome, first.reason) == (Outcome.KEPT, "unknown_lot")
    with place.unit() as session:
        lot_id = made.add_lot(session, place.world, "RICE", 500)
        session.execute(update(StockLot).where(StockLot.id == lot_id).values(code="L-NEW"))
    again = place.bring(sent)
    assert (again.outcome, again.reason, again.at) == (first.outcome, first.reason, first.at)
    assert place.stock(lot_id) == (500, 0, 0)
    assert cases(place) == [(CaseKind.KEPT, None)]


def test_a_supervisors_code_is_proven_for_the_very_event(place: Field) -> None:
    with place.unit() as session:
        actor = replace(place.world.actor(), permissions=frozenset(Permission))
        code = make_code(session, site_id=place.world.site_id, actor=actor, now=place.at(-60))
        [live] = [row for row in session.scalars(select(SupervisorCode)) if row.withdrawn_at is None]
        key = supervisors.key_of(code.code, bytes(live.salt), live.iterations)
    id_ = str(uuid4())
    proven = {"id": id_, "supervisor": code.id, "code_proof": b64(supervisors.proof(key, id_))}
    phone = place.phones[0]
    receipts = [
        place.bring(phone.without_voucher(place.rice(), est=place.at(0), changes=changes))
        for changes in (
            proven,
            {**proven, "id": str(uuid4())},
            {**proven, "supervisor": 99, "id": str(uuid4())},
        )
    ]
    assert [receipt.outcome for receipt in receipts] == [Outcome.KEPT] * 3
    with place.unit() as session:
        notes = session.scalars(select(FieldOutcome.notes).order_by(FieldOutcome.event_id)).all()
    assert notes == [["without_voucher"], ["without_voucher", "unproven"], ["without_voucher", "unproven"]]

"""Events that are kept: read in plain words under log, and their goods leave the book once, on a person's word."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from aidtrack.audit.models import AuditEvent
from aidtrack.distribution.field.errors import AlreadySettled
from aidtrack.distribution.models import Choice, FieldQuarantine, KeptPosting
from aidtrack.distribution.review import queries, services
from aidtrack.distribution.review.errors import NothingToTake, OwnHandout, TakenBefore
from aidtrack.distribution.review.queries import CaseRow
from aidtrack.distribution.review.services import Settle
from aidtrack.inventory.models import StockEntry
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import NotFound
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import open_cases, page_client, reader, settle
from tests.support.field import id_of
from tests.support.kinds import on_sqlite

TAKE = Settle(Choice.TAKEN_FROM_BOOK, "родина отримала рис")
RETURNED = Settle(Choice.GOODS_RETURNED, "рис повернули на пункт")


def without_voucher(place: Field, units: int = 500) -> CaseRow:
    place.bring(place.phones[0].without_voucher(place.rice(units, due=units), est=place.at(0)))
    (case,) = open_cases(place)
    return case


def wrong_round(place: Field, units: int = 500) -> CaseRow:
    """A handout that contradicts itself, and whose goods left all the same."""
    place.bring(place.handout(0, lines=place.rice(units), changes={"round": 999}))
    (case,) = open_cases(place)
    return case


@pytest.mark.parametrize("made", [without_voucher, wrong_round])
def test_its_goods_leave_the_book_once_and_everything_closes(
    place: Field, made: Callable[[Field], CaseRow]
) -> None:
    case = made(place)
    assert place.stock() == (2_000, 0, 0)
    settle(place, case.id, TAKE)
    assert place.stock() == (1_500, 0, 500)
    with pytest.raises(AlreadySettled):
        settle(place, case.id, TAKE)
    with place.unit() as session:
        posted = session.execute(
            select(StockEntry.document, StockEntry.actor_label).join(
                KeptPosting, KeptPosting.entry_id == StockEntry.id
            )
        ).all()
        facts = session.scalars(select(AuditEvent.facts).where(AuditEvent.action == "field.settle")).one()
    assert [tuple(row) for row in posted] == [(f"REVIEW-{case.id}", "reader-777")]
    assert facts is not None
    assert facts["choice"] == "taken_from_book" and facts["entry"]
    assert place.breaches() == []


def test_what_the_book_lacks_becomes_a_debt_that_the_latest_handouts_carry(place: Field) -> None:
    place.bring(place.handout(0, at=5))
    case = without_voucher(place, 1_800)
    settle(place, case.id, TAKE)
    assert place.stock() == (0, 300, 2_300)
    assert place.breaches() == []


@on_sqlite
def test_not_handed_out_posts_nothing(place: Field) -> None:
    case = without_voucher(place)
    settle(place, case.id, Settle(Choice.NOT_HANDED_OUT, "родина нічого не отримала"))
    assert place.stock() == (2_000, 0, 0)


def test_a_text_that_names_nothing_of_ours_is_refused(place: Field) -> None:
    place.bring(place.phones[0].write({"type": "handout", "token": "AID1:X", "est": "никли", "lines": []}))
    place.bring(place.handout(1, lines=place.rice(lot="L-NONE")))
    for case in open_cases(place):
        with pytest.raises(NothingToTake):
            settle(place, case.id, TAKE)
    assert place.stock() == (2_000, 0, 0)


def test_two_kept_texts_of_one_event_leave_the_book_once(place: Field) -> None:
    case = wrong_round(place)
    with place.unit() as session:
        uid = session.scalars(select(FieldQuarantine.event_id)).one()
    place.bring(place.handout(0, changes={"round": 999, "id": uid}))
    other = next(one for one in open_cases(place) if one.id != case.id)
    settle(place, case.id, TAKE)
    with pytest.raises(TakenBefore):
        settle(place, other.id, TAKE)
    assert place.stock() == (1_500, 0, 500)


@on_sqlite
def test_whose_phone_made_it_or_seems_to_have_does_not_settle_it(place: Field) -> None:
    own = reader(place, Role.WAREHOUSE, user_id=place.world.user_id)
    case = wrong_round(place)
    with pytest.raises(OwnHandout):
        settle(place, case.id, TAKE, own)
    sent = place.handout(1)
    place.bring(
        type(sent)(sent.body.replace('"typed"', '"camera"') + " ", sent.signature)
    )  # no longer as signed
    unsigned = next(one for one in open_cases(place) if one.kept_reason == "unsigned")
    assert unsigned.person_id is None
    with pytest.raises(OwnHandout):
        settle(place, unsigned.id, TAKE, own)


def test_only_a_text_its_phone_signed_is_put_down_to_the_phone(place: Field) -> None:
    sent = place.handout(0)
    place.bring(type(sent)(sent.body + " ", sent.signature))
    place.bring(place.handout(1, changes={"round": 999}))
    with place.unit() as session:
        rows = session.execute(
            select(FieldQuarantine.reason, FieldQuarantine.device_id, FieldQuarantine.seq).order_by(
                FieldQuarantine.id
            )
        ).all()
    assert tuple(rows[0]) == ("unsigned", None, None)
    assert rows[1].reason == "contradiction" and rows[1].device_id is not None and rows[1].seq == 2


def test_the_page_says_what_was_given_and_the_reading_is_logged(place: Field, app: Flask) -> None:
    case = without_voucher(place)
    for role, names in ((Role.WAREHOUSE, False), (Role.CASEWORKER, True), (Role.REVIEWER, True)):
        client = page_client(app, place, role)
        page = client.get(f"/reviews/{case.id}").text
        assert place.lot in page and "500" in page and "Тестенко" not in page
        assert ("Тестенко" in client.get(f"/reviews/{case.id}?family=1").text) is names, role
    with place.unit() as session:
        count = session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "read.field_kept")
        )
    assert count == 6
    done = client.post(f"/reviews/{case.id}", data={"choice": "taken_from_book", "reason": "отримали"})
    assert done.status_code == 303
    assert f"REVIEW-{case.id}" in client.get(f"/reviews/{case.id}").text


@on_sqlite
def test_a_kept_text_shows_its_vouchers_serial_and_never_its_code(place: Field, app: Flask) -> None:
    case = wrong_round(place)
    client = page_client(app, place, Role.CASEWORKER)
    page = client.get(f"/reviews/{case.id}?family=1").text
    assert "R1-000000" in page and place.world.codes[0] not in page
    place.bring(type(place.handout(1))("<b>не JSON</b> " + place.world.codes[1], b"x" * 64))
    torn = max(open_cases(place), key=lambda one: one.id)
    page = client.get(f"/reviews/{torn.id}?family=1").text
    assert "&lt;b&gt;не JSON" in page and place.world.codes[1] not in page


@on_sqlite
def test_another_sites_person_reads_nothing_of_it(place: Field) -> None:
    case = without_voucher(place)
    with pytest.raises(NotFound), place.unit() as session:
        services.read_kept(session, case.id, actor=reader(place, elsewhere=True), now=utc_now())


@on_sqlite
def test_an_undo_after_the_settlement_is_seen_and_the_goods_can_come_back(place: Field) -> None:
    sent = place.phones[0].without_voucher(place.rice(), est=place.at(0))
    place.bring(sent)
    (case,) = open_cases(place)
    settle(place, case.id, TAKE)
    place.bring(place.phones[0].undo(sent, est=place.at(1)))
    (later,) = open_cases(place)
    assert (later.kind.value, later.notes) == ("noted", ["after_settlement"])
    assert place.stock() == (1_500, 0, 500)
    settle(place, later.id, RETURNED)
    assert place.stock() == (2_000, 0, 0)
    assert place.breaches() == []


def test_an_undo_of_an_extra_that_somebody_settled_is_seen(place: Field) -> None:
    place.bring(place.handout(0, phone=0, at=0), 0)
    sent = place.handout(0, phone=1, at=10)
    place.bring(sent, 1)
    (case,) = open_cases(place)
    settle(place, case.id)
    place.bring(place.phones[1].undo(sent, est=place.at(11)), 1)
    (later,) = open_cases(place)
    assert later.notes == ["after_settlement"]
    assert place.breaches() == []


@pytest.mark.parametrize("undo_first", [False, True])
def test_an_undo_of_a_kept_handout_is_seen_whichever_comes_first(place: Field, undo_first: bool) -> None:
    sent = place.handout(0, changes={"round": 999})
    undo = place.phones[0].undo(sent, est=place.at(1))
    for one in (undo, sent) if undo_first else (sent, undo):
        place.bring(one)
    found = {case.kind.value: case for case in open_cases(place)}
    assert set(found) == {"kept", "noted"}
    assert found["noted"].notes == ["of_kept", "waiting"]
    assert place.breaches() == []
    settle(place, found["kept"].id, TAKE)
    settle(place, found["noted"].id, RETURNED)
    assert place.stock() == (2_000, 0, 0)
    assert id_of(sent) and place.breaches() == []


def test_a_kept_text_that_came_true_later_is_not_taken_again(place: Field) -> None:
    sent = place.handout(0)
    place.bring(type(sent)(sent.body, b"x" * 64))  # its signature was damaged on the way
    (case,) = open_cases(place)
    place.bring(sent)
    with pytest.raises(TakenBefore):
        settle(place, case.id, TAKE)
    with place.unit() as session:
        assert queries.open_counts(session, actor=reader(place))
    assert place.stock() == (1_500, 0, 500)

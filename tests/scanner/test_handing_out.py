"""Handing out and taking back as the counter's script does it, on both databases; and codes that are guessed."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts.guessing import GUESSES
from aidtrack.distribution.models import Handout
from aidtrack.inventory import ledger
from aidtrack.inventory.models import EntryKind, ItemPack, StockBalance, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import new_code
from tests.scanner.conftest import Counter
from tests.support import people
from tests.support import world as made
from tests.support.kinds import on_sqlite

Unit = Callable[[], AbstractContextManager[Session]]


# -- guessing ----------------------------------------------------------------------------------------


def test_guessing_is_slowed_down_and_logged_without_the_code(unit: Unit, counter: Counter) -> None:
    for _ in range(GUESSES):
        assert counter.scan(new_code())["code"] == "unknown_voucher"
    answer = counter.send(
        "POST", "/counter/scan", {"code": counter.world.codes[0], "place_id": counter.world.place_id}
    )
    assert (answer.status, answer.body["code"]) == (429, "too_many_wrong_codes")
    assert "%(" not in answer.body["text"]
    with unit() as session:
        facts = session.scalars(
            select(AuditEvent.facts).where(AuditEvent.action == "voucher.wrong_code")
        ).all()
    assert len(facts) == GUESSES
    assert not any("AID1" in str(fact) or re.search(r"[0-9A-Z]{10}", str(fact)) for fact in facts)


@on_sqlite
def test_handing_out_is_no_way_around_it(counter: Counter) -> None:
    for _ in range(GUESSES):
        assert counter.give(new_code()).status == 404
    assert counter.give(counter.world.codes[0]).status == 429


@on_sqlite
def test_somebody_elses_guesses_stop_nobody(app: Flask, counter: Counter) -> None:
    for _ in range(GUESSES):
        counter.scan(new_code())
    with app.app_context(), unit_of_work() as session:
        who = people.add_person(session, Role.WAREHOUSE, site_ids=[counter.world.site_id])
    assert Counter(people.sign_in(app, who), counter.world).scan(counter.world.codes[0])["tone"] == "green"


# -- handing out -------------------------------------------------------------------------------------


def test_one_id_has_one_effect(unit: Unit, counter: Counter) -> None:
    id_ = uuid4()
    first = counter.give(counter.world.codes[0], id_=id_)
    again = counter.give(counter.world.codes[0], id_=id_)
    assert (first.status, again.status) == (201, 200)
    assert (first.body["tone"], first.body["title"]) == ("done", "Видано")
    assert first.body["receipt"] == again.body["receipt"]
    assert again.body["repeated"] is True
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Handout)) == 1


def test_the_same_id_for_something_else_is_refused(counter: Counter) -> None:
    id_ = uuid4()
    counter.give(counter.world.codes[0], id_=id_)
    answer = counter.give(counter.world.codes[1], id_=id_)
    assert (answer.status, answer.body["code"]) == (409, "command_reused")


def test_another_id_is_told_when_and_where(counter: Counter) -> None:
    counter.give(counter.world.codes[0])
    answer = counter.give(counter.world.codes[0])
    assert (answer.status, answer.body["tone"]) == (409, "amber")
    assert "Пункт P1" in answer.body["text"]


@on_sqlite
def test_less_needs_a_reason_and_is_never_more(counter: Counter) -> None:
    rice = str(counter.world.item_ids["RICE"])
    id_ = uuid4()
    refusals = [
        ({rice: 400}, None, "reason_needed"),
        ({rice: 400}, "  ", "invalid_value"),
        ({rice: 501}, "Порвано", "quantity_raised"),
        ({rice: -1}, "Порвано", "quantity_raised"),
        ({"999999": 1}, "Порвано", "unknown_item"),
        ({"rice": 1}, "Порвано", "invalid_value"),
        ({rice: 1.5}, "Порвано", "invalid_value"),
        ({rice: True}, "Порвано", "invalid_value"),
        ({rice: 0, str(counter.world.item_ids["OIL"]): 0}, "Порвано", "nothing_handed_out"),
    ]
    for quantities, reason, code in refusals:
        answer = counter.give(counter.world.codes[0], id_=id_, quantities=quantities, reason=reason)
        assert (answer.status, answer.body["code"]) == (422, code)
        assert answer.body["tone"] == "red" and "%(" not in answer.body["text"]
    answer = counter.give(counter.world.codes[0], id_=id_, quantities={rice: 400}, reason="Порвано")
    assert answer.status == 201, "a refused order leaves its id free"
    assert answer.body["title"] == "Видано частково"
    assert [line["units"] for line in answer.body["receipt"]["lines"]] == [920, 400]


def test_short_stock_is_red_and_offers_what_there_is(unit: Unit, counter: Counter) -> None:
    with unit() as session:
        item_id = counter.world.item_ids["RICE"]
        session.add(ItemPack(item_id=item_id, code="BAG", name_uk="Пакет", name_en="Bag", units=250))
    rice = str(counter.world.item_ids["RICE"])
    drained = counter.scan(counter.world.codes[0])["lines"][1]
    assert drained["packs"] == [250]
    take_all_but(unit, counter, "RICE", left=300)
    answer = counter.scan(counter.world.codes[0])
    assert (answer["tone"], answer["code"]) == ("red", "not_enough_stock")
    assert answer["card"]["name"], "the handout stays possible"
    oil, line = answer["lines"]
    assert (line["due"], line["available"], line["short"]) == (500, 300, "200\u00a0г")
    assert len(line["lots"]) == 1
    assert oil["short"] is None
    full = counter.give(counter.world.codes[0])
    assert (full.status, full.body["code"]) == (409, "not_enough_stock")
    part = counter.give(counter.world.codes[0], quantities={rice: 300}, reason="Бракує")
    assert part.status == 201
    gone = counter.scan(counter.world.codes[1])["lines"][1]
    assert (gone["available"], gone["lots"]) == (0, [])


def take_all_but(unit: Unit, counter: Counter, item: str, *, left: int) -> None:
    """Move an item's goods away from the point, except for some."""
    with unit() as session:
        lot_id, held = session.execute(
            select(StockBalance.lot_id, StockBalance.units)
            .join(StockLot, StockLot.id == StockBalance.lot_id)
            .where(
                StockLot.item_id == counter.world.item_ids[item],
                StockBalance.place_id == counter.world.place_id,
            )
        ).one()
        move = ledger.Move(lot_id, counter.world.place_id, counter.world.other_place_id, held - left)
        ledger.post(
            session, kind=EntryKind.DISPATCH, document="TEST", effective_on=local_date(utc_now()),
            site_id=counter.world.site_id, moves=[move], actor=counter.world.actor(), now=utc_now(),
        )  # fmt: skip


def test_a_line_from_two_lots_says_how_much_of_each(unit: Unit, counter: Counter) -> None:
    with unit() as session:
        soon = local_date(utc_now()) + timedelta(days=3)
        made.add_lot(session, counter.world, "RICE", 120, donor="MINRE", expires_on=soon)
    lots = counter.scan(counter.world.codes[0])["lines"][1]["lots"]
    assert [lot.partition(":")[0] for lot in lots] == ["120\u00a0г", "380\u00a0г"]


# -- taking back -------------------------------------------------------------------------------------


def test_taken_back_once_and_open_again(counter: Counter) -> None:
    handout = counter.give(counter.world.codes[0]).body["receipt"]["id"]
    id_ = uuid4()
    first, again = counter.undo(handout, id_=id_), counter.undo(handout, id_=id_)
    assert (first.status, again.status) == (201, 200)
    assert (first.body["tone"], first.body["receipt"]["reverses"]) == ("undone", handout)
    assert counter.undo(handout).status == 409
    assert counter.scan(counter.world.codes[0])["tone"] == "green"


@on_sqlite
def test_taking_back_needs_an_id_and_a_reason(counter: Counter) -> None:
    handout = counter.give(counter.world.codes[0]).body["receipt"]["id"]
    for body in ({"reason": "x"}, {"id": "no uuid", "reason": "x"}, {"id": str(uuid4()), "reason": " "}):
        answer = counter.send("POST", f"/counter/handouts/{handout}/undo", body)
        assert (answer.status, answer.body["code"]) == (422, "invalid_value"), body
    assert counter.scan(counter.world.codes[0])["tone"] == "amber"


@on_sqlite
def test_an_unknown_handout_is_not_found(counter: Counter) -> None:
    assert counter.undo(uuid4()).status == 404


# -- the day -----------------------------------------------------------------------------------------


def test_the_days_tally(app: Flask, counter: Counter) -> None:
    def tally() -> dict[str, int]:
        answer = counter.client.get(f"/counter/today?place_id={counter.world.place_id}").json
        assert isinstance(answer, dict)
        return answer

    assert tally() == {"given": 0, "undone": 0, "open": 3}
    first = counter.give(counter.world.codes[0]).body["receipt"]["id"]
    counter.give(counter.world.codes[1])
    assert tally() == {"given": 2, "undone": 0, "open": 1}
    counter.undo(first)
    assert tally() == {"given": 1, "undone": 1, "open": 2}
    with app.app_context(), unit_of_work() as session:
        who = people.add_person(session, Role.WAREHOUSE, site_ids=[counter.world.other_site_id])
    elsewhere = people.sign_in(app, who).get(f"/counter/today?place_id={counter.world.place_id}").json
    assert elsewhere == {"given": 0, "undone": 0, "open": 0}, "another site's day is not to be counted"

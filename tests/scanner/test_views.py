"""What the counter's script is answered, on both databases."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Household
from aidtrack.db import unit_of_work
from aidtrack.distribution import signing
from aidtrack.distribution.handouts.guessing import GUESSES
from aidtrack.distribution.models import Handout, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.inventory.models import EntryKind, ItemPack, Place, StockBalance, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import new_code
from tests.scanner.conftest import Counter
from tests.support import people
from tests.support import world as made

Unit = Callable[[], AbstractContextManager[Session]]


def voucher(unit: Unit, counter: Counter, n: int, **values: object) -> None:
    """Change the n-th voucher."""
    with unit() as session:
        session.execute(update(Voucher).where(Voucher.id == counter.world.voucher_ids[n]).values(**values))


def acts(unit: Unit, action: str) -> int:
    with unit() as session:
        return session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


# -- the page ----------------------------------------------------------------------------------------


def test_the_page_brings_token_place_and_words(counter: Counter) -> None:
    text = counter.open()
    assert f'data-place="{counter.world.place_id}"' in text
    assert "Готово до наступного ваучера" in text
    assert "<script>" not in text
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)


def test_only_this_page_may_run_webassembly(counter: Counter) -> None:
    assert "'wasm-unsafe-eval'" in counter.client.get("/counter/").headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" not in counter.client.get("/").headers["Content-Security-Policy"]


def test_the_place_is_chosen_once(counter: Counter) -> None:
    choosing = counter.client.get("/counter/")
    assert "data-scan-url" not in choosing.text
    assert choosing.text.index("Пункт P1") < choosing.text.index("Пункт P2"), "a round today comes first"
    assert "Пункт P9" not in choosing.text, "another site's place"
    counter.open()
    assert "data-scan-url" in counter.client.get("/counter/").text, "remembered"
    assert "data-scan-url" not in counter.client.get("/counter/?choose=1").text
    assert "data-scan-url" not in counter.client.get("/counter/").text, "forgotten"


def test_another_sites_place_is_like_none(app: Flask, counter: Counter) -> None:
    with app.app_context(), unit_of_work() as session:
        elsewhere = session.scalar(select(Place.id).where(Place.code == "P9"))
    assert "data-scan-url" not in counter.client.get(f"/counter/?place={elsewhere}").text


def test_a_site_without_places_is_told_so(app: Flask, counter: Counter) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Place).where(Place.site_id == counter.world.site_id).values(active=False))
    assert "Немає місця, де видавати" in counter.client.get("/counter/").text


def test_the_start_page_leads_to_the_counter_of_today(counter: Counter) -> None:
    counter.give(counter.world.codes[0])
    start = counter.client.get("/").text
    assert f'href="/counter/?place={counter.world.place_id}"' in start
    assert "Видано сьогодні" in start


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.DONOR_LIAISON, Role.REVIEWER, Role.ADMINISTRATOR])
def test_other_roles_do_not_scan(app: Flask, counter: Counter, role: Role) -> None:
    client, _ = people.client_as(app, role)
    assert client.get("/counter/").status_code == 403
    stranger = Counter(client, counter.world, token="none")
    assert stranger.send("POST", "/counter/scan", {}).status in (400, 403)


def test_a_scan_without_the_pages_token_is_refused(counter: Counter) -> None:
    counter.open()
    answer = counter.client.post(
        "/counter/scan",
        json={"code": counter.world.codes[0], "place_id": counter.world.place_id},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "form_not_verified")


def test_a_signed_out_script_gets_401_and_no_page(app: Flask, counter: Counter) -> None:
    answer = app.test_client().post("/counter/scan", json={}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.is_json


# -- what a code means -------------------------------------------------------------------------------


def test_a_good_voucher_shows_its_card(unit: Unit, counter: Counter) -> None:
    answer = counter.scan(counter.world.codes[0])
    assert (answer["tone"], answer["code"], answer["title"]) == ("green", "ready", "Ваучер дійсний")
    assert answer["card"] == {"name": "Олена Т.", "size": "2 особи", "proxy": None}
    oil, rice = answer["lines"]
    assert (rice["name"], rice["shown"], rice["due"], rice["available"]) == ("RICE", "500\u00a0г", 500, 500)
    assert "WFP" in rice["lots"][0] and "придатне до" in rice["lots"][0]
    assert "MINRE" in oil["lots"][0]
    assert acts(unit, "read.head_card") == 1, "what is shown of a family is logged with it"


def test_the_other_collector_is_named(unit: Unit, counter: Counter) -> None:
    with unit() as session:
        for household in session.scalars(select(Household)):
            people.may_collect(session, household.id, "Марія П.")
    assert counter.scan(counter.world.codes[0])["card"]["proxy"] == "Марія П."


def test_typed_codes_forgive_spaces_case_and_lookalikes(counter: Counter) -> None:
    code = counter.world.typed_codes[0]
    typed = f" {code[:5].lower()} - {code[5:]} ".replace("0", "O").replace("1", "l")
    assert counter.scan(typed)["tone"] == "green"


def test_a_scanner_on_the_ukrainian_layout_is_understood(counter: Counter) -> None:
    keys = str.maketrans("QWERTYUIOPASDFGHJKLZXCVBNM:", "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬЖ")
    assert counter.scan(counter.world.codes[0].translate(keys))["tone"] == "green"


def test_already_collected_is_amber_with_when_and_where(counter: Counter) -> None:
    given = counter.give(counter.world.codes[0]).body["receipt"]
    answer = counter.scan(counter.world.codes[0])
    assert (answer["tone"], answer["code"]) == ("amber", "already_collected")
    assert "Пункт P1" in answer["text"]
    assert re.search(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d", answer["text"])
    assert answer["serial"] == given["serial"]
    assert "card" not in answer, "a refusal shows no family"


def test_void_expired_early_and_elsewhere_are_red_in_their_own_words(unit: Unit, counter: Counter) -> None:
    today, day = local_date(utc_now()), timedelta(days=1)
    cases: list[tuple[dict[str, object], str]] = [
        ({"state": VoucherState.VOID}, "void_voucher"),
        ({"state": VoucherState.PLANNED}, "voucher_not_issued"),
        ({"state": VoucherState.EXPIRED}, "expired_voucher"),
        ({"last_day": today - day, "first_day": today - 2 * day}, "expired_voucher"),
        ({"first_day": today + day, "last_day": today + 2 * day}, "not_yet_valid"),
    ]
    titles = set()
    for values, code in cases:
        good = {"state": VoucherState.ISSUED, "first_day": today - day, "last_day": today + 5 * day}
        voucher(unit, counter, 0, **{**good, **values})
        answer = counter.scan(counter.world.codes[0])
        assert (answer["tone"], answer["code"]) == ("red", code)
        assert "%(" not in answer["text"] and "card" not in answer
        assert not re.search(r"\d{4}-\d\d-\d\d", answer["text"]), "days are written as people here write them"
        titles.add(answer["title"])
    assert len(titles) == 4


def test_the_wrong_place_names_the_right_one(counter: Counter) -> None:
    answer = counter.scan(counter.world.codes[0], place_id=counter.world.other_place_id)
    assert (answer["tone"], answer["code"]) == ("red", "wrong_place")
    assert "Пункт P1" in answer["text"]


def test_another_centres_voucher_is_told_apart(counter: Counter) -> None:
    claims = signing.decode(counter.world.codes[0])[0]
    today = claims.first_day
    foreign = signing.VoucherClaims(
        key_id=1, deployment_tag=claims.deployment_tag ^ 1, round_tag=1, voucher_id=uuid4(), status_index=1,
        profile=1, first_day=today, last_day=today,
    )  # fmt: skip
    code = signing.encode(foreign, signing.new_private_key())
    assert counter.scan(code)["code"] == "foreign_voucher"


def test_another_sites_voucher_is_like_none(app: Flask, unit: Unit, counter: Counter) -> None:
    """The same answer, byte for byte, as for a code that never existed (I14)."""
    with app.app_context(), unit_of_work() as session:
        who = people.add_person(session, Role.WAREHOUSE, site_ids=[counter.world.other_site_id])
        place_id = session.scalar(select(Place.id).where(Place.code == "P9"))
        assert place_id is not None
        never = new_code()
    stranger = Counter(people.sign_in(app, who), counter.world)
    stranger.world.place_id = place_id
    for code in (counter.world.codes[0], counter.world.typed_codes[0]):
        assert stranger.scan(code) == stranger.scan(never)
    assert stranger.give(counter.world.codes[0]).status == 404
    assert acts(unit, "read.head_card") == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://example.org/voucher/1", "not_a_voucher"),
        ("<script>alert(1)</script>", "not_a_voucher"),
        ("LOREM IPSUM " * 270, "not_a_voucher"),
        ("AID1:" + "A" * 40, "damaged_voucher"),
        ("AID1:" + "A" * 161, "damaged_voucher"),
        ("4820000000000", "not_a_code"),
        ("\u202egnorw", "not_a_code"),
        ("☃", "not_a_voucher"),
    ],
)
def test_something_else_is_named_and_breaks_nothing(counter: Counter, text: str, code: str) -> None:
    answer = counter.scan(text)
    assert (answer["tone"], answer["code"]) == ("red", code)
    assert answer["title"] and answer["text"]
    assert text not in str(answer)


def test_one_wrong_character_is_found(counter: Counter) -> None:
    typed, code = counter.world.typed_codes[0], counter.world.codes[0]
    wrong = typed[:-1] + ("7" if typed[-1] != "7" else "8")
    assert counter.scan(wrong)["code"] == "bad_check_character"
    changed = code[:120] + ("A" if code[120] != "A" else "B") + code[121:]
    assert counter.scan(changed)["code"] == "bad_signature"


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": 5}, {"code": "x"}, {"code": "x", "place_id": "1"}, [], "text", None]
)
def test_a_broken_request_is_a_refusal_in_the_same_shape(counter: Counter, body: object) -> None:
    answer = counter.send("POST", "/counter/scan", body)
    assert answer.status == 422
    assert answer.body["tone"] == "red" and answer.body["text"]


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


def test_handing_out_is_no_way_around_it(counter: Counter) -> None:
    for _ in range(GUESSES):
        assert counter.give(new_code()).status == 404
    assert counter.give(counter.world.codes[0]).status == 429


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


@pytest.mark.parametrize(
    "body", [{"reason": "x"}, {"id": "no uuid", "reason": "x"}, {"id": str(uuid4()), "reason": " "}]
)
def test_taking_back_needs_an_id_and_a_reason(counter: Counter, body: dict[str, str]) -> None:
    handout = counter.give(counter.world.codes[0]).body["receipt"]["id"]
    answer = counter.send("POST", f"/counter/handouts/{handout}/undo", body)
    assert (answer.status, answer.body["code"]) == (422, "invalid_value")
    assert counter.scan(counter.world.codes[0])["tone"] == "amber"


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

"""What a code is worth at the counter: tone, title and a clear sentence in the language of whoever scans."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Household
from aidtrack.db import unit_of_work
from aidtrack.distribution import signing
from aidtrack.distribution.models import Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import new_code
from tests.scanner.conftest import Counter
from tests.support import people
from tests.support.kinds import database_url as database_url
from tests.support.kinds import on_both

Unit = Callable[[], AbstractContextManager[Session]]


def voucher(unit: Unit, counter: Counter, n: int, **values: object) -> None:
    """Change the n-th voucher."""
    with unit() as session:
        session.execute(update(Voucher).where(Voucher.id == counter.world.voucher_ids[n]).values(**values))


def acts(unit: Unit, action: str) -> int:
    with unit() as session:
        return session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


# -- a good one --------------------------------------------------------------------------------------


@on_both
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


# -- one that is collected, withdrawn, too old, too new, of elsewhere ---------------------------------


@on_both
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


@on_both
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


# -- something else ----------------------------------------------------------------------------------


def foreign(counter: Counter) -> str:
    """As good as ours, and of another centre."""
    claims = signing.decode(counter.world.codes[0])[0]
    other = signing.VoucherClaims(
        key_id=1, deployment_tag=claims.deployment_tag ^ 1, round_tag=1, voucher_id=uuid4(), status_index=1,
        profile=1, first_day=claims.first_day, last_day=claims.first_day,
    )  # fmt: skip
    return signing.encode(other, signing.new_private_key())


def with_another(text: str, place: int) -> str:
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


SENTENCES = {
    "bad_check_character": ("Один знак цього коду хибний.", "One character of this code is wrong."),
    "bad_signature": ("Код ваучера не підтверджено:", "This voucher code is not genuine"),
    "not_a_voucher": ("Це не код ваучера.", "This is not a voucher code."),
    "damaged_voucher": (
        "Код ваучера неповний або пошкоджений.",
        "This voucher code is incomplete or damaged.",
    ),
    "not_a_code": ("Це не такий код.", "This is not such a code."),
    "foreign_voucher": ("Цей ваучер видав інший центр", "This voucher was issued by another centre"),
    "unknown_voucher": ("Такого ваучера тут немає.", "There is no such voucher here."),
}


@pytest.mark.parametrize("language", ["uk", "en"])
def test_what_is_no_voucher_of_ours_is_named_in_words(unit: Unit, counter: Counter, language: str) -> None:
    """One wrong character, a QR of something else, a voucher of another centre; nothing of it is repeated or breaks."""
    with unit() as session:
        session.execute(update(UserAccount).values(language=language))
    scanned = [
        (with_another(counter.world.typed_codes[0], 9), "bad_check_character"),
        (with_another(counter.world.codes[0], 120), "bad_signature"),
        (foreign(counter), "foreign_voucher"),
        (new_code(), "unknown_voucher"),
        ("https://example.org/voucher/1", "not_a_voucher"),
        ("<script>alert(1)</script>", "not_a_voucher"),
        ("LOREM IPSUM " * 270, "not_a_voucher"),
        ("☃", "not_a_voucher"),
        ("AID1:" + "A" * 40, "damaged_voucher"),
        ("AID1:" + "A" * 161, "damaged_voucher"),
        ("4820000000000", "not_a_code"),
        ("\u202egnorw", "not_a_code"),
    ]  # fmt: skip
    wrong = {}
    for text, code in scanned:
        answer = counter.scan(text)
        said = SENTENCES[code][language == "en"] in answer["text"]
        if (
            (answer["tone"], answer["code"], said) != ("red", code, True)
            or not answer["title"]
            or text in str(answer)
        ):
            wrong[text[:40]] = answer
    assert wrong == {}
    assert acts(unit, "read.head_card") == 0

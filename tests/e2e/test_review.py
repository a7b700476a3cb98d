"""A manager reads on a phone what the phones brought home, in both languages, and settles it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from aidtrack.accounts.models import UserAccount
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import ReviewCase, Settlement
from aidtrack.inventory.models import Item, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from tests.support import field, people
from tests.support import world as made
from tests.support.accessibility import expect_accessible

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the pages do is the same on both databases; the services are tested on each."""
    return sqlite_url


@pytest.mark.parametrize("width", [360, 1280])
def test_an_extra_is_read_with_its_story_and_settled(
    app: Flask, live_url: str, page: Page, width: int, screenshot: Screenshot
) -> None:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, 2)
        lot = session.get_one(StockLot, made.add_lot(session, world, "RICE", 5_000)).code
        item = session.get_one(Item, world.item_ids["RICE"])
        item.name_uk, item.name_en = "Рис шліфований", "Long-grain rice"
        phones = [
            field.add_phone(
                session, user_id=world.user_id, site_id=world.site_id, round_id=world.round_id,
                place_id=place_id, enrolled_at=utc_now() - timedelta(days=1),
            )
            for place_id in (world.place_id, world.other_place_id)
        ]  # fmt: skip
        who = people.add_person(session, Role.REVIEWER, site_ids=[world.site_id])
    for minutes, phone in zip((50, 20), phones, strict=True):
        sent = phone.handout(
            world.codes[0], [("RICE", 500, 500, [(lot, 500)])], est=utc_now() - timedelta(minutes=minutes)
        )
        with app.app_context(), unit_of_work() as session:
            field.bring(session, phone, sent, now=utc_now())
    cookie = people.sign_in(app, who).get_cookie("aidtrack")
    assert cookie is not None
    page.context.add_cookies([{"name": "aidtrack", "value": cookie.value, "url": live_url}])
    page.set_viewport_size({"width": width, "height": 800})
    for language, title in (("en", "Extra handout"), ("uk", "Додаткова видача")):
        with app.app_context(), unit_of_work() as session:
            session.execute(
                update(UserAccount).where(UserAccount.id == who.user_id).values(language=language)
            )
        page.goto(f"{live_url}/reviews")
        expect_accessible(page)
        page.get_by_role("link", name=title).first.click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect_accessible(page)
        screenshot(page, f"{language}-{width}")
    expect(page.get_by_text("Сім’я могла прийти двічі")).to_be_visible()
    page.get_by_role("radio", name="З’ясовано, більше нічого").check()
    page.get_by_role("button", name="Завершити розгляд").click()
    expect(page.locator(".problems")).to_be_visible()  # nothing is settled without words
    page.get_by_role("textbox", name="Що з’ясовано").fill("прийшли двоє з родини, з різних пунктів")
    page.get_by_role("button", name="Завершити розгляд").click()
    expect(page.get_by_text("На наступну роздачу для сім’ї це не впливає")).to_be_visible()
    with app.app_context(), unit_of_work() as session:
        assert set(session.scalars(select(ReviewCase.how))) >= {Settlement.AS_IT_IS}

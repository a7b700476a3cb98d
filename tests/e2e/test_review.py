"""A manager reads what the phones brought home, at a desk and on a phone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import update

from aidtrack.accounts.models import UserAccount
from aidtrack.db import unit_of_work
from aidtrack.inventory.models import Item, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from tests.support import field, people
from tests.support import world as made
from tests.support.accessibility import expect_accessible
from tests.support.stories import sign_in

Screenshot = Callable[[Page, str], Path]


def test_an_extra_is_read_with_its_story(
    app: Flask, live_url: str, page: Page, screenshot: Screenshot
) -> None:
    """How it is settled: `test_a_day_in_the_village`."""
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
    sign_in(page, app, live_url, who)
    for language, title, width in (("en", "Extra handout", 1280), ("uk", "Додаткова видача", 360)):
        page.set_viewport_size({"width": width, "height": 800})
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

"""The counter in a real browser: scanner keys, camera, typed codes, and every answer's look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import qrcode
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import func, select, update

from aidtrack.accounts.models import UserAccount
from aidtrack.beneficiaries.models import Household
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Handout, HandoutKind, HandoutLine, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Role
from tests.support import people
from tests.support import world as made
from tests.support.chromium import show_to_camera, type_like_scanner
from tests.support.world import World

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the page does is the same on both databases; its views are tested on each."""
    return sqlite_url


@dataclass
class Shop:
    """A point with goods and open vouchers, and whoever is signed in to it."""

    app: Flask
    url: str
    world: World

    def sign_in(self, page: Page, *, language: str = "uk") -> None:
        with self.app.app_context(), unit_of_work() as session:
            who = people.add_person(session, Role.WAREHOUSE, site_ids=[self.world.site_id])
            session.execute(
                update(UserAccount).where(UserAccount.id == who.user_id).values(language=language)
            )
        cookie = people.sign_in(self.app, who).get_cookie("aidtrack")
        assert cookie is not None
        page.context.add_cookies([{"name": "aidtrack", "value": cookie.value, "url": self.url}])

    def open(self, page: Page, *, language: str = "uk") -> None:
        self.sign_in(page, language=language)
        page.goto(f"{self.url}/counter/?place={self.world.place_id}")
        expect(page.locator("#counter")).to_be_visible()

    def handouts(self, kind: HandoutKind = HandoutKind.REGULAR) -> int:
        with self.app.app_context(), unit_of_work() as session:
            return session.scalar(select(func.count()).select_from(Handout).where(Handout.kind == kind)) or 0

    def code(self, n: int) -> str:
        return self.world.codes[n]


@pytest.fixture
def shop(app: Flask, live_url: str) -> Iterator[Shop]:
    """Six families with vouchers for 5 kg of rice and 920 g of oil; the second names another collector."""
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        made.add_vouchers(session, world, 6)
        made.add_lot(session, world, "RICE", 22_000)
        made.add_lot(session, world, "OIL", 50_000, donor="MINRE")
        second = session.scalars(select(Household.id).order_by(Household.id)).all()[1]
        session.get_one(Household, second).proxy_name = "Марія П."
        session.get_one(Voucher, world.voucher_ids[5]).state = VoucherState.VOID
    yield Shop(app, live_url, world)


def stage(page: Page) -> Locator:
    return page.locator("[data-part=stage]")


def expect_tone(page: Page, tone: str) -> None:
    expect(stage(page)).to_have_attribute("data-tone", tone)


def hand_out(page: Page) -> None:
    page.locator("[data-part=press]").click()


def test_a_day_at_the_counter(page: Page, shop: Shop, screenshot: Screenshot) -> None:
    """Scan, hand out, scan again, take back, hand out again."""
    shop.open(page)
    screenshot(page, "ready")
    type_like_scanner(page, shop.code(0), ukrainian_layout=True)
    expect_tone(page, "due")
    expect(stage(page)).to_contain_text("Олена Т.")
    screenshot(page, "card")
    hand_out(page)
    expect_tone(page, "done")
    expect(page.locator("[data-tally=given]")).to_have_text("1")
    screenshot(page, "done")
    type_like_scanner(page, shop.code(0))
    expect_tone(page, "amber")
    expect(stage(page)).to_contain_text("Пункт P1")
    screenshot(page, "amber")
    page.locator("[data-part=recent] button").click()
    screenshot(page, "undo")
    page.get_by_label("Натиснуто помилково").check()
    page.locator("[data-part=undo-confirm]").click()
    expect_tone(page, "undone")
    expect(page.locator("[data-tally=undone]")).to_have_text("1")
    screenshot(page, "undone")
    type_like_scanner(page, shop.code(0))
    expect_tone(page, "due")
    hand_out(page)
    expect_tone(page, "done")
    assert (shop.handouts(), shop.handouts(HandoutKind.REVERSAL)) == (2, 1)


@pytest.mark.parametrize("language", ["uk", "en"])
def test_on_the_narrowest_phone(phone_page: Page, shop: Shop, screenshot: Screenshot, language: str) -> None:
    page = phone_page
    shop.open(page, language=language)
    screenshot(page, "ready")
    page.locator("#typed-code").fill(shop.world.typed_codes[1].lower())
    page.locator("#typed-code").press("Enter")
    expect_tone(page, "due")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    screenshot(page, "card")
    page.locator("[data-part=less-opener]").click()
    screenshot(page, "less")
    page.locator("[data-step=down]").first.click()
    hand_out(page)
    expect(page.locator("[data-part=card-error]")).not_to_be_empty()
    screenshot(page, "less-why")
    page.locator("[name=collector][value=proxy]").check()
    page.locator("[name=less-reason]").first.check()
    hand_out(page)
    expect_tone(page, "done")
    screenshot(page, "done")
    for n, name in ((5, "void"), (0, "next")):
        type_like_scanner(page, shop.code(n))
        expect_tone(page, "red" if name == "void" else "due")
        screenshot(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") == 360

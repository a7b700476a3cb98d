"""The counter in a real browser: scanner keys, camera, typed codes, and every answer's look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import qrcode
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role
from tests.support import people
from tests.support import world as made
from tests.support.chromium import show_to_camera, type_like_scanner
from tests.support.world import World

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the page does is the same on both databases; the views are tested on each."""
    return sqlite_url


@dataclass
class Shop:
    """A point with goods and open vouchers, and somebody signed in to it."""

    app: Flask
    url: str
    world: World

    def sign_in(self, context: BrowserContext, *, language: str = "uk") -> None:
        with self.app.app_context(), unit_of_work() as session:
            who = people.add_person(session, Role.WAREHOUSE, site_ids=[self.world.site_id])
        client = people.sign_in(self.app, who)
        cookie = client.get_cookie("aidtrack")
        assert cookie is not None
        context.add_cookies(
            [
                {"name": "aidtrack", "value": cookie.value, "url": self.url},
                {"name": "aidtrack_language", "value": language, "url": self.url},
            ]
        )


@pytest.fixture
def shop(app: Flask, live_url: str) -> Iterator[Shop]:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        made.add_vouchers(session, world, 6)
        made.add_lot(session, world, "RICE", 100_000)
        made.add_lot(session, world, "OIL", 50_000, donor="MINRE")
    yield Shop(app, live_url, world)


def open_counter(page: Page, shop: Shop, *, language: str = "uk") -> None:
    shop.sign_in(page.context, language=language)
    page.goto(f"{shop.url}/counter/?place={shop.world.place_id}")
    expect(page.locator("#counter")).to_be_visible()


def title(page: Page):
    return page.locator("[data-part=title]")


def test_scan_hand_out_scan_again(page: Page, shop: Shop, screenshot: Screenshot) -> None:
    open_counter(page, shop)
    screenshot(page, "ready")
    type_like_scanner(page, shop.world.codes[0], ukrainian_layout=True)
    
    expect(page.locator("[data-part=card]")).to_be_visible()
    screenshot(page, "card")
    page.locator("[data-part=press]").click()
    expect(page.locator(".stage")).to_have_attribute("data-tone", "done")
    screenshot(page, "done")
    type_like_scanner(page, shop.world.codes[0])
    expect(page.locator(".stage")).to_have_attribute("data-tone", "amber")
    screenshot(page, "amber")

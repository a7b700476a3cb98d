"""The shared pages in a real browser: on the narrowest phone and at a desk, by eye rules, by keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from aidtrack.web import NavItem, add_nav
from tests.support import chromium
from tests.support.accessibility import SERIOUS, breaches
from tests.support.serving import served
from tests.web.gallery import add_gallery
from tests.web.support import Someone, make_app

pytestmark = pytest.mark.e2e
PAGES = ("/", "/help", "/receive", "/pieces", "/cases", "/boom")


@pytest.fixture
def site(tmp_path: Path, someone: Someone) -> Iterator[str]:
    app: Flask = make_app(tmp_path, someone)
    add_gallery(app)
    with served(app) as url:
        yield url


def test_pages_fit_the_narrowest_phone_and_accessibility_rules_find_nothing_serious(
    site: str, phone_page: Page, screenshot: Callable[[Page, str], Path]
) -> None:
    """In the dark only the colours are others; in English only the words (`test_the_language_is_switched_and_stays`)."""
    for path in PAGES:
        phone_page.set_viewport_size(chromium.PHONE)
        phone_page.goto(site + path)
        assert not phone_page.evaluate("() => document.documentElement.scrollWidth > innerWidth"), path
        screenshot(phone_page, path.strip("/") or "start")
        phone_page.set_viewport_size(chromium.DESK)
        assert breaches(phone_page, impacts=SERIOUS) == [], path
        phone_page.emulate_media(color_scheme="dark")
        assert breaches(phone_page, impacts=SERIOUS, rest=False) == [], path
        phone_page.emulate_media(color_scheme="light")


def test_the_rules_do_find_what_is_wrong(site: str, page: Page) -> None:
    page.goto(site + "/help")
    page.evaluate(
        """() => { const bad = document.createElement("input"); document.querySelector("main").append(bad) }"""
    )
    assert any(breach.startswith("label") for breach in breaches(page, impacts=SERIOUS))


def test_a_text_that_is_too_pale_is_found_among_many_that_are_not(site: str, page: Page) -> None:
    """Also where the same page passed before; by its own colour, and by the ground that it stands on."""
    page.goto(site + "/pieces")
    assert breaches(page, impacts=SERIOUS) == []
    cell = page.locator("main td").nth(8)
    for pale in ("color: rgb(200, 200, 200)", "background: rgb(90, 90, 90)", "opacity: 0.3"):
        cell.evaluate("(cell, pale) => { cell.style.cssText = pale; }", pale)
        for rest in (True, False):
            assert any(one.startswith("color-contrast:") for one in breaches(page, rest=rest)), pale
    cell.evaluate("cell => { cell.style.cssText = ''; }")
    assert breaches(page, impacts=SERIOUS) == []


def test_what_a_finger_hits_is_large_enough(site: str, phone_page: Page) -> None:
    phone_page.goto(site + "/pieces")
    phone_page.get_by_role("button", name="Меню").click()
    small = phone_page.evaluate(
        """() => [...document.querySelectorAll("nav.rooms a, button, [role=button], .who a")]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 47.5)
            .map((each) => each.outerHTML)"""
    )
    assert small == []


def test_the_main_action_is_larger_still(site: str, phone_page: Page) -> None:
    phone_page.goto(site + "/receive")
    box = phone_page.get_by_role("button", name="Save").bounding_box()
    assert box is not None
    assert box["height"] >= 64


def test_the_menu_folds_on_a_phone_and_shows_only_what_the_role_may(site: str, phone_page: Page) -> None:
    phone_page.goto(site + "/")
    stock = phone_page.locator("header").get_by_role("link", name="Склад", exact=True)
    expect(stock).to_be_hidden()
    phone_page.get_by_role("button", name="Меню").click()
    expect(stock).to_be_visible()
    expect(phone_page.get_by_role("link", name="Справи")).to_have_count(0)
    phone_page.keyboard.press("Escape")
    expect(stock).to_be_hidden()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_head_opens_its_entries_by_keyboard_one_head_at_a_time(
    tmp_path: Path, someone: Someone, request: pytest.FixtureRequest, phone: bool
) -> None:
    page: Page = request.getfixturevalue("phone_page" if phone else "page")
    app = make_app(tmp_path, someone)
    add_gallery(app)
    for order in (11, 12, 21, 22, 31, 32):
        add_nav(app, NavItem(f"Пункт {order}", "receive", None, order))
    with served(app) as url:
        page.goto(url + "/pieces")
        if phone:
            page.get_by_role("button", name="Меню").click()
        heads, header = page.locator("nav.rooms summary"), page.locator("header")
        entry, other = (header.get_by_role("link", name=f"Пункт {order}") for order in (11, 22))
        expect(entry).to_be_hidden()
        heads.first.focus()
        page.keyboard.press("Enter")
        expect(entry).to_be_visible()
        assert breaches(page, impacts=SERIOUS) == []
        assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        heads.nth(1).click()
        expect(other).to_be_visible()
        expect(entry).to_be_hidden()
        page.keyboard.press("Escape")
        expect(other).to_be_hidden()
        expect(heads.nth(1)).to_be_focused()


def test_the_keyboard_reaches_the_content_first(site: str, page: Page) -> None:
    page.goto(site + "/receive")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Перейти до вмісту")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Item")).to_be_focused()


def test_a_refused_form_leads_to_what_is_wrong(site: str, page: Page) -> None:
    page.goto(site + "/receive")
    page.get_by_label("Item").select_option("rice")
    page.get_by_label("Quantity").fill("1.234 т")
    page.get_by_label("Day").fill("2022-09-01")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problems")).to_be_focused()
    page.locator(".problems").get_by_role("link", name="Quantity").click()
    expect(page.get_by_label("Quantity")).to_be_focused()
    expect(page.get_by_label("Quantity")).to_have_value("1.234 т")
    assert breaches(page, impacts=SERIOUS) == []
    page.get_by_label("1,234 т").or_(page.get_by_label("1 234 кг", exact=True)).first.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("saved")


def test_a_session_that_ends_in_the_middle_loses_nothing(
    site: str, someone: Someone, page: Page, screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(site + "/receive")
    page.get_by_label("Item").select_option("rice")
    page.get_by_label("Quantity").fill("25 кг")
    page.get_by_label("Day").fill("2022-09-01")
    page.get_by_label("Note").fill("мішки\nсухі")
    actor, someone.actor = someone.actor, None
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(site + "/sign-in?next=/resume")
    someone.actor = actor
    page.goto(site + "/resume")
    screenshot(page, "resume")
    page.get_by_role("button", name="Надіслати ще раз").click()
    expect(page.get_by_role("status")).to_contain_text("saved")


def test_a_dialog_asks_and_can_be_left(
    site: str, page: Page, screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(site + "/pieces")
    page.get_by_role("button", name="Анулювати…").click()
    dialog = page.get_by_role("dialog", name="Анулювати цей ваучер?")
    expect(dialog).to_be_visible()
    assert breaches(page, impacts=SERIOUS) == []
    screenshot(page, "dialog")
    dialog.get_by_role("button", name="Скасувати").click()
    expect(dialog).to_be_hidden()


def test_without_scripts_the_dialogs_form_stands_in_the_page(site: str, browser: Browser) -> None:
    context: BrowserContext = chromium.open_context(browser, java_script_enabled=False, phone=True)
    page = context.new_page()
    page.goto(site + "/pieces")
    expect(page.get_by_role("button", name="Анулювати", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Склад", exact=True).first).to_be_visible()
    context.close()


def test_the_language_is_switched_and_stays(site: str, someone: Someone, page: Page) -> None:
    someone.actor = None
    page.goto(site + "/help")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="How the work is done here")).to_be_visible()
    page.goto(site + "/help")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert breaches(page, impacts=SERIOUS) == []


def test_the_page_shows_how_the_server_reads_a_quantity(site: str, page: Page) -> None:
    page.goto(site + "/receive")
    reading = page.locator("#quantity-reading")
    page.get_by_label("Quantity").fill("29,378 т")
    expect(reading).to_have_text("29\u00a0378\u00a0кг")
    page.get_by_label("Quantity").fill("абв")
    expect(reading).to_contain_text("не кількість")
    page.get_by_label("Quantity").fill("")
    expect(reading).to_be_hidden()


def test_unsaved_typing_is_not_left_by_accident(site: str, page: Page) -> None:
    page.goto(site + "/receive")
    page.get_by_label("Note").press_sequentially("довго писали")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Довідка").click()
    expect(page).to_have_url(site + "/help")
    assert asked == ["beforeunload"]

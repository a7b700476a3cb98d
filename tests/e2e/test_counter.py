"""The counter in a real browser: scanner keys, camera, typed codes, and every answer's look."""

import re

import pytest
import qrcode
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import func, select, update

from aidtrack.accounts.models import UserAccount
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Handout, HandoutKind, HandoutLine, Voucher
from aidtrack.distribution.vouchers import VoucherState
from tests.support.chromium import scan, show_to_camera, type_like_scanner
from tests.support.looks import Looks
from tests.support.stories import sign_in
from tests.support.village import Village, expect_tone, settled


@pytest.fixture
def shop(app: Flask, live_url: str) -> Village:
    """Six families with vouchers, of which the last is withdrawn; 17 kg of rice are here."""
    shop = settled(app, live_url, 6, rice=17_000)
    with app.app_context(), unit_of_work() as session:
        session.get_one(Voucher, shop.world.voucher_ids[5]).state = VoucherState.VOID
    return shop


def open_counter(page: Page, shop: Village) -> None:
    sign_in(page, shop.app, shop.url, shop.helper)
    page.goto(f"{shop.url}/counter/?place={shop.world.place_id}")
    expect(page.locator("#counter")).to_be_visible()


def handouts(shop: Village, kind: HandoutKind = HandoutKind.REGULAR) -> int:
    with shop.app.app_context(), unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Handout).where(Handout.kind == kind)) or 0


def stage(page: Page) -> Locator:
    return page.locator("[data-part=stage]")


def hand_out(page: Page) -> None:
    page.locator("[data-part=press]").click()


def test_a_day_at_the_counter(page: Page, shop: Village, look: Looks) -> None:
    """Scan, hand out, scan again, take back, hand out again; nothing of it is kept in the browser."""
    open_counter(page, shop)
    look.at(page, "ready")
    type_like_scanner(page, shop.code(1), ukrainian_layout=True)
    expect_tone(page, "due")
    page.locator("[data-part=less-opener]").click()
    look.at(page, "card")
    page.locator("[data-step=down]").first.click()
    page.locator("[name=less-reason][value='']").check()
    page.locator("[data-other]").first.fill("мокрий")
    page.locator("[data-other]").first.focus()
    type_like_scanner(page, shop.code(0), ukrainian_layout=True)  # the next code replaces the card
    expect(page.locator("[data-part=serial-number]")).to_have_text("R1-000000")
    expect(stage(page)).to_contain_text("Олена Т.")
    assert handouts(shop) == 0
    page.locator("[data-part=press]:not([aria-disabled])").wait_for()
    page.evaluate(PRESS_THRICE)
    expect_tone(page, "done")
    expect(page.locator("[data-tally=given]")).to_have_text("1")
    assert handouts(shop) == 1
    look.at(page, "done", axe="colours")
    type_like_scanner(page, shop.code(0))
    expect_tone(page, "amber")
    expect(stage(page)).to_contain_text("Пункт P1")
    look.at(page, "amber")
    page.locator("[data-part=recent] button").click()
    look.at(page, "undo")
    page.get_by_label("Натиснуто помилково").check()
    page.locator("[data-part=undo-confirm]").click()
    expect_tone(page, "undone")
    expect(page.locator("[data-tally=undone]")).to_have_text("1")
    look.at(page, "undone", axe="colours")
    scan(page, shop.code(0))
    expect_tone(page, "due")
    hand_out(page)
    expect_tone(page, "done")
    assert (handouts(shop), handouts(shop, HandoutKind.REVERSAL)) == (2, 1)
    expect(page.locator("[data-part=recent-list] li")).to_have_count(2)
    scan(page, shop.code(5))
    expect_tone(page, "void")
    look.at(page, "void", axe="colours")
    page.get_by_role("button", name="Звук").click()
    stored = page.evaluate("JSON.stringify(Object.entries(localStorage))")
    assert stored == '[["aidtrack.counter.sound","off"]]', "no code, no name: the sound switch alone"
    assert page.evaluate("sessionStorage.length") == 0
    assert page.url == f"{shop.url}/counter/?place={shop.world.place_id}"
    page.reload()
    expect(page.get_by_role("button", name="Звук")).to_have_attribute("aria-pressed", "false")
    page.goto(f"{shop.url}/counter/?choose=1")
    look.at(page, "places", root=".places")


PRESS_THRICE = (
    "() => { const b = document.querySelector('[data-part=press]'); b.click(); b.click(); b.click(); }"
)


def test_on_the_narrowest_phone_in_both_languages_and_with_large_text(
    phone_page: Page, shop: Village, look: Looks
) -> None:
    """17 kg of rice are here: three families take their 5 kg, the fourth what is left."""
    page = phone_page
    open_counter(page, shop)
    look.at(page, "ready", axe="no")
    page.locator("#typed-code").fill(shop.world.typed_codes[1].lower())
    page.locator("#typed-code").press("Enter")
    expect_tone(page, "due")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    page.locator("[data-part=less-opener]").click()
    look.at(page, "less", axe="no")
    page.locator("[data-step=down]").first.click()
    hand_out(page)
    expect(page.locator("[data-part=card-error]")).to_be_in_viewport(ratio=1)
    look.at(page, "less-why", axe="no")
    page.locator("[name=collector][value=proxy]").check()
    page.locator("[name=less-reason]").first.check()
    hand_out(page)
    expect_tone(page, "done")
    look.at(page, "done", axe="no")
    scan(page, shop.code(5))
    expect_tone(page, "void")
    look.at(page, "void", axe="no")
    scan(page, shop.code(0))
    expect_tone(page, "due")
    hand_out(page)
    expect_tone(page, "done")

    with shop.app.app_context(), unit_of_work() as session:
        session.execute(
            update(UserAccount).where(UserAccount.id == shop.helper.user_id).values(language="en")
        )
    page.reload()
    for n, (width, height, size) in enumerate(((360, 740, 200), (1280, 900, 150)), start=2):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        scan(page, shop.code(n))
        expect_tone(page, "due" if n == 2 else "red")
        expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
        if n == 2:
            page.locator("[data-part=less-opener]").click()
        look.at(page, f"en-{width}-{size}", axe="no")
        hand_out(page)
        expect_tone(page, "done")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator("[data-part=recent] button").last).to_be_visible()
    look.at(page, "en-done", axe="no")
    with shop.app.app_context(), unit_of_work() as session:
        lines = session.execute(
            select(HandoutLine.due_units, HandoutLine.units).order_by(HandoutLine.handout_id.desc()).limit(2)
        ).all()
    assert sorted(tuple(line) for line in lines) == [(920, 920), (5_000, 2_000)]


def test_by_keyboard_alone(page: Page, shop: Village) -> None:
    """Enter hands out; the Enter of a scan that broke off does not."""
    open_counter(page, shop)
    type_like_scanner(page, shop.code(0), ukrainian_layout=True)
    expect_tone(page, "due")
    expect(page.locator("[data-part=press]")).to_be_focused()
    page.wait_for_timeout(1_000)  # longer than a broken scan's Enter is waited for
    type_like_scanner(page, "QX")
    page.wait_for_timeout(1_000)
    expect_tone(page, "due")
    assert handouts(shop) == 0
    page.keyboard.press("Enter")
    expect_tone(page, "done")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")  # after the receipt it means nothing
    expect_tone(page, "done")
    assert handouts(shop) == 1


def test_what_becomes_of_a_handout_when_the_line_or_the_session_breaks(
    page: Page, shop: Village, look: Looks
) -> None:
    """A lost reply is sent again with the same id; somebody's Wi-Fi page is no receipt; signing in leads back."""
    open_counter(page, shop)
    asked: list[str] = []

    def swallow(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/counter/handouts/*", swallow)
    scan(page, shop.code(0))
    expect_tone(page, "due")
    hand_out(page)
    expect_tone(page, "lost")
    look.at(page, "lost", axe="colours")
    expect(page.locator("[data-part=recent]")).to_be_hidden()
    hand_out(page)
    expect_tone(page, "done")
    assert len(asked) == 2 and len(set(asked)) == 1
    assert handouts(shop) == 1
    page.unroute("**/counter/handouts/*")

    scan(page, shop.code(1))
    expect_tone(page, "due")
    page.route("**/counter/handouts/*", lambda route: route.fulfill(status=200, body="<h1>Wi-Fi</h1>"))
    hand_out(page)
    expect_tone(page, "lost")
    assert handouts(shop) == 1
    page.unroute("**/counter/handouts/*")
    hand_out(page)
    expect_tone(page, "done")
    assert handouts(shop) == 2

    page.context.set_offline(True)
    expect(page.locator("[data-part=offline]")).to_be_visible()
    scan(page, shop.code(2))
    expect_tone(page, "lost")
    look.at(page, "offline", axe="colours")
    page.context.set_offline(False)
    expect_tone(page, "due")  # by itself

    page.context.clear_cookies()
    hand_out(page)
    expect_tone(page, "lost")
    expect(stage(page)).not_to_contain_text("Олена")
    look.at(page, "signed-out", axe="colours")
    page.locator("[data-part=sign-in]").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/counter/"))
    page.locator("input[name=login]").fill(shop.helper.login)
    page.locator("input[name=password]").fill(shop.helper.password)
    page.locator("main button[type=submit]").click()
    expect(page.locator("#counter")).to_be_visible()
    scan(page, shop.code(2))
    expect_tone(page, "due")


def test_by_camera_and_by_hand(phone_page: Page, shop: Village, look: Looks) -> None:
    """The camera reads each voucher once; a wrong typed character stays to be mended.

    The vendored reader and its wasm come from our own host; the browser fixture sees to that.
    """
    page = phone_page
    open_counter(page, shop)

    def show(text: str) -> None:
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
        code.add_data(text)
        show_to_camera(page, code.get_matrix())

    show(shop.code(0))
    page.get_by_role("button", name="Увімкнути камеру").click()
    expect_tone(page, "due")
    look.at(page, "camera", axe="no")
    hand_out(page)
    expect_tone(page, "done")
    page.wait_for_timeout(1_500)  # the paper still lies before the camera
    expect_tone(page, "done")
    show(shop.code(1))
    expect_tone(page, "due")
    show("https://example.org/<script>alert(1)</script>" + "x" * 400)
    expect_tone(page, "wrong")
    page.get_by_role("button", name="Вимкнути камеру").click()
    expect(page.locator("[data-part=camera]")).to_have_attribute("data-on", "false")

    right = shop.world.typed_codes[2]
    wrong = right[:-1] + ("7" if right[-1] != "7" else "8")
    field = page.locator("#typed-code")
    field.fill(wrong)
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect_tone(page, "wrong")
    expect(field).to_be_focused()
    expect(field).to_have_value(wrong)
    look.at(page, "wrong-character")
    field.fill(f" {right[:5].lower()} {right[5:]} ")
    page.get_by_role("button", name="Перевірити").click()
    expect_tone(page, "due")
    expect(field).to_have_value("")

"""The phone's page in a real browser: set up by a code, then without a network, on the narrowest phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from aidtrack.db import unit_of_work
from aidtrack.distribution.services.supervisor_codes import make_code
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.pack import contents
from tests.support.chromium import scan, type_like_scanner
from tests.support.looks import Looks
from tests.support.village import (
    Village,
    brought_by_hand,
    expect_tone,
    kept_for_later,
    open_cases,
    outcomes,
    set_up,
    unsent,
)  # fmt: skip

# What the page asks of the browser.
ASKED = """
window.asked = [];
if (isSecureContext) {
  const persist = navigator.storage.persist.bind(navigator.storage);
  navigator.storage.persist = () => (asked.push("persist"), persist());
  const register = SyncManager.prototype.register;
  SyncManager.prototype.register = function (tag) { asked.push(tag); return register.call(this, tag); };
}
"""
OFFER_TO_INSTALL = """
() => dispatchEvent(Object.assign(new Event("beforeinstallprompt"), {prompt: async () => { asked.push("install"); }}))
"""
# The age and size of the data, as far as they can be read without scrolling.
DATA_IN_SIGHT = """
() => ["pack-line", "pack-short"].map((part) => document.querySelector(`[data-part=${part}]`)).map((line) => {
  const {top, bottom, left, right, width} = line.getBoundingClientRect();
  return width > 2 && top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth ? line.textContent : "";
}).join("")
"""


def test_a_voucher_without_a_network_on_the_narrowest_phone(
    phone_page: Page, village: Village, phone_look: Looks
) -> None:
    """Everything the person sees, screen by screen; the pictures are looked at by people."""
    page = phone_page
    page.add_init_script(ASKED)
    page.goto(f"{village.url}/field/uk")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    phone_look.at(page, "1-welcome")
    page.goto(village.link().replace("/field/", "/field/uk"))
    expect(page.locator("[data-part=welcome-start]")).to_be_visible()
    assert "enrol" not in page.url, "the code has left the address"
    expect(page.locator("[data-part=who-place]")).to_have_text("Пункт P1")
    page.evaluate(OFFER_TO_INSTALL)
    phone_look.at(page, "2-enrolled")
    page.locator("[data-part=install]").click()
    page.locator("[data-part=welcome-start]").click()
    expect_tone(page, "ready")
    assert page.evaluate("asked") == ["install", "persist"]
    kept_for_later(page)
    page.context.set_offline(True)
    page.reload()
    expect_tone(page, "ready")
    expect(page.locator("[data-part=more-offline]")).to_contain_text("відкриється без мережі")
    phone_look.at(page, "3-ready")
    type_like_scanner(page, village.code(1), ukrainian_layout=True)
    expect_tone(page, "due")
    expect(page.locator("[data-part=stage]")).to_contain_text("Олена Т.")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    page.locator("[data-part=less-opener]").click()
    phone_look.at(page, "4-card")
    page.locator("[data-step=down]").first.click()
    page.locator("[data-part=press]").click()
    expect(page.locator("[data-part=card-error]")).to_be_in_viewport(ratio=1)
    phone_look.at(page, "5-less-why", axe="colours")
    page.locator("[name=collector][value=proxy]").check()
    page.locator("[name=less-reason]").first.check()
    page.locator("[data-part=press]").click()
    expect_tone(page, "done")
    unsent(page, 1)
    page.wait_for_function("asked.includes('aidtrack-field-sync')")  # sent later with the page closed
    phone_look.at(page, "6-done")
    scan(page, village.code(1))
    expect_tone(page, "amber")
    phone_look.at(page, "7-amber")
    page.locator("[data-part=take-back]").click()
    phone_look.at(page, "8-take-back")
    page.locator("[name=undo-reason]").first.check()
    page.locator("[data-part=undo-confirm]").click()
    expect_tone(page, "undone")
    unsent(page, 2)
    phone_look.at(page, "9-undone", axe="colours")
    page.locator("[data-part=type]").click()
    page.locator("#typed-code").fill(village.world.typed_codes[1].lower())
    phone_look.at(page, "10-typed", axe="no")
    page.locator("#typed-code").press("Enter")
    expect_tone(page, "due")
    type_like_scanner(page, "PRODUCT-12345678")
    expect_tone(page, "wrong")
    phone_look.at(page, "11-wrong")
    page.locator("[data-part=rest]").click()
    page.locator("[data-part=more]").click()
    phone_look.at(page, "12-more")
    with page.expect_download() as saved:
        page.locator("[data-part=more-file]").click()
    assert brought_by_hand(village, saved.value.path()) == ["taken_back", "undone"]
    for title, other in (("Ready for the next voucher", "en"), ("Готово до наступного ваучера", "uk")):
        page.locator(f"[data-part=more-dialog] a[lang={other}]").click()
        expect(page.locator("[data-part=title]")).to_have_text(title)
        unsent(page, 2)
        phone_look.at(page, f"13-{other}", axe="no")
        for width, height, size in ((320, 600, 125), (360, 740, 200), (1280, 900, 200)):
            larger_text(page, width, height, size)
            scan(page, village.code(1))
            expect_tone(page, "due")
            expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
            expect(page.locator("[data-part=unsent-count]")).to_be_in_viewport(ratio=1)
            assert re.search(r"\d\d:\d\d.*(кБ|kB)", page.evaluate(DATA_IN_SIGHT)), (other, size)
            phone_look.at(page, f"14-{other}-{width}-{size}", axe="no")
            page.locator("[data-part=rest]").click()
        larger_text(page, 360, 740, 100)
        page.locator("[data-part=more]").click()
    page.evaluate(SEEN_LATER)
    page.reload()
    expect(page.locator("[data-part=trouble]")).to_contain_text("Годинник телефона перевели назад")
    phone_look.at(page, "15-clock-set-back", axe="colours")


# Three hours after now: what a phone knows whose clock was set back by three hours while the page was closed.
SEEN_LATER = """
() => new Promise((done) => {
  indexedDB.open("aidtrack-field").onsuccess = ({target: {result: base}}) => {
    const settings = base.transaction("settings", "readwrite").objectStore("settings");
    settings.get("clock").onsuccess = ({target: {result: {name, value}}}) => {
      settings.put({name, value: {...value, at: value.at + 3 * 3_600_000}}).onsuccess = () => { base.close(); done(); };
    };
  };
})
"""


def larger_text(page: Page, width: int, height: int, size: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(f"document.documentElement.style.setProperty('--pico-font-size', '{size}%')")


def test_signed_on_the_screen_and_served_without_a_voucher(
    phone_page: Page, village: Village, phone_look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "asks_to_sign", lambda *_given: True)
    with village.app.app_context(), unit_of_work() as session:
        code = make_code(
            session, site_id=village.world.site_id, actor=village.manager.actor, now=utc_now()
        ).code
    page = phone_page
    set_up(page, village)
    scan(page, village.code(0))
    expect_tone(page, "due")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    page.locator("[data-part=ink-done]").click()
    expect(page.locator("[data-part=ink-error]")).to_be_visible()
    box = page.locator("[data-part=ink]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 90)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 30 + step * 12, box["y"] + 80 + (step % 3) * 20)
    page.mouse.up()
    phone_look.at(page, "ink")
    page.locator("[data-part=ink-done]").click()
    expect_tone(page, "done")

    page.locator("[data-part=more]").click()
    page.locator("[data-part=without]").click()
    page.locator("[data-part=without-family]").fill("Тестова Ганна, папір 17")
    page.locator("[name=without-reason]").first.check()
    page.locator("[name=without-goods]").check()
    page.locator("[data-part=without-code]").fill("0000000001")
    page.locator("[data-part=without-form] [type=submit]").click()
    expect(page.locator("[data-part=without-error]")).to_be_visible()
    phone_look.at(page, "without-wrong")
    page.locator("[data-part=without-code]").fill(f"{code[:5].lower()}-{code[5:]}")
    page.locator("[data-part=without-form] [type=submit]").click()
    expect_tone(page, "due")
    expect(page.locator("[data-part=name]")).to_have_text("Тестова Ганна, папір 17")
    phone_look.at(page, "without-card", axe="colours")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")
    unsent(page, 0)
    expect(page.locator("[data-part=note]")).to_contain_text("прочитає людина")
    assert outcomes(village) == {"recorded": 1}
    assert open_cases(village) == ["kept"]

"""The phone's page in a real browser: set up by a code, then without a network, on the narrowest phone."""

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect
from sqlalchemy import func, select

from aidtrack.app import create_app
from aidtrack.beneficiaries.models import Household
from aidtrack.config import load
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.distribution.handouts import services
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import Device, FieldOutcome, Handout, ReviewCase
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.services.supervisor_codes import make_code
from aidtrack.inventory.models import Item
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices import importing
from aidtrack.scanner.devices.commands import RevokePhone
from aidtrack.scanner.devices.services import revoke
from aidtrack.scanner.field import views
from aidtrack.scanner.pack import contents
from tests.conftest import SCREENSHOTS
from tests.support import chromium, patience, people, phones
from tests.support import world as made
from tests.support.accessibility import breaches
from tests.support.chromium import type_like_scanner
from tests.support.nursery import Nursery
from tests.support.people import Somebody
from tests.support.product import environment
from tests.support.world import World

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the page does is the same on both databases; what it sends is tested on each."""
    return sqlite_url


@dataclass
class Village:
    """A round at a point, its manager, and whoever's phone is set up."""

    app: Flask
    url: str
    world: World
    manager: Somebody
    helper: Somebody

    def link(self) -> str:
        with self.app.app_context(), unit_of_work() as session:
            token = phones.invitation(
                session, user_id=self.helper.user_id, round_id=self.world.round_id, place_id=self.world.place_id,
                actor=self.manager.actor,
            )  # fmt: skip
        return f"{self.url}/field/#enrol={b64(token)}"

    def code(self, n: int) -> str:
        return self.world.codes[n]


@pytest.fixture
def village(app: Flask, live_url: str) -> Village:
    return settled(app, live_url)


def settled(app: Flask, url: str, families: int = 4) -> Village:
    """Families with vouchers for rice and oil; the second names another collector.

    Each costs a row that opens with its typed code, dear on purpose; up to twenty of them come with the first pack.
    """
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        made.add_vouchers(session, world, families)
        made.add_lot(session, world, "RICE", 200_000)
        made.add_lot(session, world, "OIL", 50_000, donor="MINRE")
        for item, uk, en in (
            ("RICE", "Рис шліфований довгозерний", "Long-grain rice"),
            ("OIL", "Олія соняшникова рафінована", "Refined sunflower oil"),
        ):
            named = session.get_one(Item, world.item_ids[item])
            named.name_uk, named.name_en = uk, en
        second = session.scalars(select(Household.id).order_by(Household.id)).all()[1]
        people.may_collect(session, second, "Марія П.")
        manager = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        helper = people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])
    return Village(app, url, world, manager, helper)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """The narrowest phone; it may lose its network, so only its own page is watched."""
    context = chromium.open_context(browser, phone=True)
    watch = chromium.Watch(context)
    yield context.new_page()
    context.close()
    assert watch.complaints == []


def expect_tone(page: Page, tone: str) -> None:
    stage = page.locator("[data-part=stage]")
    # it is shown when the page listens to the scanner; until then its mark-up says "ready" all the same
    expect(stage).to_be_visible()
    expect(stage).to_have_attribute("data-tone", tone)


def set_up(page: Page, village: Village, language: str = "uk") -> None:
    page.goto(f"{village.url}/field/{language}")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    page.goto(village.link().replace("/field/", f"/field/{language}"))
    start = page.locator("[data-part=welcome-start]")
    expect(start).to_be_visible()
    start.click()
    expect(page.locator("[data-part=stage]")).to_be_visible()
    expect_tone(page, "ready")


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], Path]:
    """What the phone's screen shows, with its sticky rows where they are."""
    folder = SCREENSHOTS / re.sub(r"[^\w-]+", "_", request.node.name).strip("_")

    def take(page: Page, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"

    return take


def kept_for_later(page: Page) -> None:
    """Until the service worker has the whole page."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")


def hand_out(page: Page, village: Village, n: int) -> None:
    type_like_scanner(page, village.code(n))
    expect_tone(page, "due")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")


def unsent(page: Page, count: int) -> None:
    shown = page.locator("[data-part=unsent-count]")
    expect(shown).to_be_visible()
    expect(shown).to_have_text(str(count) if count else "✓")


@pytest.mark.parametrize("language", ["uk", "en"])
def test_a_voucher_without_a_network_on_the_narrowest_phone(
    phone: Page, village: Village, shot: Screenshot, language: str
) -> None:
    """Everything the person sees, screen by screen; the pictures are looked at by people."""
    page = phone
    page.goto(f"{village.url}/field/{language}")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    shot(page, "1-welcome")
    page.goto(village.link().replace("/field/", f"/field/{language}"))
    expect(page.locator("[data-part=welcome-start]")).to_be_visible()
    assert "enrol" not in page.url, "the code has left the address"
    expect(page.locator("[data-part=who-place]")).to_have_text("Пункт P1" if language == "uk" else "P1")
    shot(page, "2-enrolled")
    page.locator("[data-part=welcome-start]").click()
    expect_tone(page, "ready")
    kept_for_later(page)
    page.context.set_offline(True)
    page.reload()
    expect_tone(page, "ready")
    shot(page, "3-ready")
    type_like_scanner(page, village.code(1), ukrainian_layout=True)
    expect_tone(page, "due")
    expect(page.locator("[data-part=stage]")).to_contain_text("Олена Т.")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    shot(page, "4-card")
    page.locator("[data-part=less-opener]").click()
    page.locator("[data-step=down]").first.click()
    page.locator("[data-part=press]").click()
    expect(page.locator("[data-part=card-error]")).to_be_in_viewport(ratio=1)
    shot(page, "5-less-why")
    page.locator("[name=collector][value=proxy]").check()
    page.locator("[name=less-reason]").first.check()
    page.locator("[data-part=press]").click()
    expect_tone(page, "done")
    unsent(page, 1)
    shot(page, "6-done")
    type_like_scanner(page, village.code(1))
    expect_tone(page, "amber")
    shot(page, "7-amber")
    page.locator("[data-part=take-back]").click()
    shot(page, "8-take-back")
    page.locator("[name=undo-reason]").first.check()
    page.locator("[data-part=undo-confirm]").click()
    expect_tone(page, "undone")
    unsent(page, 2)
    page.locator("[data-part=type]").click()
    page.locator("#typed-code").fill(village.world.typed_codes[1].lower())
    shot(page, "9-typed")
    page.locator("#typed-code").press("Enter")
    expect_tone(page, "due")
    page.locator("[data-part=rest]").click()
    page.locator("[data-part=more]").click()
    expect(page.locator("[data-part=more-offline]")).not_to_be_empty()
    shot(page, "10-more")
    with page.expect_download() as saved:
        page.locator("[data-part=more-file]").click()
    assert brought_by_hand(village, saved.value.path()) == ["taken_back", "undone"]
    page.locator("[data-part=more-close]").click()
    other, title = (
        ("en", "Ready for the next voucher") if language == "uk" else ("uk", "Готово до наступного ваучера")
    )
    page.locator("[data-part=more]").click()
    page.locator(f"[data-part=more-dialog] a[lang={other}]").click()
    expect(page.locator("[data-part=title]")).to_have_text(title)
    unsent(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(SMALL_TARGETS) == []
    page.set_viewport_size({"width": 320, "height": 600})
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => { document.documentElement.style.setProperty('--pico-font-size', '125%'); }")
    shot(page, "11-small-ready")
    type_like_scanner(page, village.code(1))
    expect_tone(page, "due")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    shot(page, "12-small-card")
    assert page.evaluate("document.documentElement.scrollWidth") == 320, "large text on the smallest phone"
    assert page.evaluate(SMALL_TARGETS) == []


# What a thumb is asked to hit and is lower or narrower than 64 px.
SMALL_TARGETS = """
() => [...document.querySelectorAll("button, a[role=button], select, input:not([type=radio]), .choice")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.dataset.part ?? one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 63.9 || box.width < 63.9)
  .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)
"""


def test_a_day_in_the_village(
    playwright: Playwright, page: Page, app: Flask, live_url: str, tmp_path: Path, shot: Screenshot
) -> None:
    """One story of one phone and its camera, from the code on the manager's screen to the settled extra.

    Enrolled by reading that screen; without a network, page loaded again; twenty vouchers before the camera; the
    browser killed; back, sent by the worker with the page closed; a supervisor settles the extra with a reason.
    """
    desk, village = page, settled(app, live_url, 20)
    folder, film = tmp_path / "browser", chromium.Film(tmp_path)
    context, phone = start_browser(playwright, folder, film)
    phone.goto(f"{village.url}/field/")
    phone.locator("[data-part=camera-start]").click()
    sign_in(desk, village, village.manager)
    desk.goto(f"{village.url}/phones/new")
    desk.locator("select[name=user_id]").select_option(str(village.helper.user_id))
    desk.locator("main button[type=submit]").click()
    screen = tmp_path / "screen.png"
    desk.locator(".codes svg").screenshot(path=screen)
    film.show(Image.open(screen))
    expect(phone.locator("[data-part=welcome-start]")).to_be_visible()
    film.show(BLANK)
    expect(desk.locator("[data-state=enrolled]")).to_be_visible()
    phone.locator("[data-part=welcome-start]").click()
    expect_tone(phone, "ready")
    kept_for_later(phone)

    give_online(village, 0)  # the same voucher, at the centre's counter, after the phone's data was fetched
    context.set_offline(True)
    phone.reload()
    expect_tone(phone, "ready")
    phone.locator("[data-part=camera-start]").click()
    for n in range(20):
        film.show_code(village.code(n))
        expect_tone(phone, "due")
        phone.locator("[data-part=press]:not([aria-disabled])").click()
        unsent(phone, n + 1)
    shot(phone, "twenty")
    film.show_code("https://example.org/product")
    expect_tone(phone, "wrong")
    unsent(phone, 20)
    kill_browser(folder)

    context, phone = start_browser(playwright, folder, film)
    context.set_offline(True)
    phone.goto(f"{village.url}/field/")
    expect_tone(
        phone, "ready"
    )  # unsent: the number may have changed, the worker may have sent before the page
    film.show_code(village.code(3))
    phone.locator("[data-part=camera-start]").click()
    expect_tone(phone, "amber")
    shot(phone, "after-the-kill")
    phone.goto("about:blank")
    context.set_offline(False)
    let_worker_send(phone)  # as the browser does when the network is back and the page is closed
    wait_for(phone, lambda: sum(outcomes(village).values()) == 20, "what the worker sent")
    phone.goto(f"{village.url}/field/")
    unsent(phone, 0)
    phone.locator("[data-part=camera-start]").click()
    film.show_code(village.code(0))
    expect_tone(phone, "amber")
    expect(phone.locator("[data-part=note]")).to_contain_text("отримано ще й деінде")
    shot(phone, "extra")
    film.show_code(village.code(5))
    expect(phone.locator("[data-part=note]")).to_have_text("Центр отримав запис.")
    shot(phone, "received")
    assert not re.search("шахра|підроб|дублікат", phone.locator("body").inner_text())
    context.close()
    assert outcomes(village) == {"recorded": 19, "extra": 1}
    assert open_cases(village) == ["extra"]

    with village.app.app_context(), unit_of_work() as session:
        supervisor = people.add_person(session, Role.REVIEWER, site_ids=[village.world.site_id])
    sign_in(desk, village, supervisor)
    desk.goto(f"{village.url}/reviews")
    desk.get_by_role("link", name="Додаткова видача").first.click()
    expect(desk.get_by_text("Сім’я могла прийти двічі")).to_be_visible()
    desk.get_by_role("radio", name="З’ясовано, більше нічого").check()
    desk.get_by_role("button", name="Завершити розгляд").click()
    expect(desk.locator(".problems")).to_be_visible()  # nothing is settled without words
    desk.get_by_role("textbox", name="Що з’ясовано").fill("прийшли двоє з родини, з різних пунктів")
    desk.get_by_role("button", name="Завершити розгляд").click()
    expect(desk.get_by_text("На наступну роздачу для сім’ї це не впливає")).to_be_visible()
    assert open_cases(village) == []


def test_a_server_killed_between_commit_and_reply(
    browser: Browser, sqlite_url: str, servers: Nursery, tmp_path: Path
) -> None:
    """The books have the handout and the phone does not know: it sends again, and one handout stands."""
    app = create_app(load(environment(sqlite_url, tmp_path)))
    village = settled(app, "")
    server = servers.start(sqlite_url)
    servers.wait_for(server)
    village.url = f"http://127.0.0.1:{server.port}"
    # without the worker: only the page sends, so that the test knows whose request it cuts
    context = chromium.open_context(browser, phone=True, service_workers="block")
    page = context.new_page()
    set_up(page, village)
    cut: list[int] = []

    def commit_and_die(route: Route) -> None:
        if not cut and '"events":[{' in (route.request.post_data or ""):
            cut.append(route.fetch().status)
            server.kill()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/sync/v1/events", commit_and_die)
    hand_out(page, village, 0)
    expect(page.locator("[data-part=line]")).to_have_attribute("data-state", "bad")
    unsent(page, 1)
    assert cut == [200]
    type_like_scanner(page, village.code(1))  # the queue at the table does not wait for the server
    expect_tone(page, "due")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")
    again = servers.start(sqlite_url, port=server.port)
    servers.wait_for(again)
    page.locator("[data-part=refresh]").click()
    unsent(page, 0)
    context.close()
    assert outcomes(village) == {"recorded": 2}
    with app.app_context(), unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Handout)) == 2
        db.session.remove()
        db.engine.dispose()
    again.kill()


def test_signed_on_the_screen_and_served_without_a_voucher(
    phone: Page, village: Village, shot: Screenshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "asks_to_sign", lambda *_given: True)
    with village.app.app_context(), unit_of_work() as session:
        code = make_code(
            session, site_id=village.world.site_id, actor=village.manager.actor, now=utc_now()
        ).code
    page = phone
    set_up(page, village)
    type_like_scanner(page, village.code(0))
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
    shot(page, "ink")
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
    shot(page, "without-wrong")
    page.locator("[data-part=without-code]").fill(f"{code[:5].lower()}-{code[5:]}")
    page.locator("[data-part=without-form] [type=submit]").click()
    expect_tone(page, "due")
    expect(page.locator("[data-part=name]")).to_have_text("Тестова Ганна, папір 17")
    shot(page, "without-card")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")
    unsent(page, 0)
    expect(page.locator("[data-part=note]")).to_contain_text("прочитає людина")
    assert outcomes(village) == {"recorded": 1}
    assert open_cases(village) == ["kept"]


def test_two_windows_and_a_newer_page(
    phone: Page, village: Village, shot: Screenshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second window says so and may take over; a newer page is offered and never forced."""
    set_up(phone, village)
    kept_for_later(phone)
    second = phone.context.new_page()
    second.goto(f"{village.url}/field/")
    expect(second.locator("[data-part=elsewhere]")).to_be_visible()
    expect(second.locator("[data-part=stage]")).to_be_hidden()
    shot(second, "second-window")
    second.locator("[data-part=elsewhere-take]").click()
    expect_tone(second, "ready")
    expect(phone.locator("[data-part=elsewhere]")).to_be_visible()

    monkeypatch.setattr(views, "digest", lambda: "newer")
    type_like_scanner(second, village.code(0))
    expect_tone(second, "due")
    second.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    second.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/field/').then((it) => it.waiting)"
    )
    expect(second.locator("[data-part=newer]")).to_be_hidden()  # not under a hand that is about to press
    second.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(second, "done")
    expect(second.locator("[data-part=newer]")).to_be_visible()
    shot(second, "newer")
    with second.expect_navigation():
        second.locator("[data-part=newer-take]").click()
    expect_tone(second, "ready")
    unsent(second, 0)


def test_a_phone_that_is_not_to_hand_out_any_more(phone: Page, village: Village, shot: Screenshot) -> None:
    set_up(phone, village)
    hand_out(phone, village, 0)
    unsent(phone, 0)
    with village.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device.id)).one()
        revoke(session, RevokePhone(device, "Загублено"), actor=village.manager.actor, now=utc_now())
    phone.locator("[data-part=refresh]").click()
    expect(phone.locator("[data-part=trouble]")).to_contain_text("телефон відкликано")
    shot(phone, "revoked")
    type_like_scanner(phone, village.code(1))
    expect_tone(phone, "red")
    expect(phone.locator("[data-part=title]")).to_have_text("Телефон відкликано")


def test_nothing_is_green_that_the_phone_could_not_write(
    phone: Page, village: Village, shot: Screenshot
) -> None:
    page = phone
    set_up(page, village)
    type_like_scanner(page, village.code(0))
    expect_tone(page, "due")
    page.evaluate(BREAK_WRITING, "QuotaExceededError")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "red")
    expect(page.locator("[data-part=text]")).to_contain_text("Нічого не записано")
    shot(page, "full")
    unsent(page, 0)
    page.reload()
    expect_tone(page, "ready")
    hand_out(page, village, 0)
    unsent(page, 0)
    assert outcomes(village) == {"recorded": 1}


# From now on every change of what is kept fails, as on a phone without room.
BREAK_WRITING = """
(name) => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "events") throw new DOMException("no room", name);
    return put.apply(this, given);
  };
}
"""


def test_a_browser_that_keeps_nothing_says_so(phone: Page, village: Village, shot: Screenshot) -> None:
    """What was kept is gone, and later nothing can be kept at all: each in a sentence, and no handing out."""
    page = phone
    set_up(page, village)
    kept_for_later(page)
    page.goto(f"{village.url}/help")
    page.evaluate(
        "() => new Promise((done) => { indexedDB.deleteDatabase('aidtrack-field').onsuccess = done; })"
    )
    page.goto(f"{village.url}/field/")
    expect(page.locator("[data-part=welcome-error]")).to_contain_text("Браузер видалив")
    shot(page, "wiped")
    page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('closed', 'SecurityError'); };"
    )
    page.reload()
    expect(page.locator("[data-part=welcome-text]")).to_contain_text("не дозволяє сторінці нічого зберігати")
    expect(page.locator("[data-part=thumbs]")).to_be_hidden()
    shot(page, "private")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(phone: Page, village: Village, scheme: Literal["light", "dark"]) -> None:
    """In strong contrast too: this page is read in the sun."""
    page = phone
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        rules = {"color-contrast-enhanced": {"enabled": True}}
        if wrong := breaches(page, options={"rules": rules}):
            found[name] = wrong

    page.goto(f"{village.url}/field/")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    look("welcome")
    page.goto(village.link())
    expect(page.locator("[data-part=welcome-start]")).to_be_visible()
    look("enrolled")
    page.locator("[data-part=welcome-start]").click()
    expect_tone(page, "ready")
    look("ready")
    type_like_scanner(page, village.code(1))
    expect_tone(page, "due")
    look("card")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")
    unsent(page, 0)
    look("done")
    type_like_scanner(page, village.code(1))
    expect_tone(page, "amber")
    look("amber")
    type_like_scanner(page, "PRODUCT-12345678")
    expect_tone(page, "wrong")
    look("wrong")
    page.locator("[data-part=more]").click()
    look("more")
    page.locator("[data-part=without]").click()
    look("without")
    assert found == {}


BLANK = Image.new("L", (1, 1), "white")


def sign_in(page: Page, village: Village, who: Somebody) -> None:
    cookie = people.sign_in(village.app, who).get_cookie("aidtrack")
    assert cookie is not None
    page.context.add_cookies([{"name": "aidtrack", "value": cookie.value, "url": village.url}])


def start_browser(playwright: Playwright, folder: Path, film: chromium.Film) -> tuple[BrowserContext, Page]:
    """A phone's browser that keeps what it is told to keep."""
    for lock in folder.glob("Singleton*"):
        lock.unlink()
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium.find_chromium(), args=[*chromium.FLAGS, film.flag], locale="uk-UA",
        timezone_id="Europe/Kyiv", viewport=chromium.PHONE, has_touch=True,
    )  # fmt: skip
    context.set_default_timeout(chromium.PATIENCE)
    return context, context.pages[0]


def kill_browser(folder: Path) -> None:
    """As a battery does: nothing is closed, nothing is written any more."""
    mine = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"--user-data-dir={folder}" in command:
                mine.append(int(process.name))
    assert mine
    for number in mine:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def let_worker_send(page: Page) -> None:
    """Give the service worker the event of Background Sync, which no headless browser fires by itself."""
    session = page.context.new_cdp_session(page)
    registrations: list[dict[str, str]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"])
    )
    session.send("ServiceWorker.enable")
    wait_for(page, lambda: bool(registrations), "the worker's registration")
    scope = registrations[0]["scopeURL"]
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": scope.removesuffix("/field/"), "registrationId": registrations[0]["registrationId"],
         "tag": "aidtrack-field-sync", "lastChance": True},
    )  # fmt: skip
    session.detach()


def wait_for(page: Page, look: Callable[[], bool], what: str) -> None:
    """Look a few times a second; the browser goes on meanwhile."""

    def looked() -> bool:
        page.wait_for_timeout(100)
        return look()

    patience.until(looked, what)


def give_online(village: Village, n: int) -> None:
    with village.app.app_context(), unit_of_work() as session:
        command = HandOut(client_id=uuid4(), code=village.code(n), place_id=village.world.place_id)
        services.hand_out(session, command, actor=village.helper.actor, now=utc_now())


def outcomes(village: Village) -> dict[str, int]:
    with village.app.app_context(), unit_of_work() as session:
        return dict(Counter(outcome.value for outcome in session.scalars(select(FieldOutcome.outcome))))


def brought_by_hand(village: Village, file: Path) -> list[str]:
    """What becomes of each event of a file that the phone saved."""
    actor = village.manager.actor
    with village.app.app_context():
        receipts = importing.take(
            importing.opened(read_session(), file.read_bytes(), actor=actor), actor=actor
        )
    assert len(receipts) == 2
    return sorted(outcomes(village))


def open_cases(village: Village) -> list[str]:
    with village.app.app_context(), unit_of_work() as session:
        found = session.scalars(select(ReviewCase.kind).where(ReviewCase.settled_at.is_(None)))
        return sorted(kind.value for kind in found)

"""The phone's page in a real browser: set up by a code, then without a network, on the narrowest phone."""

import json
import re
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, request, request_started
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Route, expect
from sqlalchemy import func, select

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.distribution.models import Device, Handout
from aidtrack.distribution.services.supervisor_codes import make_code
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices.commands import RevokePhone
from aidtrack.scanner.devices.services import revoke
from aidtrack.scanner.field import views
from aidtrack.scanner.pack import contents, rows
from tests.conftest import SCREENSHOTS
from tests.support import chromium, patience, people
from tests.support.chromium import type_like_scanner
from tests.support.looks import STRONG, Looks
from tests.support.nursery import Nursery
from tests.support.product import environment
from tests.support.village import (
    BLANK,
    Village,
    brought_by_hand,
    expect_tone,
    give_online,
    hand_out,
    kept_for_later,
    kill_browser,
    let_worker_send,
    open_cases,
    outcomes,
    set_up,
    settled,
    sign_in,
    start_browser,
    unsent,
    wait_for,
)  # fmt: skip

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the page does is the same on both databases; what it sends is tested on each."""
    return sqlite_url


@pytest.fixture(autouse=True)
def _cheap_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typed code opens its row as ever, only faster: the phone goes round as often as its data says."""
    monkeypatch.setattr(rows, "ITERATIONS", 10)


@pytest.fixture
def village(app: Flask, live_url: str) -> Village:
    return settled(app, live_url)


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Screenshot:
    """What the phone's screen shows, with its sticky rows where they are."""
    folder = SCREENSHOTS / re.sub(r"[^\w-]+", "_", request.node.name).strip("_")

    def take(page: Page, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=70)
        return folder / f"{name}.jpg"

    return take


@pytest.fixture
def look(shot: Screenshot) -> Iterator[Looks]:
    looks = Looks(shot, axe=STRONG)
    yield looks
    assert looks.found == {}


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
    phone_page: Page, village: Village, look: Looks
) -> None:
    """Everything the person sees, screen by screen; the pictures are looked at by people."""
    page = phone_page
    page.add_init_script(ASKED)
    page.goto(f"{village.url}/field/uk")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    look.at(page, "1-welcome")
    page.goto(village.link().replace("/field/", "/field/uk"))
    expect(page.locator("[data-part=welcome-start]")).to_be_visible()
    assert "enrol" not in page.url, "the code has left the address"
    expect(page.locator("[data-part=who-place]")).to_have_text("Пункт P1")
    page.evaluate(OFFER_TO_INSTALL)
    look.at(page, "2-enrolled")
    page.locator("[data-part=install]").click()
    page.locator("[data-part=welcome-start]").click()
    expect_tone(page, "ready")
    assert page.evaluate("asked") == ["install", "persist"]
    kept_for_later(page)
    page.context.set_offline(True)
    page.reload()
    expect_tone(page, "ready")
    expect(page.locator("[data-part=more-offline]")).to_contain_text("відкриється без мережі")
    look.at(page, "3-ready")
    type_like_scanner(page, village.code(1), ukrainian_layout=True)
    expect_tone(page, "due")
    expect(page.locator("[data-part=stage]")).to_contain_text("Олена Т.")
    expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
    page.locator("[data-part=less-opener]").click()
    look.at(page, "4-card")
    page.locator("[data-step=down]").first.click()
    page.locator("[data-part=press]").click()
    expect(page.locator("[data-part=card-error]")).to_be_in_viewport(ratio=1)
    look.at(page, "5-less-why", axe="colours")
    page.locator("[name=collector][value=proxy]").check()
    page.locator("[name=less-reason]").first.check()
    page.locator("[data-part=press]").click()
    expect_tone(page, "done")
    unsent(page, 1)
    page.wait_for_function("asked.includes('aidtrack-field-sync')")  # sent later with the page closed
    look.at(page, "6-done")
    type_like_scanner(page, village.code(1))
    expect_tone(page, "amber")
    look.at(page, "7-amber")
    page.locator("[data-part=take-back]").click()
    look.at(page, "8-take-back")
    page.locator("[name=undo-reason]").first.check()
    page.locator("[data-part=undo-confirm]").click()
    expect_tone(page, "undone")
    unsent(page, 2)
    look.at(page, "9-undone", axe="colours")
    page.locator("[data-part=type]").click()
    page.locator("#typed-code").fill(village.world.typed_codes[1].lower())
    look.at(page, "10-typed", axe="no")
    page.locator("#typed-code").press("Enter")
    expect_tone(page, "due")
    type_like_scanner(page, "PRODUCT-12345678")
    expect_tone(page, "wrong")
    look.at(page, "11-wrong")
    page.locator("[data-part=rest]").click()
    page.locator("[data-part=more]").click()
    look.at(page, "12-more")
    with page.expect_download() as saved:
        page.locator("[data-part=more-file]").click()
    assert brought_by_hand(village, saved.value.path()) == ["taken_back", "undone"]
    for title, other in (("Ready for the next voucher", "en"), ("Готово до наступного ваучера", "uk")):
        page.locator(f"[data-part=more-dialog] a[lang={other}]").click()
        expect(page.locator("[data-part=title]")).to_have_text(title)
        unsent(page, 2)
        look.at(page, f"13-{other}", axe="no")
        for width, height, size in ((320, 600, 125), (360, 740, 200), (1280, 900, 200)):
            larger_text(page, width, height, size)
            type_like_scanner(page, village.code(1))
            expect_tone(page, "due")
            expect(page.locator("[data-part=press]")).to_be_in_viewport(ratio=1)
            expect(page.locator("[data-part=unsent-count]")).to_be_in_viewport(ratio=1)
            assert re.search(r"\d\d:\d\d.*(кБ|kB)", page.evaluate(DATA_IN_SIGHT)), (other, size)
            look.at(page, f"14-{other}-{width}-{size}", axe="no")
            page.locator("[data-part=rest]").click()
        larger_text(page, 360, 740, 100)
        page.locator("[data-part=more]").click()
    page.evaluate(SEEN_LATER)
    page.reload()
    expect(page.locator("[data-part=trouble]")).to_contain_text("Годинник телефона перевели назад")
    look.at(page, "15-clock-set-back", axe="colours")


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
    phone_page: Page, village: Village, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "asks_to_sign", lambda *_given: True)
    with village.app.app_context(), unit_of_work() as session:
        code = make_code(
            session, site_id=village.world.site_id, actor=village.manager.actor, now=utc_now()
        ).code
    page = phone_page
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
    look.at(page, "ink")
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
    look.at(page, "without-wrong")
    page.locator("[data-part=without-code]").fill(f"{code[:5].lower()}-{code[5:]}")
    page.locator("[data-part=without-form] [type=submit]").click()
    expect_tone(page, "due")
    expect(page.locator("[data-part=name]")).to_have_text("Тестова Ганна, папір 17")
    look.at(page, "without-card", axe="colours")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")
    unsent(page, 0)
    expect(page.locator("[data-part=note]")).to_contain_text("прочитає людина")
    assert outcomes(village) == {"recorded": 1}
    assert open_cases(village) == ["kept"]


@dataclass
class Posts:
    """What the server is sent: the ids of each request's events, while the first request is held at its door."""

    app: Flask
    ids: list[list[str]] = field(default_factory=list)
    door: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Posts":
        request_started.connect(self._came, self.app)
        return self

    def _came(self, _app: Flask, **_given: object) -> None:
        if request.path == "/sync/v1/events":
            self.ids.append([json.loads(one["body"])["id"] for one in request.get_json()["events"]])
            self.door.wait(patience.SECONDS)

    def __exit__(self, *_given: object) -> None:
        self.door.set()
        request_started.disconnect(self._came, self.app)


WAITS_FOR_THE_SENDER = """
async () => (await navigator.locks.query()).pending.some(({name}) => name === "aidtrack-field-sync")
"""


def test_two_windows_a_worker_and_a_newer_page_until_the_phone_is_withdrawn(
    phone_page: Page, village: Village, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second window says so and may take over; page and worker never post the same; a newer page is offered.

    Withdrawn while it lies idle with a network, the phone refuses the next voucher a second later.
    """
    set_up(phone_page, village)
    kept_for_later(phone_page)
    second = phone_page.context.new_page()
    second.goto(f"{village.url}/field/")
    expect(second.locator("[data-part=elsewhere]")).to_be_visible()
    expect(second.locator("[data-part=stage]")).to_be_hidden()
    look.at(second, "second-window")
    second.locator("[data-part=elsewhere-take]").click()
    expect_tone(second, "ready")
    expect(phone_page.locator("[data-part=elsewhere]")).to_be_visible()

    second.context.set_offline(True)
    for n in (0, 1):
        hand_out(second, village, n)
    unsent(second, 2)
    with Posts(village.app) as posts:
        second.context.set_offline(False)  # the page sends by itself
        wait_for(second, lambda: len(posts.ids) == 1, "the page's post")
        let_worker_send(second)
        wait_for(second, lambda: second.evaluate(WAITS_FOR_THE_SENDER), "the worker waiting for the page")
        posts.door.set()
        unsent(second, 0)
        wait_for(second, lambda: not second.evaluate(WAITS_FOR_THE_SENDER), "the worker's turn")
    assert [len(ids) for ids in posts.ids] == [2]

    monkeypatch.setattr(views, "digest", lambda: "newer")
    type_like_scanner(second, village.code(2))
    expect_tone(second, "due")
    second.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    second.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/field/').then((it) => it.waiting)"
    )
    expect(second.locator("[data-part=newer]")).to_be_hidden()  # not under a hand that is about to press
    second.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(second, "done")
    expect(second.locator("[data-part=newer]")).to_be_visible()
    look.at(second, "newer")
    with second.expect_navigation():
        second.locator("[data-part=newer-take]").click()
    expect_tone(second, "ready")
    unsent(second, 0)

    with village.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device.id)).one()
        revoke(session, RevokePhone(device, "Загублено"), actor=village.manager.actor, now=utc_now())
    second.wait_for_timeout(1_000)  # the server's word of before the act is a second old
    type_like_scanner(second, village.code(3))
    expect_tone(second, "red")
    expect(second.locator("[data-part=title]")).to_have_text("Телефон відкликано")
    expect(second.locator("[data-part=trouble]")).to_contain_text("телефон відкликано")
    look.at(second, "revoked", axe="colours")


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


def test_nothing_is_green_that_was_not_written_and_nothing_lost_that_was(
    phone_page: Page, village: Village, look: Looks
) -> None:
    """No room; a server that answers nonsense; data of another phone; one event lost, then everything; no storage."""
    page = phone_page
    set_up(page, village)
    kept_for_later(page)
    type_like_scanner(page, village.code(0))
    expect_tone(page, "due")
    page.evaluate(BREAK_WRITING, "QuotaExceededError")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "red")
    expect(page.locator("[data-part=text]")).to_contain_text("Нічого не записано")
    look.at(page, "full", axe="colours")
    unsent(page, 0)
    page.reload()
    expect_tone(page, "ready")

    answers = Answers()
    page.route("**/sync/v1/events", answers.give)
    answers.now = "500"
    hand_out(page, village, 0)
    for answer in ("500", "413", "html", "nothing", "cut", "half"):
        answers.now = answer
        refresh(page)
        assert answer in answers.given
        unsent(page, 1)
        expect(page.locator("[data-part=line]")).to_have_attribute("data-state", "bad")
    answers.now = ""
    refresh(page)
    unsent(page, 0)
    assert outcomes(village) == {"recorded": 1}, "half an answer had been a whole handout"

    page.route("**/sync/v1/pack*", data_of_another_phone)
    refresh(page)
    expect(page.locator("[data-part=trouble]")).to_contain_text("Дані надійшли не повністю")
    page.unroute("**/sync/v1/pack*")
    answers.now = "500"
    for n in (1, 2):
        hand_out(page, village, n)
    page.evaluate(LOSE_THE_OLDEST)
    answers.now = ""
    refresh(page)
    unsent(page, 0)
    assert outcomes(village) == {"recorded": 2}
    assert open_cases(village) == ["gap"]

    session = page.context.new_cdp_session(page)
    wiped = {"origin": village.url, "storageTypes": "indexeddb,cache_storage,service_workers"}
    session.send("Storage.clearDataForOrigin", wiped)
    session.detach()
    type_like_scanner(page, village.code(3))
    expect_tone(page, "red")
    expect(page.locator("[data-part=title]")).to_have_text("Телефон не налаштовано")
    page.goto(f"{village.url}/field/")
    expect(page.locator("[data-part=welcome-error]")).to_contain_text("Браузер видалив")
    look.at(page, "wiped")
    set_up(page, village)
    hand_out(page, village, 1)  # the one that was lost
    unsent(page, 0)
    assert outcomes(village) == {"recorded": 3}

    page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('closed', 'SecurityError'); };"
    )
    page.reload()
    expect(page.locator("[data-part=welcome-text]")).to_contain_text("не дозволяє сторінці нічого зберігати")
    expect(page.locator("[data-part=thumbs]")).to_be_hidden()
    look.at(page, "private")


@dataclass
class Answers:
    """What comes back for events: the centre's own answer, or what stands in its way."""

    now: str = ""
    given: set[str] = field(default_factory=set)

    def give(self, route: Route) -> None:
        self.given.add(self.now)
        match self.now:
            case "500" | "413":
                route.fulfill(status=int(self.now), body="<h1>Error</h1>", content_type="text/html")
            case "html":
                route.fulfill(status=200, body="<!doctype html><h1>Wi-Fi</h1>", content_type="text/html")
            case "nothing":
                route.fulfill(status=200, body="")
            case "cut":
                route.abort("connectionreset")
            case "half":
                body = route.fetch().body()
                route.fulfill(status=200, body=body[: len(body) // 2], content_type="application/json")
            case _:
                route.continue_()


def refresh(page: Page) -> None:
    button = page.locator("[data-part=refresh]")
    button.click()
    expect(button).not_to_have_attribute("aria-busy", "true")


def data_of_another_phone(route: Route) -> None:
    """Whole, with every hash right, and not for this one."""
    headers = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
    answer = route.fetch(headers=headers)
    body = answer.body()
    [length] = struct.unpack_from(">I", body)
    head = json.loads(body[4 : 4 + length])
    text = json.dumps(head | {"device": "00000000-0000-4000-8000-000000000000"}).encode()
    route.fulfill(
        status=200,
        body=struct.pack(">I", len(text)) + text + body[4 + length :],
        headers={"Aidtrack-Issued-At": head["issued_at"], "Content-Type": "application/octet-stream"},
    )


# As a storage does that breaks in part.
LOSE_THE_OLDEST = """
() => new Promise((done) => {
  indexedDB.open("aidtrack-field").onsuccess = ({target: {result: base}}) => {
    const events = base.transaction("events", "readwrite").objectStore("events");
    events.getAll().onsuccess = ({target: {result}}) => {
      events.delete(result.sort((one, other) => one.seq - other.seq)[0].id).onsuccess = () => { base.close(); done(); };
    };
  };
})
"""

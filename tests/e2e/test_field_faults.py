"""The phone's page when something is wrong: two windows, a newer page, no room, a server that answers nonsense."""

import json
import struct
import threading
from dataclasses import dataclass, field

import pytest
from flask import Flask, request, request_started
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Device
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices.commands import RevokePhone
from aidtrack.scanner.devices.services import revoke
from aidtrack.scanner.field import views
from tests.support import patience
from tests.support.chromium import scan
from tests.support.looks import Looks
from tests.support.village import (
    Village,
    expect_tone,
    hand_out,
    kept_for_later,
    let_worker_send,
    open_cases,
    outcomes,
    set_up,
    unsent,
    wait_for,
)  # fmt: skip


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
    phone_page: Page, village: Village, phone_look: Looks, monkeypatch: pytest.MonkeyPatch
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
    phone_look.at(second, "second-window")
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
    scan(second, village.code(2))
    expect_tone(second, "due")
    second.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    second.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/field/').then((it) => it.waiting)"
    )
    expect(second.locator("[data-part=newer]")).to_be_hidden()  # not under a hand that is about to press
    second.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(second, "done")
    expect(second.locator("[data-part=newer]")).to_be_visible()
    phone_look.at(second, "newer")
    with second.expect_navigation():
        second.locator("[data-part=newer-take]").click()
    expect_tone(second, "ready")
    unsent(second, 0)

    with village.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device.id)).one()
        revoke(session, RevokePhone(device, "Загублено"), actor=village.manager.actor, now=utc_now())
    second.wait_for_timeout(1_000)  # the server's word of before the act is a second old
    scan(second, village.code(3))
    expect_tone(second, "red")
    expect(second.locator("[data-part=title]")).to_have_text("Телефон відкликано")
    expect(second.locator("[data-part=trouble]")).to_contain_text("телефон відкликано")
    phone_look.at(second, "revoked", axe="colours")


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
    phone_page: Page, village: Village, phone_look: Looks
) -> None:
    """No room; a server that answers nonsense; data of another phone; one event lost, then everything; no storage."""
    page = phone_page
    set_up(page, village)
    kept_for_later(page)
    scan(page, village.code(0))
    expect_tone(page, "due")
    page.evaluate(BREAK_WRITING, "QuotaExceededError")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "red")
    expect(page.locator("[data-part=text]")).to_contain_text("Нічого не записано")
    phone_look.at(page, "full", axe="colours")
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
    scan(page, village.code(3))
    expect_tone(page, "red")
    expect(page.locator("[data-part=title]")).to_have_text("Телефон не налаштовано")
    page.goto(f"{village.url}/field/")
    expect(page.locator("[data-part=welcome-error]")).to_contain_text("Браузер видалив")
    phone_look.at(page, "wiped")
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
    phone_look.at(page, "private")


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

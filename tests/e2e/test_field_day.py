"""One phone's whole day in a village, with its own camera; and a server that is killed in the middle of one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Route, expect
from sqlalchemy import func, select

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.distribution.models import Handout
from aidtrack.kernel.actor import Role
from tests.support import chromium, people
from tests.support.chromium import scan
from tests.support.nursery import Nursery
from tests.support.product import environment
from tests.support.stories import sign_in
from tests.support.village import (
    BLANK,
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
    start_browser,
    unsent,
    wait_for,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("cheap_rows")
Screenshot = Callable[[Page, str], Path]


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
    sign_in(desk, village.app, village.url, village.manager)
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
    sign_in(desk, village.app, village.url, supervisor)
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
    scan(page, village.code(1))  # the queue at the table does not wait for the server
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

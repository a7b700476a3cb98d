"""A day by booked times in a real browser: times, a family booked, the wall's screen, an air alert, new times, served.

And what anybody can say without a name: sent, answered, read with the code; also without scripts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import Entitlement, Voucher
from aidtrack.distribution.slots import queries, services
from aidtrack.distribution.slots.commands import Book, MakeTimes
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now, zone
from tests.support import chromium, people
from tests.support import world as made
from tests.support.accessibility import expect_accessible
from tests.support.people import Somebody
from tests.support.stories import sign_in
from tests.support.world import World

Screenshot = Callable[[Page, str], Path]


@dataclass
class Day:
    """A point with six families that have vouchers; nothing is booked yet."""

    app: Flask
    url: str
    world: World
    families: list[int]
    worker: Somebody
    runner: Somebody

    def as_(self, page: Page, who: Somebody) -> Page:
        sign_in(page, self.app, self.url, who)
        return page

    def book(self, family: int) -> int:
        """Somebody else books a family at the time that is on now."""
        with self.app.app_context(), unit_of_work() as session:
            slots = queries.slots_of_round(session, self.world.round_id, day=local_date(utc_now()))
            command = Book(self.world.round_id, family, slots[0].id)
            return services.book(session, command, actor=self.worker.actor, now=utc_now())

    def serve(self, number: int) -> None:
        with self.app.app_context(), unit_of_work() as session:
            command = HandOut(uuid4(), self.world.codes[number], self.world.place_id)
            counter.hand_out(session, command, actor=self.runner.actor, now=utc_now())


@pytest.fixture
def day(app: Flask, live_url: str) -> Day:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session)
        made.add_lot(session, world, "RICE", 100_000)
        made.add_vouchers(session, world, 6)
        worker = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        runner = people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])
        families = list(
            session.scalars(
                sa.select(Entitlement.household_id)
                .join(Voucher, Voucher.entitlement_id == Entitlement.id)
                .order_by(Voucher.id)
            )
        )
    return Day(app, live_url, world, families, worker, runner)


def times_around_now(day: Day) -> None:
    """One time for two that is on now, so that a pause takes it."""
    now = utc_now()
    here = now.astimezone(zone("Europe/Kyiv"))
    minute = here.hour * 60 + here.minute
    starts = max(min(minute - 30, 1440 - 240), 0)
    with day.app.app_context(), unit_of_work() as session:
        command = MakeTimes(str(uuid4()), day.world.round_id, local_date(now), starts, starts + 240, 240, 2)
        services.make_times(session, command, actor=day.worker.actor, now=now)


def test_a_day_by_booked_times_with_an_air_alert(phone_page: Page, day: Day, screenshot: Screenshot) -> None:
    page, round_id, place_id = day.as_(phone_page, day.worker), day.world.round_id, day.world.place_id
    tomorrow = local_date(utc_now()) + timedelta(days=1)
    page.goto(f"{day.url}/slots/rounds/{round_id}")
    page.get_by_role("button", name="Створити час на день").click()
    page.get_by_label("День", exact=True).fill(tomorrow.isoformat())
    page.get_by_label("Сімей на один час").fill("1")
    page.get_by_label("за першою літерою прізвища").check()
    page.get_by_label("Прізвища від літери").fill("Я")
    page.get_by_label("до літери").last.fill("А")
    page.get_by_role("button", name="Створити час").click()
    expect(page.get_by_text("за порядком, наприклад А та К").first).to_be_visible()
    expect_accessible(page)
    page.get_by_label("Прізвища від літери").fill("А")
    page.get_by_label("до літери").last.fill("Я")
    page.get_by_role("button", name="Створити час").click()
    expect(page.get_by_text("Створено 12 проміжків часу.")).to_be_visible()
    screenshot(page, "times")

    times_around_now(day)
    page.goto(f"{day.url}/families/{day.families[0]}")
    page.get_by_role("link", name="Записати на час").click()
    page.get_by_role("button", name="Записати на цей час").click()
    expect(page.get_by_text("Номер на той день: 1.")).to_be_visible()
    assert day.book(day.families[1]) == 2
    screenshot(page, "family")
    page.goto(f"{day.url}/slots/rounds/{round_id}/spread")
    page.get_by_role("button", name="Призначити час").click()
    expect(page.get_by_text("Час призначено 4 сім’ям.")).to_be_visible()

    page = day.as_(phone_page, day.runner)
    page.goto(f"{day.url}/slots/queue/{place_id}")
    page.get_by_role("button", name="Викликати наступного").click()
    expect(page.get_by_text("Викликано: 1")).to_be_visible()
    expect_accessible(page)
    screenshot(page, "queue")
    page.get_by_role("button", name="Повітряна тривога: пауза").click()
    expect(page.get_by_text("Відведіть усіх до укриття")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{day.url}/slots/screen/{place_id}")
    expect(page.get_by_role("heading", name="Повітряна тривога")).to_be_visible()
    expect_accessible(page)
    screenshot(page, "screen-alert")
    page.goto(f"{day.url}/slots/queue/{place_id}")
    page.get_by_role("button", name="Відновити видачу").click()
    page.goto(f"{day.url}/slots/screen/{place_id}")
    expect(page.locator(".now li")).to_have_text(["1"])
    assert "Тестенко" not in page.content()
    screenshot(page, "screen")
    day.serve(0)  # the handout alone says that number 1 came
    expect(page.locator(".now li")).to_have_count(0)  # the screen asks again by itself

    page = day.as_(phone_page, day.worker)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{day.url}/slots/queue/{place_id}")
    expect(page.get_by_role("heading", name="1 сім’я втратила свій час через паузу")).to_be_visible()
    expect_accessible(page)
    screenshot(page, "lost")
    page.get_by_label("Решта приходить").fill(tomorrow.isoformat())
    page.get_by_role("button", name="Призначити новий час").click()
    expect(page.get_by_text("1 — іншого дня.")).to_be_visible()
    page.get_by_role("link", name="Кого повідомити").first.click()
    expect(page.get_by_role("link", name="Тестенко Олена")).to_have_count(1)
    page.locator("input[name=told]").check()
    page.get_by_role("button", name="Зберегти, кого повідомлено").click()
    expect(page.get_by_text("Телефонувати нікому")).to_be_visible()
    page.goto(f"{day.url}/slots/rounds/{round_id}")
    expect(page.get_by_text("1 (100 %)")).to_be_visible()
    expect_accessible(page)


def test_anybody_says_something_without_a_name_or_a_script_and_reads_the_answer(
    browser: Browser, phone_page: Page, day: Day, screenshot: Screenshot
) -> None:
    stranger = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    stranger.set_default_timeout(chromium.PATIENCE)
    page = stranger.new_page()
    page.goto(f"{day.url}/feedback")
    page.locator("#kind").select_option("complaint_order")
    page.locator("#text").fill("Чекали дві години надворі.")
    page.locator("#rating").select_option("2")
    page.get_by_role("button", name="Надіслати").click()
    code = page.locator(".reference").inner_text()
    assert {cookie["name"] for cookie in stranger.cookies()} == {"aidtrack"}, "only what the form needs"
    screenshot(page, "code")

    worker = day.as_(phone_page, day.worker)
    worker.goto(f"{day.url}/feedback/register")
    expect_accessible(worker)
    worker.get_by_role("link", name="DN-F").click()
    expect(worker.get_by_text("Чекали дві години надворі.")).to_be_visible()
    expect_accessible(worker)
    worker.get_by_label("Відповідь", exact=True).fill("Додали ще один пункт видачі.")
    worker.get_by_role("button", name="Зберегти відповідь").click()
    expect(worker.get_by_text("Відповідь збережено.")).to_be_visible()
    worker.goto(f"{day.url}/feedback/register/figures")
    expect(worker.get_by_text("1 (100 %)")).to_be_visible()
    expect_accessible(worker)
    screenshot(worker, "figures")

    page.goto(f"{day.url}/feedback/answer")
    page.get_by_label("Код вашого повідомлення").fill(code.replace("-", " ").lower())
    page.get_by_role("button", name="Показати відповідь").click()
    expect(page.get_by_text("Додали ще один пункт видачі.")).to_be_visible()
    assert code not in page.url
    screenshot(page, "answer")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Read the answer")).to_be_visible()
    stranger.close()
    public = chromium.open_context(browser, phone=True)
    seen = public.new_page()
    seen.goto(f"{day.url}/feedback")
    expect_accessible(seen)
    public.close()

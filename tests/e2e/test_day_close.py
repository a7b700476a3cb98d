"""The evening at a point, in a real browser: count blind, explain, a second person, the act; and a paper list entered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import DayClose, DayState, Device, Handout
from aidtrack.inventory import ledger
from aidtrack.inventory.models import Item
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import chromium, people
from tests.support import world as made
from tests.support.accessibility import expect_accessible
from tests.support.chromium import type_like_scanner
from tests.support.people import Somebody
from tests.support.stories import sign_in
from tests.support.world import World

Screenshot = Callable[[Page, str], Path]


@dataclass
class Evening:
    """A point after its day: one handout made, two vouchers left, a phone that still holds one event."""

    app: Flask
    url: str
    world: World
    rice: int
    maker: Somebody
    checker: Somebody
    worker: Somebody

    def as_(self, page: Page, who: Somebody) -> Page:
        sign_in(page, self.app, self.url, who)
        return page

    def go(self, page: Page, address: str) -> None:
        page.goto(f"{self.url}{address}")

    def state(self) -> list[DayState]:
        with self.app.app_context(), unit_of_work() as session:
            return list(session.scalars(select(DayClose.state).order_by(DayClose.id)))

    def rice_left(self) -> int:
        with self.app.app_context(), unit_of_work() as session:
            return ledger.balance(session, lot_id=self.rice, place_id=self.world.place_id)


@pytest.fixture
def evening(app: Flask, live_url: str) -> Evening:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        made.add_vouchers(session, world, 3)
        rice = made.add_lot(
            session, world, "RICE", 55_000, expires_on=local_date(utc_now()) + timedelta(days=90)
        )
        made.add_lot(session, world, "OIL", 9_200)
        for code, uk, en in (("RICE", "Рис", "Rice"), ("OIL", "Олія", "Oil")):
            item = session.get_one(Item, world.item_ids[code])
            item.name_uk, item.name_en = uk, en
        maker, checker = (
            people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id]) for _ in range(2)
        )
        worker = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        session.add(
            Device(
                public_id=str(uuid4()), label="Samsung A12", user_id=maker.user_id, site_id=world.site_id,
                round_id=world.round_id, place_id=world.place_id, public_key=b"p" * 65, app_version="0.2",
                enrolled_at=utc_now(), enrolled_by="m", last_seen_at=utc_now(), unsent_reported=1,
            )
        )  # fmt: skip
    with app.app_context(), unit_of_work() as session:
        command = HandOut(uuid4(), world.codes[0], world.place_id)
        counter.hand_out(session, command, actor=maker.actor, now=utc_now())
    return Evening(app, live_url, world, rice, maker, checker, worker)


def test_a_day_is_counted_explained_approved_and_printed(
    phone_page: Page, evening: Evening, screenshot: Screenshot
) -> None:
    page = evening.as_(phone_page, evening.maker)
    evening.go(page, "/days")
    page.get_by_role("button", name="Закрити день").first.click()
    page.get_by_role("button", name="Зафіксувати облік і перелічити").click()
    expect(page.get_by_role("heading", name="1. Перелічіть залишки")).to_be_visible()
    expect(page.get_by_text("50 кг")).to_have_count(0)  # the count is blind
    expect_accessible(page)
    screenshot(page, "count")
    page.get_by_label("Фактично").first.fill("8,28 кг")
    page.get_by_role("button", name="Завершити перелічення").click()
    expect(page.get_by_text("Рядків без кількості: 1").first).to_be_visible()
    page.get_by_label("Фактично").nth(1).fill("45 кг")
    page.get_by_role("button", name="Завершити перелічення").click()
    expect(page.get_by_text("нестача 5 кг")).to_be_visible()
    page.get_by_label("Причина нестачі").select_option(label="Намокання")
    page.get_by_label("Що сталося").fill("дощ під час розвантаження")
    page.get_by_role("button", name="Закрити день").click()
    expect(page.get_by_text("На телефонах ще є ненадіслані видачі: 1").first).to_be_visible()
    page.get_by_label("Усе одно закрити").check()
    page.get_by_role("button", name="Закрити день").click()
    expect(page.get_by_text("Чекає на другу особу").first).to_be_visible()
    expect_accessible(page)
    assert evening.rice_left() == 50_000
    page.get_by_role("button", name="Погодити й закрити").click()
    expect(page.get_by_text("Ви перелічували або пояснювали")).to_be_visible()
    address = page.url.removesuffix("/approve")
    page = evening.as_(phone_page, evening.checker)
    page.goto(address)
    page.get_by_role("button", name="Погодити й закрити").click()
    expect(page.get_by_text("День закрито.")).to_be_visible()
    assert (evening.state(), evening.rice_left()) == ([DayState.CLOSED], 45_000)
    screenshot(page, "closed")
    answer = page.request.get(f"{address}/act.pdf")
    assert answer.body().startswith(b"%PDF")
    page.get_by_role("button", name="Відкрити день знову").click()
    page.get_by_label("Причина").fill("телефон надіслав ще видачу")
    page.get_by_role("button", name="Відкрити день знову").click()
    expect(page.get_by_text("Акт скасовано")).to_be_visible()
    assert (evening.state(), evening.rice_left()) == ([DayState.REOPENED], 50_000)


def test_a_list_is_printed_and_entered_by_a_scanner(
    browser: Browser, page: Page, evening: Evening, screenshot: Screenshot
) -> None:
    evening.as_(page, evening.worker)
    evening.go(page, f"/rounds/{evening.world.round_id}/paper")
    page.get_by_label("Резервні рядки").fill("2")
    page.get_by_role("button", name="Скласти список неотриманих ваучерів").click()
    expect(page.get_by_role("heading", name="Паперовий список DN-L")).to_be_visible()
    address = page.url
    assert page.request.get(f"{address}/list.pdf").body().startswith(b"%PDF")
    evening.as_(page, evening.maker)
    page.goto(address)
    expect(page.get_by_label("Ваучер: скануйте")).to_be_focused()
    type_like_scanner(page, evening.world.codes[1])
    expect(page.get_by_text("Рядок 1 записано.")).to_be_visible()
    type_like_scanner(page, evening.world.codes[1])
    expect(page.get_by_text("двічі нічого не враховано")).to_be_visible()
    page.get_by_label("Рядок №").first.fill("2")
    page.get_by_role("button", name="Внести рядок").click()
    expect(page.get_by_text("Рядок 2 записано.")).to_be_visible()
    expect_accessible(page)
    screenshot(page, "list")
    with evening.app.app_context(), unit_of_work() as session:
        assert len(session.scalars(select(Handout.id)).all()) == 3
    page.get_by_role("button", name="Решту рядків ніхто не підписав…").click()
    page.get_by_role("button", name="Так, підписів немає").click()
    page.get_by_role("button", name="Закрити список").click()
    expect(page.get_by_text("за всіма рядками прозвітовано").first).to_be_visible()
    context = chromium.open_context(browser)
    sheet = evening.as_(context.new_page(), evening.worker)
    evening.go(sheet, f"/rounds/{evening.world.round_id}/sheet")
    expect(sheet.get_by_text("у паперовому списку")).to_have_count(2)
    sheet.get_by_label("Рядок 1 підписано").check()
    sheet.get_by_role("button", name="Зберегти").click()
    expect(sheet.get_by_text("Підписалися в надрукованій відомості: 1.")).to_be_visible()
    expect_accessible(sheet)
    context.close()

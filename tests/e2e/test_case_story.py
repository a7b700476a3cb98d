"""A stranger calls; the family is registered from the call, assessed, decided by a sitting, and eligible."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import unit_of_work
from aidtrack.distribution.rights.commands import AddRule
from aidtrack.distribution.rights.services import add_rule
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import SaveProgramme
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import people
from tests.support.accessibility import SERIOUS, breaches
from tests.support.stories import sign_in

Screenshot = Callable[[Page, str], Path]


@dataclass
class Office:
    app: Flask
    url: str
    programme: int
    caseworker: people.Somebody
    today: date


@pytest.fixture
def office(app: Flask, live_url: str) -> Iterator[Office]:
    """A programme for whoever a decision grants it, and nobody registered."""
    now = utc_now()
    with app.app_context():
        with unit_of_work() as session:
            site = people.add_site(session)
            seed_category_kinds(session)
            operator = system_actor("test", site_ids=frozenset({site}))
            programme = stock.save_programme(
                session,
                SaveProgramme("FOOD", "Продовольча допомога", "Food assistance"),
                actor=operator,
                now=now,
            )
            rule = {"is": "has_decision"}
            add_rule(session, AddRule(uuid4(), programme, local_date(now), rule), actor=operator, now=now)
            caseworker = people.add_person(session, Role.CASEWORKER, site_ids=[site])
        yield Office(app, live_url, programme, caseworker, local_date(now))


def test_from_a_call_to_the_right(office: Office, page: Page, screenshot: Screenshot) -> None:
    def look(name: str) -> None:
        screenshot(page, name)
        assert page.locator("html").get_attribute("lang") == "uk"
        assert breaches(page, impacts=SERIOUS) == [], name

    def fill(**values: str) -> None:
        for name, value in values.items():
            page.locator(f"main [name='{name.replace('__', '-')}']").fill(value)

    def press() -> None:
        page.locator("main button.main").first.click()

    sign_in(page, office.app, office.url, office.caseworker)
    page.goto(office.url)
    page.locator("main a", has_text="Записати звернення").first.click()
    page.select_option("[name=channel]", "phone")
    fill(from_whom="Вигаданенко Олена Іванівна", contact="067 123 45 67", about="Немає теплого одягу")
    look("1-call")
    press()
    expect(page.locator("h1")).to_contain_text("№ 1/")
    look("2-entry")
    page.locator("main a", has_text="Взяти сім’ю на облік за цим зверненням").first.click()
    expect(page.locator("[name='members-0-surname']")).to_have_value("Вигаданенко")
    expect(page.locator("[name=phone]")).to_have_value("067 123 45 67")
    fill(members__0__given_name="Олена", settlement="м. Дніпро")
    page.locator("[name='members-0-sex'][value=female]").check()
    page.locator("main button[name=step][value=save]:not(.visually-hidden)").click()
    expect(page).to_have_url(re.compile(r"/families/\d+$"))
    family = page.url
    expect(page.locator("ol.story")).to_contain_text("Звернення № 1/")

    page.goto(office.url + "/cases/due")
    expect(page.locator("main table")).to_contain_text("Вигаданенко")
    page.locator("main a", has_text="Записати акт").first.click()
    fill(act_number="АОП-1", notes="Живуть утрьох у двох кімнатах")
    page.get_by_label("Одяг і взуття").check()
    look("3-act")
    press()

    page.goto(office.url + "/cases/sittings/new")
    fill(place="зала засідань")
    press()  # with everybody who waits
    expect(page.locator("main table tbody tr")).to_have_count(1)
    look("4-agenda")
    page.locator("main a", has_text="Внести результати").first.click()
    # the only programme stands there already: nothing is left to type
    expect(page.locator("[name='cases-0-result']")).to_have_value("granted")
    expect(page.locator("[name='cases-0-valid_from']")).to_have_value(office.today.isoformat())
    page.select_option("[name='cases-0-result']", "refused")
    press()
    expect(page.locator(".problems")).to_contain_text("Протокол ще не можна закрити")
    look("5-refusal-without-reason")
    page.select_option("[name='cases-0-result']", "granted")
    press()
    expect(page.locator(".flash.success")).to_contain_text("записано 1 рішення")
    look("6-minutes")

    page.goto(family)
    story = page.locator("ol.story > li")
    expect(story).to_have_count(3)
    expect(story.last).to_contain_text("Продовольча допомога")
    page.locator("main a[href*='/rights/families/']").first.click()
    page.locator("main button[name=step][value=mark]:not(.visually-hidden)").first.click()
    page.goto(family)
    expect(page.locator("ol.story > li").last).to_contain_text("має право")
    look("7-story")

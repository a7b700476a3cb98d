"""A rule is drafted in a form, read in plain words, tried out on all families, put in force, and applied."""

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
from tests.beneficiaries.families import idp, member, registered
from tests.support import people
from tests.support.accessibility import SERIOUS, breaches
from tests.support.stories import sign_in

Screenshot = Callable[[Page, str], Path]


@dataclass
class Office:
    app: Flask
    url: str
    programme: int
    writer: people.Somebody
    caseworker: people.Somebody


@pytest.fixture
def office(app: Flask, live_url: str) -> Iterator[Office]:
    """Eight families: five displaced, of whom two have a small child; one child in a family of the town."""
    now = utc_now()
    with app.app_context():
        with unit_of_work() as session:
            site = people.add_site(session)
            seed_category_kinds(session)
            operator = system_actor("test", site_ids=frozenset({site}))
            programme = stock.save_programme(
                session, SaveProgramme("WINTER", "Зимовий одяг", "Winter clothes"), actor=operator, now=now
            )
            rule = {"is": "all", "of": [{"is": "any_member", "categories": ["idp"]}]}
            add_rule(session, AddRule(uuid4(), programme, local_date(now), rule), actor=operator, now=now)
            child = member("Дитячук", "Марко", birth_date=date(local_date(now).year - 2, 1, 5))
            for number in range(8):
                head = member(f"Родиненко{'абвгдежз'[number]}", categories=(idp(),) if number < 5 else ())
                others = [child] if number in (0, 1, 5) else []
                registered(session, operator, *others, head=head, go_on_reason="однакове ім’я дитини")
            writer = people.add_person(session, Role.ADMINISTRATOR, site_ids=[site])
            caseworker = people.add_person(session, Role.CASEWORKER, site_ids=[site])
        yield Office(app, live_url, programme, writer, caseworker)


def test_a_draft_is_written_tried_put_in_force_and_applied(
    office: Office, page: Page, screenshot: Screenshot
) -> None:
    def look(name: str) -> None:
        screenshot(page, name)
        assert breaches(page, impacts=SERIOUS) == [], name

    sign_in(page, office.app, office.url, office.writer)
    page.goto(f"{office.url}/rights/programmes/{office.programme}/drafts/new")
    page.fill("[name=title]", "Зима, для малих дітей")
    page.select_option("[name='kind-']", "any_member")
    page.click("button[value='add:']")
    page.fill("[name='c-1.age_to']", "3")
    page.select_option("[name='kind-']", "any")
    page.click("button[value='add:']")
    page.select_option("[name='c-2.kind']", "none")
    page.select_option("[name='kind-2']", "size_between")
    page.click("button[value='add:2']")
    page.fill("[name='c-2-0.at_least']", "сім")
    page.click("main button[value=save]")
    expect(page.locator("[id='c-2-0.at_least-about']")).to_contain_text("Тут потрібне ціле число")
    look("1-draft-with-a-slip")
    page.fill("[name='c-2-0.at_least']", "7")
    page.click("aside button[value=read]")
    expect(page.locator("aside")).to_contain_text("вік до 3")
    look("2-draft-form")
    page.click("button[value=save].main")
    page.get_by_role("button", name="Випробувати").click()
    page.click("main button.main")
    expect(page.locator(".answer")).to_contain_text("зараз")

    sign_in(page, office.app, office.url, office.caseworker)
    page.goto(f"{office.url}/rights/programmes/{office.programme}")
    page.get_by_role("link", name="Зима, для малих дітей").click()
    page.get_by_role("button", name="Випробувати").click()
    page.click("main button.main")
    expect(page.locator(".answer")).to_contain_text("5 зараз, 2 за чернеткою")
    expect(page.locator("main")).to_contain_text("Випадає: 3; додається: 0")
    look("3-tried")
    page.get_by_role("button", name="Хто випадає").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    look("4-who-falls-out")

    sign_in(page, office.app, office.url, office.writer)
    page.goto(f"{office.url}/rights/programmes/{office.programme}")
    page.get_by_role("link", name="Зима, для малих дітей").click()
    page.get_by_role("button", name="Увести в дію").click()
    look("5-put-in-force")
    page.click("main button.main")
    expect(page.locator(".flash.success")).to_contain_text("Правило введено в дію")
    look("6-versions")

    sign_in(page, office.app, office.url, office.caseworker)
    page.goto(f"{office.url}/rights/programmes/{office.programme}/qualify")
    page.click("main button.main")
    expect(page.locator(".answer")).to_contain_text("2")
    page.get_by_role("button", name="Визнати право за ними").click()
    page.click("main button.main")
    expect(page.locator(".flash.success")).to_contain_text("Визнано право 2 сімей")

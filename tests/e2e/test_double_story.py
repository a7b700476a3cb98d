"""A family that is registered already is noticed while it is typed; two registrations become one by two people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from aidtrack.beneficiaries.privacy import settings
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import utc_now
from tests.beneficiaries.families import idp, member, registered
from tests.support import people
from tests.support.accessibility import SERIOUS, breaches
from tests.support.stories import sign_in

Screenshot = Callable[[Page, str], Path]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class Office:
    app: Flask
    url: str
    households: tuple[int, int]
    first: people.Somebody
    second: people.Somebody


@pytest.fixture
def office(app: Flask, live_url: str) -> Iterator[Office]:
    with app.app_context():
        with unit_of_work() as session:
            site = people.add_site(session)
            seed_category_kinds(session)
            operator = system_actor("test", site_ids=frozenset({site}))
            child = member("Вигаданенко", "Марко", birth_date=date(2017, 4, 9))
            head = member(
                birth_date=date(1985, 3, 7),
                document="паспорт АН 123456",
                categories=(idp(evidence="довідка 12"),),
            )
            one = registered(
                session, operator, child, head=head, address="вул. Садова, 5", phone="067 111 22 33",
                proxy_name="Сусідко Степан Ілліч",
            )  # fmt: skip
            other = registered(
                session, operator, head=member("Vyhadanenko", "Olena", birth_date=date(1985, 7, 3)),
                address="вул. Нова, 8",
            )  # fmt: skip
            administrator = people.add_person(session, Role.ADMINISTRATOR, site_ids=[site]).actor
            limits = Limits(opened_soft=60, opened_hard=180, listed_soft=1, listed_hard=1200)
            settings.set_limits(session, limits, actor=administrator, now=utc_now())
            first, second = (people.add_person(session, Role.CASEWORKER, site_ids=[site]) for _ in range(2))
        yield Office(app, live_url, (one, other), first, second)


def test_a_double_is_noticed_and_two_registrations_become_one(
    office: Office, page: Page, screenshot: Screenshot
) -> None:
    def look(name: str) -> None:
        for size, width in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size(width)  # type: ignore[arg-type]
            screenshot(page, f"{name}-{size}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert breaches(page, impacts=SERIOUS) == [], name

    one, other = office.households
    sign_in(page, office.app, office.url, office.first)
    page.goto(f"{office.url}/families/new")
    page.fill("[name='members-0-surname']", "Вигаданнко")
    page.fill("[name='members-0-given_name']", "Олена")
    page.fill("[name='members-0-birth_date']", "1985-03-07")
    warning = page.locator("#member-0 .doubles")
    expect(warning).to_contain_text("DN-")
    expect(warning).to_contain_text("прізвище")
    expect(warning).not_to_contain_text("Вигаданенко")
    look("double-typing")
    # one family is all that lists may show this hour; more is asked for beside the form, which waits
    page.fill("[name='members-0-birth_date']", "1985-07-03")
    expect(warning).to_contain_text("зараз не показано")
    look("double-refused")
    with page.expect_popup() as opened:
        warning.get_by_role("link").click()
    opened.value.fill("main [name=reason]", "реєстрація після обстрілу")
    opened.value.click("main button[type=submit]")
    expect(opened.value.get_by_text("Ваша форма чекає")).to_be_visible()
    opened.value.close()
    expect(page.locator("[name='members-0-surname']")).to_have_value("Вигаданнко")
    page.fill("[name='members-0-birth_date']", "1985-03-07")
    expect(warning).to_contain_text("DN-")
    page.goto(f"{office.url}/families/{one}")
    look("family-page")
    page.goto(f"{office.url}/families/{one}/compare/{other}")
    look("double-compare")
    page.check("[name='f-address'][value=ending]")
    page.fill("[name=reason]", "Та сама родина, паспорт латиницею")
    page.click("button[value=propose]")
    expect(page.get_by_text("Затверджує інша особа").last).to_be_visible()
    where = page.url
    sign_in(page, office.app, office.url, office.second)
    page.goto(where)
    look("double-approve")
    page.click("button[value=approve]")
    expect(page.locator("main")).to_contain_text("вул. Нова, 8")
    expect(page.locator("main")).to_contain_text("Також зареєстровано як")
    look("family-merged")
    page.goto(f"{office.url}/families/{other}")
    expect(page.locator("main")).to_contain_text("Цю реєстрацію об’єднано з іншою")

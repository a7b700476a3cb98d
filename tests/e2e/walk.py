"""A new centre, and one browser in which its people sign in one after another."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import uuid4

from flask import Flask
from playwright.sync_api import Page, expect

from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import unit_of_work
from aidtrack.distribution.rights.commands import AddRule
from aidtrack.distribution.rights.services import add_rule
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import SaveAgreement, SaveDonor, SaveItem, SavePlace, SaveProgramme
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.kernel.actor import Actor, Role, system_actor
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.quantity import BaseUnit
from tests.support import people
from tests.support.accessibility import SERIOUS, breaches

Screenshot = Callable[[Page, str], Path]


@dataclass
class Centre:
    """The new centre, before the first pallet."""

    app: Flask
    url: str
    today: date
    point: int = 0
    donor: int = 0
    agreement: int = 0
    programme: int = 0
    rice: int = 0
    staff: dict[Role, people.Somebody] = field(default_factory=dict)


def new_centre(app: Flask, url: str) -> Centre:
    """What an administrator enters once: the site, its point, the catalogue and the people."""
    now = utc_now()
    made = Centre(app, url, local_date(now))
    with app.app_context(), unit_of_work() as session:
        site = people.add_site(session)
        seed_category_kinds(session)
        operator: Actor = system_actor("test", site_ids=frozenset({site}))
        made.donor = stock.save_donor(
            session, SaveDonor("WFP", "Всесвітня продовольча програма ООН", "UN World Food Programme"),
            actor=operator, now=now,
        )  # fmt: skip
        paper = SaveAgreement(made.donor, "ВПП-2022/1", date(2022, 8, 15), "Продовольство", "Food")
        made.agreement = stock.save_agreement(session, paper, actor=operator, now=now)
        programme = SaveProgramme("FOOD", "Продовольча допомога", "Food assistance", (made.agreement,))
        made.programme = stock.save_programme(session, programme, actor=operator, now=now)
        made.rice = stock.save_item(
            session, SaveItem("RICE", "Рис", "Rice", BaseUnit.G), actor=operator, now=now
        )
        made.point = stock.save_place(
            session,
            SavePlace(
                "DN-1", PlaceKind.POINT, site, "Пункт видачі на Робочій", "Point at Robocha",
                "м. Дніпро, вул. Робоча, 23",
            ),
            actor=operator, now=now,
        )  # fmt: skip
        rule = {"is": "any_member", "categories": ["idp"]}
        add_rule(session, AddRule(uuid4(), made.programme, made.today, rule), actor=operator, now=now)
        made.staff = {
            role: people.add_person(
                session, role, site_ids=[site], donor_ids=[made.donor] if role is Role.DONOR_LIAISON else []
            )
            for role in Role
        }  # fmt: skip
    return made


class Walk:
    """One browser in which people sign in one after another; looks at every page it comes to."""

    def __init__(self, page: Page, centre: Centre, screenshot: Screenshot) -> None:
        self.page = page
        self.centre = centre
        self.screenshot = screenshot
        self._seen: set[str] = set()

    def look(self, name: str, *, axe: bool = True) -> None:
        """A picture of the page; it is Ukrainian and the accessibility rules find nothing serious.

        A second page of the same name is passed by: it differs in its words alone.

        Args:
            axe: False where another story asks the same page at the same stage.
        """
        if name in self._seen:
            return
        self._seen.add(name)
        self.screenshot(self.page, f"{len(self._seen):02}-{name}")
        assert self.page.locator("html").get_attribute("lang") == "uk"
        if axe:
            assert breaches(self.page, impacts=SERIOUS) == [], name

    def go(self, path: str) -> None:
        answer = self.page.goto(self.centre.url + path)
        assert answer is not None and answer.status == 200, path

    def sign_in(self, role: Role) -> None:
        self.page.context.clear_cookies()
        self.go("/sign-in")
        who = self.centre.staff[role]
        self.fill(login=who.login, password=who.password)
        if role is Role.ADMINISTRATOR:
            self.look("sign-in")
        self.press()
        expect(self.page).to_have_url(f"{self.centre.url}/")
        self.look(f"start-{role.value}")

    def fill(self, **values: str) -> None:
        """Fill fields by name; `lines_0_quantity` is the field `lines-0-quantity`."""
        for name, value in values.items():
            name = re.sub(r"_(\d+)_", r"-\1-", name)
            one = self.page.locator(f"main [name='{name}']")
            if one.evaluate("field => field.tagName") == "SELECT":
                one.select_option(value)
            else:
                one.fill(value)

    def press(self, step: str | None = None) -> None:
        """The page's main button, or the visible one that stands for `step`."""
        named = f"[name=step][value={step}]:not(.visually-hidden)" if step else ".main"
        self.page.locator(f"main button{named}").first.click()

    def flashed(self) -> None:
        expect(self.page.locator(".flash.success").first).to_be_visible()

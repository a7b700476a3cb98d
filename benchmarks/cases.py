"""A year's sittings by the pages, from the agenda to the printed minutes; and all that is held about a family, printed.

    python -m benchmarks cases

Requests are counted as a browser sends them: what a page holds already goes back as it stands, and a person changes what
the sitting decided otherwise. The time is the server's; reading and thinking are people's own.
"""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.app import create_app
from aidtrack.beneficiaries.cases.services import sittings as planning
from aidtrack.beneficiaries.models import Household
from aidtrack.config import load
from aidtrack.db import db, read_session
from aidtrack.kernel.actor import Actor, Role
from benchmarks.meter import Meter, quietly
from benchmarks.register import SITES, register
from tests.support.people import Somebody, sign_in
from tests.support.product import environment

SITTINGS = 12
CASES = 15  # of each: who waits longest is taken until so many are there
FAMILIES = 20  # whose data are printed
SITE = SITES[0][0]
_UNSENT = ("checkbox", "radio", "submit")  # unless they are ticked


class Filled(HTMLParser):
    """The fields of a page's forms as a browser would send them back."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = one.get("name")
        elif tag == "option" and self._select and "selected" in one:
            self.fields.append((self._select, one.get("value", "")))
        elif tag == "input" and one.get("name") and ("checked" in one or one.get("type") not in _UNSENT):
            self.fields.append((one["name"], one.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None

    def sent(self, **said: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found | {name: [value] for name, value in said.items()}


class Desk:
    """One caseworker's browser, counting."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.requests = 0

    def get(self, path: str) -> Any:
        self.requests += 1
        answer = self._client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer

    def send(self, path: str, fields: dict[str, list[str]]) -> str:
        """Post a form, go where it leads, and say where that is."""
        self.requests += 1
        answer = self._client.post(path, data=fields)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-3000:])
        self.get(answer.location)
        return str(answer.location)


def sitting(desk: Desk) -> int:
    """Planned with those who wait longest, the papers printed, decided on one page, closed; how many cases it had."""
    new = Filled(desk.get("/cases/sittings/new").text)
    at = desk.send("/cases/sittings/new", new.sent(place="зала засідань", step="fill"))
    desk.get(f"{at}/agenda.pdf")
    results = Filled(desk.get(f"{at}/results").text).sent(step="close")
    results |= {
        "cases-0-result": ["refused"], "cases-0-reason": ["Дохід вищий за межу"],
        "cases-1-result": ["postponed"], "cases-1-reason": ["Немає довідки"],
    }  # fmt: skip
    desk.send(f"{at}/results", results)
    desk.get(f"{at}/minutes.pdf")
    return sum(1 for name in results if name.endswith("-result"))


def measure(url: str, folder: Path) -> dict[str, Any]:
    vars(planning)["MOST_CASES"] = CASES  # an agenda takes more than a sitting of this centre gets through
    app = create_app(load(environment(url, folder)))
    app.config["WTF_CSRF_ENABLED"] = False
    meter, requests, cases = Meter(url), 0, 0
    for number in range(1, SITTINGS + 1):
        desk = Desk(_signed_in(app, number))
        quietly()
        with meter.measuring():
            cases += sitting(desk)
        requests = desk.requests
    found: dict[str, Any] = {
        "sittings": SITTINGS, "cases": cases, "requests_of_each": requests,
        "server_seconds_of_all": round(sum(meter.wall) / 1000, 1),
        "processor_seconds_of_all": round((sum(meter.here) + sum(meter.database)) / 1000, 1),
    }  # fmt: skip
    with app.app_context():
        families = read_session().scalars(
            select(Household.id).where(Household.site_id == SITE).order_by(Household.id).limit(FAMILIES)
        ).all()  # fmt: skip
        db.session.remove()
    desk, printed = Desk(_signed_in(app, SITTINGS + 1)), Meter(url)
    for family in families:
        with printed.measuring():
            desk.get(f"/families/{family}/held.pdf")
    found["held_about_a_family_printed"] = printed.of_many()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return found


def _signed_in(app: Flask, number: int) -> FlaskClient:
    login = f"worker-{number}"
    return sign_in(
        app, Somebody(number, login, "", Actor(login, Role.CASEWORKER, frozenset({SITE}), user_id=number))
    )


def run() -> dict[str, Any]:
    found = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind) as (url, folder):
            found[kind] = measure(url, folder)
    return found

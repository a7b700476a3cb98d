"""The pages of rounds and vouchers, through the whole application."""

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from aidtrack.accounts.models import Centre, Site
from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution import models as distribution
from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.models import Cycle, Round, Voucher
from aidtrack.distribution.queries.vouchers import open_voucher_codes
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.distribution.rounds import conftest
from tests.distribution.rounds.conftest import ADULT, CHILD, ELDER, Place
from tests.support.people import add_person, sign_in

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
COMMAND = re.compile(r'name="command_id"[^>]*value="([^"]+)"')


@pytest.fixture
def today_place(app: Flask) -> Place:
    """The centre of `place`, with its round from today on: pages read the clock."""
    with app.app_context(), unit_of_work() as session:
        place = conftest.build(session, local_date(utc_now()))
        conftest.add_families(session, place, [ADULT, CHILD], [ADULT, ADULT], [ELDER])
        conftest.add_stock(session, place, place.rice, 100_000)
        conftest.add_stock(session, place, place.diapers, 400)
        return place


@pytest.fixture
def as_role(app: Flask, today_place: Place) -> Callable[..., FlaskClient]:
    def client(role: Role = Role.CASEWORKER, *, elsewhere: bool = False) -> FlaskClient:
        site = today_place.other_site if elsewhere else today_place.site
        with app.app_context(), unit_of_work() as session:
            who = add_person(session, role, site_ids=[site])
        return sign_in(app, who)

    return client


def fields_of(page: TestResponse) -> dict[str, str]:
    token, command = TOKEN.search(page.text), COMMAND.search(page.text)
    assert token is not None
    found = {"csrf_token": token[1]}
    if command is not None:
        found["command_id"] = command[1]
    return found


def send(client: FlaskClient, address: str, **values: str) -> TestResponse:
    """Fill in the form of a page as it stands and send it."""
    return client.post(address, data={**fields_of(client.get(address)), **values})


def issue_all(app: Flask, place: Place) -> None:
    with app.app_context(), unit_of_work() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=utc_now())


def test_every_page_of_a_round_shows(app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]) -> None:
    client = as_role()
    issue_all(app, today_place)
    base = f"/rounds/{today_place.round}"
    for address in (
        "/rounds", "/rounds?state=open", "/cycles", "/cycles/new", "/rounds/new", base, f"{base}/copy",
        f"{base}/issue", f"{base}/issue-one", f"{base}/print", f"{base}/codes", f"{base}/vouchers",
        f"{base}/vouchers?search=DN-22", f"{base}/close",
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        assert "<h1>" in page.text, address

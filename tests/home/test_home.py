"""The start page and the tour."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import lazy_gettext

from aidtrack.home.tour import TOURS, tour_for
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.errors import N_
from aidtrack.web import CardLink, HomeCard, NavItem, add_home_cards, add_nav
from tests.web.support import Someone, make_app, person


@pytest.fixture
def someone() -> Someone:
    return Someone(person())


@pytest.fixture
def web_app(tmp_path: Path, someone: Someone) -> Flask:
    return make_app(tmp_path, someone)


@pytest.fixture
def visitor(web_app: Flask) -> FlaskClient:
    return web_app.test_client()


def of_warehouse(actor: Actor) -> HomeCard | None:
    if not actor.can(Permission.VOUCHER_SCAN):
        return None
    link = CardLink("Відкрити видачу", "/counter", main=True)
    return HomeCard("Роздача сьогодні", "Поле, 12", (link,), (("Видано", "12 із 400"),), order=20)


def of_everyone(actor: Actor) -> list[HomeCard]:
    return [HomeCard("Друга", order=30), HomeCard("Перша", order=10)]


def test_cards_stand_in_their_order_and_only_for_whom_they_are(
    visitor: FlaskClient, web_app: Flask, someone: Someone
) -> None:
    add_home_cards(web_app, of_warehouse, of_everyone)
    page = visitor.get("/").text
    assert page.index("Перша") < page.index("Роздача сьогодні") < page.index("Друга")
    assert '<a role="button" href="/counter" class="main">Відкрити видачу</a>' in page
    someone.actor = person(Role.REVIEWER)
    assert "Роздача сьогодні" not in visitor.get("/").text


def test_a_card_cannot_bring_markup(visitor: FlaskClient, web_app: Flask) -> None:
    add_home_cards(web_app, lambda actor: HomeCard("<script>x</script>"))
    assert "<script>x" not in visitor.get("/").text


def test_without_tasks_the_page_says_so(visitor: FlaskClient) -> None:
    assert "Сьогодні на вас нічого не чекає." in visitor.get("/").text


def test_the_menu_and_the_tiles_show_what_the_role_may_in_its_language(
    visitor: FlaskClient, web_app: Flask, someone: Someone
) -> None:
    both = (Permission.ACCOUNTS_MANAGE, Permission.HOUSEHOLD_READ)
    add_nav(
        web_app,
        NavItem(N_("Stock"), "receive", Permission.STOCK_READ, 20, hint=N_("Quantity")),
        NavItem(lazy_gettext("Vouchers"), "either", None, 10),
        NavItem(N_("Donors"), "cases", both, 30),
        NavItem(N_("Rounds"), "not.there.yet", None, 5),
    )
    page = visitor.get("/").text
    assert page.count("Ваучери") == page.count(">Склад<") == 2
    assert page.index("Ваучери") < page.index(">Склад<")
    assert "<small>Кількість</small>" in page
    assert "Донори" not in page
    assert "Роздачі" not in page
    someone.actor = person(Role.CASEWORKER, language="en")
    page = visitor.get("/").text
    assert page.count("Donors") == 2
    assert "Stock" not in page


def test_many_entries_stand_under_heads_and_one_alone_needs_none(
    visitor: FlaskClient, web_app: Flask, someone: Someone
) -> None:
    for order in (5, 11, 12, 13, 21, 31, 32, 60):
        add_nav(web_app, NavItem(f"Пункт {order}", "either", None, order))
    page = visitor.get("/").text
    heads = re.findall(r"<summary[^>]*>([^<]*)</summary>", page)
    assert heads == ["Склад і надходження", "Роздачі й ваучери"]
    under = page[page.index(heads[0]) : page.index(heads[1])]
    assert re.findall(r"Пункт \d+", under) == [f"Пункт {order}" for order in (11, 12, 13, 21)]
    assert under.index("Пункт 13") < under.index("</details>") < under.index("Пункт 21")


def test_every_role_has_a_tour_in_both_languages(visitor: FlaskClient, someone: Someone) -> None:
    assert {tour.role for tour in TOURS} == set(Role)
    for role in Role:
        (tour,) = tour_for(role)
        someone.actor = person(role, language="en")
        assert tour.purpose in visitor.get("/help").text
        someone.actor = person(role)
        page = visitor.get("/help").text
        assert tour.purpose not in page
        assert page.count('<section class="tour">') == 1


def test_a_stranger_reads_the_tour_of_every_role(visitor: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    assert visitor.get("/help").text.count('<section class="tour">') == len(Role)

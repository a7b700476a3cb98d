"""What goes wrong around a form: the database is locked or read-only, the session ends. Nothing typed is lost.

The rest of the list of bad input stands beside the pages it belongs to, as here in both languages: quantities and dates
in tests/inventory/test_refused_receipts.py, codes that are none of ours in tests/scanner/test_codes.py, two people
changing one family in tests/beneficiaries/test_pages.py.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from aidtrack.accounts.models import SignInSession, UserAccount
from aidtrack.db import db, engines, read_session, unit_of_work
from aidtrack.inventory.models import Donation
from aidtrack.kernel.actor import Role
from tests.inventory.pages import fields as fields_of
from tests.inventory.pages import fill, send
from tests.support import people
from tests.support import world as made
from tests.support.people import Somebody
from tests.support.world import World

RECEIVE = "/donations/receive"
Closed = Callable[[Flask], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_MS", 100)


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session)
        made.add_lot(session, world, "RICE", 50_000)
        made.add_vouchers(session, world, 1)
    return world


# in which language, and what the page without a database and the pages of an unfinished form say in it
UNTOLD = {
    "uk": "База даних зараз не приймає змін. Нічого не збережено; незабаром спробуйте ще раз.",
    "en": "The database does not take changes right now. Nothing was saved; try again soon.",
}
KEPT_ON_IT = {
    "uk": "Усе введене збережено на цій сторінці.",
    "en": "What you typed is kept on this page.",
}
SIGN_IN_AGAIN = {
    "uk": "Сеанс завершився. Увійдіть: усе введене збережено.",
    "en": "Your session had ended. Sign in: what you typed is kept.",
}
GO_ON = {
    "uk": "Сеанс завершився, поки ви заповнювали форму. Продовжуйте з того самого місця",
    "en": "Your session had ended while you were filling in a form. Go on where you were",
}


def keeper(app: Flask, language: str) -> tuple[FlaskClient, Somebody]:
    """Somebody of the warehouse, signed in, with a browser in their language."""
    client, who = people.client_as(app, Role.WAREHOUSE, site="DN")
    with app.app_context(), unit_of_work() as session:
        session.execute(update(UserAccount).where(UserAccount.id == who.user_id).values(language=language))
    client.set_cookie(
        "aidtrack_language", language
    )  # as the switch leaves it: it speaks when nobody is signed in
    return client, who


def donations(app: Flask) -> int:
    with app.app_context():
        return read_session().scalar(select(func.count()).select_from(Donation)) or 0


def half_done(client: FlaskClient, world: World) -> TestResponse:
    """The page that asks whether everything was read rightly: one press from being saved."""
    return fill(
        client, RECEIVE, donor_id=world.donor_ids["WFP"], place_id=world.place_id,
        lines__0__item_id=world.item_ids["RICE"], lines__0__quantity="60,5 кг", note="два мішки\nмокрі",
    )  # fmt: skip


def kept(page: str) -> dict[str, str]:
    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return {unescape(name): unescape(value).replace("\r\n", "\n") for name, value in found}


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody else writes and does not stop: a backup, a hand at the console."""
    with app.app_context():
        url = db.engine.url
        sqlite, file = db.engine.dialect.name == "sqlite", url.database
        assert file is not None
        if not sqlite:
            db.engine.dispose()  # new connections, as impatient as this test
    if not sqlite:
        server = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server) as hand:
            hand.execute("LOCK TABLE donation, stock_entry IN EXCLUSIVE MODE")
            yield
            hand.rollback()
        with app.app_context():
            db.engine.dispose()
        return
    # the product's own library: two copies of SQLite in one process do not see each other's locks
    other = engines.sqlite_driver().connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def read_only(app: Flask) -> Iterator[None]:
    """The file system or the server takes no writes any more."""
    with app.app_context():
        url = db.engine.url
        sqlite = db.engine.dialect.name == "sqlite"
        if sqlite:
            with db.engine.connect() as connection:  # the pool's one connection: nobody else asks here
                connection.exec_driver_sql("PRAGMA query_only=ON")
        else:
            _alter(url.render_as_string(hide_password=False), "SET default_transaction_read_only = on")
            db.engine.dispose()
    try:
        yield
    finally:
        with app.app_context():
            if not sqlite:
                _alter(url.render_as_string(hide_password=False), "RESET default_transaction_read_only")
            db.engine.dispose()


def _alter(url: str, change: str) -> None:
    name = make_url(url).database
    server = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" {change}')


@pytest.fixture(
    params=[(kind, how) for kind in ("sqlite", "postgresql") for how in (locked, read_only)],
    ids=["sqlite-locked", "sqlite-read-only", "postgresql-locked", "postgresql-read-only"],
)
def closed(request: pytest.FixtureRequest) -> Closed:
    closed: Closed = request.param[1]
    return closed


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    kind = request.node.callspec.params["closed"][0] if "closed" in request.fixturenames else "sqlite"
    url = request.getfixturevalue(f"{kind}_url")
    assert isinstance(url, str)
    return url


def test_a_form_survives_a_database_that_takes_no_changes(app: Flask, world: World, closed: Closed) -> None:
    before = donations(app)
    keepers = {language: keeper(app, language)[0] for language in UNTOLD}
    checks = {language: half_done(client, world) for language, client in keepers.items()}
    with closed(app):
        refused = {
            language: send(client, RECEIVE, checks[language], step="save")
            for language, client in keepers.items()
        }
    assert donations(app) == before
    for number, (language, page) in enumerate(refused.items(), 1):
        assert (page.status_code, bool(page.headers["Retry-After"])) == (503, True)
        assert UNTOLD[language] in page.text and KEPT_ON_IT[language] in page.text
        fields = kept(page.text)
        assert (fields["lines-0-quantity"], fields["note"]) == ("60,5 кг", "два мішки\nмокрі")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        again = keepers[language].post(RECEIVE, data={**fields, "csrf_token": token[1]})
        assert again.status_code == 303, again.text
        assert donations(app) == before + number


def test_reading_goes_on_meanwhile(app: Flask, world: World, closed: Closed) -> None:
    client, _ = people.client_as(app, Role.WAREHOUSE, site="DN")
    with closed(app):
        answer = client.get("/stock")
    assert answer.status_code == 200
    assert "50\N{NO-BREAK SPACE}кг" in answer.text


def test_a_program_is_told_so_and_its_id_works_afterwards(app: Flask, world: World, closed: Closed) -> None:
    client, headers = app.test_client(), people.bearer(app, Role.WAREHOUSE, site="DN")
    address, body = f"/api/v1/handouts/{uuid4()}", {"voucher": world.codes[0], "place": world.place_code}
    with closed(app):
        refused = client.put(address, json=body, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (503, "database_unavailable")  # type: ignore[index]
    assert [client.put(address, json=body, headers=headers).status_code for _ in range(2)] == [201, 200]


@pytest.mark.parametrize("language", list(GO_ON))
def test_a_session_that_ends_in_the_middle_of_a_receipt_is_gone_on_with(
    app: Flask, world: World, language: str
) -> None:
    client, who = keeper(app, language)
    before = donations(app)
    check = half_done(client, world)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(SignInSession).values(expires_at=SignInSession.created_at))
    sent = client.post(
        RECEIVE, data={**fields_of(check), "step": "save"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert (sent.status_code, sent.location) == (303, "/sign-in?next=/resume")
    asked = client.get(sent.location)
    assert SIGN_IN_AGAIN[language] in asked.text
    signed_in = send(client, sent.location, asked, login=who.login, password=who.password)
    assert (signed_in.status_code, signed_in.location) == (303, "/resume")
    page = client.get("/resume").text
    assert GO_ON[language] in page
    fields = kept(page)
    assert (fields["lines-0-quantity"], fields["note"]) == ("60,5 кг", "два мішки\nмокрі")
    token = re.search(
        r'action="/donations/receive">\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page
    )
    assert token is not None, page
    assert client.post(RECEIVE, data={**fields, "csrf_token": token[1]}).status_code == 303
    assert donations(app) == before + 1

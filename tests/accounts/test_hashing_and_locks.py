"""Hashing takes a tenth of a second on purpose: whoever waits for SQLite's one writer must not wait for it too."""

from collections.abc import Callable

import pytest
from flask import Flask

from aidtrack.accounts import passwords
from aidtrack.cli import main
from aidtrack.db import session as doors
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role
from tests.accounts.pages import send
from tests.cli.conftest import centre, environment, made_once, on, run  # noqa: F401  fixtures of the command line
from tests.support.people import add_person, add_site, sign_in


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each hashing and comparison, whether a unit of work was open."""
    moments: list[bool] = []

    def watch(name: str) -> None:
        real: Callable[..., object] = getattr(passwords, name)

        def watched(*given: object) -> object:
            moments.append(doors._open.get())
            return real(*given)

        monkeypatch.setattr(passwords, name, watched)

    watch("hash_password")
    watch("matches")
    return moments


def test_no_page_hashes_a_password_inside_a_unit_of_work(app: Flask, hashed: list[bool]) -> None:
    with app.app_context(), unit_of_work() as session:
        site = add_site(session)
        boss = add_person(session, Role.ADMINISTRATOR, site_ids=[site])
        who = add_person(session, Role.WAREHOUSE, site_ids=[site])
    client, own = sign_in(app, boss), sign_in(app, who)
    page = f"/people/{who.user_id}"
    new = {"login": "olena", "display_name": "Олена", "role": "warehouse", "site_ids": str(site)}
    hashed.clear()  # what the test itself made
    for answer, status in (
        (
            send(
                own, "/account/password", {"old_password": who.password, "new_password": "сорок мішків рису"}
            ),
            303,
        ),
        (send(client, "/people/new", new), 200),
        (send(client, f"{page}/reset", opened_at=page), 200),
        (send(client, f"{page}/deactivate", opened_at=page), 303),
        (send(client, f"{page}/reactivate", opened_at=page), 200),
    ):
        assert answer.status_code == status
    assert hashed == [False] * 5


@pytest.mark.usefixtures("centre")
def test_no_command_hashes_a_password_inside_a_unit_of_work(hashed: list[bool]) -> None:
    for arguments in (
        ["user", "add", "olena", "--role", "warehouse", "--site", "DN"],
        ["user", "reset", "olena"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    assert hashed == [False] * 2

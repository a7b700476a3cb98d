"""A session that ends in the middle of a form loses nothing that was typed, and opens no door."""

import re
from html import unescape
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from aidtrack.web import held
from tests.web.support import Someone, person, send

FIELDS = {
    "item": "rice",
    "quantity": "500 г",
    "day": "2022-09-01",
    "note": "перший\nрядок",
    "password": "secret-1",
}


def expire_and_send(client: FlaskClient, someone: Someone, **kwargs: object) -> str:
    actor, someone.actor = someone.actor, None
    answer = send(client, "/receive?from=menu", FIELDS, **kwargs)
    someone.actor = actor
    assert answer.status_code == 303
    assert answer.location is not None
    return answer.location


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return {unescape(name): unescape(value) for name, value in found}


def test_the_form_waits_behind_sign_in_and_is_sent_on_by_one_press(
    browser_like: FlaskClient, someone: Someone, web_app: Flask
) -> None:
    browser_like.get("/receive")
    assert expire_and_send(browser_like, someone) == "/sign-in?next=/resume"
    page = browser_like.get("/resume").text
    assert 'action="/receive?from=menu"' in page
    fields = fields_of(page)
    assert fields == {name: FIELDS[name] for name in ("item", "quantity", "day", "note")}
    assert send(browser_like, "/receive?from=menu", fields).status_code == 303
    assert web_app.extensions["received"][0]["units"] == 500


def test_looking_does_not_send(browser_like: FlaskClient, someone: Someone, web_app: Flask) -> None:
    expire_and_send(browser_like, someone)
    browser_like.get("/resume")
    browser_like.get("/resume")
    assert web_app.extensions["received"] == []


def test_a_form_left_by_a_foreign_page_is_not_held(
    browser_like: FlaskClient, someone: Someone, tmp_path: Path
) -> None:
    where = expire_and_send(browser_like, someone, headers={"Sec-Fetch-Site": "cross-site"})
    assert where == "/sign-in"
    where = expire_and_send(browser_like, someone, headers={"Origin": "https://evil.example"})
    assert where == "/sign-in"
    assert not (tmp_path / "held").exists()


def test_the_file_alone_opens_nothing_and_holds_no_password(
    browser_like: FlaskClient, someone: Someone, tmp_path: Path
) -> None:
    expire_and_send(browser_like, someone)
    (file,) = (tmp_path / "held").iterdir()
    assert b"rice" not in file.read_bytes()
    assert "secret-1" not in browser_like.get("/resume").text


def test_another_browser_sees_nothing(browser_like: FlaskClient, someone: Someone, web_app: Flask) -> None:
    expire_and_send(browser_like, someone)
    answer = web_app.test_client().get("/resume")
    assert (answer.status_code, answer.location) == (303, "/")


def test_another_person_at_the_same_browser_sees_nothing(browser_like: FlaskClient, someone: Someone) -> None:
    browser_like.get("/receive")
    expire_and_send(browser_like, someone)
    someone.actor = person(label="petro")
    answer = browser_like.get("/resume")
    assert (answer.status_code, answer.location) == (303, "/")


def test_what_is_too_large_or_too_old_is_not_kept(
    browser_like: FlaskClient, someone: Someone, monkeypatch: object, tmp_path: Path
) -> None:
    import os

    expire_and_send(browser_like, someone)
    (file,) = (tmp_path / "held").iterdir()
    os.utime(file, (1, 1))
    expire_and_send(browser_like, someone)
    assert file not in list((tmp_path / "held").iterdir())
    actor, someone.actor = someone.actor, None
    answer = send(browser_like, "/receive", {"note": "x" * (held.LARGEST + 1)})
    someone.actor = actor
    assert answer.location == "/sign-in"


def test_an_unwritable_instance_folder_says_so_and_goes_on(
    browser_like: FlaskClient, someone: Someone, tmp_path: Path
) -> None:
    (tmp_path / "held").write_text("a file in the way")
    assert expire_and_send(browser_like, someone) == "/sign-in"
    assert "заповніть її ще раз" in browser_like.get("/help").text

"""Refusals and failures, for people and for programs."""

import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError

from aidtrack.kernel.errors import N_, Conflict, DomainError, NotFound
from aidtrack.web import access
from aidtrack.web.problems import translate
from tests.web.support import Someone, person, send


class ThreeLotsMissing(DomainError):
    code = "lots_missing"
    counts = "count"
    text = N_("One thing needs your attention")
    plural_text = "%(num)d things need your attention"


def raises(app: Flask, path: str, error: Exception, methods: tuple[str, ...] = ("GET", "POST")) -> None:
    @access.public
    def view() -> str:
        raise error

    app.add_url_rule(path, path, view, methods=list(methods))


def test_a_page_speaks_the_persons_language(web_app: Flask, someone: Someone) -> None:
    raises(web_app, "/lost", NotFound())
    client = web_app.test_client()
    answer = client.get("/lost")
    assert answer.status_code == 404
    assert "належить іншому підрозділу" in answer.text
    someone.actor = person(language="en")
    assert "belongs to another site" in client.get("/lost").text


def test_a_program_reads_code_message_and_facts(web_app: Flask, someone: Someone) -> None:
    raises(web_app, "/api/v1/late", Conflict(who="i.petrenko", when="2022-09-01"))
    answer = web_app.test_client().get("/api/v1/late")
    assert answer.status_code == 409
    body = answer.get_json()
    assert body["code"] == "changed_meanwhile"
    assert body["facts"] == {"who": "i.petrenko", "when": "2022-09-01"}
    assert "01.09.2022" in body["message"]


def test_a_script_of_a_page_gets_json_when_it_asks_for_it(web_app: Flask) -> None:
    raises(web_app, "/lost", NotFound())
    answer = web_app.test_client().get("/lost", headers={"Accept": "application/json"})
    assert answer.get_json()["code"] == "not_found"


def test_facts_are_written_out_as_text_never_as_markup(web_app: Flask) -> None:
    raises(web_app, "/marked", Conflict(who="<script>alert(1)</script>", when="100%"))
    page = web_app.test_client().get("/marked").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_refusal_may_count(web_app: Flask) -> None:
    with web_app.test_request_context():
        assert translate(ThreeLotsMissing(count=3, num=3)) == "3 зауваження, які треба виправити"
        assert translate(ThreeLotsMissing(count=5, num=5)) == "5 зауважень, які треба виправити"


def test_a_wrong_method_names_the_right_ones(web_app: Flask) -> None:
    client = web_app.test_client()
    for path in ("/language", "/api/v1/openapi.json"):
        answer = (
            client.put(path, headers={"X-CSRFToken": "x"}) if path == "/language" else client.delete(path)
        )
        assert answer.status_code == 405
        assert answer.headers["Allow"]


def test_too_large_a_request_is_refused_in_words(web_app: Flask) -> None:
    web_app.config["MAX_CONTENT_LENGTH"] = 10_000
    answer = web_app.test_client().post("/language", data={"language": "x" * 20_000})
    assert answer.status_code == 413


def test_an_unexpected_failure_tells_nothing_inside(web_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = web_app.test_client().get("/boom")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "ZeroDivision" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("INSERT …", {}, Exception("database is locked")),
        OperationalError("INSERT …", {}, Exception("attempt to write a readonly database")),
        InternalError("INSERT …", {}, Exception("cannot execute INSERT in a read-only transaction")),
    ],
)
def test_a_locked_or_read_only_database_is_answered_without_it(
    web_app: Flask, someone: Someone, error: Exception
) -> None:
    def broken() -> None:
        raise error

    web_app.extensions[access.LOAD_ACTOR] = broken
    for path in ("/", "/help", "/receive"):
        answer = web_app.test_client().get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Нічого не збережено" in answer.text


def test_what_was_typed_can_be_sent_again_once_the_database_is_back(web_app: Flask) -> None:
    raises(web_app, "/save", OperationalError("INSERT …", {}, Exception("database is locked")))
    answer = send(web_app.test_client(), "/save", {"note": "довгий опис", "password": "secret-1"})
    assert answer.status_code == 503
    assert "довгий опис" in answer.text
    assert "secret-1" not in answer.text


def test_a_mistake_in_our_own_sql_is_not_called_an_outage(web_app: Flask) -> None:
    raises(web_app, "/wrong", ProgrammingError("SELEC", {}, Exception("syntax error")))
    assert web_app.test_client().get("/wrong").status_code == 500


def test_a_form_with_an_old_token_comes_back_filled_in(browser_like: FlaskClient, web_app: Flask) -> None:
    answer = browser_like.post(
        "/receive",
        data={"csrf_token": "old", "note": "не загубити"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 400
    assert "не загубити" in answer.text
    assert web_app.extensions["received"] == []


def test_a_foreign_page_cannot_fill_in_a_form_of_ours(browser_like: FlaskClient) -> None:
    answer = browser_like.post(
        "/receive",
        data={"note": "чуже"},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert answer.status_code == 400
    assert "чуже" not in answer.text


def test_the_answer_of_a_program_is_json_even_for_an_unknown_address(browser_like: FlaskClient) -> None:
    answer = browser_like.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert set(json.loads(answer.text)) == {"code", "message", "facts"}

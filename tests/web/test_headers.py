"""What browsers are told a page may do."""

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aidtrack.web import access, allow_wasm
from tests.web.support import Someone, make_app, person, send


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("path", ["/", "/help", "/nowhere", "/boom", "/api/v1/openapi.json", "/cases"])
def test_every_answer_carries_the_headers(browser_like: FlaskClient, path: str) -> None:
    headers = browser_like.get(path).headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=(self)" in headers["Permissions-Policy"]


def test_only_a_marked_page_may_run_webassembly(web_app: Flask) -> None:
    @web_app.get("/reader")
    @allow_wasm
    @access.public
    def reader() -> str:
        return ""

    client = web_app.test_client()
    assert "'wasm-unsafe-eval'" in client.get("/reader").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/help").headers["Content-Security-Policy"]


def test_no_page_needs_what_the_policy_forbids(browser_like: FlaskClient) -> None:
    for path in ("/", "/help", "/receive", "/nowhere"):
        page = browser_like.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count('<script src="/assets/') + page.count(
            '<script type="module" src="/assets/'
        )


def test_cookies_are_out_of_reach_of_scripts_and_foreign_pages(browser_like: FlaskClient) -> None:
    answer = browser_like.get("/receive")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_in_production_cookies_travel_only_encrypted(tmp_path: Path) -> None:
    client = make_app(tmp_path, Someone(person()), production=True).test_client()
    answer = client.get("/receive", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_files_of_this_version_are_kept_for_a_year_and_others_asked_again(
    browser_like: FlaskClient, web_app: Flask
) -> None:
    from aidtrack.web.assets import asset

    with web_app.test_request_context():
        current = asset("app.css")
    with browser_like.get(current) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    with browser_like.get("/assets/0123456789ab/app.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"


def test_texts_travel_compressed_and_our_scripts_without_their_comments(
    browser_like: FlaskClient, web_app: Flask
) -> None:
    from aidtrack.web.assets import asset

    with web_app.test_request_context():
        address = asset("js/counter/keys.js")
    with browser_like.get(address) as plain:
        written = plain.get_data(as_text=True)
    with browser_like.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.mimetype == "text/javascript"
        sent = gzip.decompress(answer.data).decode()
        again = browser_like.get(
            address, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]}
        )
    assert "// @ts-check" in written
    assert "// @ts-check" not in sent
    assert sent.count("\n") == written.count("\n"), "a browser's complaint names the right line"
    assert "if (/^Key[A-Z]$/.test(code)) return code[3];" in sent
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        ("// said\nconst a = 1; // beside\n", "\nconst a = 1; // beside\n"),
        ("  /**\n   * said\n   */\nlet b;\n", "\n\n\nlet b;\n"),
        ("/** @type {A} */ (b).c();\n/* d */\n", "/** @type {A} */ (b).c();\n\n"),
        ('const e = "// no comment";\n', 'const e = "// no comment";\n'),
    ],
)
def test_only_whole_lines_of_comment_go(script: str, sent: str) -> None:
    from aidtrack.web.assets import without_comments

    assert without_comments(script) == sent


def test_a_part_of_a_page_says_only_what_concerns_it(browser_like: FlaskClient, web_app: Flask) -> None:
    from aidtrack.web.assets import asset

    with web_app.test_request_context():
        script, picture = asset("js/counter/keys.js"), asset("icon.svg")
    with browser_like.get(script) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" not in answer.headers
    with browser_like.get(picture) as answer:
        assert "Content-Security-Policy" in answer.headers, "a picture of this kind can be opened as a page"


@pytest.mark.parametrize("path", ["../config.py", "..%2fconfig.py", "%2e%2e/app.py", "js/../../app.py"])
def test_only_files_of_the_folder_are_served(browser_like: FlaskClient, path: str) -> None:
    assert browser_like.get(f"/assets/x/{path}").status_code == 404


def test_the_language_cookie_is_set_by_the_switch(browser_like: FlaskClient) -> None:
    answer = send(browser_like, "/language", {"language": "en", "next": "/help"})
    assert (answer.status_code, answer.location) == (303, "/help")
    assert any(
        "aidtrack_language=en" in cookie and "HttpOnly" in cookie
        for cookie in answer.headers.getlist("Set-Cookie")
    )

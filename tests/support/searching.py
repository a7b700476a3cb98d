"""Looking for words in whatever an answer is: a page, a header, a cookie, a workbook, a paper."""

import io
import json
import re
import zipfile
from functools import lru_cache

import pypdfium2
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

DAY = re.compile(r"\d\d\.\d\d\.\d{4}")


def found_in(text: str, words: dict[str, str]) -> set[str]:
    """Which of the words stand in a text, however a number is spaced or a day is written."""
    close = _close(text)
    return {
        what
        for what, word in words.items()
        if word in text or word in close or (DAY.fullmatch(word) and iso(word) in text)
    }


@lru_cache(maxsize=2)  # one answer is searched for the words of both sites
def _close(text: str) -> str:
    return re.sub(r"[\s\u00a0()\-]+|&nbsp;|&#160;", "", text)


def iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


def everything(answer: TestResponse, client: FlaskClient) -> str:
    """The answer as whoever receives it can read it: body, headers, and what the cookie holds."""
    if answer.mimetype == "application/pdf":
        body = words_of_pdf(answer.data)
    elif answer.data[:2] == b"PK":
        body = words_of_book(answer.data)
    else:
        body = answer.get_data(as_text=True)
    return "\n".join([body, around(answer, client)])


def around(answer: TestResponse, client: FlaskClient) -> str:
    """What is not the page itself: headers, the address one is sent to, and what the cookie holds."""
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    kept = _opened(client.application, cookie.value) if cookie is not None else ""
    return f"{answer.headers}\n{kept}"


@lru_cache(maxsize=8)
def _opened(app: Flask, cookie: str) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return json.dumps(serializer.loads(cookie), default=str, ensure_ascii=False)


def words_of_book(body: bytes) -> str:
    """All parts of a workbook, properties and notes included."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def words_of_pdf(body: bytes) -> str:
    """What stands on the pages of a paper; a word that was wrapped is in one piece again."""
    document = pypdfium2.PdfDocument(body)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "")
    finally:
        document.close()

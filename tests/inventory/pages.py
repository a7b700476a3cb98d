"""Filling in the room's forms the way a browser does: with every field the page had."""

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Fields(HTMLParser):
    """Names and values of the fields of the page's main form, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._depth = 0
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "main":
            self._depth = 1
        if not self._depth:
            return
        if tag == "input" and name and given.get("type") not in ("radio", "checkbox", "submit"):
            self.fields[name] = given.get("value") or ""
        if tag == "input" and given.get("type") in ("radio", "checkbox") and "checked" in given:
            self.fields[name] = given.get("value") or "y"
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value") or ""
        if tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._depth = 0
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


def fields(response: TestResponse) -> dict[str, str]:
    parser = _Fields()
    parser.feed(response.text)
    parser.fields.pop("next", None)
    return parser.fields


def fill(client: FlaskClient, address: str, /, **typed: Any) -> TestResponse:
    """Open the page, type, send. Double underscores in names stand for hyphens: lines__0__quantity."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    return send(client, address, page, **typed)


def send(client: FlaskClient, address: str, page: TestResponse, /, **typed: Any) -> TestResponse:
    """Send the page's form with some fields changed; None leaves a field out."""
    values: dict[str, Any] = {
        **fields(page),
        **{name.replace("__", "-"): value for name, value in typed.items()},
    }
    return client.post(address, data={name: value for name, value in values.items() if value is not None})


def errors(response: TestResponse) -> str:
    """What the page says is wrong, as one text."""
    found = re.search(r'<section class="problems".*?</section>', response.text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""

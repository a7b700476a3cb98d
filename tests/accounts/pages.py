"""Pages as a browser uses them: a form is opened, filled in and sent with its hidden fields."""

import re
from collections.abc import Mapping
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HIDDEN = re.compile(r"<input[^>]*>")


def hidden_fields(page: str) -> dict[str, str]:
    """The form token and the command id of the page's first form that has them."""
    found: dict[str, str] = {}
    for tag in HIDDEN.findall(page):
        name = re.search(r'name="(csrf_token|command_id)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name.group(1)] = unescape(value.group(1))
    return found


def send(
    client: FlaskClient, url: str, fields: Mapping[str, object] | None = None, *, opened_at: str | None = None
) -> TestResponse:
    """Open the page (the form's own address unless it is another), fill the form in, send it."""
    page = client.get(opened_at or url)
    return client.post(url, data={**hidden_fields(page.text), **(fields or {})})


def problems(response: TestResponse) -> str:
    """The text of the list of problems above a form."""
    found = re.search(r'<section class="problems".*?</section>', response.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(0)) if found else ""

"""How a story in a browser begins: somebody is signed in. The sign-in page has stories of its own."""

from flask import Flask
from playwright.sync_api import Page

from tests.support import people
from tests.support.people import Somebody


def sign_in(page: Page, app: Flask, url: str, who: Somebody) -> None:
    """Whoever was signed in before in this browser no longer is."""
    cookie = people.sign_in(app, who).get_cookie("aidtrack")
    assert cookie is not None
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "aidtrack", "value": cookie.value, "url": url}])

"""What the stories share: one database, pictures, a village hall and its families."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from aidtrack.scanner.pack import rows
from tests.support.accessibility import SUNLIGHT
from tests.support.looks import Looks
from tests.support.village import Village, settled

Screenshot = Callable[[Page, str], Path]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a browser shows and does is the same on both databases; every service behind it is tested on each."""
    return sqlite_url


@pytest.fixture
def shot(screenshot: Callable[..., Path]) -> Screenshot:
    """What a phone's screen shows, with its sticky rows where they are."""
    return partial(screenshot, whole=False)


@pytest.fixture
def look(screenshot: Screenshot) -> Iterator[Looks]:
    """Looks at the counter; nothing may be wrong at any of its screens."""
    looks = Looks(screenshot)
    yield looks
    assert looks.found == {}


@pytest.fixture
def phone_look(shot: Screenshot) -> Iterator[Looks]:
    """Looks at the phone's page, which is read in the sun."""
    looks = Looks(shot, contrast=SUNLIGHT)
    yield looks
    assert looks.found == {}


@pytest.fixture
def cheap_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typed code opens its row as ever, only faster: the phone goes round as often as its data says."""
    monkeypatch.setattr(rows, "ITERATIONS", 10)


@pytest.fixture
def village(app: Flask, live_url: str, cheap_rows: None) -> Village:
    return settled(app, live_url)

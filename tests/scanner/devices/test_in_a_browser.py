"""A manager's screen while a phone is enrolled, and the page of a lost one on paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from aidtrack.distribution.phones.encoding import from_b64
from aidtrack.distribution.printing import qr_text
from aidtrack.scanner.pack import rows
from tests.scanner.devices.conftest import Hall
from tests.support.accessibility import breaches
from tests.support.phones import Phone
from tests.support.stories import sign_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the pages show is the same on both databases; the services behind them are tested on each."""
    return sqlite_url


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the QR codes on the pages say."""
    texts: list[str] = []
    real = qr_text.svg_path

    def seen(text: str) -> tuple[str, int]:
        texts.append(text)
        return real(text)

    monkeypatch.setattr("aidtrack.scanner.devices.views.svg_path", seen)
    monkeypatch.setattr(rows, "ITERATIONS", 10)
    return texts


def test_the_manager_sees_the_phone_come_and_takes_it_out_again(
    hall: Hall,
    live_url: str,
    phone_page: Page,
    drawn: list[str],
    screenshot: Callable[[Page, str], Path],
    tmp_path: Path,
) -> None:
    page = phone_page
    sign_in(page, hall.app, live_url, hall.manager)
    page.goto(f"{live_url}/phones/new")
    page.get_by_role("button", name="Показати код").click()
    expect(page.get_by_text("Очікуємо на телефон…")).to_be_visible()
    screenshot(page, "code")
    phone = Phone(hall.app)
    assert phone.enrol(from_b64(drawn[0].rpartition("=")[2])).status_code == 201
    phone.pack()
    expect(page.get_by_text("Зареєстровано", exact=False).first).to_be_visible()
    page.get_by_role("link", name="До телефона").click()
    expect(page).to_have_url(re.compile(r"/phones/\d+$"))
    assert breaches(page) == []
    paper = tmp_path / "phone.pdf"
    paper.write_bytes(page.pdf(format="A4"))
    assert len(pypdfium2.PdfDocument(paper)) == 1
    page.get_by_role("button", name="Відкликати телефон…").click()
    page.get_by_label("Що сталося").fill("Загублено дорогою")
    page.get_by_role("button", name="Відкликати телефон", exact=True).click()
    expect(page.get_by_text("Загублено дорогою")).to_be_visible()
    screenshot(page, "revoked")
    assert phone.ask("/sync/v1/pack").get_json()["code"] == "device_revoked"
    page.goto(f"{live_url}/phones")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_text("відкликано")).to_be_visible()

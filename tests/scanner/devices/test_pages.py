"""The manager's pages of phones, in both languages where words matter."""

import html
import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from aidtrack.accounts.models import UserAccount
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Device, DeviceInvitation, SupervisorCode
from aidtrack.distribution.phones.encoding import from_b64
from aidtrack.distribution.printing import qr_text
from aidtrack.distribution.signing import new_private_key
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Role
from aidtrack.scanner.devices import files
from aidtrack.scanner.pack import rows
from tests.scanner.devices.conftest import Hall
from tests.support import people
from tests.support.kinds import database_url as database_url
from tests.support.kinds import on_both
from tests.support.patience import until
from tests.support.phones import Phone
from tests.support.qr import qr_codes
from tests.web.support import token_in

NOW = datetime.now(UTC)


@pytest.fixture
def manager(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(rows, "ITERATIONS", 10)
    return people.sign_in(hall.app, hall.manager)


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a page's form as a browser does."""
    token = token_in(client.get(path).text)
    return client.post(path, data={"csrf_token": token, **fields})


def show_code(hall: Hall, client: FlaskClient) -> tuple[TestResponse, bytes]:
    page = post(
        client, "/phones/new", user_id=hall.helper.user_id, round_id=hall.world.round_id,
        place_id=hall.world.place_id,
    )  # fmt: skip
    assert page.status_code == 200, page.text
    return page, b""


def number_of(hall: Hall, phone: Phone) -> int:
    with hall.app.app_context(), unit_of_work() as session:
        return session.scalars(select(Device.id).where(Device.public_id == phone.device)).one()


def test_another_place_than_the_rounds_is_asked_about_once(hall: Hall, manager: FlaskClient) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        van = Place(
            code="VAN9", kind=PlaceKind.VAN, site_id=hall.world.site_id, name_uk="Фургон", name_en="Van"
        )
        session.add(van)
        session.flush()
        van_id = van.id
    fields = {"user_id": hall.helper.user_id, "round_id": hall.world.round_id, "place_id": van_id}
    asked = post(manager, "/phones/new", **fields)
    assert asked.status_code == 422 and 'name="elsewhere"' in asked.text
    done = post(manager, "/phones/new", **fields, elsewhere="y")
    assert done.status_code == 200 and "<path d=" in done.text


@on_both
def test_the_code_on_the_page_enrols_a_phone(
    hall: Hall, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = qr_text.svg_path

    def seen(text: str) -> tuple[str, int]:
        drawn.append(text)
        return real(text)

    monkeypatch.setattr("aidtrack.scanner.devices.views.svg_path", seen)
    page, _ = show_code(hall, manager)
    assert page.headers["Cache-Control"] == "no-store" and "<path d=" in page.text
    (address,) = drawn
    assert address.startswith("http://localhost/field/#enrol=")
    # drawn, and written only where somebody unfolds it: a look over the shoulder is not enough
    before, _, folded = page.text.partition("<details>")
    assert address.rpartition("=")[2] not in before + folded.partition("</details>")[2]
    assert f'href="{address}"' in folded
    waits = re.search(r'data-waits="([^"]+)"', page.text)
    assert waits is not None
    status = manager.get(waits[1], headers={"Accept": "application/json"}).get_json()
    assert status == {"state": "waiting", "url": None}
    phone = Phone(hall.app)
    assert phone.enrol(from_b64(address.rpartition("=")[2])).status_code == 201
    status = manager.get(waits[1], headers={"Accept": "application/json"}).get_json()
    assert status == {"state": "enrolled", "url": f"/phones/{number_of(hall, phone)}"}
    assert manager.get(waits[1]).status_code == 303


def test_the_drawn_code_is_read_back() -> None:
    from PIL import Image, ImageDraw

    text = "https://aid.example/field/#enrol=" + "Ab3-_" * 8 + "xyz"
    path, side = qr_text.svg_path(text)
    image = Image.new("L", (side * 4, side * 4), 255)
    draw = ImageDraw.Draw(image)
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", path):
        x, y, wide = int(column) * 4, int(row) * 4, int(length) * 4
        draw.rectangle((x, y, x + wide - 1, y + 3), fill=0)
    (found,) = qr_codes(image)
    assert found.text == text


def test_a_code_that_waited_too_long_says_so(hall: Hall, manager: FlaskClient) -> None:
    show_code(hall, manager)
    with hall.app.app_context(), unit_of_work() as session:
        number = session.scalars(select(DeviceInvitation.id)).one()
        session.execute(update(DeviceInvitation).values(expires_at=NOW - timedelta(seconds=1)))
    page = manager.get(f"/phones/invitations/{number}")
    assert page.status_code == 200 and "Показати новий код" in page.text
    assert manager.get(f"/phones/invitations/{number}", headers={"Accept": "application/json"}).get_json() == {
        "state": "expired", "url": None,
    }  # fmt: skip


@on_both
def test_the_list_says_who_has_what_and_what_is_not_sent(hall: Hall, manager: FlaskClient) -> None:
    assert "Жодного телефона не зареєстровано" in manager.get("/phones").text
    phone = hall.phone()
    phone.pack()
    report(phone, unsent=7)
    was_seen(hall, last_pack_at=NOW - timedelta(hours=50))
    page = manager.get("/phones").text
    for words in ("Тестовий телефон", "Test warehouse", "50 годин", "використовується"):
        assert words in page, words
    assert cell(page, "Ще не надіслано") == "! 7 найдавніша: 05.03.2026, 07:30"
    assert cell(page, "Останній зв’язок") == "05.03.2026, 12:15"  # by the site's own time
    report(phone, unsent=0)
    page = manager.get("/phones").text
    assert (
        cell(page, "Ще не надіслано") == "✓ немає" and cell(page, "Останній зв’язок") != "05.03.2026, 12:15"
    )


def report(phone: Phone, *, unsent: int) -> None:
    """The phone says how much it holds, as with every batch."""
    said = {"app": "0.2.0", "unsent": unsent, "oldest": "2026-03-05T05:30:00.000Z", "events": []}
    assert phone.ask("/sync/v1/events", method="POST", body=json.dumps(said).encode()).status_code == 200


def was_seen(hall: Hall, **more: datetime) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(Device).values(last_seen_at=datetime(2026, 3, 5, 10, 15, tzinfo=UTC), **more))


def cell(page: str, label: str) -> str:
    """The words of the one row's cell under that heading."""
    (found,) = re.findall(rf'<td[^>]*data-label="{label}"[^>]*>(.*?)</td>', page, re.DOTALL)
    return words_of(found)


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@on_both
def test_the_start_page_says_how_much_is_out_there(hall: Hall, manager: FlaskClient) -> None:
    assert "Телефони для видачі" not in manager.get("/").text
    phone = hall.phone()
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(Device).values(unsent_reported=7, unsent_oldest_at=NOW - timedelta(hours=3)))
    page = manager.get("/").text
    assert "Телефони для видачі" in page and "Ще не надіслано" in page
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(Device).values(revoked_at=NOW, revoke_reason="Загублено"))
    assert phone.device and "Телефони для видачі" not in manager.get("/").text


def test_the_round_leads_to_its_phones(hall: Hall, manager: FlaskClient) -> None:
    address = f"/phones/new?round={hall.world.round_id}"
    assert address in manager.get(f"/rounds/{hall.world.round_id}").text
    assert f'<option selected value="{hall.world.round_id}">' in manager.get(address).text


@on_both
def test_revoking_asks_for_a_reason_and_says_what_the_phone_held(hall: Hall, manager: FlaskClient) -> None:
    phone = hall.phone()
    phone.pack()
    report(phone, unsent=7)
    address = f"/phones/{number_of(hall, phone)}"
    page = manager.get(address).text
    assert "Відкличте його нижче" in page
    assert "Тестенко" not in page and "Олена" not in page
    refused = post(manager, address, reason=" ")
    assert refused.status_code == 422 and phone.ask("/sync/v1/pack").status_code == 200
    done = post(manager, address, reason="Загублено дорогою")
    assert done.status_code == 303
    assert phone.ask("/sync/v1/pack").get_json()["code"] == "device_revoked"
    was_seen(hall)
    page = manager.get(address).text
    assert "Загублено дорогою" in page and "Відкличте його нижче" not in page
    assert "Test caseworker" in page
    said = words_of(page)
    for figure in (
        "72 годин",
        "3 рядки про сім’ї",
        "7 видач",
        "! 7 найдавніша: 05.03.2026, 07:30",
        "05.03.2026, 12:15",
    ):
        assert figure in said, figure
    again = post(manager, "/phones/new", reason="x")  # the form is gone; sent all the same it changes nothing
    assert again.status_code == 422
    token = token_in(manager.get("/phones").text)
    assert manager.post(address, data={"csrf_token": token, "reason": "Ще раз"}).status_code == 422


def test_a_phone_whose_person_left_is_not_called_in_use(hall: Hall, manager: FlaskClient) -> None:
    phone = hall.phone()
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(
            update(UserAccount).where(UserAccount.id == hall.helper.user_id).values(deactivated_at=NOW)
        )
    for path in ("/phones", f"/phones/{number_of(hall, phone)}"):
        page = manager.get(path).text
        assert "людина вибула" in page and "використовується" not in page, path


@on_both
def test_another_sites_manager_sees_nothing_of_a_phone(hall: Hall) -> None:
    phone = hall.phone()
    number = number_of(hall, phone)
    with hall.app.app_context(), unit_of_work() as session:
        site = people.add_site(session, "ZH")
        other = people.add_person(session, Role.CASEWORKER, site_ids=[site])
        invitation = session.scalars(select(DeviceInvitation.id)).one()
    client = people.sign_in(hall.app, other)
    assert "Тестовий телефон" not in client.get("/phones").text
    token = token_in(client.get("/phones").text)
    for path in (
        f"/phones/{number}",
        f"/phones/invitations/{invitation}",
        f"/phones/rounds/{hall.world.round_id}",
    ):
        assert client.get(path).status_code == 404, path
    answer = client.post(f"/phones/{number}", data={"csrf_token": token, "reason": "Чужий"})
    assert answer.status_code == 404 and phone.ask("/sync/v1/pack").status_code == 200
    refused = post(
        client, "/phones/new", user_id=hall.helper.user_id, round_id=hall.world.round_id,
        place_id=hall.world.place_id,
    )  # fmt: skip
    assert refused.status_code in (200, 422)
    with hall.app.app_context(), unit_of_work() as session:
        assert session.scalars(select(DeviceInvitation.id)).all() == [invitation]


def test_a_list_without_its_scope_would_be_found(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the phones' query forgets the sites of whoever asks."""
    from aidtrack.scanner.devices import queries

    hall.phone()
    scoped = queries._devices
    with hall.app.app_context(), unit_of_work() as session:
        other = people.add_person(session, Role.CASEWORKER, site_ids=[people.add_site(session, "ZH")])
    client = people.sign_in(hall.app, other)
    monkeypatch.setattr(queries, "_devices", lambda actor: scoped(hall.manager.actor))
    assert "Тестовий телефон" in client.get("/phones").text
    monkeypatch.undo()
    assert "Тестовий телефон" not in client.get("/phones").text


def test_only_who_runs_rounds_or_accounts_manages_phones(hall: Hall) -> None:
    for role, status in (
        (Role.CASEWORKER, 200), (Role.ADMINISTRATOR, 200), (Role.WAREHOUSE, 403), (Role.REVIEWER, 403),
        (Role.DONOR_LIAISON, 403),
    ):  # fmt: skip
        client, _ = people.client_as(hall.app, role)
        assert client.get("/phones").status_code == status, role


@on_both
def test_rows_to_type_are_made_by_a_run_with_progress(hall: Hall, manager: FlaskClient) -> None:
    address = f"/phones/rounds/{hall.world.round_id}"
    assert 'value="0" max="3"' in manager.get(address).text
    assert post(manager, address).status_code == 303

    def look() -> TestResponse | None:
        page = manager.get(address)
        return None if "Refresh" in page.headers else page

    page = until(look, "the run's end")
    assert 'value="3" max="3"' in page.text and "Усі готові" in page.text


@on_both
def test_a_supervisors_code_is_shown_once(hall: Hall, manager: FlaskClient) -> None:
    made = post(manager, "/phones/my-code", site_id=hall.world.site_id)
    code = re.search(r'class="typed">([0-9A-Z]{5}-[0-9A-Z]{5})<', made.text)
    assert code is not None and made.headers["Cache-Control"] == "no-store"
    later = manager.get("/phones/my-code").text
    assert code[1] not in later and "Новий його скасує" in later
    # another's site is not on offer
    assert post(manager, "/phones/my-code", site_id=hall.world.other_site_id).status_code == 422
    with hall.app.app_context(), unit_of_work() as session:
        assert len(session.scalars(select(SupervisorCode)).all()) == 1


# -- files -------------------------------------------------------------------------------------------


def upload(client: FlaskClient, data: bytes) -> TestResponse:
    token = token_in(client.get("/phones/file").text)
    fields = {"csrf_token": token, "file": (io.BytesIO(data), "phone.aidfile")}
    return client.post("/phones/file", data=fields, content_type="multipart/form-data")


def a_file(phone: Phone, events: list[Any]) -> bytes:
    key = from_b64(phone.pack()[0]["file_key"])
    content = {"device": phone.device, "events": events}
    return files.write(content, key, private_key=new_private_key(), nonce=os.urandom(12))


@on_both
def test_a_phones_file_is_read_in_and_every_event_gets_its_receipt(hall: Hall, manager: FlaskClient) -> None:
    phone = hall.phone()
    page = upload(manager, a_file(phone, [{"body": "not an event", "sig": ""}, 7]))
    assert page.status_code == 200, page.text
    assert page.text.count('<th scope="row"') == 2 and "Із файлу внесено 2 видачі" in page.text


def test_what_is_no_such_file_is_refused_in_words(hall: Hall, manager: FlaskClient) -> None:
    phone = hall.phone()
    whole = a_file(phone, [])
    for data in (b"", b"x" * 500, whole[:-1], whole[:60]):
        page = upload(manager, data)
        assert page.status_code == 422, data[:20]
        assert data == b"" or "Це не файл із ненадісланими видачами" in page.text
    phone.device = "00000000-0000-4000-8000-000000000000"
    with hall.app.app_context(), unit_of_work() as session:
        key = bytes(session.scalars(select(file_key().public_key)).one())
    foreign = files.write(
        {"device": phone.device, "events": []}, key, private_key=new_private_key(), nonce=os.urandom(12)
    )
    page = upload(manager, foreign)
    assert page.status_code == 422 and "не належить до вашого підрозділу" in page.text


def file_key() -> Any:
    from aidtrack.distribution.models import FileKey

    return FileKey


def test_another_sites_manager_cannot_read_a_phones_file_in(hall: Hall) -> None:
    data = a_file(hall.phone(), [])
    client, _ = people.client_as(hall.app, Role.CASEWORKER, site="ZH")
    page = upload(client, data)
    assert page.status_code == 422 and "не належить до вашого підрозділу" in page.text

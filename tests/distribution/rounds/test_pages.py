"""The pages of rounds and vouchers, through the whole application."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution import models as distribution
from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.models import Round, Voucher
from aidtrack.distribution.queries.printed import open_voucher_codes
from aidtrack.distribution.rations import Basis
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import registration_number
from tests.distribution.rounds import conftest
from tests.distribution.rounds.conftest import ADULT, ELDER, Place
from tests.support.kinds import database_url as database_url
from tests.support.kinds import on_both
from tests.support.patience import until
from tests.support.people import add_person, sign_in
from tests.support.qr import qr_codes

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
COMMAND = re.compile(r'name="command_id"[^>]*value="([^"]+)"')


@pytest.fixture
def today_place(app: Flask) -> Place:
    """The centre of `place`, with its round from today on: pages read the clock."""
    with app.app_context(), unit_of_work() as session:
        place = conftest.build(session, local_date(utc_now()))
        baby = place.first_day - timedelta(days=400)
        conftest.add_families(session, place, [ADULT, baby], [ADULT, ADULT], [ELDER])
        conftest.add_stock(session, place, place.rice, 100_000)
        conftest.add_stock(session, place, place.diapers, 400)
        return place


@pytest.fixture
def as_role(app: Flask, today_place: Place) -> Callable[..., FlaskClient]:
    def client(role: Role = Role.CASEWORKER, *, elsewhere: bool = False) -> FlaskClient:
        site = today_place.other_site if elsewhere else today_place.site
        with app.app_context(), unit_of_work() as session:
            who = add_person(session, role, site_ids=[site])
        return sign_in(app, who)

    return client


def fields_of(page: TestResponse) -> dict[str, str]:
    token, command = TOKEN.search(page.text), COMMAND.search(page.text)
    assert token is not None
    found = {"csrf_token": token[1]}
    if command is not None:
        found["command_id"] = command[1]
    return found


def send(client: FlaskClient, address: str, **values: str) -> TestResponse:
    """Fill in the form of a page as it stands and send it."""
    return client.post(address, data={**fields_of(client.get(address)), **values})


def issue_all(app: Flask, place: Place) -> None:
    with app.app_context(), unit_of_work() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=utc_now())


@on_both
def test_every_page_of_a_round_shows(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    issue_all(app, today_place)
    base = f"/rounds/{today_place.round}"
    for address in (
        "/rounds", "/rounds?state=open", "/cycles", "/cycles/new", "/rounds/new", base, f"{base}/copy",
        f"{base}/issue", f"{base}/issue-one", f"{base}/print", f"{base}/codes", f"{base}/vouchers",
        f"{base}/vouchers?search=DN-22", f"{base}/close",
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        assert "<h1>" in page.text, address


@on_both
def test_a_cycle_is_changed_on_its_page_and_says_what_stands_once_issued(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    address = f"/cycles/{today_place.cycle}/edit"
    assert address in client.get("/cycles").text
    page = client.get(address)
    values = dict(
        re.findall(r'name="(code|name_uk|name_en|starts_on|ends_on)"[^>]*value="([^"]*)"', page.text)
    )
    assert sorted(values) == ["code", "ends_on", "name_en", "name_uk", "starts_on"]
    assert send(client, address, **{**values, "name_uk": "Пайок на зиму"}).status_code == 303
    assert "Пайок на зиму" in client.get("/cycles").text
    refused = send(client, address, **{**values, "ends_on": values["starts_on"]})
    assert refused.status_code == 422
    assert "Ж-1" in refused.text
    issue_all(app, today_place)
    page = client.get(address)
    assert 'name="starts_on"' not in page.text
    assert 'name="code"' not in page.text
    kept = {name: values[name] for name in ("name_uk", "name_en", "ends_on")}
    assert send(client, address, **{**kept, "name_en": "Winter", "code": "C-9"}).status_code == 303
    assert "C-9" not in client.get("/cycles").text


def test_a_round_is_planned_from_the_form_with_quantities_as_people_type_them(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    form = round_form(today_place, code="Ж-2")
    answer = send(client, "/rounds/new", **form)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert "2,5\u00a0кг" in page.text
    assert "Ж-2" in page.text
    with app.app_context(), unit_of_work() as session:
        lines = session.execute(
            select(
                distribution.RationEntry.units,
                distribution.RationEntry.basis,
                distribution.RationEntry.pack_id,
            )
            .join(Round, Round.id == distribution.RationEntry.round_id)
            .where(Round.code == "Ж-2")
            .order_by(distribution.RationEntry.id)
        ).all()
    assert [tuple(line) for line in lines] == [
        (2_500, Basis.MEMBER, None),
        (40, Basis.HOUSEHOLD, today_place.diaper_pack),
    ]


def round_form(place: Place, **changes: str) -> dict[str, str]:
    return {
        "cycle_id": str(place.cycle),
        "place_id": str(place.point),
        "code": "Ж-9",
        "first_day": place.first_day.isoformat(),
        "last_day": place.first_day.isoformat(),
        "hours": "9–16",
        "lines-0-item_id": str(place.rice),
        "lines-0-quantity": "2,5 кг",
        "lines-0-basis": "member",
        "lines-0-pack_id": "0",
        "lines-1-item_id": str(place.diapers),
        "lines-1-quantity": "1 упаковка",
        "lines-1-basis": "household",
        "lines-1-pack_id": str(place.diaper_pack),
        **changes,
    }


BAD_PLANS: list[tuple[dict[str, str], str]] = [
    ({"lines-0-quantity": "-3 кг"}, "lines-0-quantity"),
    ({"lines-0-quantity": "NaN"}, "lines-0-quantity"),
    ({"lines-0-quantity": "1e999"}, "lines-0-quantity"),
    ({"lines-0-quantity": "1,2,3"}, "lines-0-quantity"),
    ({"lines-1-quantity": "3 кг"}, "lines-1-quantity"),
    ({"lines-0-quantity": "1.234 т"}, "lines-0-quantity"),
    ({"lines-0-item_id": "0"}, "lines-0-item_id"),
    ({"lines-0-basis": "age_band"}, "lines-0-age_from"),
    ({"lines-0-basis": "age_band", "lines-0-age_from": "9", "lines-0-age_to": "3"}, "lines-0-age_from"),
    ({"lines-0-pack_id": "PACK"}, "lines-0-pack_id"),
    ({"first_day": "31.02.2026"}, "first_day"),
    ({"last_day": "2001-01-01"}, "last_day"),
    ({"first_day": "2001-01-01", "last_day": "2001-01-01"}, "first_day"),
    ({"code": "Ж-1"}, "code"),
    ({"code": "<b>"}, "code"),
    ({"code": "Ж" * 17}, "code"),
    ({"place_id": "999"}, "place_id"),
]


def test_a_bad_plan_is_refused_at_its_field_and_keeps_what_was_typed(
    today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    hidden = fields_of(client.get("/rounds/new"))
    for changes, field in BAD_PLANS:
        typed = {name: value.replace("PACK", str(today_place.diaper_pack)) for name, value in changes.items()}
        answer = client.post("/rounds/new", data={**hidden, **round_form(today_place, **typed)})
        assert answer.status_code == 422, changes
        assert f'id="{field}-error"' in answer.text, changes
        assert 'value="9–16"' in answer.text, changes
        assert "Ж-9" in answer.text or "code" in changes, changes


def test_a_line_more_is_added_without_a_script(
    today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    page = send(as_role(), "/rounds/new", **round_form(today_place, add_line="1"))
    assert page.status_code == 200
    assert 'name="lines-2-quantity"' in page.text
    assert "2,5 кг" in page.text


def test_a_planned_round_is_changed_and_copied(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    base = f"/rounds/{today_place.round}"
    assert "упаковка" in client.get(f"{base}/edit").text
    assert send(client, f"{base}/edit", **round_form(today_place, code="Ж-7")).status_code == 303
    day = today_place.first_day.isoformat()
    copied = send(
        client, f"{base}/copy", cycle_id=str(today_place.cycle), code="Ж-8", first_day=day, last_day=day
    )
    page = client.get(copied.headers["Location"]).text
    assert "Ж-8" in page
    assert "2,5\u00a0кг" in page
    issue_all(app, today_place)
    late = send(client, f"{base}/edit", **round_form(today_place, code="Ж-6"))
    assert late.status_code == 422


def finished(client: FlaskClient, address: str) -> TestResponse:
    """Look at a run as a browser does, until it is over."""

    def look() -> TestResponse | None:
        page = client.get(address)
        return None if "Refresh" in page.headers else page

    return until(look, "the run's end")


@on_both
def test_issuing_shows_the_plan_then_its_progress_then_the_count(
    today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    client = as_role()
    base = f"/rounds/{today_place.round}"
    plan = client.get(f"{base}/issue").text
    assert "15\u00a0кг" in plan
    started = send(client, f"{base}/issue")
    assert started.status_code == 303
    done = finished(client, started.headers["Location"])
    assert "Видано 3 ваучери." in done.text
    page = client.get(base).text
    assert "Облік сходиться" in page
    assert "Триває" in page


def test_a_shortage_is_shown_and_must_be_accepted(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    with app.app_context(), unit_of_work() as session:
        conftest.add_families(session, today_place, *[[ADULT] * 9] * 4)
    client = as_role()
    address = f"/rounds/{today_place.round}/issue"
    assert "23\u00a0кг" in client.get(address).text  # 123 kg needed, 100 kg there
    assert send(client, address).status_code == 422
    started = send(client, address, accept_shortage="y")
    assert "Видано 7 ваучерів." in finished(client, started.headers["Location"]).text


def codes_in(pdf: bytes) -> list[str]:
    """Every QR code on every page, read by a reader that knows nothing of how it was drawn."""
    found = []
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    for page in document:
        picture = page.render(scale=200 / 72).to_pil()
        found += [code.text for code in qr_codes(picture)]
        page.close()
    document.close()
    return found


def words_in(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    words = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(words.split())  # also the no-break spaces


@pytest.mark.parametrize("layout", ["sheets", "cards"])
def test_printed_codes_are_read_back_and_the_words_are_ukrainian(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient], layout: str
) -> None:
    with app.app_context(), unit_of_work() as session:
        conftest.add_families(session, today_place, *[[ELDER]] * 7)
    issue_all(app, today_place)
    client = as_role()
    answer = send(
        client, f"/rounds/{today_place.round}/print", layout=layout, language="uk", which="unprinted"
    )
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context(), unit_of_work() as session:
        issued = list(open_voucher_codes(session, "Ж-1"))
        stamps = session.execute(select(Voucher.printed_at)).scalars().all()
        logged = session.execute(
            select(AuditEvent.facts).where(AuditEvent.action == "read.voucher_codes")
        ).scalars().all()  # fmt: skip
    assert sorted(codes_in(answer.data)) == sorted(issued)
    assert None not in stamps
    assert logged == [{"vouchers": 10, "form": layout, "for": "serving"}]
    words = words_in(answer.data)
    for expected in (
        "Ваучер",
        "рис — 6 кг",
        "дитячі підгузки",
        "Пункт видачі на Робочій",
        "№ Ж-1-00001",
    ):
        assert expected in words, expected
    for secret in ("Мороз", "Їжа", "DN-22"):  # name, programme, case number
        assert secret not in words


def test_the_paper_speaks_english_when_asked_and_names_the_head_only_where_the_round_says_so(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Round).values(print_head_name=True))
    issue_all(app, today_place)
    answer = send(as_role(), f"/rounds/{today_place.round}/print", layout="cards", language="en", which="all")
    words = words_in(answer.data)
    assert "To collect" in words
    assert "rice — 6 kg" in words
    assert words.count("Мороз І. І.") == 3


def test_codes_on_screen_are_the_open_ones_and_looking_is_logged(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    page = as_role().get(f"/rounds/{today_place.round}/codes")
    assert page.text.count('<svg viewBox="0 0 53 53"') == 3
    with app.app_context(), unit_of_work() as session:
        typed = session.execute(select(Voucher.typed_code)).scalars().all()
        logged = session.execute(
            select(AuditEvent.facts).where(AuditEvent.action == "read.voucher_codes")
        ).scalars().all()  # fmt: skip
    assert all(f"{code[:5]}-{code[5:]}" in page.text for code in typed)
    assert logged == [{"vouchers": 3, "form": "screen", "for": "serving"}]


@on_both
def test_a_voucher_is_reprinted_and_voided_with_reasons(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    client = as_role()
    with app.app_context(), unit_of_work() as session:
        first, second = session.execute(select(Voucher.id).order_by(Voucher.id).limit(2)).scalars()
    assert send(client, f"/vouchers/{first}/reprint", reason=" ").status_code == 422
    made = send(client, f"/vouchers/{first}/reprint", reason="Загублено")
    assert made.status_code == 303
    new_page = client.get(made.headers["Location"]).text
    assert "Ж-1-00004" in new_page
    assert "Загублено" in client.get(f"/vouchers/{first}").text
    assert send(client, f"/vouchers/{second}/void", reason="Сім’я виїхала").status_code == 303
    again = send(client, f"/vouchers/{second}/void", reason="Ще раз")
    assert again.status_code == 422
    printed = client.post(
        made.headers["Location"] + "/print", data=fields_of(client.get(made.headers["Location"]))
    )
    assert len(codes_in(printed.data)) == 1
    fields = fields_of(client.get(made.headers["Location"]))
    picture = client.post(made.headers["Location"] + "/print", data={**fields, "picture": "y"})
    assert picture.mimetype == "image/png"
    (read,) = qr_codes(Image.open(io.BytesIO(picture.data)))
    assert [read.text] == codes_in(printed.data)


def test_a_late_comer_is_served_by_registration_number(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    with app.app_context(), unit_of_work() as session:
        conftest.add_families(session, today_place, [ADULT])
    client = as_role()
    address = f"/rounds/{today_place.round}/issue-one"
    number = registration_number("DN", 2022, 4)
    for wrong in (number[:-1] + ("A" if number[-1] != "A" else "B"), "DN-22-000099-0", "щось", ""):
        answer = send(client, address, registration_no=wrong)
        assert answer.status_code == 422
        assert 'id="registration_no-error"' in answer.text
    assert send(client, address, registration_no=number.lower()).status_code == 303


@on_both
def test_a_round_is_closed_after_a_second_look(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    client = as_role()
    base = f"/rounds/{today_place.round}"
    assert "3 невикористані ваучери" in client.get(f"{base}/close").text
    assert send(client, f"{base}/close").status_code == 303
    page = client.get(base).text
    assert "Закрита" in page
    assert "прострочено 3" in page
    assert client.post(f"{base}/close", data=fields_of(client.get(f"{base}/close"))).status_code == 422


def test_who_sees_what_of_rounds_and_vouchers(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    with app.app_context(), unit_of_work() as session:
        voucher = session.execute(select(Voucher.id).limit(1)).scalar_one()
    warehouse, reviewer, stranger = as_role(Role.WAREHOUSE), as_role(Role.REVIEWER), as_role(elsewhere=True)
    base = f"/rounds/{today_place.round}"
    assert warehouse.get(base).status_code == 200
    for address in (f"{base}/vouchers", f"{base}/codes", f"{base}/print", f"/vouchers/{voucher}"):
        assert warehouse.get(address).status_code == 403, address
        assert stranger.get(address).status_code == 404, address
    found = reviewer.get("/vouchers/inspect?serial=Ж-1-00001")
    assert found.status_code == 303
    shown = reviewer.get(found.headers["Location"])
    assert "DN-22" not in shown.text  # by serial, never by family
    assert reviewer.get("/vouchers/inspect?serial=Ж-1-09999").status_code == 404


def test_the_start_page_offers_todays_round(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient]
) -> None:
    issue_all(app, today_place)
    page = as_role().get("/").text
    assert "Сьогоднішня роздача Ж-1" in page
    assert f"/rounds/{today_place.round}/codes" in page
    assert f"/rounds/{today_place.round}/codes" not in as_role(Role.WAREHOUSE).get("/").text


@on_both
def test_a_long_print_runs_beside_and_its_file_is_for_the_one_who_asked(
    app: Flask, today_place: Place, as_role: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_all(app, today_place)
    monkeypatch.setattr("aidtrack.distribution.views.printing.AT_ONCE", 2)
    client = as_role()
    base = f"/rounds/{today_place.round}"
    started = send(client, f"{base}/print", layout="sheets", language="uk", which="all")
    assert started.status_code == 303
    run = started.headers["Location"]
    assert "Зберегти PDF" in finished(client, run).text
    assert len(codes_in(client.get(f"{run}/file").data)) == 3
    assert as_role().get(f"{run}/file").status_code == 404
    assert client.get(f"{base}/runs/unknown").status_code == 303

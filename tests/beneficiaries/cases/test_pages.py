"""Pages and API of cases: forms lose nothing, papers say what they must, files name nobody and compute nothing."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.services import reading
from aidtrack.beneficiaries.models import CaseListEntry, Intake, NeedsAssessment, PrivacySettings
from aidtrack.beneficiaries.queries import find_household, household_by_number
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.cases.test_journal import an_act, appeal
from tests.beneficiaries.families import NOW, member, registered
from tests.beneficiaries.test_pages import hidden
from tests.support.people import Somebody, bearer, client_as, sign_in
from tests.support.two_sites import bare

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Services are tested on both databases; pages and papers are the same on each."""
    return sqlite_url


@pytest.fixture
def desk(app: Flask, worker: Somebody) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, worker)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def words_of(pdf: bytes) -> str:
    return "\n".join(pages_of(pdf))


def test_papers_of_a_family_are_recorded_and_bad_ones_asked_about(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
    [site_id] = caseworker.site_ids
    where = f"/cases/families/{household_id}"
    intake = {
        "site_id": str(site_id), "number": "З-17", "kind": "notification", "channel": "letter",
        "sender": "institution", "received_on": "2026-11-01",
    }  # fmt: skip
    act = {
        "act_number": "А-5", "made_on": "2026-11-03", "valid_until": "2027-05-03", "at_home": "yes",
        "living_conditions": "no", "notes": "Окремі слова",
    }  # fmt: skip
    decision = {"body": "council", "number": "Р-9", "decided_on": "2026-11-10", "valid_from": "2026-11-10"}
    for tail, fields in (("intake", intake), ("assessment", act), ("decision", decision)):
        page = desk.get(f"{where}/{tail}")
        assert page.status_code == 200
        saved = desk.post(f"{where}/{tail}", data={**hidden(page.text), **fields})
        assert saved.status_code == 303, saved.text
    assert desk.post(f"{where}/decision", data={**decision, "decided_on": "2026-11-02"}).status_code == 422
    assert desk.post(f"{where}/assessment", data={**act, "valid_until": "2026-11-02"}).status_code == 422
    old = {**act, "act_number": "А-1", "made_on": "2025-01-01", "valid_until": "2025-06-01"}
    asked = desk.post(f"{where}/assessment", data=old)
    assert asked.status_code == 422
    assert 'name="expired_confirmed"' in asked.text
    assert "Окремі слова" in asked.text  # nothing typed is lost
    confirmed = desk.post(f"{where}/assessment", data={**old, "expired_confirmed": "y"})
    assert confirmed.status_code == 303
    family = desk.get(f"/families/{household_id}").text
    told = [family.index(number) for number in ("А-1", "З-17", "А-5", "Р-9")]
    assert told == sorted(told)  # the story in the order of its days
    with unit() as session:
        assert [one.status for one in session.scalars(select(Intake))] == ["closed"]
        assert len(session.scalars(select(NeedsAssessment)).all()) == 2


def test_the_journal_is_narrowed_printed_with_names_and_taken_away_without(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    formula = "=HYPERLINK(1)"
    with unit() as session:
        typed = [appeal(caseworker, from_whom=f"Вигаданенко {n}") for n in range(26)]
        services.record_papers(session, typed, actor=caseworker, now=NOW)
        odd = appeal(caseworker, number=formula, from_whom="Зразкова Марія")
        services.record_paper(session, odd, actor=caseworker, now=NOW)
    page = desk.get("/cases/journal").text
    assert page.count("Вигаданенко") + page.count("Зразкова") == 25  # never more names at once
    assert desk.get("/cases/journal?page=2").text.count("Вигаданенко") == 2
    assert "Зразкова" in desk.get(f"/cases/journal?number={formula}").text
    assert desk.get("/cases/journal?first=never").status_code == 422
    printed = words_of(desk.get("/cases/journal/print?status=open").data)
    assert "ЖУРНАЛ" in printed
    assert printed.count("Вигаданенко") == 26
    csv = desk.get("/cases/journal/file?format=csv").get_data(as_text=True)
    assert f"'{formula}" in csv
    assert "Вигаданенко" not in csv
    assert "Зразкова" not in csv
    book = openpyxl.load_workbook(BytesIO(desk.get("/cases/journal/file?format=xlsx").data))
    assert isinstance(book.active, Worksheet)
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == formula] == ["s"]
    assert not any("Вигаданенко" in str(cell.value) for cell in cells)
    with unit() as session:
        purposes = [
            (facts or {}).get("purpose")
            for facts in session.scalars(select(AuditEvent.facts).where(AuditEvent.action == "read.journal"))
        ]
    assert {"page", "print", "csv", "xlsx"} <= set(purposes)


def test_a_journal_too_long_for_one_paper_or_hour_is_printed_in_parts(
    desk: FlaskClient, caseworker: Actor, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit() as session:
        typed = [appeal(caseworker, from_whom=f"Вигаданенко {n}") for n in range(7)]
        ids = services.record_papers(session, typed, actor=caseworker, now=NOW)
    monkeypatch.setattr(reading, "MOST_ON_PAPER", 3)
    sent = desk.get("/cases/journal/print?status=open")
    assert sent.status_code == 303 and sent.location.endswith("/cases/journal/parts?status=open")
    page = desk.get(sent.location).text
    assert [f"part={one}&amp;status=open" in page for one in ids] == [True, False, False] * 2 + [True]
    second = words_of(desk.get(f"/cases/journal/print?status=open&part={ids[3]}").data)
    assert "частина 2 з 3" in second
    assert [f"Вигаданенко {n}" in second for n in range(7)] == [n in (3, 4, 5) for n in range(7)]
    moved = desk.get(f"/cases/journal/print?status=open&part={ids[1]}")
    assert moved.status_code == 303  # the parts are others by now
    with unit() as session:  # three of the seven were shown above, and that is all for an hour
        session.add(
            PrivacySettings(
                id=1, opened_soft=60, opened_hard=180, listed_soft=3, listed_hard=3, export_hours=4,
                changed_at=NOW, changed_by="x",
            )
        )  # fmt: skip
    page = desk.get("/cases/journal/parts").text
    assert "коли мине година" in page and page.count("Друкувати частину") == 3


def test_a_family_registered_from_its_appeal_begins_with_what_was_said_and_is_looked_for_at_once(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    """That the filled form asks by itself is shown in tests/js/families_doubles.test.js."""
    said = appeal(caseworker, from_whom="Вигаданенко Олена Ігорівна", contact="067 111 22 33")
    with unit() as session:
        intake_id = services.record_paper(session, said, actor=caseworker, now=NOW)
    page = desk.get(f"/families/new?intake={intake_id}").text
    assert 'id="register"' in page and "js/families/doubles" in page and "data-doubles-at" in page
    for name, value in (
        ("members-0-surname", "Вигаданенко"),
        ("members-0-given_name", "Олена"),
        ("phone", "067 111 22 33"),
    ):
        assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', page)


def test_the_first_page_says_whose_act_is_missing_out_of_date_or_ending(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    today = local_date(utc_now())
    with unit() as session:
        missing, expired, soon = (
            registered(session, caseworker, head=member(name)) for name in ("Перша", "Друга", "Третя")
        )
    assert "Акти, які треба скласти" not in desk.get("/").text
    papers: list[Any] = [
        appeal(caseworker, missing, received_on=today),
        an_act(expired, today - timedelta(40), 30),
        an_act(soon, today - timedelta(40), 50),
    ]
    with unit() as session:
        services.record_papers(session, papers, actor=caseworker, now=utc_now())

    def acts_due() -> dict[str, str]:
        page = desk.get("/").text
        assert 'href="/cases/due"' in page and "Перша" not in page
        [card] = re.findall(
            r"<article[^>]*>\s*<h2>Акти, які треба скласти</h2>.*?</article>", page, re.DOTALL
        )
        return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card))

    assert acts_due() == {"Акта немає": "1", "Строк минув": "1", "Строк скоро мине": "1"}
    listed = desk.get("/cases/due").text
    assert [name in listed for name in ("Перша", "Друга", "Третя")] == [True] * 3
    with unit() as session:
        services.record_papers(session, [an_act(missing, today, 90)], actor=caseworker, now=utc_now())
    assert acts_due() == {"Акта немає": "0", "Строк минув": "1", "Строк скоро мине": "1"}


def test_a_program_takes_a_case_from_the_appeal_to_the_minutes(
    app: Flask, desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        family, *others = (
            find_household(
                session, registered(session, caseworker, head=member(name)), caseworker
            ).registration_no
            for name in ("Вигаданенко", "Перша", "Друга", "Третя")
        )
    token, today = bearer(app, Role.CASEWORKER), local_date(utc_now())
    client = app.test_client()

    def ask(method: str, path: str, **body: object) -> dict[str, Any]:
        answer = client.open(f"/api/v1/cases/{path}", method=method, json=body or None, headers=token)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.get_json() if answer.data else {}
        return found

    entry = {"family": family, "kind": "appeal", "channel": "email", "received_on": today.isoformat()}
    once, path = uuid4(), "journal/{}"
    made = ask("PUT", path.format(once), **entry)
    assert ask("PUT", path.format(once), **entry) == made
    assert ask("GET", "due")["families"][0]["why"] == "missing"
    until = (today + timedelta(90)).isoformat()
    tick: dict[str, Any] = {"list": "circumstances", "name_uk": "Підвал", "name_en": "A cellar"}
    with unit() as session:
        tick["id"] = bare(session, CaseListEntry, **tick, protected=False, valid_from=today - timedelta(9))
    act = {
        "family": family, "number": "А-1", "made_on": today.isoformat(), "valid_until": until, "at_home": True,
        "notes": "Двоє дітей", "entries": [tick["id"]],
    }  # fmt: skip
    old = {**act, "made_on": "2020-01-01", "valid_until": "2021-01-01"}
    asked = client.put(f"/api/v1/cases/acts/{uuid4()}", json=old, headers=token)
    assert (asked.status_code, asked.get_json()["code"]) == (422, "act_expired")
    ask("PUT", f"acts/{uuid4()}", **act)
    sitting = {
        "body": "council", "held_on": today.isoformat(), "place": "зала", "grants_from": today.isoformat()
    }  # fmt: skip
    where = f"sittings/{ask('PUT', f'sittings/{uuid4()}', **sitting)['id']}"
    assert ask("POST", f"{where}/agenda", families=None) == {"added": 1}
    assert ask("POST", f"{where}/agenda", families=others) == {"added": 3}
    # the list of all, and one page for each case that names no other one
    contents, *pages = pages_of(desk.get(f"/cases/{where}/agenda.pdf").data)
    assert len(pages) == 4 and all(number in contents for number in (family, *others))
    for own, page in zip((family, *others), pages, strict=True):
        assert [number for number in (family, *others) if number in page] == [own]
    file = ask("GET", where)
    case, *rest = file["cases"]
    result = {"case": case["id"], "result": "granted", "valid_from": today.isoformat(), "any_programme": True}
    refused = [{"case": one["id"], "result": "refused", "reason": "Немає підстав"} for one in rest]
    ask("PUT", f"{where}/results", version=file["version"], results=[result, *refused])
    version = ask("GET", where)["version"]
    closing = {"version": version, "number": "7", "minutes_on": today.isoformat()}
    assert ask("POST", f"{where}/minutes", **closing) == {"decisions": 1}
    days = f"first={today}&last={today}"
    assert ask("GET", f"statistics?{days}")["granted"] == {
        "papers": 1, "households": 1, "percent_of_step_before": 25
    }  # fmt: skip
    paper = {
        "family": family, "body": "department", "number": "Р-9", "decided_on": today.isoformat(),
        "valid_from": today.isoformat(), "valid_until": until,
    }  # fmt: skip
    early = client.put(
        f"/api/v1/cases/decisions/{uuid4()}", json=paper | {"decided_on": "2020-01-01"}, headers=token
    )
    assert early.status_code in (409, 422) and early.get_json()["code"] == "decision_before_act"
    entered = ask("PUT", f"decisions/{(twice := uuid4())}", **paper)
    assert ask("PUT", f"decisions/{twice}", **paper) == entered
    with unit() as session:
        number = household_by_number(session, family, caseworker)
    story = ask("GET", f"families/{number}")
    assert [(one["status"], one["outcome"]) for one in story["appeals"]] == [("closed", "granted")]
    told = {name: story["acts"][0][name] for name in ("number", "valid_until", "at_home", "notes", "entries")}
    assert told == {
        "number": "А-1",
        "valid_until": until,
        "at_home": True,
        "notes": "Двоє дітей",
        "entries": [tick],
    }
    assert [(one["id"], one["number"]) for one in story["decisions"]] == [(entered["id"], "Р-9")]
    [before] = story["cases"]
    assert (before["minutes_number"], before["result"], before["any_programme"]) == ("7", "granted", True)
    minutes = words_of(desk.get(f"/cases/{where}/minutes.pdf").data)
    assert "ПРОТОКОЛ № 7" in minutes
    assert "будь-яка програма" in minutes
    extract = words_of(desk.get(f"/cases/{where}/cases/{case['id']}/extract.pdf").data)
    assert "ВИТЯГ" in extract and not any(number in extract for number in others)


def test_whoever_edits_the_lists_sees_no_case(
    app: Flask, desk: FlaskClient, administrator: Actor, unit: Unit
) -> None:
    client, _ = client_as(app, Role.ADMINISTRATOR)
    app.config["WTF_CSRF_ENABLED"] = False
    page = client.get("/cases/lists/needs/new")
    entry = {**hidden(page.text), "name_uk": "Генератор", "name_en": "Generator", "valid_from": "2026-01-01"}
    for _twice in range(2):
        assert client.post("/cases/lists/needs/new", data=entry).status_code == 303
    listed = client.get("/cases/lists").text
    assert listed.count("Генератор") == 1
    assert (
        client.post("/cases/lists/needs/new", data={**entry, "command_id": str(uuid4())}).status_code == 422
    )
    for closed in ("journal", "due", "sittings", "statistics"):
        assert client.get(f"/cases/{closed}").status_code == 403
    assert desk.get("/cases/lists").status_code == 200
    assert desk.get("/cases/lists/needs/new").status_code == 403

"""The issue sheet: numbered for ever, names read under log, signatures entered afterwards; papers as PDF."""

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Person
from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.models import PaperSignature
from aidtrack.distribution.paper import sheet as sheets
from aidtrack.distribution.paper.errors import NotOnThatSheet
from aidtrack.distribution.paper.sheet import Sheet, Signed
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import Forbidden
from tests.distribution.paper.conftest import TODAY, Office
from tests.support.people import add_person, sign_in


def give(office: Office, n: int, *, undo: bool = False, **more: object) -> None:
    with office.unit() as session:
        command = HandOut(uuid4(), office.world.codes[n], office.world.place_id, **more)  # type: ignore[arg-type]
        counter.hand_out(session, command, actor=office.person(), now=utc_now())
        if undo:
            wrong = UndoHandout(uuid4(), command.client_id, "не та родина")
            counter.undo_handout(session, wrong, actor=office.person(), now=utc_now())


def sheet(office: Office) -> Sheet:
    with office.unit() as session:
        return sheets.sheet(session, office.world.round_id, TODAY)


def round_of(office: Office) -> RoundRow:
    with office.unit() as session:
        return round_by_id(session, office.world.round_id, actor=office.person())


def sign(
    office: Office, *texts: str, shown: frozenset[int] = frozenset(), ticked: frozenset[int] = frozenset()
) -> int:  # fmt: skip
    round_ = round_of(office)
    with office.unit() as session:
        return sheets.sign(
            session, round_, TODAY, shown=shown, ticked=ticked, texts=texts,
            actor=office.person(), now=utc_now(),
        )  # fmt: skip


def test_rows_are_numbered_by_the_ledger_and_an_undone_one_keeps_its_number(office: Office) -> None:
    give(office, 2)
    give(office, 0, undo=True)
    give(office, 1, quantities={office.world.item_ids["OIL"]: 0}, reason="олії не стало")
    found = sheet(office)
    assert [(row.number, row.serial, row.undone) for row in found.rows] == [
        (1, "R1-000002", False), (2, "R1-000000", True), (3, "R1-000001", False),
    ]  # fmt: skip
    assert {item.item_code: item.units for item in found.items} == {"RICE": 1_000, "OIL": 920}
    assert (len(found.standing), found.unsigned) == (2, 2)
    with office.unit() as session:
        assert [(row.day, row.handouts) for row in sheets.days(session, office.world.round_id)] == [
            (TODAY, 3)
        ]


def test_who_signed_on_paper_is_ticked_or_typed_and_taken_off_again(office: Office) -> None:
    for n in range(3):
        give(office, n)
    ids = [row.handout_id for row in sheet(office).rows]
    assert sign(office, "1", "r1-000002", "") == 2
    with pytest.raises(NotOnThatSheet):
        sign(office, "9")
    assert [row.signed for row in sheet(office).rows] == [Signed.SHEET, None, Signed.SHEET]
    assert sign(office, shown=frozenset(ids), ticked=frozenset({ids[1]})) == 1
    assert [row.signed for row in sheet(office).rows] == [None, Signed.SHEET, None]
    assert sign(office, shown=frozenset({ids[0]}), ticked=frozenset({ids[0], 987_654})) == 2


def test_who_signed_on_a_list_needs_not_sign_again(office: Office) -> None:
    list_id = office.make()
    office.enter(list_id, 2)
    give(office, 0)
    assert [row.signed for row in sheet(office).rows] == [Signed.LIST, None]
    with office.unit() as session:
        assert session.scalars(select(PaperSignature.handout_id)).all() == []


def test_names_are_for_those_who_run_rounds_and_their_reading_is_logged(office: Office) -> None:
    give(office, 0)
    round_ = round_of(office)
    with office.unit() as session:
        found = sheets.sheet(session, office.world.round_id, TODAY)
        names = sheets.names(session, found, round_, actor=office.person(Role.CASEWORKER), now=utc_now())
    assert list(names.values()) == ["Тестенко О."]
    with office.unit() as session:
        read = session.execute(select(AuditEvent.facts).where(AuditEvent.action == "read.issue_sheet")).all()
    assert [row.facts for row in read] == [{"day": TODAY.isoformat(), "rows": 1, "for": "serving"}]
    with pytest.raises(Forbidden), office.unit() as session:
        sheets.names(session, found, round_, actor=office.person(), now=utc_now())


@pytest.fixture
def as_role(app: Flask, office: Office) -> Callable[[Role], FlaskClient]:
    def client(role: Role) -> FlaskClient:
        with app.app_context(), unit_of_work() as session:
            who = add_person(session, role, site_ids=[office.world.site_id])
        return sign_in(app, who)

    return client


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_the_printed_sheet_holds_names_goods_totals_and_room_to_sign(
    office: Office, as_role: Callable[[Role], FlaskClient]
) -> None:
    with office.unit() as session:
        for head in session.scalars(select(Person).where(Person.is_head)):
            head.patronymic = "Петрівна"
    give(office, 0)
    give(office, 1)
    answer = as_role(Role.CASEWORKER).get(
        f"/rounds/{office.world.round_id}/sheet.pdf?day={TODAY.isoformat()}"
    )
    text = words_of(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"
    for words in ("ВІДОМІСТЬ ВИДАЧІ № R1/", "Тестенко О. П.", "R1-000001", "Разом", "1 кг", "Голова комісії", "сторінка 1 з 1"):  # fmt: skip
        assert words in text.replace("\u00a0", " "), words
    english = as_role(Role.CASEWORKER).get(f"/rounds/{office.world.round_id}/sheet.pdf?language=en")
    assert "ISSUE SHEET No. R1/" in words_of(english.data)
    assert as_role(Role.WAREHOUSE).get(f"/rounds/{office.world.round_id}/sheet.pdf").status_code == 403


def test_the_printed_list_holds_no_name_unless_it_is_asked_for_and_logged(
    office: Office, as_role: Callable[[Role], FlaskClient]
) -> None:
    list_id = office.make(spare=3)
    client = as_role(Role.CASEWORKER)
    plain = words_of(client.get(f"/paper/{list_id}/list.pdf").data)
    assert "Тестенко" not in plain
    assert "R1-000002" in plain
    assert office.world.typed_codes[0] not in plain.replace(" ", "")
    named = words_of(client.get(f"/paper/{list_id}/list.pdf?names=1").data)
    assert "Тестенко О." in named
    with office.unit() as session:
        read = session.scalars(
            select(AuditEvent.object_id).where(AuditEvent.action == "read.paper_list")
        ).all()
    assert read == [list_id]


def test_the_pages_of_papers_take_a_round_from_the_list_to_the_sheet(
    office: Office, as_role: Callable[[Role], FlaskClient]
) -> None:
    worker, keeper = as_role(Role.CASEWORKER), as_role(Role.WAREHOUSE)
    for client in (worker, keeper):
        client.application.config["WTF_CSRF_ENABLED"] = False
    made = worker.post(f"/rounds/{office.world.round_id}/paper", data={"spare": "2"})
    assert made.status_code == 303
    address = made.headers["Location"]
    assert keeper.get(address).status_code == 200
    day = TODAY.isoformat()
    wrong = keeper.post(f"{address}/enter", data={"row": "77", "happened_on": day, "collector": "head"})
    assert wrong.status_code == 422
    assert "77" in wrong.text
    right = keeper.post(
        f"{address}/enter", data={"code": "R1-000001", "happened_on": day, "collector": "proxy"}
    )
    assert right.headers["Location"].endswith(f"?day={day}")
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert (
        keeper.post(
            f"{address}/enter", data={"row": "1", "happened_on": tomorrow, "collector": "head"}
        ).status_code
        == 422
    )
    oil = office.world.item_ids["OIL"]
    less = {
        "row": "1",
        "happened_on": day,
        "collector": "head",
        "less-0-item_id": str(oil),
        "less-0-quantity": "0,5 кг",
    }
    assert keeper.post(f"{address}/enter", data=less).status_code == 422
    assert keeper.post(f"{address}/enter", data={**less, "reason": "не вистачило"}).status_code == 303
    assert keeper.post(f"{address}/close").status_code == 422
    assert keeper.post(f"{address}/not-signed", data={"row": ""}).status_code == 303
    assert keeper.post(f"{address}/close").status_code == 303
    page = keeper.get(f"/rounds/{office.world.round_id}/sheet?day={day}")
    assert "R1-000001" in page.text
    assert "Тестенко" not in page.text
    assert worker.get(f"/rounds/{office.world.round_id}/paper").status_code == 200

"""The pages and the API of imports: one's own files only, a day long, encrypted; nothing is brought in unseen."""

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from aidtrack.app import create_app
from aidtrack.beneficiaries.models import Household
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import db, unit_of_work
from aidtrack.importing.models import ImportFile, ImportMeaning, ImportState
from aidtrack.importing.views import APPLY, TRY, run_of
from aidtrack.kernel.actor import Role
from aidtrack.kernel.likeness import folded
from aidtrack.web.jobs import Job, jobs
from tests.conftest import config_for
from tests.support.patience import until
from tests.support.people import Somebody, add_person, add_site, bearer, sign_in

REGISTER = "Прізвище;Ім'я;Стать;Населений пункт;Дата народження\nКанаркова;Олена;ж;Дніпро;01.02.1980\n=HYPERLINK;Олег;ч;Дніпро;32.01.1980\n"

COLUMNS = {
    **{
        f"column-{at}": to
        for at, to in enumerate(("surname", "given_name", "sex", "settlement", "birth_date"))
    },
    "encoding": "cp1251",
    "delimiter": ";",
    "header_row": "1",
    "header_rows": "1",
}


class Desk:
    """One application with two caseworkers of one site and one of another."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), unit_of_work() as session:
            seed_category_kinds(session)
            sites = [add_site(session, code) for code in ("DN", "ZH")]
            self.people: list[Somebody] = [
                add_person(session, Role.CASEWORKER, site_ids=[site])
                for site in (sites[0], sites[0], sites[1])
            ]
            self.keeper = add_person(session, Role.WAREHOUSE, site_ids=[sites[0]])

    def client(self, number: int = 0) -> FlaskClient:
        return sign_in(self.app, self.people[number])

    def families(self) -> int:
        with self.app.app_context(), unit_of_work() as session:
            return session.scalar(select(func.count()).select_from(Household)) or 0

    def files(self) -> list[Path]:
        folder = Path(self.app.instance_path) / "import"
        return list(folder.iterdir()) if folder.exists() else []  # made with the first file


@pytest.fixture(scope="module")
def desk(sqlite_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with sqlite_databases.fresh() as url:
        app = create_app(config_for(url, tmp_path_factory.mktemp("instance")))
        app.config["WTF_CSRF_ENABLED"] = False
        yield Desk(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def sent(body: str, **more: str) -> dict[str, Any]:
    return {"command_id": str(uuid4()), "layout": "families", "site_id": "1",
            "file": (io.BytesIO(body.encode("cp1251")), "Реєстр.csv"), **more}  # fmt: skip


def upload(client: FlaskClient, body: str = REGISTER) -> str:
    answer = client.post("/imports", data=sent(body), content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/columns")


def bring_in(client: FlaskClient, body: str) -> None:
    where = upload(client, body)
    assert client.post(where + "/columns", data={**COLUMNS, "step": "try"}).status_code == 303
    finished(client, where)
    assert client.post(where + "/apply", data={"mode": "good"}).status_code == 303
    assert "Внесено" in finished(client, where)


def finished(client: FlaskClient, where: str) -> str:
    def look() -> str | None:
        answer = client.get(where)
        return None if "Refresh" in answer.headers else answer.text

    return until(look, "the run's end")


def test_a_table_is_tried_out_mended_and_brought_in_by_its_uploader_alone(desk: Desk) -> None:
    client, before = desk.client(), desk.families()
    where = upload(client)
    for number in (1, 2):
        for page in ("", "/columns", "/to-mend.xlsx"):
            assert desk.client(number).get(where + page).status_code == 404
    bad = client.post(where + "/columns", data={**COLUMNS, "column-0": "", "step": "try"})
    assert bad.status_code == 422 and "Прізвище" in bad.text
    assert client.post(where + "/columns", data={**COLUMNS, "step": "try"}).status_code == 303
    page = finished(client, where)
    assert "Це не дата" in page and "E\u00a0— Дата народження" in page
    mend = load_workbook(io.BytesIO(client.get(where + "/to-mend.xlsx").data)).active
    assert mend is not None
    row = next(mend.iter_rows(min_row=2))
    assert row[1].value == "=HYPERLINK" and row[1].data_type == "s"  # text, and no formula
    assert client.post(where + "/apply", data={"mode": "all"}).status_code == 303
    assert "Не можна внести рядків: 1" in finished(client, where)
    assert client.post(where + "/apply", data={"mode": "good"}).status_code == 303
    assert "Внесено" in finished(client, where)
    assert desk.families() == before + 1


def test_files_lie_encrypted_and_go_when_they_are_forgotten(desk: Desk) -> None:
    client = desk.client()
    before = set(desk.files())
    where = upload(client)
    [file] = set(desk.files()) - before
    raw = file.read_bytes()
    assert "Канаркова".encode("cp1251") not in raw and b"HYPERLINK" not in raw
    with desk.app.app_context(), unit_of_work() as session:
        row = session.scalars(select(ImportFile).where(ImportFile.uid == where.rpartition("/")[2])).one()
        assert row.key not in (None, "") and row.name == "Реєстр.csv"
    assert client.post(where + "/forget", data={"command_id": str(uuid4())}).status_code == 303
    assert not file.exists()
    assert client.get(where + "/columns").status_code == 410


def test_yesterdays_file_opens_no_more_even_where_nobody_tidied(desk: Desk) -> None:
    client = desk.client()
    before = set(desk.files())
    where = upload(client)
    [file] = set(desk.files()) - before
    assert client.get(where + "/columns").status_code == 200
    yesterday = file.stat().st_mtime - 25 * 3600
    os.utime(file, (yesterday, yesterday))
    assert client.get(where + "/columns").status_code == 410


@pytest.mark.parametrize(
    ("body", "words"),
    [("", "Файл порожній"), ("\u0000" * 20, "Файл порожній"), ("%PDF-1.4 abc", "Це не книга XLSX")],
)
def test_a_file_that_is_no_table_is_refused_on_its_field(desk: Desk, body: str, words: str) -> None:
    answer = desk.client().post("/imports", data=sent(body), content_type="multipart/form-data")
    assert answer.status_code == 422 and words in answer.text


def test_words_are_said_only_of_the_tables_own_lists_and_headings_go_with_the_file(desk: Desk) -> None:
    client = desk.client()
    where = upload(client)
    assert client.post(where + "/columns", data={**COLUMNS, "step": "try"}).status_code == 303
    finished(client, where)
    said = {
        "written-0": "place\tДніпро",
        "meaning-0": "X",
        "written-1": "category\tВПОшник",
        "meaning-1": "idp",
    }
    assert client.post(where + "/words", data=said).status_code == 303
    finished(client, where)
    with desk.app.app_context(), unit_of_work() as session:
        kept = session.execute(select(ImportMeaning.list_name, ImportMeaning.written)).all()
        assert ("category", "ВПОшник") in [tuple(row) for row in kept]
        assert "place" not in [row.list_name for row in kept], "goods are another table's"
    assert client.post(where + "/forget").status_code == 303
    with desk.app.app_context(), unit_of_work() as session:
        file = session.scalars(select(ImportFile).where(ImportFile.uid == where.rpartition("/")[2])).one()
        assert (file.key, file.reading, file.mapping, file.options) == (None, None, None, None)
    assert client.get(where).status_code == 200


def test_another_sites_upload_and_anothers_layout_are_refused(desk: Desk) -> None:
    client = desk.client()
    assert (
        client.post(
            "/imports", data=sent(REGISTER, site_id="2"), content_type="multipart/form-data"
        ).status_code
        == 422
    )
    assert client.get("/imports/tables/items.xlsx").status_code == 403
    headings = load_workbook(io.BytesIO(client.get("/imports/tables/families.xlsx").data)).active
    assert headings is not None and folded(str(headings["A1"].value)) == folded("Номер сім'ї у файлі")


def test_a_program_takes_the_same_steps(desk: Desk) -> None:
    client = desk.app.test_client()
    headers = bearer(desk.app, Role.CASEWORKER)
    uid = str(uuid4())
    register = REGISTER.replace("Канаркова", "Програмна").replace("1980", "1981")
    made = client.post(
        "/api/v1/imports", headers=headers, content_type="multipart/form-data",
        data={"id": uid, "layout": "families", "site": "DN", "file": (io.BytesIO(register.encode()), "a.csv")},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    where = f"/api/v1/imports/{uid}"
    assert client.post(f"{where}/apply", headers=headers, json={"mode": "good"}).status_code == 202
    started = client.post(f"{where}/dry-run", headers=headers, json={"columns": None})
    assert started.status_code == 202 and started.get_json()["columns"]["A"] == "surname"
    found = wait(client, where, headers)
    assert (found["counts"]["new"], found["counts"]["bad"]) == (1, 1)
    [finding] = client.get(f"{where}/findings", headers=headers).get_json()
    assert (finding["row"], finding["column"], finding["code"]) == (3, "E", "not_a_date")
    client.post(f"{where}/apply", headers=headers, json={"mode": "good"})
    assert wait(client, where, headers)["counts"]["made"] == 1
    assert [one["code"] for one in client.get("/api/v1/import-layouts", headers=headers).get_json()] == [
        "families"
    ]
    assert client.get(f"/api/v1/imports/{uuid4()}", headers=headers).status_code == 404


def wait(client: FlaskClient, where: str, headers: dict[str, str]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(where, headers=headers).get_json()
        return found if found["state"] in ("checked", "applied", "uploaded") else None

    return until(look, "the run's end")


def test_the_register_leaves_without_names_and_comes_back_by_its_numbers(desk: Desk) -> None:
    client = desk.client()
    bring_in(client, REGISTER.replace("Канаркова", "Безіменна"))
    answer = client.get("/families/register/without-names.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0][0] == "Реєстраційний номер" and str(rows[1][0]).startswith("DN-")
    assert "Безіменна" not in str(rows) and "1980" not in str(rows)
    again = client.post(
        "/imports", content_type="multipart/form-data",
        data={**sent(""), "file": (io.BytesIO(answer.data), "register.xlsx")},
    )  # fmt: skip
    where = str(again.location).removesuffix("/columns")
    page = client.get(where + "/columns").text
    assert 'value="registration_no" selected' in page and 'value="settlement" selected' in page
    said = {
        "column-0": "registration_no",
        "column-1": "settlement",
        "header_row": "1",
        "header_rows": "1",
        "step": "try",
    }
    assert client.post(where + "/columns", data=said).status_code == 303
    assert "У цьому файлі немає нічого нового" in finished(client, where)


@pytest.mark.parametrize(("kind", "state"), [(TRY, ImportState.CHECKING), (APPLY, ImportState.APPLYING)])
def test_a_run_that_was_killed_says_so_and_is_begun_anew(desk: Desk, kind: str, state: ImportState) -> None:
    client = desk.client()
    where = upload(client, REGISTER.replace("Канаркова", f"Недоведена{'ий'[kind == TRY]}"))
    assert client.post(where + "/columns", data={**COLUMNS, "step": "try"}).status_code == 303
    finished(client, where)
    with desk.app.app_context():
        with unit_of_work() as session:
            session.execute(
                update(ImportFile).where(ImportFile.uid == where.rpartition("/")[2]).values(state=state)
            )
        # what a killed server leaves: a run that is not over, of a process that holds no mark any more
        runs = jobs()
        left = Job("f" * 15 + kind[-1], run_of(where.rpartition("/")[2]), kind, "x", time.time() + 1)
        left.notes, left.process = runs.folder / f"{left.id}.json", "nobody"
        left.tell()
    answer = client.get(where)
    assert "Refresh" not in answer.headers and "Сервер тим часом перезапустили" in answer.text
    assert f'action="{where}/try"' in answer.text
    assert client.get(where + "/columns").status_code == 200  # nothing is lost
    left.notes.unlink()
    assert client.post(where + "/try").status_code == 303
    assert "Це не дата" in finished(client, where)

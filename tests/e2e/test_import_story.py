"""A caseworker brings an old register in: what its columns are, a dry run, a word explained, the good rows."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from aidtrack.accounts.models import UserAccount
from aidtrack.beneficiaries.models import Household
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.places import services as places
from aidtrack.places.commands import LoadCodifier
from tests.places.test_places import ROWS
from tests.support import people
from tests.support.accessibility import expect_accessible
from tests.support.stories import sign_in

Screenshot = Callable[[Page, str], Path]

REGISTER = """Список сімей старостинського округу;;;;;;;;
№ сім'ї;Прізвище;Ім'я;По батькові;Стать;Дата народження;Населений пункт;Телефон;Категорія
1;Вигаданенко;Олена;Петрівна;ж;17.05.1985;Дніпро;8067 123-45-67;ВПО
1;Вигаданенко;Іван;Петрович;ч;01.09.2015;Дніпро;;
2;Неіснуюча;Марія;Іванівна;ж;31.12.60;Камянка;067 765 43 21;Переселенці
3;Уявна;Ганна;Іванівна;ж;30.12.1961;Дніпро;067 765 43 22;
"""


def test_an_old_register_comes_in(
    app: Flask, live_url: str, page: Page, screenshot: Screenshot, tmp_path: Path
) -> None:
    with app.app_context(), unit_of_work() as session:
        seed_category_kinds(session)
        places.load_codifier(
            session, LoadCodifier(ROWS, "test"), actor=system_actor("test"), now=datetime.now(UTC)
        )
        who = people.add_person(session, Role.CASEWORKER, site_ids=[people.add_site(session, "DN")])
    sign_in(page, app, live_url, who)

    def look(name: str, *, check: bool = False) -> None:
        """As on a phone and as on a desk."""
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            screenshot(page, f"{name}-{width}")
            if check and width == 360:
                expect_accessible(page)

    file = tmp_path / "Реєстр.csv"
    file.write_bytes(REGISTER.encode("cp1251"))

    page.goto(f"{live_url}/imports")
    look("1-upload", check=True)
    page.get_by_label("Файл").set_input_files(file)
    page.get_by_role("button", name="Завантажити").click()
    expect(page.get_by_role("heading", name="Що в якому стовпці?")).to_be_visible()
    expect(page.get_by_label("Кодування")).to_have_value("cp1251")
    expect(page.get_by_label("B — Прізвище")).to_have_value("surname")
    look("2-columns", check=True)
    page.get_by_role("button", name="Перевірити файл").click()

    expect(page.get_by_role("heading", name="Що показала перевірка")).to_be_visible()
    expect(page.get_by_text("У році лише дві цифри")).to_be_visible()
    look("3-dry-run", check=True)
    page.get_by_label("Переселенці").select_option("idp")
    page.get_by_label("Камянка").select_option(index=1)
    page.get_by_role("button", name="Підтвердити й перевірити ще раз").click()
    expect(page.get_by_role("heading", name="Слова, які треба підтвердити")).not_to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Рядки для виправлення").click()
    sheet = load_workbook(io.BytesIO(caught.value.path().read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2 and "У році лише дві цифри" in str(rows[1][0]) and rows[1][2] == "Неіснуюча"

    page.get_by_role("button", name="Внести правильні рядки зараз").click()
    expect(page.get_by_role("heading", name="Внесено", exact=True)).to_be_visible()
    look("4-done")
    with app.app_context(), unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Household)) == 2
        session.execute(update(UserAccount).where(UserAccount.id == who.user_id).values(language="en"))
    page.reload()
    look("5-done-en")

    page.goto(f"{live_url}/families/new")
    page.get_by_role("combobox", name="Settlement").press_sequentially("кам")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.nth(1)).to_contain_text("Широківська громада")
    look("6-settlement")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile("KATOTTG"))).to_have_value("UA12060010050022222")

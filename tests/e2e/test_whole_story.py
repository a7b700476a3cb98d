"""The whole way once, in Ukrainian, by everybody's own hands: from a donated pallet to the donor's workbook.

Nothing is prepared but what an administrator enters once: the site, its point, the catalogue and the people.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import qrcode
from flask import Flask
from playwright.sync_api import Page, Route, expect

from aidtrack.audit import INVARIANTS
from aidtrack.db import read_session
from aidtrack.kernel.actor import Role
from tests.e2e.walk import Centre, Screenshot, Walk, new_centre
from tests.support.chromium import show_to_camera, type_like_scanner
from tests.support.qr import qr_codes

RICE_KG, DUE_KG = 29_378, 12


@pytest.fixture
def centre(app: Flask, live_url: str) -> Iterator[Centre]:
    made = new_centre(app, live_url)
    yield made
    with app.app_context():
        for check in app.extensions[INVARIANTS]:
            assert list(check(read_session())) == []


def test_from_the_pallet_to_the_donors_workbook(
    page: Page, centre: Centre, screenshot: Screenshot, tmp_path: Path
) -> None:
    walk = Walk(page, centre, screenshot)
    the_administrator_looks_around(walk)
    the_keeper_receives_rice(walk)
    round_path = the_caseworker_plans(walk, *the_caseworker_registers(walk))
    codes = the_caseworker_prints(walk, round_path, tmp_path)
    the_keeper_hands_out(walk, codes[0])
    the_liaison_exports(walk, tmp_path)
    the_reviewer_reads_the_log(walk)


def the_administrator_looks_around(walk: Walk) -> None:
    walk.sign_in(Role.ADMINISTRATOR)
    for path, name in (("/people", "people"), ("/catalogue", "catalogue"), ("/help", "help")):
        walk.go(path)
        walk.look(name)


def the_keeper_receives_rice(walk: Walk) -> None:
    centre, page = walk.centre, walk.page
    walk.sign_in(Role.WAREHOUSE)
    walk.go("/donations/receive")
    walk.fill(
        donor_id=str(centre.donor), lines_0_item_id=str(centre.rice), agreement_id=str(centre.agreement),
        lines_0_expires_on=(centre.today + timedelta(days=300)).isoformat(), waybill="ТТН-417",
    )  # fmt: skip
    walk.fill(lines_0_quantity="29,378 т")
    page.locator("main [name='waybill']").focus()
    expect(page.locator("#lines-0-quantity-reading")).to_contain_text(re.compile(r"29\s378"))
    walk.look("receive")
    walk.press("check")
    expect(page.locator("main td strong").first).to_have_text(re.compile(r"29\s378\sкг"))
    walk.look("receive-check")
    walk.press("save")
    walk.flashed()
    walk.look("donation")
    for path, name in (("/stock", "stock"), (f"/stock/card/{centre.point}/{centre.rice}", "stock-card")):
        walk.go(path)
        walk.look(name)


def the_caseworker_registers(walk: Walk) -> tuple[str, str]:
    """Two displaced families, each marked as eligible; their registration numbers."""
    centre, page = walk.centre, walk.page
    walk.sign_in(Role.CASEWORKER)
    numbers: list[str] = []
    for surname, born in (("Коваленко", "1986-04-12"), ("Мельник", "1990-11-02")):
        walk.go("/families/new")
        walk.fill(
            members_0_surname=surname, members_0_given_name="Олена", members_0_patronymic="Іванівна",
            members_0_birth_date=born, settlement="м. Дніпро", address="вул. Робоча, 5", phone="+380 50 123 45 67",
            displaced_on="2022-03-14",
        )  # fmt: skip
        page.locator("main [name='members-0-sex'][value=female]").check()
        page.locator("#member-0 summary").click()
        page.locator("main [name='members-0-categories'][value=idp]").check()
        if not numbers:
            walk.press("add")
            walk.fill(
                members_1_surname=surname, members_1_given_name="Марко", members_1_birth_date="2019-09-01"
            )
            page.locator("main [name='members-1-sex'][value=male]").check()
            walk.look("register")
        walk.press("save")
        if numbers:  # the same phone is in another family's file: the page asks, and loses nothing
            page.locator("main [name=go_on_reason]").wait_for()
            walk.look("possible-double")
            walk.fill(go_on_reason="спільний телефон гуртожитку")
            walk.press("save")
        expect(page).to_have_url(re.compile(r"/families/\d+$"))
        family = page.url
        numbers.append(page.locator("dl.facts dd").first.inner_text())
        page.locator("main a[href$='/assessment']").click()
        walk.fill(
            act_number="А-17", made_on=centre.today.isoformat(),
            valid_until=(centre.today + timedelta(days=180)).isoformat(),
        )  # fmt: skip
        walk.look("assessment")
        walk.press()
        expect(page).to_have_url(re.compile(rf"{family}(#.*)?$"))
        page.locator("main a[href*='/rights/families/']").first.click()
        walk.look("why")
        walk.press("mark")
        walk.flashed()
        walk.go(family.removeprefix(centre.url))
        expect(page.locator("main")).to_contain_text("має право")
        walk.look("family")
    return numbers[0], numbers[1]


def the_caseworker_plans(walk: Walk, *numbers: str) -> str:
    """A cycle, a round, and a voucher for each family; the round's path."""
    centre, page = walk.centre, walk.page
    walk.go("/cycles/new")
    first, last = centre.today - timedelta(days=3), centre.today + timedelta(days=27)
    walk.fill(
        programme_id=str(centre.programme), code="2022-1", name_uk="Перший цикл", name_en="First cycle",
        starts_on=first.isoformat(), ends_on=last.isoformat(),
    )  # fmt: skip
    walk.look("cycle")
    walk.press()
    walk.go("/rounds/new")
    walk.fill(
        place_id=str(centre.point), code="Р-1", first_day=centre.today.isoformat(),
        last_day=(centre.today + timedelta(days=4)).isoformat(), hours="9:00–16:00",
        lines_0_item_id=str(centre.rice), lines_0_quantity=f"{DUE_KG} кг",
    )  # fmt: skip
    walk.look("plan")
    walk.press()
    expect(page).to_have_url(re.compile(r"/rounds/\d+$"))
    round_path = page.url.removeprefix(centre.url)
    expect(page.locator("main")).to_contain_text(re.compile(rf"{len(numbers) * DUE_KG}\sкг"))
    walk.look("round-planned")
    walk.go(f"{round_path}/issue")
    walk.look("issue")
    walk.press()
    expect(page.locator("main a.main[href$='/print']")).to_be_visible()
    walk.look("issued")
    return round_path


def the_caseworker_prints(walk: Walk, round_path: str, folder: Path) -> list[str]:
    """The sheet as PDF; its codes as a reader that knows nothing of how they were drawn reads them."""
    page = walk.page
    walk.go(f"{round_path}/print")
    walk.look("print")

    def save(route: Route) -> None:
        """As a person whose browser saves PDFs; this one's viewer would leave the page we look at."""
        answer = route.fetch()
        as_file = {**answer.headers, "content-disposition": "attachment; filename=vouchers.pdf"}
        route.fulfill(response=answer, headers=as_file)

    page.route("**/print", lambda route: save(route) if route.request.method == "POST" else route.continue_())
    with page.expect_download() as waiting:
        walk.press()
    file = folder / "vouchers.pdf"
    waiting.value.save_as(file)
    document = pypdfium2.PdfDocument(file)
    try:
        picture = document[0].render(scale=150 / 72).to_pil()
    finally:
        document.close()
    picture.save(walk.screenshot(page, "sheet-of-vouchers"))
    codes = [code.text for code in qr_codes(picture)]
    assert len(codes) == 2 and all(code.startswith("AID1:") for code in codes)
    walk.go(round_path)
    walk.look("round-open")
    return codes


def the_keeper_hands_out(walk: Walk, code: str) -> None:
    centre, page = walk.centre, walk.page
    walk.sign_in(Role.WAREHOUSE)
    walk.go(f"/counter/?place={centre.point}")
    walk.look("counter", axe=False)
    stage = page.locator("[data-part=stage]")
    drawn = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
    drawn.add_data(code)
    show_to_camera(page, drawn.get_matrix())
    page.get_by_role("button", name="Увімкнути камеру").click()
    expect(stage).to_have_attribute("data-tone", "due")
    expect(stage).to_contain_text("Олена")
    walk.look("counter-due", axe=False)
    show_to_camera(
        page, []
    )  # put aside: on a busy machine seconds pass between two looks, and it is seen anew
    page.locator("[data-part=press]").click()
    expect(stage).to_have_attribute("data-tone", "done")
    walk.look("counter-done", axe=False)
    type_like_scanner(page, code, ukrainian_layout=True)
    expect(stage).to_have_attribute("data-tone", "amber")
    expect(stage).to_contain_text("Пункт видачі на Робочій")
    walk.look("counter-collected-already", axe=False)


def the_liaison_exports(walk: Walk, folder: Path) -> None:
    centre, page = walk.centre, walk.page
    walk.sign_in(Role.DONOR_LIAISON)
    first = centre.today.replace(day=1).isoformat()
    walk.go(f"/statements?donor=WFP&start={first}&end={centre.today.isoformat()}")
    expect(page.locator("main .badge.good").first).to_be_visible()
    walk.look("statement")
    page.locator("main details.more summary").click()
    with page.expect_download() as waiting:
        page.locator("main a", has_text="XLSX").click()
    file = folder / "statement.xlsx"
    waiting.value.save_as(file)
    book = openpyxl.load_workbook(file, data_only=True)
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if "Рис" in row]
    assert len(rows) == 1
    figures = [value for value in rows[0] if isinstance(value, int | float)]
    assert figures.count(RICE_KG) == 1
    assert DUE_KG in figures and RICE_KG - DUE_KG in figures
    page.locator("main details.more summary").click()  # the open menu lies over the page
    page.locator("main table a").first.click()
    walk.look("statement-lines")


def the_reviewer_reads_the_log(walk: Walk) -> None:
    walk.sign_in(Role.REVIEWER)
    walk.go("/audit")
    walk.look("audit")

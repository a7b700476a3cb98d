"""`places` and `import`: the codifier, its population, and a table brought in by an operator."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Run, Watched
from tests.importing.files import workbook

OBLAST, RAION = "UA12000000000090473", "UA12020000000052809"
HROMADA, CITY = "UA12020010000033698", "UA12020010010037010"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the command does besides calling services is the same on both databases."""
    return sqlite_url


@pytest.mark.usefixtures("centre")
def test_the_codifier_and_a_register_come_in_from_files(run: Run, watched: Watched, tmp_path: Path) -> None:
    codifier, people = tmp_path / "katottg.xlsx", tmp_path / "population.csv"
    codifier.write_bytes(
        workbook(
            [
                ["Кодифікатор адміністративно-територіальних одиниць"],
                ["Перший рівень", "Другий", "Третій", "Четвертий", "Додатковий", "Категорія", "Назва"],
                [OBLAST, "", "", "", "", "O", "Дніпропетровська"],
                [OBLAST, RAION, "", "", "", "P", "Дніпровський"],
                [OBLAST, RAION, HROMADA, "", "", "H", "Дніпровська"],
                [OBLAST, RAION, HROMADA, CITY, "", "M", "Дніпро"],
            ]
        )
    )
    people.write_text(f"hromada_code,hromada_name,total_population_2022\n{HROMADA},Дніпровська,971078\n")
    assert "4 territories read, 4 new, 0 changed" in run("places", "import", str(codifier)).err
    assert "0 new, 0 changed" in run("places", "import", str(codifier)).err
    assert "population of 1 of 1 places" in run("places", "population", str(people)).err
    assert "not the KATOTTG codifier" in run("places", "import", str(people)).line

    register, mend = tmp_path / "register.csv", tmp_path / "mend.xlsx"
    register.write_bytes(
        "Прізвище;Ім'я;Стать;Населений пункт;Дата народження\n"
        "Вигаданенко;Олена;ж;Дніпро;01.02.1980\nНеіснуюча;Олена;ж;Дніпро;01.02.80\n".encode("cp1251")
    )
    dry = run("import", "families", str(register), "--site", "DN", "--dry-run")
    assert dry.code == 0 and "2 records, 1 new" in dry.err
    assert dry.out.startswith("3\tE\tyear_has_two_digits\t")
    refused = run("import", "families", str(register), "--site", "DN", "--to-mend", str(mend))
    assert refused.code == 2 and "rows cannot be brought in" in refused.err
    assert "Compared" not in refused.err  # bars are for somebody who watches
    sheet = load_workbook(mend).active
    assert sheet is not None and sheet.max_row == 2, "a refusal leaves the file to mend"
    assert sheet["B2"].value == "Неіснуюча"
    mend.unlink()
    bad = tmp_path / "bad.csv"
    bad.write_text("Прізвище;Ім'я;Стать;Населений пункт;Дата народження\nНеіснуюча;Олена;ж;Дніпро;01.02.80\n")
    assert run("import", "families", str(bad), "--site", "DN").code == 2, (
        "no row is good: a refusal all the same"
    )
    assert run("import", "families", str(bad), "--site", "DN", "--good-rows").code == 0
    watched(True)
    done = run("import", "families", str(register), "--site", "DN", "--good-rows", "--to-mend", str(mend))
    watched(False)
    assert all(bar in done.err for bar in ("Rows read", "Compared with what is there", "Brought in"))
    assert "1 brought in, 0 changed, 1 held back" in done.err
    sheet = load_workbook(mend).active
    assert sheet is not None and sheet.max_row == 2
    again = run("import", "families", str(register), "--site", "DN", "--good-rows")
    assert "0 new, 1 same" in again.err
    assert run("import", "families", str(register), "--site", "DN", "--column", "E").code == 2
    assert list((tmp_path / "instance" / "import").iterdir()) == []  # no copy stays behind


@pytest.mark.usefixtures("centre")
def test_a_family_of_another_site_is_not_told(run: Run, tmp_path: Path) -> None:
    assert run("site", "add", "ZH", "--name-uk", "Житомир", "--name-en", "Zhytomyr").code == 0
    register, same = tmp_path / "register.csv", tmp_path / "same.csv"
    head = "Прізвище;Ім'я;Стать;Населений пункт;Дата народження;Телефон\n"
    register.write_text(f"{head}Вигаданенко;Олена;ж;Житомир;01.02.1980;0671112233\n")
    same.write_text(f"{head}Вигаданенко;Олена;ж;Дніпро;01.02.1980;0671112233\n")
    assert "1 brought in" in run("import", "families", str(register), "--site", "ZH").err
    here = run("import", "families", str(same), "--site", "ZH", "--dry-run")
    assert "1 double" in here.err and "ZH-" in here.out
    elsewhere = run("import", "families", str(same), "--site", "DN", "--dry-run")
    assert "1 new" in elsewhere.err and "0 double" in elsewhere.err
    assert "ZH-" not in elsewhere.out + elsewhere.err

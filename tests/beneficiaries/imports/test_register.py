"""Ten years of a centre's spreadsheets come in without losing or changing a value."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import Category, Household, Person
from aidtrack.importing.commands import Mode
from aidtrack.importing.errors import ColumnTwice, FieldNotMapped, NotCheckedYet, RowsAreBad
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from tests.beneficiaries.families import NOW
from tests.importing.bringing import Bringing
from tests.importing.files import workbook
from tests.support.kinds import on_sqlite

Unit = Callable[[], AbstractContextManager[Session]]

HEADS = "№ сім'ї;Прізвище;Ім'я;По батькові;Стать;Дата народження;Населений пункт;Телефон;РНОКПП;Категорія"
GOOD = f"""{HEADS}
1;Вигаданенко;Олена;Петрівна;ж;17.05.1985;Дніпро;8067 123-45-67;;ВПО
1;Вигаданенко;Іван;Петрович;ч;1/9/2015;Дніпро;;;
2;Неіснуюча;Марія;Іванівна;Ж;31.12.1960;Кам'янка;067 765 43 21;;
"""


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def count(unit: Unit, table: type) -> int:
    with unit() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.usefixtures("inside")
def test_a_register_comes_in_once_however_often_it_is_sent(caseworker: Actor, unit: Unit) -> None:
    bringing = Bringing(caseworker, "families", GOOD.encode("cp1251"), now=NOW).columns()
    counts = bringing.try_out()
    assert (counts["records"], counts["new"], counts["bad"], counts["parts"]) == (2, 2, 0, 3)
    assert count(unit, Household) == 0  # a dry run changes nothing
    done = bringing.bring_in(Mode.ALL)
    assert (done["made"], done["already"], done["held_back"]) == (2, 0, 0)
    with unit() as session:
        [first, second] = session.execute(
            select(Household.phone, Household.settlement).order_by(Household.id)
        ).all()
        assert tuple(first) == ("+380671234567", "Дніпро") and second.settlement == "Кам'янка"
        people = session.execute(
            select(Person.given_name, Person.sex, Person.birth_date, Person.is_head)
        ).all()
        assert ("Іван", Sex.MALE, date(2015, 9, 1), False) in [tuple(one) for one in people]
        assert session.scalars(select(Category.kind)).all() == ["idp"]
    # the same rows in another dress: other separators, encoding and order of columns
    again = Bringing(caseworker, "families", GOOD.replace(";", "\t").encode("utf-16"), now=NOW).columns()
    assert {name: again.try_out()[name] for name in ("new", "same")} == {"new": 0, "same": 2}
    assert again.bring_in()["made"] == 0
    assert bringing.bring_in()["made"] == 0
    assert count(unit, Household) == 2


BAD = f"""{HEADS}
1;Перша;Олена;;ж;17.05.2985;Дніпро;;;
2;Друга;Олена;;ж;17.05.1850;Дніпро;;;
3;Третя;Олена;;ж;17.05.85;Дніпро;;;
4;Четверта;Олена;;ж;;Дніпро;нема;;
5;П'ята;Олена;;ж;;Дніпро;;1234567890;
6;Шоста;Олена;;?;;Дніпро;;;
7;;Олена;;ж;;Дніпро;;;
8;Восьма;Олена;;ж;;;;;
9;Дев'ята;Олена;;ж;;Дніпро;;;Переселенці
;Без номера;Олена;;ж;;Дніпро;;;
11;Добра;Олена;;ж;17.05.1985;Дніпро;;;
11;Добра;Олена;;ж;17.05.1985;Дніпро;;;
12;Син;Олег;;ч;;Дніпро;;;
12;Син;Оля;;ж;;Київ;;;
"""


@pytest.mark.usefixtures("inside")
def test_every_bad_cell_is_named_and_the_good_rows_come_in(caseworker: Actor, unit: Unit) -> None:
    bringing = Bringing(caseworker, "families", BAD.encode(), now=NOW).columns()
    counts = bringing.try_out()
    assert bringing.wrong() == {
        (2, "birth_date", "birth_date_in_future"),
        (3, "birth_date", "birth_date_too_long_ago"),
        (4, "birth_date", "year_has_two_digits"),
        (5, "phone", "not_a_phone"),
        (6, "tax_id", "tax_number_doubt"),
        (7, "sex", "sex_unknown"),
        (8, "surname", "cell_needed"),
        (9, "settlement", "cell_needed"),
        (10, "categories", "meaning_unknown"),
        (11, "family_no", "group_missing"),
        (13, "", "repeats_row"),
        (15, "settlement", "rows_disagree"),
    }
    assert (counts["new"], counts["bad"], counts["repeats"], counts["unknown"]) == (1, 10, 1, 1)
    with pytest.raises(RowsAreBad):
        bringing.bring_in(Mode.ALL)
    assert bringing.bring_in(Mode.GOOD)["made"] == 1
    assert count(unit, Household) == 1
    # a word explained once is known for good, and the dry run of before counts no longer
    with pytest.raises(NotCheckedYet):
        bringing.say("category", Переселенці="idp").bring_in()
    assert bringing.try_out()["new"] == 1


@pytest.mark.usefixtures("inside")
def test_doubles_in_the_file_and_in_the_registry_are_asked_about(caseworker: Actor, unit: Unit) -> None:
    Bringing(caseworker, "families", GOOD.encode(), now=NOW).columns()
    first = Bringing(caseworker, "families", GOOD.encode(), now=NOW).columns()
    first.try_out()
    first.bring_in()
    rows = f"""{HEADS};Чому це інша сім'я
1;Вигаданенко;Олена;Петрівна;ж;17.05.1985;Павлоград;;;;
2;ВИГАДАНЕНКО;Oленa;Петрівна;ж;17.05.1985;Дніпро;;;;
3;Інша;Ганна;;ж;01.01.1990;Дніпро;050 111 22 33;;;
4;Зовсім Інша;Ольга;;ж;01.01.1991;Дніпро;(050)111-22-33;;;
5;Ще Інша;Ольга;;ж;01.01.1992;Дніпро;0501112233;;;тітка з того ж двору
"""
    bringing = Bringing(caseworker, "families", rows.encode(), now=NOW).columns()
    counts = bringing.try_out()
    assert (counts["new"], counts["double"]) == (2, 3)
    assert {(row, code) for row, _field, code in bringing.wrong()} == {
        (2, "may_be_registered"), (3, "may_be_registered"), (3, "may_be_registered_in_file"),
        (5, "may_be_registered_in_file"),
    }  # fmt: skip
    shown = bringing.result["shown"][0]
    assert shown["known"].startswith("DN-") and shown["differences"] == [
        ["Settlement", "Дніпро", "Павлоград"]
    ]
    assert bringing.bring_in()["made"] == 2


@pytest.mark.usefixtures("inside")
def test_a_family_named_by_its_number_is_compared_and_changed_only_where_asked(
    caseworker: Actor, unit: Unit
) -> None:
    first = Bringing(caseworker, "families", GOOD.encode(), now=NOW).columns()
    first.try_out()
    first.bring_in()
    with unit() as session:
        number = session.scalars(select(Household.registration_no).order_by(Household.id)).first()
    rows = f"""Реєстраційний номер;Населений пункт;Адреса;ПІБ;Стать;Дата народження
{number};Павлоград;вул. Вигадана, 1;Вигаданенко Олена Петрівна;ж;
{number};Павлоград;;Вигаданенко Новий Петрович;ч;01.02.2020
DN-22-999999-9;Дніпро;;Хтось Інший;ч;
"""
    bringing = Bringing(caseworker, "families", rows.encode(), now=NOW).columns({0: "registration_no"})
    counts = bringing.try_out()
    assert counts["changed"] + counts["bad"] == counts["records"] == 3
    grouped = rows.replace("Реєстраційний номер", "№ сім'ї;Реєстраційний номер", 1)
    lines = grouped.splitlines()
    grouped = "\n".join([lines[0], "1;" + lines[1], "1;" + lines[2]])
    bringing = Bringing(caseworker, "families", grouped.encode(), now=NOW).columns()
    assert bringing.try_out()["changed"] == 1
    assert {tuple(one) for one in bringing.result["shown"][0]["differences"]} == {
        ("Settlement", "Дніпро", "Павлоград"), ("Address", "", "вул. Вигадана, 1"),
        ("New member", "", "Вигаданенко Новий Петрович"),
    }  # fmt: skip
    assert bringing.bring_in()["changed_done"] == 0  # nobody asked for it
    bringing.columns(take_changes=True).try_out()
    assert bringing.bring_in()["changed_done"] == 1
    assert bringing.try_out()["same"] == 1
    assert count(unit, Person) == 4


@pytest.mark.usefixtures("inside")
def test_members_beside_each_other_two_heading_rows_and_hidden_letters(caseworker: Actor, unit: Unit) -> None:
    rows = [
        ["Реєстр сімей громади", "", "", "", "", "", ""],
        ["Населений пункт", "Член сім'ї 1", "", "", "Член сім'ї 2", "", ""],
        ["", "Прізвище", "Ім'я", "По батькові", "Прізвище", "Ім'я", "По батькові"],
        ["Дніпро", "Cпеціальна", "Олена", "Іванівна", "Cпеціальний", "Іван", "Петрович"],
        ["Дніпро", "Одна", "Оксана", "", "", "", ""],
    ]
    mapping = {0: "settlement", 1: "surname#1", 2: "given_name#1", 3: "patronymic#1", 4: "surname#2",
               5: "given_name#2", 6: "patronymic#2"}  # fmt: skip
    bringing = Bringing(caseworker, "families", workbook(rows), now=NOW)
    bringing.columns(mapping, mend_letters=True, sex_from_patronymic=True)
    counts = bringing.try_out()
    assert (counts["new"], counts["bad"], counts["mended"]) == (1, 1, 2)
    assert bringing.wrong() == {(5, "sex", "sex_unknown")}
    bringing.bring_in()
    with unit() as session:
        people = [
            tuple(one) for one in session.execute(select(Person.surname, Person.sex).order_by(Person.id))
        ]
    assert people == [("Спеціальна", Sex.FEMALE), ("Спеціальний", Sex.MALE)]
    # the next file with these headings needs no word about its columns
    again = Bringing(caseworker, "families", workbook(rows), now=NOW).columns()
    assert again.try_out()["same"] == 1


@on_sqlite
@pytest.mark.usefixtures("inside")
def test_columns_are_needed_once_and_a_file_is_ones_own(caseworker: Actor, stranger: Actor) -> None:
    bringing = Bringing(caseworker, "families", GOOD.encode(), now=NOW)
    with pytest.raises(FieldNotMapped):
        bringing.columns({6: ""})
    with pytest.raises(ColumnTwice):
        bringing.columns({7: "surname"})
    with pytest.raises(NotCheckedYet):
        bringing.columns().bring_in()
    bringing.actor = stranger
    with pytest.raises(NotFound):
        bringing.try_out()

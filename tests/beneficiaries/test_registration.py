"""Families enter the registry: what is kept, what is asked, what is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.beneficiaries.errors import FamilyRefused, PossibleDuplicate
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import Category, Household, Person, ProtectedCategory
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import CommandReused, Forbidden, NotFound
from aidtrack.kernel.ids import check_registration_number
from tests.beneficiaries.families import (
    BAD_TAX_ID,
    GOOD_TAX_ID,
    NOW,
    TODAY,
    a_family,
    idp,
    member,
    registered,
    with_grant,
)
from tests.support.kinds import on_sqlite

Unit = Callable[[], AbstractContextManager[Session]]


def site_of(actor: Actor) -> int:
    [site_id] = actor.site_ids
    return site_id


def test_a_family_gets_a_number_with_a_check_character(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, member("Вигаданенко", "Марко", sex=Sex.MALE))
        row = session.get_one(Household, household_id)
        assert check_registration_number(row.registration_no) == row.registration_no
        assert row.registration_no.startswith("DN-26-000001-")
        assert (row.version, row.changed_by, row.registered_on) == (1, caseworker.label, TODAY)
        assert [person.is_head for person in session.scalars(select(Person).order_by(Person.id))] == [
            True,
            False,
        ]


def test_numbers_run_on_within_site_and_year(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        first = registered(session, caseworker)
        old = registered(
            session, caseworker, head=member("Торішня", birth_date=date(1970, 1, 1)),
            registered_on=date(2022, 9, 1),
        )  # fmt: skip
        second = registered(session, caseworker, head=member("Наступна", birth_date=date(1971, 1, 1)))
        numbers = [session.get_one(Household, number).registration_no[:-2] for number in (first, old, second)]
    assert numbers == ["DN-26-000001", "DN-22-000001", "DN-26-000002"]


def test_the_same_command_has_one_effect(unit: Unit, caseworker: Actor) -> None:
    command = a_family(site_of(caseworker))
    with unit() as session:
        first = services.register_household(session, command, actor=caseworker, now=NOW)
    with unit() as session:
        assert services.register_household(session, command, actor=caseworker, now=NOW) == first
    with unit() as session, pytest.raises(CommandReused):
        services.register_household(session, replace(command, settlement="Інше"), actor=caseworker, now=NOW)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"birth_date": date(2026, 11, 21)}, "birth_date_in_future", "members-0-birth_date"),
        ({"birth_date": date(1896, 11, 20)}, "birth_date_too_long_ago", "members-0-birth_date"),
        ({"surname": "<b>Вигаданенко</b>"}, "not_a_name", "members-0-surname"),
        ({"surname": "Петренко2"}, "not_a_name", "members-0-surname"),
        ({"given_name": "  "}, "needed", "members-0-given_name"),
        ({"surname": "А" * 81}, "not_a_name", "members-0-surname"),
        ({"tax_id": "12345"}, "not_a_tax_number", "members-0-tax_id"),
        ({"tax_id": BAD_TAX_ID}, "tax_number_doubt", "members-0-tax_id"),
        ({"document": "x" * 81}, "too_long", "members-0-document"),
    ],
)
def test_what_cannot_be_kept_names_its_field(
    unit: Unit, caseworker: Actor, change: dict[str, object], code: str, field: str
) -> None:
    command = a_family(site_of(caseworker), head=replace(member(), **change))  # type: ignore[arg-type]
    with unit() as session, pytest.raises(FamilyRefused) as refused:
        services.register_household(session, command, actor=caseworker, now=NOW)
    assert (refused.value.code, refused.value.field) == (code, field)


@on_sqlite
def test_the_oldest_birthday_that_is_believed(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        head = member(birth_date=date(1896, 11, 21))  # 129 years and 364 days
        assert registered(session, caseworker, head=head)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": "12345"}, "not_a_phone"),
        ({"katottg": "UA12"}, "not_a_katottg"),
        ({"registered_on": date(2026, 11, 21)}, "day_in_future"),
        ({"displaced_on": date(2027, 1, 1)}, "day_in_future"),
        ({"settlement": " "}, "needed"),
        ({"proxy_name": "R2-D2"}, "not_a_name"),
        ({"categories": (NewCategory("nonsense", TODAY),)}, "unknown_category"),
        ({"categories": (NewCategory("idp", TODAY),)}, "category_of_person"),
        ({"categories": (NewCategory("szho", TODAY, date(2020, 1, 1)),)}, "dates_out_of_order"),
        ({"members": ()}, "needed"),
        ({"members": (member(),)}, "one_head"),
        ({"members": (replace(member(), is_head=True),) * 2}, "one_head"),
        ({"members": (replace(member(), is_head=True), *[member()] * 40)}, "too_many_members"),
    ],
)
def test_what_is_wrong_about_the_family(
    unit: Unit, caseworker: Actor, change: dict[str, object], code: str
) -> None:
    command = replace(a_family(site_of(caseworker)), **change)  # type: ignore[arg-type]
    with unit() as session, pytest.raises(FamilyRefused) as refused:
        services.register_household(session, command, actor=caseworker, now=NOW)
    assert refused.value.code == code


def test_a_confirmed_tax_number_with_a_wrong_check_digit_is_kept(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        head = member(tax_id=BAD_TAX_ID, tax_id_confirmed=True)
        household_id = registered(session, caseworker, head=head)
        assert session.scalar(select(Person.tax_id_hash).where(Person.household_id == household_id))


@on_sqlite
@pytest.mark.parametrize("typed", ["80671234567", "067 123-45-67", "+380 67 123 45 67", "8 (067) 1234567"])
def test_phones_are_read_in_the_ways_people_write_them(unit: Unit, caseworker: Actor, typed: str) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, phone=typed)
        assert session.get_one(Household, household_id).phone == "+380671234567"


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"tax_id": GOOD_TAX_ID}, {"tax_id": GOOD_TAX_ID}, "tax_id"),
        ({"document": "паспорт АН 123456"}, {"document": "AH123456"}, "document"),  # the second in Latin
        (
            {"surname": "Дем'яненко", "birth_date": date(1980, 1, 2)},
            {"surname": "ДЕМ’ЯНЕНКО", "birth_date": date(1980, 1, 2)},
            "name_and_birth_date",
        ),
    ],
)
def test_a_person_registered_already_is_asked_about(
    unit: Unit, caseworker: Actor, first: dict[str, object], second: dict[str, object], reason: str
) -> None:
    other = {"surname": "Інакшенко"} if reason != "name_and_birth_date" else {}
    with unit() as session:
        there = registered(session, caseworker, head=replace(member(), **first))  # type: ignore[arg-type]
    command = a_family(site_of(caseworker), head=replace(member(), **{**other, **second}))  # type: ignore[arg-type]
    with unit() as session, pytest.raises(PossibleDuplicate) as asked:
        services.register_household(session, command, actor=caseworker, now=NOW)
    assert asked.value.facts["reasons"] == {str(there): [reason]}
    with unit() as session:
        going_on = replace(command, go_on_reason="сестра з тим самим документом у списку")
        new = services.register_household(session, going_on, actor=caseworker, now=NOW)
        event = session.scalars(select(AuditEvent).where(AuditEvent.object_id == new)).one()
        assert event.reason == "сестра з тим самим документом у списку"
        assert (event.facts or {})["possible_doubles"] == [there]


def test_the_same_phone_is_asked_about(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        registered(session, caseworker, phone="0671234567")
        with pytest.raises(PossibleDuplicate):
            registered(session, caseworker, head=member("Інакша"), phone="80671234567")


def test_another_sites_family_is_not_told(unit: Unit, caseworker: Actor, stranger: Actor) -> None:
    with unit() as session:
        registered(session, stranger, head=member(tax_id=GOOD_TAX_ID))
        assert registered(session, caseworker, head=member(tax_id=GOOD_TAX_ID))


def test_many_are_registered_by_the_same_rules(unit: Unit, caseworker: Actor) -> None:
    site_id = site_of(caseworker)
    commands = [
        a_family(
            site_id, member("Дитинко", "Іванка", birth_date=date(2020, 1, 1), categories=(idp(),)),
            head=member(f"Прізвище{'а' * n}", birth_date=date(1980, 1, 1)),
            categories=(NewCategory("szho", TODAY, evidence="акт 5", proven=True),),
            go_on_reason="однакові діти у вигаданих сім'ях",
        )
        for n in range(5)
    ]  # fmt: skip
    with unit() as session:
        ids = services.register_many(session, iter(commands), actor=caseworker, now=NOW)
        assert ids == sorted(set(ids))
        assert services.register_many(session, commands[2:4], actor=caseworker, now=NOW) == ids[2:4]
        kept = session.scalars(
            select(Category).where(Category.household_id == ids[3]).order_by(Category.kind)
        ).all()
        assert [(one.kind, one.person_id is None, one.proven) for one in kept] == [
            ("idp", False, False),
            ("szho", True, True),
        ]
        logged = select(AuditEvent.object_id).where(AuditEvent.action == "beneficiaries.register_household")
        assert session.scalars(logged.order_by(AuditEvent.id)).all() == ids


def test_doubles_within_one_batch_are_found(unit: Unit, caseworker: Actor) -> None:
    site_id = site_of(caseworker)
    commands = [
        a_family(site_id, head=member("Перша", tax_id=GOOD_TAX_ID)),
        a_family(site_id, head=member("Друга")),
        a_family(site_id, head=member("Третя", tax_id=GOOD_TAX_ID)),
    ]
    with unit() as session, pytest.raises(PossibleDuplicate) as asked:
        services.register_many(session, commands, actor=caseworker, now=NOW)
    assert (asked.value.facts["index"], asked.value.facts["same_as"]) == (2, 0)


def test_a_category_without_evidence_is_kept_as_unproven(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        registered(session, caseworker, head=member(categories=(idp(proven=True),)))
        assert session.scalars(select(Category.proven)).all() == [False]


def test_protected_categories_need_a_grant_and_go_into_their_own_drawer(
    unit: Unit, caseworker: Actor
) -> None:
    head = member(categories=(NewCategory("ex_prisoner", TODAY, evidence="довідка"),))
    with unit() as session:
        with pytest.raises(Forbidden):
            registered(session, caseworker, head=head)
        household_id = registered(session, with_grant(caseworker), head=head)
        assert session.scalars(select(Category)).all() == []
        assert session.scalars(select(ProtectedCategory.kind)).all() == ["ex_prisoner"]
        facts = session.scalars(select(AuditEvent.facts).where(AuditEvent.object_id == household_id)).all()
    assert "ex_prisoner" not in str(facts)


@on_sqlite
def test_only_own_sites_and_only_caseworkers(
    unit: Unit, caseworker: Actor, stranger: Actor, administrator: Actor
) -> None:
    command = a_family(site_of(caseworker))
    with unit() as session:
        with pytest.raises(NotFound):
            services.register_household(session, command, actor=stranger, now=NOW)
        with pytest.raises(Forbidden):
            services.register_household(session, command, actor=administrator, now=NOW)


def test_no_row_of_the_database_holds_a_readable_name(unit: Unit, caseworker: Actor) -> None:
    secret: dict[str, Any] = {
        "surname": "Незламенко",
        "given_name": "Канарія",
        "patronymic": "Секретівна",
        "document": "АН 987654",
        "tax_id": GOOD_TAX_ID,
    }
    with unit() as session:
        head = replace(
            member(birth_date=date(1985, 5, 17), categories=(idp(evidence="посвідчення 55443"),)), **secret
        )
        registered(
            session, caseworker, head=head, phone="0671112233", address="вул. Таємна, 7", proxy_name="Ліда Схована"
        )  # fmt: skip
    wanted = [*secret.values(), "987654", "0671112233", "671112233", "Таємна", "Схована", "55443", "незлам"]
    with unit() as session:
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if session.get_bind().dialect.name == "sqlite"
            else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        seen = bytearray()
        for table in session.scalars(text(tables)).all():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    seen += raw + b"\0"
    assert b"DN-26-000001" in seen  # the rows were looked at
    assert [word for word in wanted if word.encode() in bytes(seen)] == []

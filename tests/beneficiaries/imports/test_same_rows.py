"""A family from a file is written as the same family typed at the desk: every column of every table."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent, CommandReceipt
from aidtrack.beneficiaries.commands import NewCategory, NewMember
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import (
    Category,
    Collector,
    FamilyKey,
    Household,
    NameToken,
    Person,
    ProtectedCategory,
)
from aidtrack.beneficiaries.services import register_household
from aidtrack.beneficiaries.services.registration import KIND
from aidtrack.db.keyring import owner_of
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.families import GOOD_TAX_ID, NOW, a_family, with_grant
from tests.importing.bringing import Bringing

Unit = Callable[[], AbstractContextManager[Session]]
SINCE = date(2026, 3, 1)
REGISTER = f"""№ сім'ї;Прізвище;Ім'я;По батькові;Стать;Дата народження;Голова сім'ї;Документ;РНОКПП;Категорія;Підтвердження;\
Категорія сім'ї;Населений пункт;КАТОТТГ;Адреса;Телефон;Довірена особа;Дата переміщення;Дата прибуття;Дата реєстрації
7;Вигадана-Неіснуюча;Олена;Петрівна;ж;17.05.1985;голова;паспорт АН 123456;{GOOD_TAX_ID};ВПО;довідка 12-34;\
szho;Дніпро;UA12020010010037010;вул. Вигадана, 5;8067 123-45-67;Іваненко Ірина;24.02.2026;27.02.2026;01.03.2026
7;Вигадана;Iван;;ч;;син;;;gbv_survivor;;;;;;;;;;
"""
# what two registrations of one family never share
OWN = {"id", "household_id", "person_id", "registration_no", "site_id", "changed_by", "seen_by", "added_by",
       "command_id", "body_hash", "object_id", "actor_label", "user_id", "facts", "sealed"}  # fmt: skip


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def at_the_desk(unit: Unit, actor: Actor) -> int:
    [site_id] = actor.site_ids
    head = NewMember(
        "Вигадана-Неіснуюча", "Олена", Sex.FEMALE, "Петрівна", date(1985, 5, 17), "паспорт АН 123456", GOOD_TAX_ID,
        categories=(NewCategory("idp", SINCE, evidence="довідка 12-34", proven=True),),
    )  # fmt: skip
    son = NewMember("Вигадана", "Iван", Sex.MALE, categories=(NewCategory("gbv_survivor", SINCE),))
    command = a_family(
        site_id, son, head=head, katottg="UA12020010010037010", address="вул. Вигадана, 5", phone="067 123 45 67",
        proxy_name="Іваненко Ірина", displaced_on=date(2026, 2, 24), arrived_on=date(2026, 2, 27), registered_on=SINCE,
        categories=(NewCategory("szho", SINCE),),
    )  # fmt: skip
    with unit() as session:
        return register_household(session, command, actor=actor, now=NOW)


def rows_of(session: Session, model: Any, *where: Any) -> list[dict[str, Any]]:
    columns = [column for column in model.__table__.columns if column.name not in OWN]
    found = session.execute(select(*columns).where(*where).order_by(*model.__table__.primary_key)).mappings()
    return [dict(row) for row in found]


def written(session: Session, household_id: int) -> dict[str, Any]:
    people = session.scalars(
        select(Person.id).where(Person.household_id == household_id).order_by(Person.id)
    ).all()
    of_family = {
        model.__tablename__: rows_of(session, model, model.household_id == household_id)
        for model in (Person, Collector, Category, ProtectedCategory, FamilyKey)
    }
    tokens = [
        set(session.scalars(select(NameToken.token).where(NameToken.person_id == one))) for one in people
    ]
    about = (AuditEvent.object_type == "household", AuditEvent.object_id == household_id)
    facts = session.scalars(select(AuditEvent.facts).where(*about)).all()
    return of_family | {
        "household": rows_of(session, Household, Household.id == household_id),
        "tokens": tokens,
        "audit": rows_of(session, AuditEvent, *about),
        "facts": [{name for name in one or {} if name != "registration_no"} for one in facts],
        "receipts": rows_of(
            session, CommandReceipt, CommandReceipt.kind == KIND, CommandReceipt.object_id == household_id
        ),
    }


@pytest.mark.usefixtures("inside")
def test_a_file_and_the_desk_write_the_same_rows(caseworker: Actor, stranger: Actor, unit: Unit) -> None:
    typed = at_the_desk(unit, with_grant(caseworker))
    bringing = Bringing(with_grant(stranger), "families", REGISTER.encode(), now=NOW).columns()
    assert bringing.try_out()["new"] == 1, bringing.findings()
    assert bringing.bring_in()["made"] == 1
    with unit() as session:
        [brought] = session.scalars(select(Household.id).where(Household.id != typed)).all()
        desk, file = written(session, typed), written(session, brought)
        for table, rows in desk.items():
            assert rows, table
            assert file[table] == rows, table


@pytest.mark.usefixtures("inside")
def test_what_a_file_says_of_a_family_opens_with_that_familys_key_alone(
    caseworker: Actor, unit: Unit
) -> None:
    two = REGISTER + REGISTER.splitlines()[1].replace("7;", "8;", 1).replace("Вигадана-Неіснуюча", "Інша").replace(
        "8067 123-45-67", ""
    ).replace("АН 123456", "АН 999999").replace(GOOD_TAX_ID, "")  # fmt: skip
    bringing = Bringing(with_grant(caseworker), "families", two.encode(), now=NOW).columns()
    assert bringing.try_out()["new"] == 2
    bringing.bring_in()
    with unit() as session:
        keys = session.scalars(select(FamilyKey.sealed)).all()
        assert len(set(keys)) == 2
        for model, name in ((Person, "surname"), (Category, "evidence"), (Collector, "name")):
            column: Any = getattr(model, name)
            sealed = session.execute(
                select(model.household_id, type_coerce(column, LargeBinary)).where(column.is_not(None))
            ).all()
            assert len({owner for owner, _value in sealed}) == 2, name
            assert all(owner_of(bytes(value)) == owner for owner, value in sealed), name

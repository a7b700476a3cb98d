"""A key per household: chosen without being asked for, and destroyed with everything sealed under it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

import aidtrack.tables  # noqa: F401
from aidtrack.beneficiaries.models import FamilyKey, Household, Person
from aidtrack.db import Base, EncryptedText, for_household
from aidtrack.db.keyring import ERASED, KeyDestroyed, owner_of
from aidtrack.db.sealing import OwnerUnknown, bound_columns, keyring_of
from aidtrack.db.vault import current_vault
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.families import member, registered

Unit = Callable[[], AbstractContextManager[Session]]

# encrypted, and about no household that a row could name
UNDER_THE_SITES_KEY = {
    "field_event.body",  # as the phone signed it; a voucher's code names nobody
    "field_quarantine.raw",  # nobody could read it, so nobody knows whom it is about
    "identifier_export.purpose",  # what a file with names of a whole site is for
    "import_file.name",  # a file of many families, thrown away after it was taken in
    "import_file.key",
}


def raw(session: Session, column: str, table: str = "person", where: str = "true") -> list[bytes]:
    rows = session.connection().exec_driver_sql(f"SELECT {column} FROM {table} WHERE {where} ORDER BY id")
    return [bytes(row[0]) for row in rows]


def destroy(session: Session, household_id: int) -> None:
    session.execute(
        sa.update(FamilyKey)
        .where(FamilyKey.household_id == household_id)
        .values(sealed=None, destroyed_at=datetime(2026, 11, 1, tzinfo=UTC))
    )
    keyring_of(session.connection()).destroyed(session.connection(), household_id)


def test_every_encrypted_column_is_sealed_under_a_household_or_says_why_not() -> None:
    free = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedText) and column.type.owner is None
    }
    assert free == UNDER_THE_SITES_KEY


def test_a_value_is_sealed_under_its_households_key(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        first = registered(session, caseworker)
        second = registered(session, caseworker, head=member("Іншенко"))
    with unit() as session:
        owners = {owner_of(value) for value in raw(session, "surname")}
        assert owners == {first, second}
        destroy(session, first)
    with unit() as session:
        people = session.execute(sa.select(Person.household_id, Person.surname)).all()
        assert {name for household_id, name in people if household_id == first} == {ERASED}
        assert "Іншенко" in {name for household_id, name in people if household_id == second}


def test_neither_keys_nor_values_of_two_families_can_be_exchanged(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        first = registered(session, caseworker)
        second = registered(session, caseworker, head=member("Іншенко"))
    vault = current_vault()
    with unit() as session:
        connection = session.connection()
        rows = session.execute(sa.select(FamilyKey.household_id, FamilyKey.sealed))
        sealed = {number: bytes(key) for number, key in rows if key is not None}
        keys = {number: vault.unwrap(key, number) for number, key in sealed.items()}
        assert keys.keys() == {first, second} and keys[first] != keys[second]
        with pytest.raises(InvalidTag):
            vault.unwrap(sealed[first], second)
        value = next(one for one in raw(session, "surname") if owner_of(one) == first)
        moved = value[:1] + second.to_bytes(8) + value[9:]  # as if it were the other's
        assert owner_of(moved) == second
        with pytest.raises(InvalidTag):
            keyring_of(connection).open(moved, "person.surname", connection)
        # even somebody who gave both families one key could not put one's name into the other's row
        session.execute(
            sa.update(FamilyKey)
            .where(FamilyKey.household_id == second)
            .values(sealed=vault.wrap(keys[first], second))
        )
        keyring_of(connection).forget()
        with pytest.raises(InvalidTag):
            keyring_of(connection).open(moved, "person.surname", connection)
        with pytest.raises(InvalidTag):
            keyring_of(connection).open(value, "person.given_name", connection)
        session.rollback()


def test_nothing_is_written_about_an_erased_family(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        destroy(session, household_id)
    with pytest.raises(KeyDestroyed), unit() as session:
        session.execute(sa.update(Household).where(Household.id == household_id).values(address="десь"))


def test_an_update_finds_the_household_itself(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        registered(session, caseworker, head=member("Іншенко"))
        person = session.scalars(sa.select(Person).where(Person.household_id == household_id)).first()
        assert person is not None
        person.surname = "Новенко"  # through the mapping
        session.flush()
        session.execute(sa.update(Person).where(Person.id == person.id).values(patronymic="Іванівна"))
        session.execute(sa.update(Person), [{"id": person.id, "document": "АН 1"}])
        for column in ("surname", "patronymic", "document"):
            assert owner_of(raw(session, column, where=f"id = {person.id}")[0]) == household_id
        with pytest.raises(OwnerUnknown):
            session.execute(sa.update(Person).values(document="for everybody"))
        session.execute(
            sa.update(Person).where(Person.id == person.id).values(document=for_household(household_id, "Б"))
        )
    with unit() as session:
        row = session.get_one(Person, person.id)
        assert (row.surname, row.patronymic, row.document) == ("Новенко", "Іванівна", "Б")


def test_a_member_who_moves_is_sealed_under_the_new_familys_key(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        old = registered(session, caseworker, member("Вигаданенко", "Марко"))
        new = registered(session, caseworker, head=member("Іншенко"))
        moved = session.scalars(sa.select(Person.id).where(Person.household_id == old, ~Person.is_head)).one()
        session.execute(sa.update(Person).where(Person.id == moved).values(household_id=new))
        destroy(session, old)
    with unit() as session:
        assert session.get_one(Person, moved).given_name == "Марко"
        assert owner_of(raw(session, "surname", where=f"id = {moved}")[0]) == new


def registered_and_lost(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        lost = registered(session, caseworker, head=member("Втрачена"))
        names = session.scalars(sa.select(Person.surname).where(Person.household_id == lost)).all()
        assert names == ["Втрачена"]
        raise ZeroDivisionError


def test_a_number_given_out_again_after_a_rollback_has_a_key_of_its_own(
    unit: Unit, caseworker: Actor
) -> None:
    """SQLite gives the number again: a key that was never kept must not seal anything."""
    with unit() as session:
        registered(session, caseworker, head=member("Перша"))
    with pytest.raises(ZeroDivisionError):
        registered_and_lost(unit, caseworker)
    with unit() as session:
        kept = registered(session, caseworker, head=member("Наявна"))
    with unit() as session:
        session.execute(sa.update(Household).where(Household.id == kept).values(address="вул. Нова"))
    with unit() as session:
        assert session.get_one(Household, kept).address == "вул. Нова"


def test_the_sites_key_alone_opens_nothing_of_a_family(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        registered(session, caseworker)
        bound = bound_columns("person")
        assert bound is not None
        for value in raw(session, "surname"):
            with pytest.raises(Exception):  # noqa: B017  (whatever the cipher says)
                current_vault().decrypt(value, bound.purposes["surname"])

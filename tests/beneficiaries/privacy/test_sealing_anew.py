"""A filled registry gets its families' keys, and gives them back, without losing a value."""

import importlib.util
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import aidtrack.tables  # noqa: F401
from aidtrack.beneficiaries.models import IdentifierExport
from aidtrack.db import downgrade, upgrade
from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.keyring import owner_of
from aidtrack.db.sealing import WORDS, bound_tables
from aidtrack.db.vault import current_vault
from aidtrack.distribution.models import Eligibility, EligibilityStatus, Handout, ProgrammeRule
from aidtrack.inventory.models import Programme, StockEntry
from benchmarks import register
from tests.support.two_sites import bare, half, shared

MADE_BY_ITSELF = {"erasure_request"}  # a table of the same migration: never there before it
SEALED_LATER = {"eligibility.override_reason"}  # readable until migration 0021
REASON, PURPOSE = "так просила її сестра Zqx", "звірка для Zqx з громадою"


def migration() -> ModuleType:
    found = importlib.util.spec_from_file_location(
        "privacy_migration", str(bundled("migrations") / "versions" / "0016_privacy.py")
    )
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_every_column_of_a_family_is_sealed_anew() -> None:
    sealed = migration().SEALED
    assert {name: (one[0], dict(one[1])) for name, one in sealed.items()} == {
        bound.table.name: (
            bound.owner,
            {column: said for column, said in bound.purposes.items() if said not in SEALED_LATER},
        )
        for bound in bound_tables()
        if bound.table.name not in MADE_BY_ITSELF
    }


def values(url: str, table: str, column: str) -> list[bytes]:
    engine = sa.create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY id"
            )
            return [bytes(row[0]) for row in rows]
    finally:
        engine.dispose()


def surnames(url: str) -> list[str]:
    """As the program reads them."""
    from aidtrack.beneficiaries.models import Person

    engine = sa.create_engine(url, **engine_options(url))
    configure(engine)
    try:
        with engine.connect() as connection:
            return list(connection.scalars(sa.select(Person.surname).order_by(Person.id)))
    finally:
        engine.dispose()


def write_words(url: str) -> None:
    engine = sa.create_engine(url, **engine_options(url))
    configure(engine)
    with Session(engine) as session:
        programme = bare(session, Programme)
        rule = bare(session, ProgrammeRule, programme_id=programme, rule={"is": "all", "of": []})
        common = {"programme_id": programme, "rule_id": rule, "status": EligibilityStatus.REFUSED}
        bare(session, Eligibility, household_id=3, override_reason=REASON, **common)
        bare(session, Eligibility, household_id=4, **common)
        bare(session, IdentifierExport, site_id=1, purpose=PURPOSE, fields=["names"])
        session.commit()
    engine.dispose()


def words(url: str) -> list[str]:
    """As the program reads them."""
    engine = sa.create_engine(url, **engine_options(url))
    configure(engine)
    with Session(engine) as session:
        found = [
            *session.scalars(sa.select(Eligibility.override_reason).order_by(Eligibility.id)),
            *session.scalars(sa.select(IdentifierExport.purpose)),
        ]
    engine.dispose()
    return [one for one in found if one is not None]


def raw(url: str) -> list[object]:
    engine = sa.create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            reasons = "SELECT override_reason FROM eligibility WHERE override_reason IS NOT NULL"
            return [
                connection.exec_driver_sql(asked).scalar_one()
                for asked in (reasons, "SELECT purpose FROM identifier_export")
            ]
    finally:
        engine.dispose()


def test_reasons_that_could_be_read_are_sealed(database_url: str) -> None:
    url = database_url
    register.fill(url, 5)
    write_words(url)
    downgrade(url, "0020")
    assert raw(url) == [REASON, PURPOSE]
    upgrade(url)
    assert words(url) == [REASON, PURPOSE]
    reason, purpose = raw(url)
    assert isinstance(reason, bytes) and isinstance(purpose, bytes)
    assert owner_of(reason) == 3
    assert current_vault().decrypt(purpose, "identifier_export.purpose") == PURPOSE


def test_why_goods_were_given_otherwise_is_sealed(database_url: str) -> None:
    url = database_url
    engine = sa.create_engine(url, **engine_options(url))
    configure(engine)
    with Session(engine) as session:
        half(session, "DN", shared(session))
        session.commit()
    columns = (Handout.reason, StockEntry.reason)

    def lying() -> set[str]:
        """As the rows hold them."""
        with Session(engine) as session:
            found = [
                session.scalars(sa.select(sa.type_coerce(one, sa.String)).where(one.is_not(None))).all()
                for one in columns
            ]
        engine.dispose()
        return {reason for rows in found for reason in rows}

    downgrade(url, "0023")
    assert lying() == {"REASON-DN"}
    upgrade(url)
    assert len(lying()) == 2 and all(one.startswith(WORDS) for one in lying())
    with Session(engine) as session:
        assert {session.scalars(sa.select(one).where(one.is_not(None))).one() for one in columns} == {
            "REASON-DN"
        }
        with pytest.raises(DBAPIError):  # their guard stands again
            session.execute(sa.update(Handout).values(reason="x"))
    engine.dispose()


def test_a_filled_registry_goes_down_and_up(database_url: str) -> None:
    url = database_url
    register.fill(url, 12)
    before = surnames(url)
    assert len(before) >= 12
    downgrade(url, "0015")
    of_site = [current_vault().decrypt(value, "person.surname") for value in values(url, "person", "surname")]
    assert of_site == before
    upgrade(url)
    assert surnames(url) == before
    assert {owner_of(value) for value in values(url, "person", "surname")} == set(range(1, 13))

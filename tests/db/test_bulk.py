"""Many rows at once: as any INSERT writes them, sealed, refused whole, and no value in a message."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.audit.models import CommandReceipt
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.beneficiaries.queries import insert_returning
from aidtrack.db.bulk import insert_rows
from aidtrack.db.sealing import OwnerUnknown
from aidtrack.kernel.clock import utc_now
from tests.support.people import add_site

Unit = Callable[[], AbstractContextManager[Session]]


def a_row(site_id: int, number: int) -> dict[str, object]:
    return {
        "registration_no": f"DN-26-{number:05}", "site_id": site_id, "settlement": "Дніпро", "address": f"вул. {number}",
        "registered_on": date(2026, 1, 31), "changed_at": utc_now(), "changed_by": "test",
    }  # fmt: skip


def test_rows_get_numbers_in_order_defaults_and_values_that_open(unit: Unit) -> None:
    with unit() as session:
        site_id = add_site(session, "DN")
        ids = insert_returning(session, Household, [a_row(site_id, number) for number in range(1, 1201)])
    with unit() as session:
        found = session.execute(
            select(Household.id, Household.registration_no, Household.version, Household.address).order_by(
                Household.id
            )
        ).all()
    assert [row.id for row in found] == ids
    assert [row.registration_no for row in found] == [f"DN-26-{number:05}" for number in range(1, 1201)]
    assert {row.version for row in found} == {1} and found[-1].address == "вул. 1200"


def test_one_refused_row_refuses_all_and_its_values_stand_in_no_message(unit: Unit) -> None:
    with unit() as session:
        site_id = add_site(session, "DN")
    row = {
        "command_id": "same",
        "kind": "secret-kind",
        "body_hash": b"0" * 32,
        "at": utc_now(),
        "actor_label": "test",
    }

    def twice() -> None:
        with unit() as session:
            insert_returning(session, Household, [a_row(site_id, 1)])
            insert_rows(session, CommandReceipt.__table__, [row, row])  # type: ignore[arg-type]

    with pytest.raises(IntegrityError) as refused:
        twice()
    assert "secret-kind" not in str(refused.value)
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Household)) == 0
        assert session.scalar(select(func.count()).select_from(CommandReceipt)) == 0


def test_text_without_a_family_to_seal_it_for_is_an_error(unit: Unit) -> None:
    row = {"household_id": "7", "surname": "Вигаданенко", "given_name": "Олена", "sex": "female",
           "joined_on": date(2026, 1, 1)}  # fmt: skip
    with pytest.raises(OwnerUnknown), unit() as session:
        insert_rows(session, Person.__table__, [row])  # type: ignore[arg-type]
    with pytest.raises(OwnerUnknown), unit() as session:
        insert_rows(session, Household.__table__, [a_row(1, 1)])  # type: ignore[arg-type]

"""Rows that identify somebody change their family: written anew, so that they are sealed for the new one.

The one place where a row of a person goes from one household to another (joining, splitting, merging, undoing).
"""

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Category, Person, ProtectedCategory
from aidtrack.db import EncryptedText


def rehome(session: Session, model: Any, which: ColumnElement[bool], household_id: int) -> list[int]:
    """Give the chosen rows of a table to another household; gives their ids."""
    sealed = [column for column in model.__table__.columns if isinstance(column.type, EncryptedText)]
    names = [column.name for column in sealed]
    rows = session.execute(select(model.id, *sealed).where(which).order_by(model.id)).all()
    for row in rows:
        session.execute(
            update(model)
            .where(model.id == row[0])
            .values(household_id=household_id, **dict(zip(names, row[1:], strict=True)))
            .execution_options(synchronize_session=False)
        )
    return [row[0] for row in rows]


def rehome_people(session: Session, person_ids: list[int], household_id: int) -> None:
    """Persons with what is their own: names, papers, categories, protected ones unseen by whoever moves them."""
    rehome(session, Person, Person.id.in_(person_ids), household_id)
    for drawer in (Category, ProtectedCategory):
        rehome(session, drawer, drawer.person_id.in_(person_ids), household_id)

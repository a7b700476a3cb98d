"""What the registration that goes on takes over from the other, noted in `before`."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import or_, select, true, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.models import (
    Category,
    Collector,
    EligibilityDecision,
    NeedsAssessment,
    Person,
    PersonAlias,
    ProtectedCategory,
)
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.beneficiaries.services.merging.rows import (
    COPIED,
    HASHES,
    OF_FAMILY,
    OF_PERSON,
    fresh,
    index_anew,
    kept,
)
from aidtrack.beneficiaries.services.sealing import rehome_people
from aidtrack.beneficiaries.services.ticks import copy_ticks


def take(session: Session, model: Any, staying: Any, ending: Any, names: Iterable[str]) -> dict[str, Any]:
    """Take values over; gives what each was and became, so that undoing can tell what changed since."""
    columns = {name: getattr(ending, name) for name in names if name in (*OF_FAMILY, *OF_PERSON)}
    columns |= {HASHES[name]: getattr(ending, HASHES[name]) for name in names if name in HASHES}
    columns = {name: value for name, value in columns.items() if getattr(staying, name) != value}
    before = {name: [kept(getattr(staying, name)), kept(value)] for name, value in columns.items()}
    if columns:
        session.execute(
            update(model)
            .where(model.id == staying.id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
    return before


def pair(session: Session, people: list[list[Any]]) -> dict[str, Any]:
    """People known to both become aliases; gives what changed of those who go on."""
    before: dict[str, Any] = {}
    for ending_id, staying_id, names in people:
        ending, staying = fresh(session, ending_id), fresh(session, staying_id)
        taken = list(names)
        fields = take(session, Person, staying, ending, taken)
        if staying.tax_id_hash is None and ending.tax_id_hash is not None:
            fields |= {"tax_id_hash": [None, kept(ending.tax_id_hash)]}
            session.execute(
                update(Person)
                .where(Person.id == staying_id)
                .values(tax_id_hash=ending.tax_id_hash)
                .execution_options(synchronize_session=False)
            )
        if fields:
            before[str(staying_id)] = fields
        session.expire(staying)
        index_anew(session, staying_id)
    queries.insert_many(session, PersonAlias, [{"person_id": one[0], "same_as_id": one[1]} for one in people])
    return before


def come_along(
    session: Session, staying_id: int, ending_id: int, people: list[list[Any]], before: dict[str, Any]
) -> None:
    """Members only the ending registration has become members of the one that goes on; nobody as its head."""
    paired = {one[0] for one in people}
    coming = [
        person
        for person in session.scalars(
            select(Person)
            .where(Person.household_id == ending_id)
            .order_by(Person.id)
            .execution_options(populate_existing=True)
        )
        if person.id not in paired
    ]
    before["aliases"] = sorted(paired)
    before["came"] = [person.id for person in coming]
    before["head_came"] = next((person.id for person in coming if person.is_head), None)
    ids = [person.id for person in coming]
    session.execute(
        update(Person)
        .where(Person.id.in_(ids))
        .values(is_head=False)
        .execution_options(synchronize_session=False)
    )
    rehome_people(session, ids, staying_id)
    for person in coming:
        session.expunge(person)


def copy_categories(
    session: Session, staying_id: int, ending_id: int, people: list[list[Any]], before: dict[str, Any]
) -> None:
    """Categories that only the ending registration knows hold on, its own rows stay. Protected ones unseen."""
    same = {None: None, **{one[0]: one[1] for one in people}}
    for name, drawer in (("category", Category), ("protected", ProtectedCategory)):
        known = {
            (row.person_id, row.kind)
            for row in session.execute(
                select(drawer.person_id, drawer.kind).where(drawer.household_id == staying_id)
            )
        }
        columns = [column for column in drawer.__table__.columns if column.name != "id"]
        rows = session.execute(
            select(*columns).where(drawer.household_id == ending_id).order_by(drawer.id)
        ).all()
        copies = [
            {**row._mapping, "household_id": staying_id, "person_id": same[row.person_id]}
            for row in rows
            if row.person_id in same and (same[row.person_id], row.kind) not in known
        ]
        before["copied"][name] = queries.insert_returning(session, drawer, copies)


def copy_rows(session: Session, staying_id: int, ending_id: int, today: date, before: dict[str, Any]) -> None:
    """Collectors, acts with what they tick, and decisions in force hold for the one family."""
    named = set(session.scalars(select(Collector.name).where(Collector.household_id == staying_id)))
    for name in ("collector", "assessment", "decision"):
        model = COPIED[name]
        columns = [column for column in model.__table__.columns if column.name not in ("id", "household_id")]
        rows = session.execute(
            select(model.id, *columns)
            .where(
                model.household_id == ending_id,
                or_(model.valid_until.is_(None), model.valid_until >= today),
                still_counts() if model is EligibilityDecision else true(),
            )
            .order_by(model.id)
        ).all()
        rows = [row for row in rows if name != "collector" or row.name not in named]
        copies = [{**row._mapping, "household_id": staying_id} for row in rows]
        before["copied"][name] = made = queries.insert_returning(session, model, copies)
        if model is NeedsAssessment:
            copy_ticks(session, {row.id: one for row, one in zip(rows, made, strict=True)}, staying_id)

"""What every change of a family does: lock it, judge the version, note what happened, write the audit row."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.errors import FamilyEnded
from aidtrack.beneficiaries.happenings import Happening
from aidtrack.beneficiaries.models import FamilyEvent, Household, HouseholdEnd, Person
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import Conflict, NotFound

Fields = dict[str, tuple[Any, Any]]  # by column: what it was, what it became


def locked(session: Session, household_id: int, version: int, actor: Actor) -> Household:
    """The household for a change, if nobody changed it since the person looked.

    Raises:
        Conflict: somebody else saved a change meanwhile; says who and when.
        FamilyEnded: it became a part of another one, where changes belong.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, household_id, actor)
    if household.version != version:
        raise Conflict(who=household.changed_by, when=household.changed_at.isoformat())
    require_living(session, household_id)
    return household


def require_living(session: Session, household_id: int) -> None:
    """Raises FamilyEnded; the caller holds the household, so that no merge comes between."""
    ended = select(HouseholdEnd.household_id).where(HouseholdEnd.household_id == household_id)
    if session.scalar(ended) is not None:
        raise FamilyEnded()


def locked_pair(
    session: Session, one: tuple[int, int], other: tuple[int, int], actor: Actor
) -> tuple[Household, Household]:
    """Two households by (id, version), in the order asked for and locked by their numbers: two at once never block."""
    found = {number: locked(session, number, version, actor) for number, version in sorted({one, other})}
    return found[one[0]], found[other[0]]


def today_at(session: Session, household: Household, now: datetime) -> date:
    zone = session.scalar(select(Site.time_zone).where(Site.id == household.site_id))
    return local_date(now, zone or "Europe/Kyiv")


def changed(
    session: Session,
    household: Household,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    columns: dict[str, Any] | None = None,
    reason: str | None = None,
    facts: dict[str, object] | None = None,
) -> None:
    """Raise the version and log the act; `facts` name fields and numbers, never what stands in them."""
    session.execute(
        update(Household)
        .where(Household.id == household.id)
        .values(version=household.version + 1, changed_at=now, changed_by=actor.label, **(columns or {}))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor=actor, action=f"beneficiaries.{action}", object_type="household", object_id=household.id,
        site_id=household.site_id, reason=reason, facts={"version": household.version + 1, **(facts or {})},
        now=now,
    )  # fmt: skip
    session.expire(household)


def happened(
    session: Session,
    household_id: int,
    kind: Happening,
    *,
    on: date,
    actor: Actor,
    now: datetime,
    person_id: int | None = None,
    other_id: int | None = None,
    fields: Fields | None = None,
) -> None:
    """Note it in the family's history; what fields were and became is encrypted."""
    details = json.dumps({"fields": fields}, default=_plain, ensure_ascii=False) if fields else None
    row = {
        "household_id": household_id, "person_id": person_id, "other_id": other_id, "kind": kind, "on_day": on,
        "at": now, "who": actor.label, "details": details,
    }  # fmt: skip
    queries.insert_many(session, FamilyEvent, [row])


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def differences(row: Any, columns: dict[str, Any]) -> Fields:
    """Fields that would change, without the hashes beside them."""
    return {
        name: (getattr(row, name), value)
        for name, value in columns.items()
        if getattr(row, name) != value and not name.endswith("_hash")
    }


def member_of(session: Session, household_id: int, person_id: int) -> Person:
    person = session.scalar(select(Person).where(Person.id == person_id, Person.household_id == household_id))
    if person is None:
        raise NotFound()
    return person


def make_head(session: Session, household_id: int, person_id: int) -> None:
    """One head at a time: the old one steps back first, or the database refuses two."""
    for whom, is_head in ((Person.is_head.is_(True), False), (Person.id == person_id, True)):
        session.execute(
            update(Person)
            .where(Person.household_id == household_id, whom)
            .values(is_head=is_head)
            .execution_options(synchronize_session=False)
        )

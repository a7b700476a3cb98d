"""A family's history as its page shows it: what changed, since when, by whom."""

import json
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.happenings import Happening
from aidtrack.beneficiaries.models import FamilyEvent, Household
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

MOST = 50


@dataclass(frozen=True, slots=True)
class EventRow:
    """`person_id` may live with another family by now; `other` is named only at the reader's own sites."""

    id: int
    kind: Happening
    on: date
    at: datetime
    who: str
    person_id: int | None
    other_id: int | None
    other_no: str | None
    changes: tuple[tuple[str, str | None, str | None], ...]  # column, what it was, what it became


_EVENTS = (
    select(
        FamilyEvent.id, FamilyEvent.kind, FamilyEvent.on_day, FamilyEvent.at, FamilyEvent.who,
        FamilyEvent.person_id, FamilyEvent.other_id, FamilyEvent.details,
    )
    .where(FamilyEvent.household_id == bindparam("household_id"))
    .order_by(FamilyEvent.id.desc())
    .limit(MOST)
)  # fmt: skip


def family_events(session: Session, household_id: int, actor: Actor) -> tuple[EventRow, ...]:
    """The newest first, at most fifty."""
    rows = session.execute(_EVENTS, {"household_id": household_id}).all()
    others = {row.other_id for row in rows if row.other_id is not None}
    numbers: dict[int, str] = {}
    if others:
        known = select(Household.id, Household.registration_no).where(
            Household.id.in_(others), Household.site_id.in_(sorted(actor.site_ids))
        )
        numbers = dict(session.execute(known).all())
    return tuple(
        EventRow(
            row.id, row.kind, row.on_day, row.at, row.who, row.person_id,
            row.other_id if row.other_id in numbers else None, numbers.get(row.other_id), _changes(row.details),
        )
        for row in rows
    )  # fmt: skip


def _changes(details: str | None) -> tuple[tuple[str, str | None, str | None], ...]:
    if not details:
        return ()
    fields = json.loads(details).get("fields", {})
    return tuple((name, before, after) for name, (before, after) in sorted(fields.items()))

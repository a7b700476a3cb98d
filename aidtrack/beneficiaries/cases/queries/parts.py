"""The journal cut into parts: each holds no more families than one person may be shown, nor entries than a paper takes."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.queries.journal import JournalFilter, narrowed
from aidtrack.beneficiaries.models import Intake
from aidtrack.beneficiaries.privacy import budget
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

AT_ONCE = 2000  # rows of numbers that are held while the journal is walked


@dataclass(slots=True)
class JournalPart:
    """From one entry through another, in the order of the journal. Found again by the first one's id."""

    place: int
    first_id: int
    first_day: date
    last_id: int
    last_day: date
    entries: int = 0
    families: int = 0
    unseen: int = 0  # of the families: those this person has not looked at within the hour

    def holds(self) -> ColumnElement[bool]:
        at = tuple_(Intake.received_on, Intake.id)
        return at.between(
            tuple_(self.first_day, self.first_id, types=(Intake.received_on.type, Intake.id.type)),
            tuple_(self.last_day, self.last_id, types=(Intake.received_on.type, Intake.id.type)),
        )


def journal_parts(
    session: Session,
    actor: Actor,
    asked: JournalFilter,
    *,
    families: int,
    entries: int,
    seen: Collection[int] = frozenset(),
) -> list[JournalPart]:
    """All the filter finds, cut where one more entry would be too much; a year of entries is walked by numbers alone."""
    statement = select(Intake.id, Intake.received_on, Intake.household_id).where(
        Intake.site_id.in_(sorted(actor.site_ids))
    )
    rows = session.execute(
        narrowed(statement, asked)
        .order_by(Intake.received_on, Intake.id)
        .execution_options(yield_per=AT_ONCE)
    )
    parts: list[JournalPart] = []
    inside: set[int] = set()
    for intake_id, day, household_id in rows:
        whom = budget.unnamed(intake_id) if household_id is None else household_id
        full = bool(parts) and (
            parts[-1].entries >= entries or (whom not in inside and len(inside) >= families)
        )
        if full or not parts:
            inside = set()
            parts.append(JournalPart(len(parts) + 1, intake_id, day, intake_id, day))
        part = parts[-1]
        part.last_id, part.last_day, part.entries = intake_id, day, part.entries + 1
        if whom not in inside:
            inside.add(whom)
            part.families += 1
            part.unseen += whom not in seen
    return parts

"""What is ticked in an act goes where the act is copied to: a paper is one with its circumstances and needs."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.models import AssessmentEntry, ProtectedEntry


def copy_ticks(session: Session, copies: Mapping[int, int], household_id: int) -> None:
    """Give copied acts (original -> copy) of a household what the originals tick.

    Protected ticks go from drawer to drawer, sealed for the other family and unseen by whoever merges or splits.
    """
    for portion in queries.portions(copies):
        ordinary = session.execute(
            select(AssessmentEntry.assessment_id, AssessmentEntry.entry_id).where(
                AssessmentEntry.assessment_id.in_(portion)
            )
        ).all()
        queries.insert_many(
            session,
            AssessmentEntry,
            [{"assessment_id": copies[act], "entry_id": entry} for act, entry in ordinary],
        )
        closed = session.execute(
            select(ProtectedEntry.assessment_id, ProtectedEntry.entry)
            .where(ProtectedEntry.assessment_id.in_(portion))
            .order_by(ProtectedEntry.id)
        ).all()
        queries.insert_many(
            session,
            ProtectedEntry,
            [
                {"assessment_id": copies[act], "household_id": household_id, "entry": entry}
                for act, entry in closed
            ],
        )

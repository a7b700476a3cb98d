"""Marks that families have, and who waits for a second person."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import Reason, reason_from_json
from aidtrack.beneficiaries.models import Household
from aidtrack.beneficiaries.queries import portions
from aidtrack.db.among import among
from aidtrack.distribution.models import Eligibility, EligibilityStatus, Ground, ProgrammeRule
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark as shown. `facts` and `reasons` stay in the database until they are asked for."""

    id: int
    household_id: int
    programme_id: int
    status: EligibilityStatus
    rule_id: int
    rule_version: int
    ground: Ground
    valid_from: date
    valid_until: date | None
    marked_at: datetime
    marked_by_id: int | None
    override_reason: str | None
    approved_by_id: int | None

    @property
    def waits(self) -> bool:
        """Whether it waits for a second person's approval."""
        return self.status is EligibilityStatus.REFUSED and self.override_reason is not None


_MARK = (
    Eligibility.id,
    Eligibility.household_id,
    Eligibility.programme_id,
    Eligibility.status,
    Eligibility.rule_id,
    ProgrammeRule.version,
    Eligibility.ground,
    Eligibility.valid_from,
    Eligibility.valid_until,
    Eligibility.marked_at,
    Eligibility.marked_by_id,
    Eligibility.override_reason,
    Eligibility.approved_by_id,
)


def _marks(*where: Any) -> Any:
    return select(*_MARK).join(ProgrammeRule, ProgrammeRule.id == Eligibility.rule_id).where(*where)


_OF_HOUSEHOLD = _marks(Eligibility.household_id == bindparam("household_id")).order_by(Eligibility.id.desc())


def marks_of(session: Session, household_id: int) -> list[MarkRow]:
    """All marks of a household, newest first."""
    return [MarkRow(*row) for row in session.execute(_OF_HOUSEHOLD, {"household_id": household_id})]


def mark_at_sites(session: Session, eligibility_id: int, actor: Actor) -> MarkRow | None:
    """The mark, if its household belongs to one of the actor's sites."""
    row = session.execute(
        _marks(Eligibility.id == eligibility_id)
        .join(Household, Household.id == Eligibility.household_id)
        .where(Household.site_id.in_(sorted(actor.site_ids)))
    ).one_or_none()
    return None if row is None else MarkRow(*row)


def stored_reasons(session: Session, eligibility_id: int) -> tuple[Reason, ...]:
    """Why the mark was refused, as it was judged then."""
    stored = session.scalar(select(Eligibility.reasons).where(Eligibility.id == eligibility_id))
    return tuple(reason_from_json(one) for one in stored or () if isinstance(one, dict))


def live_marks(session: Session, programme_id: int, household_ids: Iterable[int]) -> dict[int, MarkRow]:
    """The standing mark of each household for the programme."""
    found: dict[int, MarkRow] = {}
    for portion in portions(household_ids):
        rows = session.execute(
            _marks(
                Eligibility.programme_id == programme_id,
                Eligibility.status == EligibilityStatus.ELIGIBLE,
                among(Eligibility.household_id, portion),
            )
        )
        found |= {mark.household_id: mark for mark in (MarkRow(*row) for row in rows)}
    return found


def lock_mark(session: Session, eligibility_id: int, actor: Actor) -> Eligibility:
    """The mark's row, locked; NotFound outside the actor's sites."""
    mark = session.scalar(
        select(Eligibility)
        .join(Household, Household.id == Eligibility.household_id)
        .where(Eligibility.id == eligibility_id, Household.site_id.in_(sorted(actor.site_ids)))
        .with_for_update(of=Eligibility)
        .execution_options(populate_existing=True)
    )
    if mark is None:
        raise NotFound()
    return mark


def waiting_overrides(session: Session, site_ids: Sequence[int]) -> list[tuple[MarkRow, str]]:
    """Wishes for an exception that wait for a second person, oldest first, with registration numbers."""
    rows = session.execute(
        _marks(
            Eligibility.status == EligibilityStatus.REFUSED,
            Eligibility.override_reason.is_not(None),
            Eligibility.approved_by_id.is_(None),
        )
        .join(Household, Household.id == Eligibility.household_id)
        .where(Household.site_id.in_(site_ids))
        .add_columns(Household.registration_no)
        .order_by(Eligibility.id)
    )
    return [(MarkRow(*row[:-1]), row[-1]) for row in rows]

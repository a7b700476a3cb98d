"""On which ground a family's data are held: recorded in its language, withdrawn when it says so."""

from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.models import HouseholdGround, HowTold, LegalGround
from aidtrack.beneficiaries.privacy.errors import DayNotPossible, NoGroundInForce
from aidtrack.beneficiaries.privacy.texts import text_on
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

_GROUNDS = (
    select(HouseholdGround)
    .where(HouseholdGround.household_id == bindparam("household_id"))
    .order_by(HouseholdGround.given_on.desc(), HouseholdGround.id.desc())
)


def grounds_of(session: Session, household_id: int) -> list[HouseholdGround]:
    """Newest first."""
    return list(session.scalars(_GROUNDS, {"household_id": household_id}))


def record_ground(
    session: Session, household_id: int, *, ground: LegalGround, how: HowTold, language: str, given_on: date,
    today: date, actor: Actor, now: datetime,
) -> int:  # fmt: skip
    """Write down a ground and with which version of the text the family was told."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, household_id, actor)
    if given_on > today:
        raise DayNotPossible(field="given_on")
    same = session.scalar(
        select(HouseholdGround.id).where(
            HouseholdGround.household_id == household_id, HouseholdGround.ground == ground, HouseholdGround.how == how,
            HouseholdGround.language == language, HouseholdGround.given_on == given_on,
            HouseholdGround.withdrawn_on.is_(None),
        )
    )  # fmt: skip
    if same is not None:  # the form was sent twice
        return same
    row = HouseholdGround(
        household_id=household_id, ground=ground, how=how, language=language, given_on=given_on,
        text_version=text_on(session, given_on, language).version, recorded_at=now, recorded_by=actor.label,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.record_ground", object_type="household", object_id=household_id,
        site_id=household.site_id,
        facts={"ground_id": row.id, "ground": ground.value, "version": row.text_version, "language": language}, now=now,
    )  # fmt: skip
    return row.id


def withdraw_ground(
    session: Session, household_id: int, ground_id: int, *, on: date, today: date, actor: Actor, now: datetime
) -> None:
    """The family takes a consent back, or a ground no longer holds. What was done until then stays lawful."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, household_id, actor)
    row = session.scalar(
        select(HouseholdGround).where(
            HouseholdGround.id == ground_id, HouseholdGround.household_id == household_id
        )
    )
    if row is None:
        raise NotFound()
    if row.withdrawn_on is not None:
        raise NoGroundInForce()
    if on > today or on < row.given_on:
        raise DayNotPossible(field="withdrawn_on")
    row.withdrawn_on, row.withdrawn_by = on, actor.label
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.withdraw_ground", object_type="household", object_id=household_id,
        site_id=household.site_id, facts={"ground_id": row.id, "ground": row.ground.value}, now=now,
    )  # fmt: skip

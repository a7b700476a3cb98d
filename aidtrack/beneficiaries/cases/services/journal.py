"""What becomes of an appeal: whose it is, whose family it is about, how it ends."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.cases.commands import (
    AssignIntake,
    CloseIntake,
    IntakeStatus,
    LinkIntake,
    Outcome,
    ReopenIntake,
    TransferIntake,
)
from aidtrack.beneficiaries.cases.errors import (
    LinkedAlready,
    NotACaseworkerHere,
    NotClosed,
    NotOpen,
    OfAnotherSite,
)
from aidtrack.beneficiaries.cases.queries.lists import caseworkers_of
from aidtrack.beneficiaries.errors import Needed
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import Intake
from aidtrack.beneficiaries.queries import lock_household
from aidtrack.beneficiaries.services.changing import require_living
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound

# An appeal that ends without help is answered to somebody: the answer is kept.
WITHOUT_REASON = frozenset({Outcome.GRANTED})


def lock_intake(session: Session, intake_id: int, actor: Actor) -> Intake:
    """The entry's row, locked; NotFound outside the actor's sites."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    found = session.scalar(
        select(Intake)
        .where(Intake.id == intake_id, Intake.site_id.in_(sorted(actor.site_ids)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def assign_intake(session: Session, command: AssignIntake, *, actor: Actor, now: datetime) -> None:
    """Give an open appeal to a caseworker of its site, or take it back."""
    intake = lock_intake(session, command.intake_id, actor)
    _require_open(intake)
    known = {user_id for user_id, _name in caseworkers_of(session, [intake.site_id])}
    if command.user_id is not None and command.user_id not in known:
        raise NotACaseworkerHere()
    intake.assigned_to_id = command.user_id
    _note(session, intake, "assign_intake", actor, now, facts={"user_id": command.user_id})


def close_intake(session: Session, command: CloseIntake, *, actor: Actor, now: datetime) -> None:
    """The appeal is answered. Whatever ends without aid needs words about how."""
    intake = lock_intake(session, command.intake_id, actor)
    _require_open(intake)
    reason = clean_text(command.reason, 500, "reason")
    if reason is None and command.outcome not in WITHOUT_REASON:
        raise Needed(field="reason")
    intake.status, intake.outcome, intake.reason = IntakeStatus.CLOSED, command.outcome, reason
    intake.closed_on = _today(session, intake, now)
    _note(session, intake, "close_intake", actor, now, facts={"outcome": command.outcome.value})


def transfer_intake(session: Session, command: TransferIntake, *, actor: Actor, now: datetime) -> None:
    """Hand the appeal on to whom it concerns outside the centre, with the reason."""
    intake = lock_intake(session, command.intake_id, actor)
    _require_open(intake)
    intake.transferred_to = needed(command.to, 200, "to")
    intake.reason = needed(command.reason, 500, "reason")
    intake.status, intake.closed_on = IntakeStatus.TRANSFERRED, _today(session, intake, now)
    _note(session, intake, "transfer_intake", actor, now)


def reopen_intake(session: Session, command: ReopenIntake, *, actor: Actor, now: datetime) -> None:
    """An appeal that was closed by mistake, or came back. The log keeps how it had ended."""
    intake = lock_intake(session, command.intake_id, actor)
    if intake.status is IntakeStatus.OPEN:
        raise NotClosed()
    before = intake.outcome.value if intake.outcome is not None else intake.status.value
    intake.reason = needed(command.reason, 500, "reason")
    intake.status, intake.outcome, intake.closed_on, intake.transferred_to = (
        IntakeStatus.OPEN,
        None,
        None,
        None,
    )
    _note(session, intake, "reopen_intake", actor, now, facts={"before": before})


def link_intake(session: Session, command: LinkIntake, *, actor: Actor, now: datetime) -> None:
    """Say which family the appeal is about; its texts are sealed under the family's key from then on."""
    intake = lock_intake(session, command.intake_id, actor)
    if intake.household_id is not None:
        if intake.household_id == command.household_id:
            return
        raise LinkedAlready()
    household = lock_household(session, command.household_id, actor)
    if household.site_id != intake.site_id:
        raise OfAnotherSite()
    require_living(session, household.id)
    intake.household_id = command.household_id
    _note(session, intake, "link_intake", actor, now)


def _require_open(intake: Intake) -> None:
    if intake.status is not IntakeStatus.OPEN:
        raise NotOpen()


def _today(session: Session, intake: Intake, now: datetime) -> date:
    site = session.get(Site, intake.site_id)
    assert site is not None
    return max(local_date(now, site.time_zone), intake.received_on)


def _note(
    session: Session,
    intake: Intake,
    verb: str,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """An appeal of a family stands in the family's history; any other under its own number."""
    session.flush()
    of_family = intake.household_id is not None
    audit.record(
        session,
        actor=actor,
        action=f"cases.{verb}",
        object_type="household" if of_family else "intake",
        object_id=intake.household_id if of_family else intake.id,
        site_id=intake.site_id,
        facts={"intake_id": intake.id, **(facts or {})},
        now=now,
    )

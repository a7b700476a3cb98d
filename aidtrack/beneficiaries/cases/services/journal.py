"""What becomes of an appeal: whose it is, whose family it is about, how it ends."""

from collections.abc import Iterable, Sequence
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
from aidtrack.db.among import among
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound

# An appeal that ends without help is answered to somebody: the answer is kept.
WITHOUT_REASON = frozenset({Outcome.GRANTED})


def lock_intake(session: Session, intake_id: int, actor: Actor) -> Intake:
    """The entry's row, locked; NotFound outside the actor's sites."""
    return _locked(session, [intake_id], actor)[intake_id]


def _locked(session: Session, intake_ids: Sequence[int], actor: Actor) -> dict[int, Intake]:
    actor.require(Permission.HOUSEHOLD_WRITE)
    asked = (
        select(Intake)
        .where(among(Intake.id, intake_ids), Intake.site_id.in_(sorted(actor.site_ids)))
        .order_by(Intake.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {intake.id: intake for intake in session.scalars(asked)}
    if found.keys() != set(intake_ids):
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
    close_intakes(session, [command], actor=actor, now=now)


def close_intakes(session: Session, commands: Sequence[CloseIntake], *, actor: Actor, now: datetime) -> None:
    """Appeals that are answered together, each as if alone; all of them or none."""
    intakes = _locked(session, [command.intake_id for command in commands], actor)
    for command in commands:
        intake = intakes[command.intake_id]
        _require_open(intake)
        reason = clean_text(command.reason, 500, "reason")
        if reason is None and command.outcome not in WITHOUT_REASON:
            raise Needed(field="reason")
        intake.status, intake.outcome, intake.reason = IntakeStatus.CLOSED, command.outcome, reason
    closed_on = _todays(session, intakes.values(), now)
    for intake in intakes.values():
        intake.closed_on = closed_on[intake.id]
    session.flush()
    for command in commands:
        facts = {"outcome": command.outcome.value}
        _record(session, intakes[command.intake_id], "close_intake", actor, now, facts)


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
    return _todays(session, [intake], now)[intake.id]


def _todays(session: Session, intakes: Iterable[Intake], now: datetime) -> dict[int, date]:
    """The local day at each appeal's site, and never before the appeal came."""
    sites = {intake.site_id for intake in intakes}
    zones = session.execute(select(Site.id, Site.time_zone).where(Site.id.in_(sites)))
    today = {site_id: local_date(now, zone) for site_id, zone in zones}
    return {intake.id: max(today[intake.site_id], intake.received_on) for intake in intakes}


def _note(
    session: Session,
    intake: Intake,
    verb: str,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    session.flush()
    _record(session, intake, verb, actor, now, facts)


def _record(
    session: Session, intake: Intake, verb: str, actor: Actor, now: datetime, facts: dict[str, Any] | None
) -> None:
    """An appeal of a family stands in the family's history; any other under its own number."""
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

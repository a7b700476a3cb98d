"""The register and one entry: sites, sensitive entries and subjects are bounds here."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site, UserAccount
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.models import Round
from aidtrack.feedback.commands import Channel, Outcome, State
from aidtrack.feedback.models import (
    Feedback,
)
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

Rows = Select[*tuple[Any, ...]]

OPEN = (State.NEW, State.IN_WORK)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of the register: no text and nobody's name."""

    id: int
    number: str
    channel: Channel
    kind: str
    sensitive: bool
    received_on: date
    due_on: date
    state: State
    answered_on: date | None
    outcome: Outcome | None
    times_reopened: int
    rating: int | None
    site_code: str
    round_code: str | None
    handler: str | None


@dataclass(frozen=True, slots=True)
class FullRow:
    """One entry with its text, for those who handle it."""

    id: int
    number: str
    site_id: int
    channel: Channel
    kind: str
    sensitive: bool
    text: str | None
    writer_name: str | None
    writer_phone: str | None
    household_id: int | None
    registration_no: str | None
    round_id: int | None
    round_code: str | None
    about_user_id: int | None
    about: str | None
    rating: int | None
    received_on: date
    due_on: date
    state: State
    assigned_to_id: int | None
    handler: str | None
    answer: str | None
    outcome: Outcome | None
    answered_on: date | None
    answered_by: str | None
    times_reopened: int
    recorded_by: str
    emptied_at: datetime | None

    @property
    def anonymous(self) -> bool:
        return not (self.writer_name or self.writer_phone or self.household_id)


@dataclass(frozen=True, slots=True)
class PublicRow:
    """What the holder of a code is shown."""

    id: int
    received_on: date
    due_on: date
    state: State
    answer: str | None
    answered_on: date | None


def visible(actor: Actor) -> ColumnElement[bool]:
    """The bound of every read: own sites, no sensitive ones without the personal right, never about oneself."""
    bounds: list[ColumnElement[bool]] = [Feedback.site_id.in_(actor.site_ids)]
    if actor.user_id is not None:
        bounds.append(func.coalesce(Feedback.about_user_id, 0) != actor.user_id)
    if not actor.can(Permission.FEEDBACK_SENSITIVE):
        bounds.append(Feedback.sensitive == false())
    return and_(*bounds)


def _listed() -> Rows:
    return (
        select(
            Feedback.id, Feedback.number, Feedback.channel, Feedback.kind, Feedback.sensitive, Feedback.received_on,
            Feedback.due_on, Feedback.state, Feedback.answered_on, Feedback.outcome, Feedback.times_reopened,
            Feedback.rating, Site.code, Round.code, UserAccount.display_name,
        )
        .join(Site, Site.id == Feedback.site_id)
        .outerjoin(Round, Round.id == Feedback.round_id)
        .outerjoin(UserAccount, UserAccount.id == Feedback.assigned_to_id)
    )  # fmt: skip


def register(
    session: Session,
    actor: Actor,
    *,
    state: State | None = None,
    kind: str | None = None,
    overdue_on: date | None = None,
    handler_id: int | None = None,
    start: date | None = None,
    end: date | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[ListRow], int]:
    """A page of the register, what is due first first; and how many there are.

    Args:
        overdue_on: only entries not answered on this day although their last day has passed.
    """
    statement = _listed().where(visible(actor))
    if state is not None:
        statement = statement.where(Feedback.state == state)
    if kind:
        statement = statement.where(Feedback.kind == kind)
    if overdue_on is not None:
        statement = statement.where(Feedback.state.in_(OPEN), Feedback.due_on < overdue_on)
    if handler_id is not None:
        statement = statement.where(Feedback.assigned_to_id == handler_id)
    if start is not None:
        statement = statement.where(Feedback.received_on >= start)
    if end is not None:
        statement = statement.where(Feedback.received_on <= end)
    total = session.execute(
        select(func.count()).select_from(statement.with_only_columns(Feedback.id).subquery())
    ).scalar_one()
    first = (Feedback.state.in_(OPEN)).desc()
    page = statement.order_by(first, Feedback.due_on, Feedback.id).limit(limit).offset(offset)
    return [ListRow(*row) for row in session.execute(page)], total


def entry(session: Session, feedback_id: int, *, actor: Actor) -> FullRow:
    """One entry; NotFound where it is missing, another site's, sensitive without the right, or about the actor."""
    about = aliased(UserAccount)
    statement: Rows = (
        select(
            Feedback.id, Feedback.number, Feedback.site_id, Feedback.channel, Feedback.kind, Feedback.sensitive,
            Feedback.text, Feedback.writer_name, Feedback.writer_phone, Feedback.household_id, Household.registration_no,
            Feedback.round_id, Round.code, Feedback.about_user_id, about.display_name, Feedback.rating,
            Feedback.received_on, Feedback.due_on, Feedback.state, Feedback.assigned_to_id, UserAccount.display_name,
            Feedback.answer, Feedback.outcome, Feedback.answered_on, Feedback.answered_by, Feedback.times_reopened,
            Feedback.recorded_by, Feedback.emptied_at,
        )
        .outerjoin(Household, Household.id == Feedback.household_id)
        .outerjoin(Round, Round.id == Feedback.round_id)
        .outerjoin(about, about.id == Feedback.about_user_id)
        .outerjoin(UserAccount, UserAccount.id == Feedback.assigned_to_id)
        .where(Feedback.id == feedback_id, visible(actor))
    )  # fmt: skip
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return FullRow(*row)


def by_reference(session: Session, reference_hash: bytes) -> PublicRow | None:
    statement = select(
        Feedback.id,
        Feedback.received_on,
        Feedback.due_on,
        Feedback.state,
        Feedback.answer,
        Feedback.answered_on,
    ).where(Feedback.reference_hash == reference_hash)
    row = session.execute(statement).one_or_none()
    return None if row is None else PublicRow(*row)


def history(session: Session, feedback_id: int) -> list[tuple[datetime, str, str]]:
    """(when, who, what) of an entry, from the audit log, without who looked at it."""
    statement = (
        select(AuditEvent.at, AuditEvent.actor_label, AuditEvent.action)
        .where(
            AuditEvent.object_type == "feedback",
            AuditEvent.object_id == feedback_id,
            AuditEvent.action.startswith("feedback."),
        )
        .order_by(AuditEvent.id)
    )
    return [(row.at, row.actor_label, row.action) for row in session.execute(statement)]


def due_counts(session: Session, actor: Actor, today: date) -> tuple[int, int, int]:
    """(overdue, not assigned to anybody, mine in work) among what the actor sees."""
    mine = Feedback.assigned_to_id == (actor.user_id or 0)
    statement = select(
        func.count().filter(and_(Feedback.due_on < today, or_(mine, Feedback.assigned_to_id.is_(None)))),
        func.count().filter(Feedback.assigned_to_id.is_(None)),
        func.count().filter(mine),
    ).where(visible(actor), Feedback.state.in_(OPEN))
    overdue, unassigned, own = session.execute(statement).one()
    return overdue, unassigned, own


def of_household(session: Session, household_id: int, actor: Actor) -> list[FullRow]:
    """What a family said under its name, as far as this person may see it: sensitive entries only with the right."""
    ids = session.scalars(
        select(Feedback.id)
        .where(Feedback.household_id == household_id, visible(actor))
        .order_by(Feedback.received_on, Feedback.id)
    )
    return [entry(session, feedback_id, actor=actor) for feedback_id in ids.all()]

"""The journal of appeals: its entries page by page, one of them, and who has open ones."""

from collections.abc import Iterator
from datetime import date, timedelta
from operator import eq, ge, le
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site, UserAccount
from aidtrack.beneficiaries.cases.commands import Channel, IntakeKind, IntakeStatus, Outcome, Sender
from aidtrack.beneficiaries.models import Household, Intake
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

Rows = Select[*tuple[Any, ...]]
LONG_OPEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What the journal is narrowed to. `assigned` is a caseworker; 0 stands for nobody."""

    status: IntakeStatus | None = None
    kind: IntakeKind | None = None
    channel: Channel | None = None
    assigned: int | None = None
    site_id: int | None = None
    first: date | None = None
    last: date | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class JournalRow:
    id: int
    site_id: int
    site_code: str
    household_id: int | None
    registration_no: str | None
    number: str
    kind: IntakeKind
    channel: Channel | None
    sender: Sender | None
    received_on: date
    assigned_to_id: int | None
    assigned_to: str | None
    status: IntakeStatus
    outcome: Outcome | None
    closed_on: date | None
    from_whom: str | None

    def open_days(self, on: date) -> int:
        return (on - self.received_on).days


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """An entry with everything that was said."""

    row: JournalRow
    contact: str | None
    about: str | None
    reason: str | None
    transferred_to: str | None
    recorded_by: str | None


_ROW = (
    Intake.id, Intake.site_id, Site.code, Intake.household_id, Household.registration_no, Intake.number, Intake.kind,
    Intake.channel, Intake.sender, Intake.received_on, Intake.assigned_to_id, UserAccount.display_name,
    Intake.status, Intake.outcome, Intake.closed_on, Intake.from_whom,
)  # fmt: skip


def _rows(actor: Actor, *more: Any) -> Rows:
    return (
        select(*_ROW, *more)
        .select_from(Intake)
        .join(Site, Site.id == Intake.site_id)
        .outerjoin(Household, Household.id == Intake.household_id)
        .outerjoin(UserAccount, UserAccount.id == Intake.assigned_to_id)
        .where(Intake.site_id.in_(sorted(actor.site_ids)))
    )


def narrowed(statement: Rows, asked: JournalFilter) -> Rows:
    wanted = (
        (Intake.status, eq, asked.status),
        (Intake.kind, eq, asked.kind),
        (Intake.channel, eq, asked.channel),
        (Intake.site_id, eq, asked.site_id),
        (Intake.number, eq, asked.number),
        (Intake.received_on, ge, asked.first),
        (Intake.received_on, le, asked.last),
    )
    for column, compares, value in wanted:
        if value is not None:
            statement = statement.where(compares(column, value))
    if asked.assigned is not None:
        statement = statement.where(
            Intake.assigned_to_id.is_(None)
            if asked.assigned == 0
            else Intake.assigned_to_id == asked.assigned
        )
    return statement


def journal(
    session: Session, actor: Actor, asked: JournalFilter, *, limit: int, offset: int
) -> tuple[list[JournalRow], int]:
    """A page of the journal, the newest first, and how many entries the filter finds."""
    rows = session.execute(
        narrowed(_rows(actor), asked)
        .order_by(Intake.received_on.desc(), Intake.id.desc())
        .limit(limit)
        .offset(offset)
    )
    counted = narrowed(
        select(func.count()).select_from(Intake).where(Intake.site_id.in_(sorted(actor.site_ids))), asked
    )
    return [JournalRow(*row) for row in rows], session.scalar(counted) or 0


def whole_journal(
    session: Session, actor: Actor, asked: JournalFilter, *more: ColumnElement[bool]
) -> Iterator[JournalRow]:
    """All entries the filter finds, in the order of the journal: as they came. Some are held at a time."""
    rows = session.execute(
        narrowed(_rows(actor), asked)
        .where(*more)
        .order_by(Intake.received_on, Intake.id)
        .execution_options(yield_per=1000)
    )
    return (JournalRow(*row) for row in rows)


def find_intake(session: Session, intake_id: int, actor: Actor) -> IntakeFile:
    more = (Intake.contact, Intake.about, Intake.reason, Intake.transferred_to, Intake.recorded_by)
    row = session.execute(_rows(actor, *more).where(Intake.id == intake_id)).one_or_none()
    if row is None:
        raise NotFound()
    own = len(_ROW)
    return IntakeFile(JournalRow(*row[:own]), *row[own:])


@dataclass(frozen=True, slots=True)
class OpenOnes:
    """Open appeals of a caseworker, for the first page: counts, and the oldest few by number."""

    mine: int
    old: int  # of mine, longer open than a month
    nobodys: int
    oldest: tuple[tuple[int, str, date], ...]  # id, number, received


def open_ones(session: Session, actor: Actor, on: date) -> OpenOnes:
    at_sites = (Intake.status == IntakeStatus.OPEN, Intake.site_id.in_(sorted(actor.site_ids)))
    rows = session.execute(
        select(Intake.id, Intake.number, Intake.received_on).where(
            *at_sites, Intake.assigned_to_id == (actor.user_id or -1)
        )
    )
    # a person's own are few, and sorted here: a database would walk the whole journal by its days for the first three
    own = sorted(((row[0], row[1], row[2]) for row in rows), key=lambda one: (one[2], one[0]))
    nobodys = select(func.count()).select_from(Intake).where(*at_sites, Intake.assigned_to_id.is_(None))
    return OpenOnes(
        mine=len(own),
        old=sum(1 for one in own if one[2] < on - LONG_OPEN),
        nobodys=session.scalar(nobodys) or 0,
        oldest=tuple(own[:3]),
    )

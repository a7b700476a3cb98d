"""Whose act is due: out of date, ending soon, or missing while an appeal is open."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, func, null, select, union_all
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.cases.commands import IntakeStatus
from aidtrack.beneficiaries.cases.rules import WARNED_DAYS, Act, Due, due_on
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Intake, NeedsAssessment, Person
from aidtrack.db.sealing import read_keys_ahead
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

# An act that ended longer ago than this, and no appeal since: nobody waits for a new one.
FORGOTTEN = timedelta(days=90)
# So many of a kind are listed. Whoever gets an act leaves the list and others follow: nobody works through more at
# once, and a page need not count and sort what nobody turns to.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class DueRow:
    household_id: int
    site_id: int
    registration_no: str
    settlement: str
    head: str
    act: Act | None
    appeal_on: date | None  # the oldest open appeal
    due: Due


# Families with their last act's end, none for those without an act.
Piece = Select[*tuple[Any, ...]]


def _ending(actor: Actor, first: date, last: date) -> Piece:
    """Acts that end between these days and are followed by none, found by their end.

    Each is looked up by itself: joined, PostgreSQL would read all acts and families before it counts the first.
    """
    other = aliased(NeedsAssessment)
    newest = (
        select(other.id)
        .where(other.household_id == NeedsAssessment.household_id)
        .order_by(other.valid_until.desc(), other.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    site = select(Household.site_id).where(Household.id == NeedsAssessment.household_id).scalar_subquery()
    return select(NeedsAssessment.household_id, NeedsAssessment.valid_until.label("until")).where(
        NeedsAssessment.valid_until.between(first, last),
        site.in_(sorted(actor.site_ids)),
        NeedsAssessment.id == newest,
        ~_ended(NeedsAssessment),
    )


def _waiting(actor: Actor, has_act: ColumnElement[bool], until: Any) -> Piece:
    """Open appeals of families whose acts are, or are not, there."""
    asking = select(Intake.household_id).where(
        Intake.site_id.in_(sorted(actor.site_ids)), Intake.status == IntakeStatus.OPEN
    )
    families = asking.where(Intake.household_id.is_not(None), has_act, ~_ended(Intake)).distinct().subquery()
    return select(families.c.household_id, until(families.c.household_id).label("until"))


def _ended(of: Any) -> ColumnElement[bool]:
    return exists().where(HouseholdEnd.household_id == of.household_id)


def _pieces(actor: Actor, on: date) -> dict[Due, list[Piece]]:
    """Parts that never meet: acts that end about now; open appeals without an act, or with one forgotten long ago.

    So a large registry is not read as a whole.
    """
    forgotten = on - FORGOTTEN
    any_act = exists().where(NeedsAssessment.household_id == Intake.household_id)
    known_act = any_act.where(NeedsAssessment.valid_until >= forgotten)

    def last_end(household_id: Any) -> Any:
        ends = select(func.max(NeedsAssessment.valid_until)).where(
            NeedsAssessment.household_id == household_id
        )
        return ends.scalar_subquery()

    return {
        Due.MISSING: [_waiting(actor, ~any_act, lambda _household_id: cast(null(), Date))],
        Due.EXPIRED: [  # every act of the first ended before each of the second
            _waiting(actor, and_(any_act, ~known_act), last_end),
            _ending(actor, forgotten, on - timedelta(days=1)),
        ],
        Due.SOON: [_ending(actor, on, on + timedelta(days=WARNED_DAYS))],
    }


def due_counts(session: Session, actor: Actor, on: date, *, most: int | None = None) -> dict[Due, int]:
    """How many acts are due, by why. With `most` no kind is counted further than one more than that."""
    pieces = _pieces(actor, on)
    limit = None if most is None else most + 1
    counts = [
        # the last piece is the cheapest, and counting stops as soon as there are enough
        select(func.count())
        .select_from(union_all(*reversed(of_kind)).limit(limit).subquery())
        .scalar_subquery()
        for of_kind in pieces.values()
    ]
    found = session.execute(select(*counts)).one()
    return dict(zip(pieces, found, strict=True))


def _in_order(session: Session, kind: Due, pieces: list[Piece], limit: int, offset: int) -> list[Any]:
    """Rows of one kind; one piece lies before the next, so that a page sorts only those it needs."""
    rows: list[Any] = []
    for piece in pieces:
        due = piece.subquery()
        # without an act there is no end to sort by, and in their own order only those of the page are looked for
        order = [Household.id] if kind is Due.MISSING else [due.c.until, Household.id]
        found = session.execute(
            select(Household.id, Household.site_id, Household.registration_no, Household.settlement)
            .join(due, due.c.household_id == Household.id)
            .order_by(*order)
            .limit(limit - len(rows))
            .offset(offset)
        ).all()
        rows += found
        if len(rows) >= limit:
            break
        if offset:
            passed = len(found) + offset if found else _how_many(session, piece, offset)
            offset = max(0, offset - passed)
    return rows


def _how_many(session: Session, piece: Piece, most: int) -> int:
    return session.scalar(select(func.count()).select_from(piece.limit(most).subquery())) or 0


def due_rows(
    session: Session,
    actor: Actor,
    on: date,
    wanted: Due | None,
    *,
    limit: int,
    offset: int,
    counts: Mapping[Due, int] | None = None,
) -> tuple[list[DueRow], int]:
    """A page of the work list: who has no act first, then who has waited longest; at most so many of each kind.

    `counts`: if they are known.
    """
    counts = counts or due_counts(session, actor, on, most=MOST_LISTED)
    chosen = list(Due) if wanted is None else [wanted]
    listed = {one: min(counts[one], MOST_LISTED) for one in chosen}
    pieces = _pieces(actor, on)
    rows: list[Any] = []
    for one in chosen:  # one kind lies before the next: only those the page shows are looked for
        if len(rows) < limit and offset < listed[one]:
            most = min(limit - len(rows), listed[one] - offset)
            rows += _in_order(session, one, pieces[one], most, offset)
        offset = max(0, offset - listed[one])
    ids = [row[0] for row in rows]
    read_keys_ahead(session, ids)
    appeals: dict[int | None, date] = dict(
        session.execute(
            select(Intake.household_id, func.min(Intake.received_on))
            .where(Intake.household_id.in_(ids), Intake.status == IntakeStatus.OPEN)
            .group_by(Intake.household_id)
        ).all()
    )
    heads = {
        household_id: " ".join(part for part in name if part)
        for household_id, *name in session.execute(
            select(Person.household_id, Person.surname, Person.given_name, Person.patronymic).where(
                Person.household_id.in_(ids), Person.is_head
            )
        )
    }
    acts = {
        household_id: Act(made_on, valid_until)
        for household_id, made_on, valid_until in session.execute(
            select(NeedsAssessment.household_id, NeedsAssessment.made_on, NeedsAssessment.valid_until)
            .where(NeedsAssessment.household_id.in_(ids))
            .order_by(NeedsAssessment.valid_until, NeedsAssessment.id)
        )
    }
    found = []
    for household_id, site_id, registration_no, settlement in rows:
        act, appeal = acts.get(household_id), appeals.get(household_id)
        why = due_on(act, on=on, appeal_open=appeal is not None)
        assert why is not None
        head = heads.get(household_id, registration_no)
        found.append(DueRow(household_id, site_id, registration_no, settlement, head, act, appeal, why))
    return found, sum(listed.values())

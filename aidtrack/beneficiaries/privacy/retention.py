"""How long files are kept, as dated data, and which families are due. People approve; nothing goes by itself."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import holdings
from aidtrack.beneficiaries.models import (
    ErasureRequest,
    ErasureWhy,
    FamilyKey,
    Household,
    HouseholdEnd,
    HouseholdGround,
    RequestState,
    RetentionKind,
    RetentionRule,
)
from aidtrack.beneficiaries.privacy import erasure
from aidtrack.beneficiaries.privacy.errors import PrivacyRefused
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

# until a centre writes its own: five years after the last act; a month to act on a withdrawal; five years for messages
USUAL = {RetentionKind.QUIET: 60, RetentionKind.WITHDRAWN: 1, RetentionKind.FEEDBACK: 60}
USUAL_SOURCE = "docs/rules.md#retention"
MOST = 25
PORTION = 1000


@dataclass(frozen=True, slots=True)
class DueRow:
    household_id: int
    registration_no: str
    since: date
    kind: RetentionKind


@dataclass(frozen=True, slots=True)
class RuleRow:
    kind: RetentionKind
    months: int
    valid_from: date | None
    source: str


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def rules_on(session: Session, on: date) -> dict[RetentionKind, RuleRow]:
    """What holds on a day: the latest rule of each kind, or the usual one."""
    found = {kind: RuleRow(kind, months, None, USUAL_SOURCE) for kind, months in USUAL.items()}
    rows = session.scalars(
        select(RetentionRule).where(RetentionRule.valid_from <= on).order_by(RetentionRule.valid_from)
    )
    for row in rows:
        found[row.kind] = RuleRow(row.kind, row.months, row.valid_from, row.source)
    return found


def set_rule(
    session: Session, kind: RetentionKind, months: int, valid_from: date, source: str, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """A new period from a day on; earlier rules stay on file."""
    actor.require(Permission.PRIVACY_MANAGE)
    words = needed(source, 200, "source")
    row = session.scalar(
        select(RetentionRule).where(RetentionRule.kind == kind, RetentionRule.valid_from == valid_from)
    )
    if row is None:
        row = RetentionRule(kind=kind, valid_from=valid_from)
        session.add(row)
    row.months, row.source, row.created_at, row.created_by = months, words, now, actor.label
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.set_retention", object_type="retention_rule", object_id=row.id,
        facts={"kind": kind.value, "months": months, "valid_from": valid_from.isoformat()}, now=now,
    )  # fmt: skip


def due(session: Session, *, actor: Actor, today: date, most: int = MOST) -> tuple[list[DueRow], bool]:
    """Families whose time is over at the actor's sites, at most so many; and whether there are more.

    Numbers of registrations alone: nobody is read by looking at this list.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    rules = rules_on(session, today)
    found: list[DueRow] = []
    for row in _all_due(session, actor, today, rules):
        if len(found) == most:
            return found, True
        found.append(row)
    return found, False


def _all_due(
    session: Session, actor: Actor, today: date, rules: dict[RetentionKind, RuleRow]
) -> Iterator[DueRow]:
    withdrawn_before = months_before(today, rules[RetentionKind.WITHDRAWN].months)
    last = (
        select(HouseholdGround.household_id, func.max(HouseholdGround.withdrawn_on).label("on"))
        .group_by(HouseholdGround.household_id)
        .having(func.count() == func.count(HouseholdGround.withdrawn_on))
        .subquery()
    )
    rows = session.execute(
        select(Household.id, Household.registration_no, last.c.on)
        .join(last, last.c.household_id == Household.id)
        .where(*_whole(actor), last.c.on <= withdrawn_before)
        .order_by(Household.id)
    )
    seen: set[int] = set()
    for household_id, number, on in rows:
        seen.add(household_id)
        yield DueRow(household_id, number, on, RetentionKind.WITHDRAWN)
    since = months_before(today, rules[RetentionKind.QUIET].months)
    after = 0
    while True:
        portion = session.execute(
            select(Household.id, Household.registration_no, Household.registered_on)
            .where(*_whole(actor), Household.registered_on < since, Household.id > after)
            .order_by(Household.id)
            .limit(PORTION)
        ).all()
        if not portion:
            return
        after = portion[-1].id
        alive = holdings.lively(session, [row.id for row in portion], since)
        for household_id, number, on in portion:
            if household_id not in alive and household_id not in seen:
                yield DueRow(household_id, number, on, RetentionKind.QUIET)


def _whole(actor: Actor) -> list[ColumnElement[bool]]:
    """Families of the actor's sites that stand on their own, are not erased, and nobody asked to erase."""
    gone = select(FamilyKey.household_id).where(
        FamilyKey.household_id == Household.id, FamilyKey.sealed.is_(None)
    )
    ended = select(HouseholdEnd.household_id).where(HouseholdEnd.household_id == Household.id)
    asked = select(ErasureRequest.id).where(
        ErasureRequest.household_id == Household.id, ErasureRequest.state == RequestState.ASKED
    )
    return [
        Household.site_id.in_(sorted(actor.site_ids)), ~gone.exists(), ~ended.exists(), ~asked.exists()
    ]  # fmt: skip


def ask_for_due(
    session: Session, household_ids: list[int], *, actor: Actor, today: date, now: datetime
) -> tuple[int, int]:
    """Ask to erase those of the list; gives how many were asked for and how many are held back by something open."""
    due_now = {row.household_id for row in due(session, actor=actor, today=today)[0]}
    asked = held_back = 0
    for household_id in household_ids:
        if household_id not in due_now:
            continue
        try:
            erasure.ask(session, household_id, why=ErasureWhy.RETENTION, reason=None, actor=actor, now=now)
            asked += 1
        except PrivacyRefused:
            held_back += 1
    return asked, held_back

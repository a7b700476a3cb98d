"""Kinds, terms, working days, and what the public page says of the centre."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Centre, Site
from aidtrack.db.dated import Dated
from aidtrack.feedback.models import (
    FeedbackKind,
    FeedbackSettings,
    FeedbackTerm,
    SpecialDay,
    WorkingWeek,
)
from aidtrack.feedback.working_days import Calendar
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class KindRow(Dated):
    code: str
    name_uk: str
    name_en: str
    sensitive: bool
    valid_from: date
    valid_until: date | None
    source: str | None


def kinds(session: Session) -> dict[str, KindRow]:
    """All kinds there were and are by code, in their order."""
    statement = select(
        FeedbackKind.code, FeedbackKind.name_uk, FeedbackKind.name_en, FeedbackKind.sensitive,
        FeedbackKind.valid_from, FeedbackKind.valid_until, FeedbackKind.source,
    ).order_by(FeedbackKind.position, FeedbackKind.valid_from, FeedbackKind.code)  # fmt: skip
    return {row.code: KindRow(*row) for row in session.execute(statement)}


def kinds_on(session: Session, day: date) -> dict[str, KindRow]:
    """What a message that comes on that day can be about."""
    return {code: kind for code, kind in kinds(session).items() if kind.holds_on(day)}


def terms(session: Session, kind: str) -> list[tuple[date, int]]:
    statement = select(FeedbackTerm.valid_from, FeedbackTerm.working_days).where(FeedbackTerm.kind == kind)
    return [(row.valid_from, row.working_days) for row in session.execute(statement)]


def all_terms(session: Session) -> dict[str, list[tuple[date, int, str]]]:
    """(from, working days, set by) by kind, newest first."""
    statement = select(
        FeedbackTerm.kind, FeedbackTerm.valid_from, FeedbackTerm.working_days, FeedbackTerm.set_by
    ).order_by(FeedbackTerm.kind, FeedbackTerm.valid_from.desc())
    found: dict[str, list[tuple[date, int, str]]] = {}
    for kind, begins, days, who in session.execute(statement):
        found.setdefault(kind, []).append((begins, days, who))
    return found


def calendar(session: Session) -> Calendar:
    return Calendar(weeks(session) or Calendar().weeks, dict(special_days(session)))


def weeks(session: Session) -> list[tuple[date, str]]:
    statement = select(WorkingWeek.valid_from, WorkingWeek.weekdays).order_by(WorkingWeek.valid_from.desc())
    return [(row.valid_from, row.weekdays) for row in session.execute(statement)]


def special_days(session: Session) -> list[tuple[date, bool]]:
    statement = select(SpecialDay.day, SpecialDay.works).order_by(SpecialDay.day.desc())
    return [(row.day, row.works) for row in session.execute(statement)]


def short_address(session: Session) -> str | None:
    """The address printed on vouchers, if the centre has one."""
    return session.scalar(select(FeedbackSettings.short_address))


def centre_names(session: Session) -> tuple[str, str]:
    row = session.execute(select(Centre.name_uk, Centre.name_en).order_by(Centre.id).limit(1)).one_or_none()
    return ("", "") if row is None else (row.name_uk, row.name_en)


def sites(session: Session) -> list[tuple[int, str, str]]:
    """(id, name_uk, name_en) of the centre's sites: their names are on every voucher and no secret."""
    statement = select(Site.id, Site.name_uk, Site.name_en).order_by(Site.id)
    return [(row.id, row.name_uk, row.name_en) for row in session.execute(statement)]


def time_zone(session: Session, site_id: int) -> str | None:
    return session.scalar(select(Site.time_zone).where(Site.id == site_id))

"""Sittings with their cases; who waits for one. Scope is here: another site's sitting is not found."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.cases.commands import DecisionBody, Result, SittingState
from aidtrack.beneficiaries.cases.rules import Act, Decided, Problem, problems_of
from aidtrack.beneficiaries.models import (
    Household,
    Intake,
    NeedsAssessment,
    Person,
    Sitting,
    SittingCase,
    SittingCaseProgramme,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class SittingRow:
    id: int
    site_id: int
    body: DecisionBody
    held_on: date
    place: str
    grants_from: date
    grants_until: date | None
    state: SittingState
    minutes_number: str | None
    minutes_on: date | None
    version: int
    site_uk: str
    site_en: str
    time_zone: str

    @property
    def is_closed(self) -> bool:
        return self.state is SittingState.CLOSED

    def site_name(self, language: str) -> str:
        return self.site_en if language == "en" else self.site_uk


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case on an agenda. `head` is the family's head by full name."""

    id: int
    household_id: int
    position: int
    registration_no: str
    settlement: str
    head: str
    members: int
    intake_id: int | None
    intake_number: str | None
    intake_on: date | None
    assessment_id: int | None
    act_number: str | None
    act: Act | None
    at_home: bool
    corrects_id: int | None
    correction_reason: str | None
    result: Result | None
    reason: str | None
    valid_from: date | None
    valid_until: date | None
    any_programme: bool
    words: str | None
    programme_ids: tuple[int, ...] = ()

    @property
    def decided(self) -> Decided:
        return Decided(
            self.result,
            has_reason=bool(self.reason),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            grants_something=self.any_programme or bool(self.programme_ids) or bool(self.words),
        )

    def problems(self, held_on: date) -> frozenset[Problem]:
        return problems_of(self.decided, self.act, held_on)


@dataclass(frozen=True, slots=True)
class SittingFile:
    sitting: SittingRow
    cases: tuple[CaseRow, ...] = ()
    corrected: frozenset[int] = field(
        default=frozenset()
    )  # cases that a later sitting replaced or will judge

    def count(self, result: Result | None) -> int:
        return sum(1 for case in self.cases if case.result is result)


_SITTING = (
    Sitting.id, Sitting.site_id, Sitting.body, Sitting.held_on, Sitting.place, Sitting.grants_from,
    Sitting.grants_until, Sitting.state, Sitting.minutes_number, Sitting.minutes_on, Sitting.version,
    Site.name_uk, Site.name_en, Site.time_zone,
)  # fmt: skip


def _sittings(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(*_SITTING)
        .join(Site, Site.id == Sitting.site_id)
        .where(Sitting.site_id.in_(sorted(actor.site_ids)))
    )


@dataclass(frozen=True, slots=True)
class ListedSitting:
    sitting: SittingRow
    cases: int


def sittings(session: Session, actor: Actor, *, limit: int, offset: int) -> tuple[list[ListedSitting], int]:
    """Sittings, the newest first, with how many cases each has; and how many sittings there are."""
    cases = select(func.count()).where(SittingCase.sitting_id == Sitting.id).scalar_subquery()
    rows = session.execute(
        _sittings(actor)
        .add_columns(cases)
        .order_by(Sitting.held_on.desc(), Sitting.id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = session.scalar(
        select(func.count()).select_from(Sitting).where(Sitting.site_id.in_(sorted(actor.site_ids)))
    )
    return [ListedSitting(SittingRow(*row[:-1]), row[-1]) for row in rows], total or 0


def find_sitting(session: Session, sitting_id: int, actor: Actor) -> SittingRow:
    row = session.execute(_sittings(actor).where(Sitting.id == sitting_id)).one_or_none()
    if row is None:
        raise NotFound()
    return SittingRow(*row)


def planned_sittings(session: Session, actor: Actor, site_id: int) -> list[SittingRow]:
    """Sittings of a site that are being prepared, the next one first."""
    rows = session.execute(
        _sittings(actor)
        .where(Sitting.site_id == site_id, Sitting.state == SittingState.PLANNED)
        .order_by(Sitting.held_on, Sitting.id)
    )
    return [SittingRow(*row) for row in rows]


def next_minutes_number(session: Session, sitting: SittingRow) -> str:
    """The number the body's next minutes of the year would have, after the highest that is a plain number."""
    closed = session.scalars(
        select(Sitting.minutes_number).where(
            Sitting.site_id == sitting.site_id,
            Sitting.body == sitting.body,
            Sitting.state == SittingState.CLOSED,
            Sitting.held_on >= date(sitting.held_on.year, 1, 1),
            Sitting.held_on <= date(sitting.held_on.year, 12, 31),
        )
    )
    plain = [int(one) for one in closed if one and one.isascii() and one.isdigit()]
    return str(max(plain, default=0) + 1)


def sitting_file(session: Session, sitting_id: int, actor: Actor) -> SittingFile:
    """A sitting with all its cases, in the order of the agenda."""
    sitting = find_sitting(session, sitting_id, actor)
    members = (
        select(func.count())
        .where(Person.household_id == Household.id, Person.left_on.is_(None))
        .correlate(Household)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            SittingCase, Household.registration_no, Household.settlement, Person.surname, Person.given_name,
            Person.patronymic, members, Intake.number, Intake.received_on, NeedsAssessment.act_number,
            NeedsAssessment.made_on, NeedsAssessment.valid_until, NeedsAssessment.at_home,
        )
        .join(Household, Household.id == SittingCase.household_id)
        .outerjoin(Person, and_(Person.household_id == Household.id, Person.is_head))
        .outerjoin(Intake, Intake.id == SittingCase.intake_id)
        .outerjoin(NeedsAssessment, NeedsAssessment.id == SittingCase.assessment_id)
        .where(SittingCase.sitting_id == sitting_id)
        .order_by(SittingCase.position, SittingCase.id)
    ).all()  # fmt: skip
    programmes = _programmes(session, [row[0].id for row in rows])
    cases = tuple(_case(row, programmes) for row in rows)
    return SittingFile(sitting, cases, _corrected(session, [case.id for case in cases]))


def _case(row: Any, programmes: dict[int, tuple[int, ...]]) -> CaseRow:
    case: SittingCase = row[0]
    act = Act(row[10], row[11]) if row[10] is not None else None
    return CaseRow(
        id=case.id,
        household_id=case.household_id,
        position=case.position,
        registration_no=row[1],
        settlement=row[2],
        head=" ".join(part for part in row[3:6] if part) or row[1],
        members=row[6],
        intake_id=case.intake_id,
        intake_number=row[7],
        intake_on=row[8],
        assessment_id=case.assessment_id,
        act_number=row[9],
        act=act,
        at_home=bool(row[12]),
        corrects_id=case.corrects_id,
        correction_reason=case.correction_reason,
        result=case.result,
        reason=case.reason,
        valid_from=case.valid_from,
        valid_until=case.valid_until,
        any_programme=case.any_programme,
        words=case.words,
        programme_ids=programmes.get(case.id, ()),
    )


def _programmes(session: Session, case_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = session.execute(
        select(SittingCaseProgramme.case_id, SittingCaseProgramme.programme_id)
        .where(SittingCaseProgramme.case_id.in_(sorted(case_ids)))
        .order_by(SittingCaseProgramme.programme_id)
    )
    for case_id, programme_id in rows:
        found[case_id].append(programme_id)
    return {case_id: tuple(ids) for case_id, ids in found.items()}


def _corrected(session: Session, case_ids: Collection[int]) -> frozenset[int]:
    """Cases whose correction is on an agenda, or was granted or refused."""
    rows = session.scalars(
        select(SittingCase.corrects_id)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(
            SittingCase.corrects_id.in_(sorted(case_ids)),
            or_(Sitting.state == SittingState.PLANNED, SittingCase.result != Result.POSTPONED),
        )
    )
    return frozenset(one for one in rows if one is not None)

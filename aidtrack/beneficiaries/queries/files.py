"""Everything on one household's page. Reading it is logged: go through `services.reading`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, or_, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.cases.commands import DecisionBody, IntakeKind
from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.household import Sex, age_on
from aidtrack.beneficiaries.models import (
    Category,
    Collector,
    EligibilityDecision,
    Household,
    HouseholdEnd,
    Intake,
    NeedsAssessment,
    Person,
    ProtectedCategory,
)
from aidtrack.beneficiaries.queries.events import EventRow, family_events
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.beneficiaries.queries.households import HouseholdKey, find_household
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

MOST_HISTORY = 50
OF_CATEGORIES = ("beneficiaries.add_category", "beneficiaries.end_category")


@dataclass(frozen=True, slots=True)
class CategoryRow:
    id: int
    person_id: int | None
    kind: str
    evidence: str | None
    proven: bool | None  # None in the protected drawer, which keeps no such word
    valid_from: date
    valid_until: date | None
    seen_by: str
    protected: bool
    paper: str | None = None  # code of the kind of paper that was shown
    issued_on: date | None = None
    seen_on: date | None = None

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    is_head: bool
    surname: str
    given_name: str
    patronymic: str | None
    sex: Sex
    birth_date: date | None
    document: str | None
    has_tax_id: bool
    joined_on: date
    left_on: date | None
    left_why: str | None
    categories: tuple[CategoryRow, ...]

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)

    def age(self, on: date) -> int | None:
        return age_on(self.birth_date, on)


@dataclass(frozen=True, slots=True)
class IntakeRow:
    id: int
    number: str
    kind: IntakeKind
    received_on: date


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    id: int
    act_number: str
    made_on: date
    valid_until: date
    at_home: bool
    living_conditions: bool
    recorded_by: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    id: int
    body: DecisionBody
    number: str
    decided_on: date
    valid_from: date
    valid_until: date | None
    programme_id: int | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class CollectorRow:
    id: int
    name: str
    document: str | None
    valid_from: date
    valid_until: date | None

    def may_collect(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class OtherFile:
    """Another registration that this one led to, or that led here."""

    id: int
    registration_no: str
    ended_as: EndedAs
    ended_on: date


@dataclass(frozen=True, slots=True)
class HistoryRow:
    at: datetime
    who: str
    action: str


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    key: HouseholdKey
    settlement: str
    katottg: str | None
    address: str | None
    phone: str | None  # E.164
    displaced_on: date | None
    arrived_on: date | None  # in the hromada where they live now
    registered_on: date
    members: tuple[MemberRow, ...]  # the head first, those who left last
    categories: tuple[CategoryRow, ...]  # of the household as a whole
    intakes: tuple[IntakeRow, ...]
    assessments: tuple[AssessmentRow, ...]
    decisions: tuple[DecisionRow, ...]
    history: tuple[HistoryRow, ...]  # acts of the log: who and when
    collectors: tuple[CollectorRow, ...] = ()
    events: tuple[EventRow, ...] = ()  # what happened, with what it was before
    successor: OtherFile | None = None  # this family became a part of that one
    aliases: tuple[OtherFile, ...] = ()  # these became a part of this one
    # those merged into it, other sites' too: what they were given was given to this family
    merged: tuple[int, ...] = ()

    @property
    def present(self) -> tuple[MemberRow, ...]:
        return tuple(member for member in self.members if member.left_on is None)

    @property
    def head(self) -> MemberRow | None:
        return next((member for member in self.members if member.is_head), None)

    def member(self, person_id: int) -> MemberRow | None:
        return next((member for member in self.members if member.id == person_id), None)


_HOUSEHOLD: Any = bindparam("household_id")
_HOME = select(
    Household.settlement,
    Household.katottg,
    Household.address,
    Household.phone,
    Household.displaced_on,
    Household.arrived_on,
    Household.registered_on,
).where(Household.id == _HOUSEHOLD)


def household_file(
    session: Session,
    household_id: int,
    actor: Actor,
    *,
    protected: bool,
    history: bool = True,
    papers: bool = True,
    key: HouseholdKey | None = None,
) -> HouseholdFile:
    """The whole file; NotFound outside the actor's sites.

    Args:
        papers: appeals, acts and decisions too; the family's page tells them as its story instead.
        key: what the caller found of it already.
    """
    key = key or find_household(session, household_id, actor)
    home = session.execute(_HOME, {"household_id": household_id}).one()
    categories = _categories(session, household_id, protected)
    all_ends = _ends(session, household_id)
    ends = [(leads_here, other) for leads_here, site_id, other in all_ends if site_id in actor.site_ids]
    return HouseholdFile(
        key=key,
        **home._mapping,
        members=_members(session, household_id, categories),
        categories=tuple(one for one in categories if one.person_id is None),
        intakes=_rows(session, IntakeRow, Intake, household_id) if papers else (),
        assessments=_rows(session, AssessmentRow, NeedsAssessment, household_id) if papers else (),
        decisions=_rows(session, DecisionRow, EligibilityDecision, household_id, still_counts())
        if papers
        else (),
        history=_history(session, household_id, protected) if history else (),
        collectors=_collectors(session, household_id),
        events=family_events(session, household_id, actor) if history else (),
        successor=next((other for leads_here, other in ends if not leads_here), None),
        aliases=tuple(other for leads_here, other in ends if leads_here),
        merged=tuple(
            other.id for here, _site, other in all_ends if here and other.ended_as is EndedAs.MERGED
        ),
    )


_COLLECTORS = (
    select(Collector.id, Collector.name, Collector.document, Collector.valid_from, Collector.valid_until)
    .where(Collector.household_id == _HOUSEHOLD)
    .order_by(Collector.id)
)


def _collectors(session: Session, household_id: int) -> tuple[CollectorRow, ...]:
    rows = session.execute(_COLLECTORS, {"household_id": household_id})
    return tuple(CollectorRow(*row) for row in rows)


_LEADS_HERE = HouseholdEnd.successor_id == _HOUSEHOLD
_ENDS = (
    select(
        _LEADS_HERE, Household.site_id, Household.id, Household.registration_no, HouseholdEnd.ended_as,
        HouseholdEnd.ended_on,
    )
    .select_from(HouseholdEnd)
    .join(
        Household,
        Household.id == case((_LEADS_HERE, HouseholdEnd.household_id), else_=HouseholdEnd.successor_id),
    )
    .where(or_(HouseholdEnd.household_id == _HOUSEHOLD, _LEADS_HERE))
    .order_by(Household.id)
)  # fmt: skip


def _ends(session: Session, household_id: int) -> list[tuple[bool, int, OtherFile]]:
    """Other registrations this one led to or that led here (true), with their sites, in one question."""
    rows = session.execute(_ENDS, {"household_id": household_id})
    return [(bool(row[0]), row[1], OtherFile(*row[2:])) for row in rows]


_DRAWERS: dict[Any, Any] = {
    drawer: select(drawer).where(drawer.household_id == _HOUSEHOLD).order_by(drawer.valid_from, drawer.id)
    for drawer in (Category, ProtectedCategory)
}


def _categories(session: Session, household_id: int, protected: bool) -> list[CategoryRow]:
    drawers: list[Any] = [Category, ProtectedCategory] if protected else [Category]
    found: list[CategoryRow] = []
    for drawer in drawers:
        for row in session.scalars(_DRAWERS[drawer], {"household_id": household_id}):
            found.append(
                CategoryRow(
                    row.id, row.person_id, row.kind, row.evidence, getattr(row, "proven", None), row.valid_from,
                    row.valid_until, row.seen_by, drawer is ProtectedCategory,
                    row.evidence_kind, row.issued_on, row.seen_on,
                )
            )  # fmt: skip
    return found


_MEMBERS = (
    select(Person)
    .where(Person.household_id == _HOUSEHOLD)
    .order_by(Person.id)
    .execution_options(populate_existing=True)  # changed in this session past the mapped objects
)


def _members(session: Session, household_id: int, categories: list[CategoryRow]) -> tuple[MemberRow, ...]:
    people = session.scalars(_MEMBERS, {"household_id": household_id})
    members = [
        MemberRow(
            person.id, person.is_head, person.surname, person.given_name, person.patronymic, person.sex,
            person.birth_date, person.document, person.tax_id_hash is not None, person.joined_on, person.left_on,
            person.left_why,
            tuple(one for one in categories if one.person_id == person.id),
        )
        for person in people
    ]  # fmt: skip
    return tuple(sorted(members, key=lambda one: (one.left_on is not None, not one.is_head, one.id)))


def _rows(session: Session, row: Any, model: Any, household_id: int, *more: Any) -> tuple[Any, ...]:
    """Newest first."""
    columns = [getattr(model, name) for name in row.__dataclass_fields__]
    statement = select(*columns).where(model.household_id == household_id, *more).order_by(model.id.desc())
    return tuple(row(*found) for found in session.execute(statement))


_ACTS = (
    select(AuditEvent.at, AuditEvent.actor_label, AuditEvent.action)
    .where(
        AuditEvent.object_type == "household",
        AuditEvent.object_id == _HOUSEHOLD,
        ~AuditEvent.action.like("read.%"),
    )
    .order_by(AuditEvent.id.desc())
    .limit(MOST_HISTORY)
)
_ACTS_WITHOUT_GRANT = _ACTS.where(AuditEvent.action.not_in(OF_CATEGORIES))


def _history(session: Session, household_id: int, protected: bool) -> tuple[HistoryRow, ...]:
    """Changes to this family, newest first. Who read it stands in the audit log.

    Without a grant changes of categories are left out: one more of them than there are categories on the
    page would tell that a protected one is there.
    """
    rows = session.execute(_ACTS if protected else _ACTS_WITHOUT_GRANT, {"household_id": household_id})
    return tuple(HistoryRow(*row) for row in rows)

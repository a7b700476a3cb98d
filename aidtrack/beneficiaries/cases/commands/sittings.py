"""Sittings: planned, filled, decided, closed, corrected."""

from datetime import date
from uuid import UUID

from aidtrack.beneficiaries.cases.commands.kinds import DecisionBody, Result
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class PlanSitting:
    """A sitting of the council, or a day of decisions of the department. Postponed cases come to it at once."""

    command_id: UUID
    site_id: int
    body: DecisionBody
    held_on: date
    place: str
    grants_from: date
    grants_until: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeSitting:
    sitting_id: int
    version: int
    held_on: date
    place: str
    grants_from: date
    grants_until: date | None = None


@dataclass(frozen=True, slots=True)
class AddCases:
    """`household_ids` None: everybody who waits."""

    sitting_id: int
    household_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class DropCase:
    sitting_id: int
    case_id: int


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What was decided about one case, as typed; `None` is nothing yet.

    A grant names programmes, any programme, or says in words what is granted.
    """

    case_id: int
    result: Result | None
    reason: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    any_programme: bool = False
    programme_ids: tuple[int, ...] = ()
    words: str | None = None


@dataclass(frozen=True, slots=True)
class RecordResults:
    """The results of a sitting as they stand; `version` is the one the person saw."""

    sitting_id: int
    version: int
    results: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True)
class CloseMinutes:
    """`doubts_confirmed` answers the questions about acts that are missing or out of date."""

    sitting_id: int
    version: int
    number: str
    minutes_on: date
    doubts_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class CorrectCase:
    """A closed decision is put before a later sitting, with the reason; its result replaces the old one."""

    case_id: int
    sitting_id: int
    reason: str

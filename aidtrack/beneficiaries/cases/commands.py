"""What may be asked about a case: appeals, acts, sittings and their decisions. Frozen inputs, not yet judged."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from aidtrack.kernel.errors import N_


class IntakeKind(StrEnum):
    APPEAL = "appeal"  # звернення
    NOTIFICATION = "notification"  # повідомлення

    @property
    def label(self) -> str:
        return {IntakeKind.APPEAL: N_("appeal"), IntakeKind.NOTIFICATION: N_("referral notice")}[self]


class Channel(StrEnum):
    """By which way an appeal came."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    HOTLINE = "hotline"
    INSTITUTION = "institution"  # handed on by another institution

    @property
    def label(self) -> str:
        return _CHANNELS[self]


class Sender(StrEnum):
    """Who turned to the centre."""

    FAMILY = "family"
    RELATIVE = "relative"
    OTHER_PERSON = "other_person"
    INSTITUTION = "institution"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _SENDERS[self]


class IntakeStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    TRANSFERRED = "transferred"

    @property
    def label(self) -> str:
        return _STATUSES[self]


class Outcome(StrEnum):
    """With what an appeal was closed."""

    GRANTED = "granted"
    REFUSED = "refused"
    ADVISED = "advised"
    NOT_CONFIRMED = "not_confirmed"
    WITHDRAWN = "withdrawn"
    REPEATED = "repeated"

    @property
    def label(self) -> str:
        return _OUTCOMES[self]


class ListKind(StrEnum):
    CIRCUMSTANCES = "circumstances"  # чинники СЖО
    NEEDS = "needs"

    @property
    def label(self) -> str:
        return {ListKind.CIRCUMSTANCES: N_("Circumstances"), ListKind.NEEDS: N_("Needs")}[self]


class DecisionBody(StrEnum):
    COUNCIL = "council"  # координаційна рада
    DEPARTMENT = "department"

    @property
    def label(self) -> str:
        return {DecisionBody.COUNCIL: N_("coordination council"), DecisionBody.DEPARTMENT: N_("department")}[
            self
        ]


class SittingState(StrEnum):
    PLANNED = "planned"
    CLOSED = "closed"  # the minutes are closed, decisions are written

    @property
    def label(self) -> str:
        return {SittingState.PLANNED: N_("being prepared"), SittingState.CLOSED: N_("minutes closed")}[self]


class Result(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    POSTPONED = "postponed"

    @property
    def label(self) -> str:
        return _RESULTS[self]


_CHANNELS = {
    Channel.IN_PERSON: N_("in person"),
    Channel.PHONE: N_("by phone"),
    Channel.LETTER: N_("by letter"),
    Channel.EMAIL: N_("by e-mail"),
    Channel.HOTLINE: N_("through a hotline"),
    Channel.INSTITUTION: N_("handed on by an institution"),
}
_SENDERS = {
    Sender.FAMILY: N_("somebody of the family"),
    Sender.RELATIVE: N_("a relative"),
    Sender.OTHER_PERSON: N_("another person"),
    Sender.INSTITUTION: N_("an institution"),
    Sender.UNKNOWN: N_("did not give a name"),
}
_STATUSES = {
    IntakeStatus.OPEN: N_("being dealt with"),
    IntakeStatus.CLOSED: N_("closed with an outcome"),
    IntakeStatus.TRANSFERRED: N_("transferred"),
}
_OUTCOMES = {
    Outcome.GRANTED: N_("aid or a service was granted"),
    Outcome.REFUSED: N_("refused"),
    Outcome.ADVISED: N_("advice was given, nothing else is needed"),
    Outcome.NOT_CONFIRMED: N_("what was reported was not confirmed"),
    Outcome.WITHDRAWN: N_("the family withdrew it"),
    Outcome.REPEATED: N_("a repetition of another appeal"),
}
_RESULTS = {
    Result.GRANTED: N_("granted"),
    Result.REFUSED: N_("refused"),
    Result.POSTPONED: N_("postponed"),
}


@dataclass(frozen=True, slots=True)
class RecordIntake:
    """An entry of the journal. It may come before its family is registered.

    `number` None: the next one of the site's year is given. `site_id` is needed only without a household.
    """

    command_id: UUID
    household_id: int | None
    number: str | None
    kind: IntakeKind
    received_on: date
    site_id: int | None = None
    channel: Channel | None = None
    sender: Sender | None = None
    from_whom: str | None = None
    contact: str | None = None
    about: str | None = None
    assigned_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class AssignIntake:
    """`user_id` None: nobody's again."""

    intake_id: int
    user_id: int | None


@dataclass(frozen=True, slots=True)
class CloseIntake:
    intake_id: int
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TransferIntake:
    """Handed to whom it concerns: a person or institution outside, in words."""

    intake_id: int
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReopenIntake:
    intake_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class LinkIntake:
    """The appeal is about this family."""

    intake_id: int
    household_id: int


@dataclass(frozen=True, slots=True)
class RecordAssessment:
    """An act of assessing needs, or of living conditions.

    `entry_ids` are entries of the lists of circumstances and needs. `expired_confirmed` False asks about an
    act that is out of date on the day it is entered.
    """

    command_id: UUID
    household_id: int
    act_number: str
    made_on: date
    valid_until: date
    at_home: bool = False
    living_conditions: bool = False
    entry_ids: tuple[int, ...] = ()
    notes: str | None = None
    expired_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """`programme_id` None: any programme. `valid_until` None: open.

    `without_act_confirmed` False asks when the family's acts are all out of date on the day of the decision.
    """

    command_id: UUID
    household_id: int
    body: DecisionBody
    number: str
    decided_on: date
    valid_from: date
    valid_until: date | None = None
    programme_id: int | None = None
    without_act_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class AddListEntry:
    """`protected`: about health or violence, so ticked and seen only under a grant."""

    command_id: UUID
    list: ListKind
    name_uk: str
    name_en: str
    valid_from: date
    protected: bool = False
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ReplaceListEntry:
    """New words from a day on: the old entry ends the day before. Unused ones are simply corrected."""

    entry_id: int
    name_uk: str
    name_en: str
    valid_from: date
    source: str | None = None


@dataclass(frozen=True, slots=True)
class EndListEntry:
    """The entry can be ticked through `valid_until` and no longer; None takes an end back."""

    entry_id: int
    valid_until: date | None


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

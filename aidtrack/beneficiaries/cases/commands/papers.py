"""Appeals, acts, decisions from their papers, and the lists that acts are ticked from."""

from datetime import date
from uuid import UUID

from aidtrack.beneficiaries.cases.commands.kinds import (
    Channel,
    DecisionBody,
    IntakeKind,
    ListKind,
    Outcome,
    Sender,
)
from aidtrack.kernel.late import dataclass


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

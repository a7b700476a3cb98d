"""What is asked about rules and rights: frozen, parsed, not yet judged."""

from datetime import date
from typing import Any
from uuid import UUID

from aidtrack.distribution.models import Ground, TrialPurpose
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class AddRule:
    """A new dated version of a programme's rule, as JSON (see `beneficiaries.rule_json`).

    `everyone` confirms a rule without any condition.
    """

    command_id: UUID
    programme_id: int
    valid_from: date
    rule: dict[str, Any]
    note: str | None = None
    everyone: bool = False
    terms: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """A draft of a programme's rule, new or changed. `version` is the one the person saw, None for a new one."""

    command_id: UUID
    programme_id: int
    title: str
    rule: dict[str, Any]
    terms: dict[str, Any] | None = None
    note: str | None = None
    draft_id: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class PutInForce:
    """Let a draft apply from a day on. `sure` answers the question about a rule that nobody or everybody meets."""

    command_id: UUID
    draft_id: int
    version: int
    valid_from: date
    sure: bool = False


@dataclass(frozen=True, slots=True)
class StartTrial:
    """Try a rule over all families of the actor's sites: a draft, the standing marks, or the unmarked."""

    purpose: TrialPurpose
    programme_id: int
    on: date
    draft_id: int | None = None


@dataclass(frozen=True, slots=True)
class MarkEligible:
    """A caseworker's mark. The rule is judged on `valid_from` (default: today at the site).

    Without `assessment_id` or `decision_id` the newest paper in force is taken. `override_reason` asks a
    second person for an exception; `record_refusal` keeps the refusal with its reasons.
    """

    command_id: UUID
    household_id: int
    programme_id: int
    ground: Ground
    valid_from: date | None = None
    valid_until: date | None = None
    assessment_id: int | None = None
    decision_id: int | None = None
    override_reason: str | None = None
    record_refusal: bool = False


@dataclass(frozen=True, slots=True)
class MarkMany:
    """Mark all of these households that qualify; the others are given back with their reasons."""

    programme_id: int
    household_ids: tuple[int, ...]
    ground: Ground
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class EndEligibility:
    """`last_day` is the last on which the right holds."""

    eligibility_id: int
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class EndMany:
    """End the standing marks of these families; `last_day` is the last on which their right holds."""

    programme_id: int
    household_ids: tuple[int, ...]
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class SettleOverride:
    """A second person's answer to a wish for an exception."""

    eligibility_id: int
    approve: bool
    reason: str

"""What people ask of feedback, and the words its tables share."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Any

from aidtrack.kernel.late import dataclass


class Channel(StrEnum):
    DESK = "desk"
    PHONE = "phone"
    BOX = "box"
    LETTER = "letter"
    WEB = "web"


class State(StrEnum):
    NEW = "new"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What was found when an entry was closed."""

    JUSTIFIED = "justified"
    PARTLY = "partly"
    NOT_JUSTIFIED = "not_justified"
    NO_FINDING = "no_finding"  # a question, thanks, or nothing to find out


@dataclass(frozen=True, slots=True)
class Receive:
    """What came from the public page: nobody is known, and nothing of a person is asked."""

    command_id: str
    site_id: int
    kind: str | None  # None: only a mark was given
    text: str
    rating: int | None
    language: str
    round_code: str | None = None  # as it stands at the top of every voucher of that distribution


@dataclass(frozen=True, slots=True)
class Record:
    """An entry typed by staff, from any channel. `name`, `phone`, `household_id` empty: anonymous."""

    command_id: str
    site_id: int
    channel: Channel
    kind: str
    received_on: date
    text: str
    name: str | None = None
    phone: str | None = None
    household_id: int | None = None
    round_id: int | None = None
    about_user_id: int | None = None
    rating: int | None = None
    sensitive: bool = False

    def body(self) -> Mapping[str, Any]:
        values = asdict(self)
        values.pop("command_id")
        return values


@dataclass(frozen=True, slots=True)
class Assign:
    feedback_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, told or shown to the writer; `close` when nothing is left to do."""

    feedback_id: int
    text: str
    outcome: Outcome
    close: bool = False


@dataclass(frozen=True, slots=True)
class SetTerm:
    """From `valid_from` on entries of this kind are due after so many working days."""

    kind: str
    valid_from: date
    working_days: int


@dataclass(frozen=True, slots=True)
class AddKind:
    """A new kind from `valid_from` on, due after so many working days."""

    command_id: str
    name_uk: str
    name_en: str
    sensitive: bool
    valid_from: date
    working_days: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ReplaceKind:
    """New words of a kind from `valid_from` on."""

    command_id: str
    code: str
    name_uk: str
    name_en: str
    valid_from: date
    source: str | None = None


@dataclass(frozen=True, slots=True)
class EndKind:
    """`valid_until` None takes the end back."""

    code: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Grant:
    user_id: int
    days: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetWeek:
    valid_from: date
    weekdays: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a handler corrects: another kind, whom it concerns, that it is sensitive."""

    feedback_id: int
    kind: str
    sensitive: bool
    about_user_id: int | None

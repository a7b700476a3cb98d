"""What is printed, apart from how: forms and views know these without loading the drawing library."""

from dataclasses import dataclass
from enum import StrEnum


class Layout(StrEnum):
    SHEETS = "sheets"
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class CardWords:
    """The printed words, translated by the caller: this module knows no language."""

    voucher: str
    due: str
    where: str
    when: str
    type_code: str
    number: str


@dataclass(frozen=True, slots=True)
class RoundText:
    """What all cards of a round share, ready to print."""

    code: str
    place: str
    address: str | None
    days: str
    hours: str | None


@dataclass(frozen=True, slots=True)
class CardText:
    """What one card says. `profile` tells cards apart whose `due` lines differ."""

    profile: int
    serial: str
    typed_code: str
    code: str
    head: str | None = None

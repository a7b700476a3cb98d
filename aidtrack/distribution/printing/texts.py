"""What is printed, apart from how: forms and views know these without loading the drawing library."""

from enum import StrEnum

from aidtrack.kernel.late import dataclass

# (session) -> a short address for the foot of vouchers, or None; set by the room that takes feedback
FOOT = "aidtrack_voucher_foot"


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
    time: str = ""
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class RoundText:
    """What all cards of a round share, ready to print."""

    code: str
    place: str
    address: str | None
    days: str
    hours: str | None
    timed: bool = False  # some of its families have a time of their own
    feedback: str | None = None  # a short address where people can say something; never in the QR code


@dataclass(frozen=True, slots=True)
class CardText:
    """What one card says. `profile` tells cards apart whose `due` lines differ."""

    profile: int
    serial: str
    typed_code: str
    code: str
    head: str | None = None
    time: tuple[str, str] | None = (
        None  # the family's booked time: a caption with its number for the day, when
    )

"""What the figures are called and what they mean: the same on the page, in files and on paper."""

from datetime import date

from babel.dates import format_date
from flask_babel import gettext

from aidtrack.inventory.kinds import EntryKind, LossCause
from aidtrack.kernel.errors import N_
from aidtrack.reports.figures import Figure

FIGURES: dict[Figure, str] = {
    Figure.OPENING: N_("Opening balance"),
    Figure.RECEIVED: N_("Received"),
    Figure.TRANSFERRED_IN: N_("Transferred in"),
    Figure.TRANSFERRED_OUT: N_("Transferred out"),
    Figure.TRANSFERRED_AWAY: N_("Passed to others"),
    Figure.HANDED_OUT: N_("Handed out"),
    Figure.LOST: N_("Losses"),
    Figure.SUSPENSE: N_("Under clarification"),
    Figure.CLOSING: N_("Closing balance"),
    Figure.ON_HAND: N_("On hand"),
    Figure.IN_TRANSIT: N_("In transit"),
}
MEANINGS: dict[Figure, str] = {
    Figure.OPENING: N_("What stood in our places and was on the way between them before the first day."),
    Figure.RECEIVED: N_("What arrived from the donor, as counted by the receiver."),
    Figure.TRANSFERRED_IN: N_("What came from places of sites that you do not see."),
    Figure.TRANSFERRED_OUT: N_("What went to places of sites that you do not see."),
    Figure.TRANSFERRED_AWAY: N_("What was handed over to another organisation."),
    Figure.HANDED_OUT: N_("What people received; handouts undone are taken off."),
    Figure.LOST: N_("What was spoilt, stolen, destroyed or found missing, each with its cause."),
    Figure.SUSPENSE: N_("Differences that wait for a count; they belong to nobody until settled."),
    Figure.CLOSING: N_(
        "Opening + received + transferred in − transferred out − passed to others − handed out − losses − under "
        "clarification."
    ),
    Figure.ON_HAND: N_("What stood in our places at the end of the last day."),
    Figure.IN_TRANSIT: N_("What was on the way between our places at the end of the last day."),
}
NO_CAUSE = N_("no cause recorded")
KINDS: dict[EntryKind, str] = {
    EntryKind.RECEIPT: N_("receipt"),
    EntryKind.HANDOUT: N_("handout"),
    EntryKind.DISPATCH: N_("dispatch"),
    EntryKind.ARRIVAL: N_("arrival"),
    EntryKind.TRANSFER_AWAY: N_("handover to another organisation"),
    EntryKind.LOSS: N_("write-off"),
    EntryKind.COUNT: N_("stock count"),
    EntryKind.SHORTAGE: N_("shortage at a place"),
}
PERIODS: dict[str, str] = {
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
    "quarter": N_("This quarter"),
    "year": N_("This year"),
    "last_year": N_("Last year"),
}


def figure_name(figure: Figure) -> str:
    return str(gettext(FIGURES[figure]))


def cause_name(cause: str) -> str:
    """By the words that whoever recorded the loss chose it by."""
    return str(gettext(LossCause(cause).label if cause else NO_CAUSE))


def month_name(month: date, language: str) -> str:
    """«вересень 2022»; in English "September 2022"."""
    return format_date(month, "LLLL y", locale="uk_UA" if language == "uk" else "en_GB")


def withheld_text() -> str:
    """What stands in the place of a count that is withheld."""
    return str(gettext("fewer than 5, or withheld with it"))

"""What a phone shows for an outcome: two words and one sentence, innocent explanations first."""

from flask_babel import gettext

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.kernel.errors import N_

TITLES: dict[Outcome, str] = {
    Outcome.RECORDED: N_("Recorded"),
    Outcome.ALREADY_RECORDED: N_("Was recorded already"),
    Outcome.EXTRA: N_("Recorded as extra"),
    Outcome.LATE: N_("Recorded, after the last day"),
    Outcome.WITHDRAWN: N_("Recorded, voucher was withdrawn"),
    Outcome.COUNT_NEEDED: N_("Recorded, a count is needed"),
    Outcome.KEPT: N_("A person will read it"),
    Outcome.UNDONE: N_("Undone"),
    Outcome.TAKEN_BACK: N_("Taken back"),
}
TEXTS: dict[Outcome, str] = {
    Outcome.RECORDED: N_("The handout is in the books."),
    Outcome.ALREADY_RECORDED: N_("The same handout had reached the centre before. It counts once."),
    Outcome.EXTRA: N_(
        "The family collected elsewhere too; perhaps nobody there knew. The goods are booked, a supervisor looks at it."
    ),
    Outcome.LATE: N_("The voucher's last day had passed. The goods are booked, a supervisor looks at it."),
    Outcome.WITHDRAWN: N_(
        "The voucher had been withdrawn, which the phone may not have known. The goods are booked, a supervisor looks at it."
    ),
    Outcome.COUNT_NEEDED: N_(
        "The books held less at this place. The goods are booked; count what is left when you can."
    ),
    Outcome.KEPT: N_("It is kept safely as it came. A supervisor reads it and enters it by hand."),
    Outcome.UNDONE: N_("The handout was undone; its goods are back in the books."),
    Outcome.TAKEN_BACK: N_("The handout is taken back as soon as it is here."),
}


def title(outcome: Outcome) -> str:
    return str(gettext(TITLES[outcome]))


def text(receipt: EventReceipt) -> str:
    return str(gettext(TEXTS[receipt.outcome]))

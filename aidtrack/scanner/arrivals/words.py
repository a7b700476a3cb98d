"""What a phone shows for an outcome: two words and one sentence, innocent explanations first."""

from flask_babel import gettext as _

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.receipts import EventReceipt


def title(outcome: Outcome) -> str:
    words: dict[Outcome, str] = {
        Outcome.RECORDED: _("Recorded"),
        Outcome.ALREADY_RECORDED: _("Was recorded already"),
        Outcome.EXTRA: _("Recorded as extra"),
        Outcome.LATE: _("Recorded, after the last day"),
        Outcome.WITHDRAWN: _("Recorded, voucher was withdrawn"),
        Outcome.COUNT_NEEDED: _("Recorded, a count is needed"),
        Outcome.KEPT: _("A person will read it"),
        Outcome.UNDONE: _("Undone"),
        Outcome.TAKEN_BACK: _("Taken back"),
    }
    return words[outcome]


def text(receipt: EventReceipt) -> str:
    words: dict[Outcome, str] = {
        Outcome.RECORDED: _("The handout is in the books."),
        Outcome.ALREADY_RECORDED: _("The same handout had reached the centre before. It counts once."),
        Outcome.EXTRA: _(
            "The family collected elsewhere too; perhaps nobody there knew. The goods are booked, a supervisor looks at it."
        ),
        Outcome.LATE: _("The voucher's last day had passed. The goods are booked, a supervisor looks at it."),
        Outcome.WITHDRAWN: _(
            "The voucher had been withdrawn, which the phone may not have known. The goods are booked, a supervisor looks at it."
        ),
        Outcome.COUNT_NEEDED: _(
            "The books held less at this place. The goods are booked; count what is left when you can."
        ),
        Outcome.KEPT: _("It is kept safely as it came. A supervisor reads it and enters it by hand."),
        Outcome.UNDONE: _("The handout was undone; its goods are back in the books."),
        Outcome.TAKEN_BACK: _("The handout is taken back as soon as it is here."),
    }
    return words[receipt.outcome]

"""What may have happened, in plain words: the innocent explanations of each kind of case, the likeliest first."""

from aidtrack.distribution.models import CaseKind
from aidtrack.kernel.errors import N_

EXPLANATIONS: dict[CaseKind, tuple[str, ...]] = {
    CaseKind.EXTRA: (
        N_(
            "The family may have come twice because two of its members set out, each thinking the other had not."
        ),
        N_("Without a network neither phone could know that the goods had been collected elsewhere."),
        N_("One handout may have been recorded on two phones, or on a phone and at the counter."),
    ),
    CaseKind.WITHDRAWN: (
        N_("The family may have found the old paper after a new one was printed."),
        N_("The phone had not heard that the voucher was withdrawn: it learns of it with its next pack."),
    ),
    CaseKind.LATE: (
        N_(
            "The family may have been kept by the road, an air alert or an illness, and was served all the same."
        ),
        N_("The queue of the last evening may have ended after midnight."),
        N_("The phone's clock may have been wrong."),
    ),
    CaseKind.COUNT_NEEDED: (
        N_("Goods may have been given out before their delivery or transfer was entered."),
        N_("Another lot may have been taken from the shelf than the phone proposed."),
        N_("An earlier count may have been made before the phones had sent what they held."),
    ),
    CaseKind.KEPT: (
        N_("The page on the phone may be an old one, or the paper was creased and read with a mistake."),
    ),
    CaseKind.NOTED: (
        N_("The people at the point saw something that the rules do not foresee, and helped the family."),
    ),
    CaseKind.GAP: (
        N_("The missing ones may still be on the phone, or in a file that was saved and not yet read in."),
        N_("The browser may have been reinstalled, or its storage cleared to make room."),
    ),
}
# why an event is kept, by its stable reason; others are simply unreadable
KEPT: dict[str, str] = {
    "without_voucher": N_("The family had no voucher with it; a named supervisor let the goods be given."),
    "unknown_voucher": N_(
        "The code is of a voucher that this centre does not know, perhaps of another centre."
    ),
    "other_body": N_(
        "The same number came before with something else in it, perhaps after a restart of the phone."
    ),
    "unknown_device": N_("It was made on a phone that is not enrolled here."),
    "unsigned": N_("Its signature does not fit the phone, perhaps because the file was damaged on the way."),
    "after_revocation": N_(
        "It was made after the phone had been revoked, perhaps before anybody could tell its owner."
    ),
    "contradiction": N_("It contradicts itself: round, place or goods do not belong together."),
    "unknown_item": N_("It names an item that is not in the catalogue."),
    "unknown_lot": N_("It names a lot that is not known here."),
    "failure": N_("The server could not take it; the mistake is ours."),
}
TYPES: dict[str, str] = {
    "handout": N_("A handout"),
    "undo": N_("A handout taken back"),
    "without_voucher": N_("Goods given without a voucher"),
}
UNREADABLE = N_("It could not be read as an event.")
NOTES: dict[str, str] = {
    "after_settlement": N_("It takes back a handout that somebody had settled before it came."),
    "before_enrolment": N_("By the phone's time it was handed out before the phone was enrolled."),
    "early": N_("It was handed out before the voucher's first day."),
    "expired_lot": N_(
        "Goods past their expiry date were given. Ask whether the family is well, and look at the shelf."
    ),
    "future": N_("The phone's time lay ahead of ours."),
    "not_due": N_("An item was given that the voucher does not name."),
    "of_kept": N_("It takes back a handout that is kept for a person to read."),
    "other_programme": N_("Goods earmarked for another programme were given."),
    "other_round": N_("The voucher belongs to another round than the phone's."),
    "posted_by_hand": N_(
        "Somebody had taken these goods from the book by hand, for a copy of this handout that could not be trusted. They have left the book twice now: take the posting by hand back if it was the same handout."
    ),
    "raised": N_("More was given than was due."),
    "waiting": N_("It takes a handout back that has not come yet."),
    "without_voucher": KEPT["without_voucher"],
    "unproven": N_(
        "No supervisor's code of this site proves it, perhaps because the phone's pack was of another day."
    ),
    "code_withdrawn": N_("The supervisor's code had been withdrawn, which the phone may not have known."),
}


def told(kind: CaseKind, kept: str | None) -> tuple[str, ...]:
    """What may have happened, the innocent before the rest; last, of an event that is kept, why it is.

    Goods on a supervisor's word could be read very well: there the reason itself is the story.
    """
    if kind is not CaseKind.KEPT:
        return EXPLANATIONS[kind]
    if kept == "without_voucher":
        return (KEPT[kept],)
    return (*EXPLANATIONS[kind], why_kept(kept))


def why_kept(reason: str | None) -> str:
    """The sentence for why an event was kept; for an unknown reason, that it could not be read."""
    return KEPT.get(reason or "", UNREADABLE)

"""What can be chosen when a review is settled, by what it is about. Nothing here touches the family's next round."""

from collections.abc import Iterable

from aidtrack.distribution.models import CaseKind, Choice, Settlement
from aidtrack.kernel.errors import N_

LABELS: dict[Choice, str] = {
    Choice.EXPLAINED: N_("Explained, nothing more is to be done"),
    Choice.GOODS_RETURNED: N_("The goods were brought back"),
    Choice.KEEP_AN_EYE: N_("Not clear: remember it when it happens again"),
    Choice.COUNT_ORDERED: N_("A count is ordered or made"),
    Choice.ENTERED: N_("Entered by hand"),
    Choice.TAKEN_FROM_BOOK: N_("The goods were handed out: take them from the book"),
    Choice.NOT_HANDED_OUT: N_("The goods were not handed out"),
    Choice.POSTED_TWICE: N_("It was the same handout: take the second posting back"),
}
HOW: dict[Choice, Settlement] = {
    Choice.EXPLAINED: Settlement.AS_IT_IS,
    Choice.GOODS_RETURNED: Settlement.ACTED,
    Choice.KEEP_AN_EYE: Settlement.AS_IT_IS,
    Choice.COUNT_ORDERED: Settlement.ACTED,
    Choice.ENTERED: Settlement.ENTERED,
    Choice.TAKEN_FROM_BOOK: Settlement.ENTERED,
    Choice.NOT_HANDED_OUT: Settlement.AS_IT_IS,
    Choice.POSTED_TWICE: Settlement.ACTED,
}
_C = Choice
OFFERED: dict[CaseKind, tuple[Choice, ...]] = {
    CaseKind.EXTRA: (_C.EXPLAINED, _C.GOODS_RETURNED, _C.KEEP_AN_EYE),
    CaseKind.WITHDRAWN: (_C.EXPLAINED, _C.GOODS_RETURNED, _C.KEEP_AN_EYE),
    CaseKind.LATE: (_C.EXPLAINED, _C.KEEP_AN_EYE),
    CaseKind.COUNT_NEEDED: (_C.COUNT_ORDERED, _C.EXPLAINED, _C.KEEP_AN_EYE),
    CaseKind.KEPT: (_C.TAKEN_FROM_BOOK, _C.NOT_HANDED_OUT, _C.ENTERED, _C.EXPLAINED, _C.KEEP_AN_EYE),
    CaseKind.NOTED: (_C.EXPLAINED, _C.GOODS_RETURNED, _C.KEEP_AN_EYE),
    CaseKind.GAP: (_C.EXPLAINED, _C.KEEP_AN_EYE),
}


def offered(kind: CaseKind, notes: Iterable[str], *, twin: bool = False) -> tuple[Choice, ...]:
    """The choices for one case. `twin`: the family has another handout of the same day at the same place."""
    usual = OFFERED[kind]
    twice = "posted_by_hand" in notes or (kind is CaseKind.EXTRA and twin)
    return (Choice.POSTED_TWICE, *usual) if twice else usual


OF_PAPER = (_C.EXPLAINED, _C.GOODS_RETURNED, _C.ENTERED, _C.KEEP_AN_EYE)
OF_EXTRA_ON_PAPER = (_C.EXPLAINED, _C.POSTED_TWICE, _C.GOODS_RETURNED, _C.KEEP_AN_EYE)


def of_paper(*, extra: bool, whole: bool = False) -> tuple[Choice, ...]:
    """The choices for a row of a paper list, whose goods left the book as an extra or not at all.

    `whole`: a voucher is known that was collected before, and what of it was signed for.
    """
    if extra:
        return OF_EXTRA_ON_PAPER
    return (*OF_PAPER[:1], Choice.TAKEN_FROM_BOOK, *OF_PAPER[1:]) if whole else OF_PAPER


KINDS: dict[CaseKind, tuple[str, str]] = {
    CaseKind.EXTRA: (N_("Extra handout"), "warn"),
    CaseKind.WITHDRAWN: (N_("Withdrawn voucher"), "warn"),
    CaseKind.LATE: (N_("After the last day"), "info"),
    CaseKind.COUNT_NEEDED: (N_("Count needed"), "warn"),
    CaseKind.KEPT: (N_("To be read"), "warn"),
    CaseKind.NOTED: (N_("Worth a look"), "info"),
    CaseKind.GAP: (N_("Numbers missing"), "warn"),
}
HOW_LABELS: dict[Settlement, str] = {
    Settlement.AS_IT_IS: N_("Read, nothing more is to be done"),
    Settlement.ACTED: N_("Something was done"),
    Settlement.ENTERED: N_("Entered by hand"),
    Settlement.BY_ITSELF: N_("Settled by itself: what it was about is no longer so"),
}

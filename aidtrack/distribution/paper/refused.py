"""A row that a rule spoke against: what of its goods is known, and whether they leave the book all the same."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from aidtrack.distribution.handouts import presented
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.extra import hand_out_extra, served_elsewhere
from aidtrack.distribution.handouts.presented import FoundVoucher
from aidtrack.distribution.handouts.services import quantities
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.kernel.actor import Actor


def less(session: Session, order: HandOut, voucher: FoundVoucher) -> dict[str, int]:
    """Base units by item where the paper says less than was due: judged as at the counter, and kept with the row."""
    due = presented.due_lines(session, voucher.profile_id)
    wanted = quantities(order, due)
    return {str(line.item_id): wanted[line.item_id] for line in due if wanted[line.item_id] < line.units}


def post_extra(
    session: Session, order: HandOut, voucher: FoundVoucher, *, actor: Actor, now: datetime, on: date
) -> str | None:
    """What a family that was served elsewhere signed for leaves the book too; None where nobody can say what."""
    if not served_elsewhere(session, voucher, place_id=order.place_id, on=on):
        return None
    try:
        return hand_out_extra(session, order, actor=actor, now=now, happened_on=on)
    except NotEnoughStock:
        return None

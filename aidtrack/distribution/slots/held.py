"""What the house holds about a family's booked times, and how it forgets them."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.distribution.models import BookingState, Round, Slot, SlotBooking
from aidtrack.distribution.slots import queries
from aidtrack.distribution.slots.services.holding import hold_days
from aidtrack.distribution.slots.words import when
from aidtrack.kernel.errors import N_


def read(session: Session, household_id: int, language: str) -> list[Held]:
    rows = queries.bookings_of_household(session, household_id)
    found = session.execute(select(Round.id, Round.code).where(Round.id.in_(rows)))
    codes = {row.id: row.code for row in found}
    with force_locale(language):
        return [
            Held(
                _("Round %(code)s", code=codes[round_id]),
                (
                    (_("Time"), when(row.day, row.starts, row.ends)),
                    (_("Number for the day"), str(row.ticket)),
                ),
            )
            for round_id, row in sorted(rows.items())
        ]


def erase(session: Session, household_id: int, now: datetime) -> int:
    """The bookings go, their places are free; how many came in time is counted from what is left."""
    of_family = select(SlotBooking.day_id).where(SlotBooking.household_id == household_id)
    hold_days(session, set(session.scalars(of_family)))  # whoever books there counts what is taken
    rows = session.scalars(select(SlotBooking).where(SlotBooking.household_id == household_id)).all()
    for row in rows:
        if row.state is not BookingState.CANCELLED:
            session.execute(update(Slot).where(Slot.id == row.slot_id).values(taken=Slot.taken - 1))
    session.execute(delete(SlotBooking).where(SlotBooking.household_id == household_id))
    return len(rows)


HOLDING = Holding(N_("Booked times"), read, erase, order=45, tables=frozenset({"slot_booking"}))

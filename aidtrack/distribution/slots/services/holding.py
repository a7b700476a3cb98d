"""What every act on times does first: the days it touches are held, so that one place is never given twice."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import RoundState, SlotDay
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.distribution.slots.errors import RoundOver
from aidtrack.distribution.slots.times import minute_at
from aidtrack.inventory.queries.catalogue import PlaceRow, place
from aidtrack.inventory.services.documents import hold_site
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, zone


def hold_days(session: Session, day_ids: Collection[int]) -> dict[int, SlotDay]:
    """The days' rows, held until the transaction ends, always in the order of their ids."""
    held = session.scalars(
        select(SlotDay)
        .where(SlotDay.id.in_(sorted(day_ids)))
        .order_by(SlotDay.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {day.id: day for day in held}


def day_of(session: Session, place_id: int, site_id: int, day: date) -> int:
    """The id of a place's day, made if there is none; of two who make it one waits for the site's row."""
    hold_site(session, site_id)
    found = session.scalar(select(SlotDay.id).where(SlotDay.place_id == place_id, SlotDay.day == day))
    if found is not None:
        return found
    return session.execute(
        insert(SlotDay).values(place_id=place_id, day=day, last_ticket=0).returning(SlotDay.id)
    ).scalar_one()


def open_round(session: Session, round_id: int, *, actor: Actor) -> RoundRow:
    """A round whose times may still change, within the actor's sites."""
    actor.require(Permission.SLOTS_PLAN)
    round_ = round_by_id(session, round_id, actor=actor)
    if round_.state is RoundState.CLOSED:
        raise RoundOver
    return round_


def point(
    session: Session,
    place_id: int,
    *,
    actor: Actor,
    now: datetime,
    permission: Permission = Permission.SLOTS_RUN,
) -> tuple[PlaceRow, date, int]:
    """The place with its local day and minute, if the actor may run its queue."""
    actor.require(permission)
    found = place(session, actor, place_id)
    today = local_date(now, found.time_zone)
    return found, today, minute_at(now, today, local(found.time_zone))


def local(time_zone: str) -> ZoneInfo:
    return zone(time_zone)

"""Start-page card: today's queue at the points of the person who is signed in."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.distribution.slots import queries
from aidtrack.inventory.queries.catalogue import places
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import name, number

MOST_CARDS = 3


def cards(actor: Actor) -> Iterator[HomeCard]:
    """A card for each point with booked times today; families moved and not told yet make it urgent."""
    if not actor.can(Permission.SLOTS_RUN):
        return
    session, now = read_session(), utc_now()
    shown = 0
    days = {place.id: local_date(now, place.time_zone) for place in places(session, actor, active_only=True)}
    busy = queries.places_with_times(session, days)
    for place in places(session, actor, active_only=True):
        if place.id not in busy or shown == MOST_CARDS:
            continue
        rows = queries.queue(session, place.id, days[place.id])
        if not rows:
            continue
        shown += 1
        paused = queries.running_pause(session, place.id) is not None
        to_tell = queries.rounds_to_tell(session, place.id) if actor.can(Permission.SLOTS_PLAN) else []
        links = [CardLink(_("The queue"), url_for("slots.queue", place_id=place.id), main=True)]
        links += [
            CardLink(
                _("Whom to tell: %(count)s", count=count),
                url_for("slots.phone_list", round_id=round_id, moved=1, untold=1),
            )
            for round_id, _code, count in to_tell
        ]
        yield HomeCard(
            _("Queue by time: %(place)s", place=name(place)),
            _("Paused for an air alert") if paused else "",
            tuple(links),
            (
                (_("Wait"), number(sum(row.standing == "waiting" for row in rows))),
                (_("Served"), number(sum(row.standing == "served" for row in rows))),
            ),
            order=21,
            tone="warn" if paused or to_tell else "neutral",
        )

"""The counter on the start page of those who hand out: how the day goes where a round runs."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.scanner import queries
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import name, number


def counter_cards(actor: Actor) -> list[HomeCard]:
    """One card per place with a round today; one way in to choose a place where there is none."""
    if not actor.can(Permission.VOUCHER_SCAN):
        return []
    session, today = read_session(), local_date(utc_now())
    places = queries.counter_places(session, actor=actor, on=today)
    running = [place for place in places if place.rounds]
    if not running:
        link = CardLink(_("Open the counter"), url_for("scanner.counter"))
        return [HomeCard(_("Counter"), _("No round runs at your places today."), links=(link,), order=5)]
    cards = []
    for place in running:
        tally = queries.tally(session, place_id=place.id, actor=actor, on=today)
        facts = (
            (_("Handed out today"), number(tally["given"])),
            (_("Still open"), number(tally["open"])),
        )
        link = CardLink(_("Open the counter"), url_for("scanner.counter", place=place.id), main=True)
        text = _("Round today: %(codes)s", codes=", ".join(place.rounds))
        cards.append(
            HomeCard(
                _("Counter: %(place)s", place=name(place)),
                text,
                links=(link,),
                facts=facts,
                order=5,
                tone="good",
            )
        )
    return cards

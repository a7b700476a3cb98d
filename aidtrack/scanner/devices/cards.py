"""Phones on the start page of those who run rounds: what is out there and not in the books yet."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.scanner.devices import queries
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import moment, number


def phone_cards(actor: Actor) -> list[HomeCard]:
    """One card while phones are in use; amber while one of them said that it holds unsent handouts."""
    if not actor.can(Permission.DEVICE_MANAGE):
        return []
    used = [row for row in queries.devices(read_session(), actor=actor) if not row.revoked]
    if not used:
        return []
    unsent = sum(row.unsent or 0 for row in used)
    oldest = min((row.unsent_oldest_at for row in used if row.unsent_oldest_at), default=None)
    facts = [(_("In use"), number(len(used))), (_("Not sent yet"), number(unsent))]
    if oldest is not None:
        facts.append((_("The oldest"), moment(oldest, time_zone=used[0].time_zone)))
    link = CardLink(_("Phones"), url_for("devices.index"))
    tone = "warn" if unsent else "good"
    return [HomeCard(_("Phones that hand out"), links=(link,), facts=tuple(facts), order=36, tone=tone)]

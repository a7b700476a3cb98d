"""Start-page card: days that are being counted or wait for a second person."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.distribution.dayclose.queries import unfinished
from aidtrack.distribution.models import DayState
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web import CardLink, HomeCard, language
from aidtrack.web.filters import day, number


def cards(actor: Actor) -> HomeCard | None:
    """Nothing where every day is closed: a card is work."""
    if not actor.can(Permission.DAY_CLOSE):
        return None
    rows = unfinished(read_session(), actor=actor)
    if not rows:
        return None
    oldest = rows[0]
    waiting = sum(row.state is DayState.WAITING for row in rows)
    return HomeCard(
        _("Days to close"),
        _("%(place)s, %(day)s", place=oldest.name_of("place", language()), day=day(oldest.day)),
        (
            CardLink(_("Go on"), url_for("days.show", close_id=oldest.id), main=True),
            CardLink(_("All days"), url_for("days.index")),
        ),
        ((_("Not closed"), number(len(rows))), (_("Wait for a second person"), number(waiting))),
        order=31,
        tone="warn",
    )

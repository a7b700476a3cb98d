"""The first page says what waits for a second person."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.accounts.approvals import queries
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web.registry import CardLink, HomeCard


def card(actor: Actor) -> HomeCard | None:
    if not actor.can(Permission.ACT_APPROVE):
        return None
    others, own = queries.counts(read_session(), actor)
    if not others and not own:
        return None
    text = (
        ngettext("%(num)s act waits for you.", "%(num)s acts wait for you.", others)
        if others
        else ngettext(
            "%(num)s act of yours waits for another person.",
            "%(num)s acts of yours wait for another person.",
            own,
        )
    )
    return HomeCard(
        _("Second person"),
        text,
        (CardLink(_("Look at them"), url_for("approvals.index"), main=bool(others)),),
        order=8,
        tone="warn" if others else "neutral",
    )

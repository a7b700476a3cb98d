"""Start-page card: paper lists that are being entered."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.distribution.paper.queries import unfinished
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import number


def cards(actor: Actor) -> HomeCard | None:
    """Only lists of which something was entered: a list that waits for a power cut is no work yet."""
    if not actor.can(Permission.HANDOUT_GIVE):
        return None
    begun = [row for row in unfinished(read_session(), actor=actor) if row.entered]
    if not begun:
        return None
    return HomeCard(
        _("Paper lists to enter"),
        _("Paper list %(number)s", number=begun[0].number),
        (CardLink(_("Go on"), url_for("paper.show", list_id=begun[0].id), main=True),),
        ((_("Not entered yet"), number(sum(row.open for row in begun))),),
        order=33,
        tone="warn",
    )

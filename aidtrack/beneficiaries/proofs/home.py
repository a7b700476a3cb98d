"""The first page's card: categories that run out within a month."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.beneficiaries.proofs.queries import expiring_count
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.filters import COUNTED, at_most
from aidtrack.web.registry import CardLink, HomeCard


def cards(actor: Actor) -> HomeCard | None:
    """Only when something runs out: no news is no card."""
    if not (actor.can(Permission.HOUSEHOLD_READ) and actor.can(Permission.HOUSEHOLD_WRITE)):
        return None
    count = expiring_count(read_session(), actor, local_date(utc_now()), most=COUNTED)
    if not count:
        return None
    return HomeCard(
        _("Categories that end soon"),
        _("Within 30 days their papers run out. Ask the families for new ones in time."),
        (CardLink(_("Go through them"), url_for("proofs.expiring"), main=True),),
        facts=((_("Categories"), at_most(count, COUNTED)),),
        order=24,
        tone="warn",
    )

"""Start-page card: what a person should read."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.distribution.review.choices import KINDS
from aidtrack.distribution.review.queries import noted_count, open_counts
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import number


def cards(actor: Actor) -> HomeCard | None:
    """Nothing where nothing waits."""
    if not actor.can(Permission.REVIEW_SETTLE):
        return None
    session = read_session()
    counts = open_counts(session, actor=actor)
    noted = noted_count(session, actor=actor)
    if not counts and not noted:
        return None
    facts = [(_(KINDS[kind][0]), number(count)) for kind, count in sorted(counts.items())]
    if noted:
        facts.append((_("Rows of paper lists"), number(noted)))
    return HomeCard(
        _("To be looked at"),
        _("Nothing is lost and nobody waits; a person says how it came about."),
        (CardLink(_("Look at them"), url_for("reviews.index"), main=True),),
        tuple(facts),
        order=32,
        tone="warn",
    )

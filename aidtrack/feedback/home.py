"""Start-page cards: messages that are overdue or without a handler, and sensitive ones nobody may read."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.feedback import queries
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import number


def cards(actor: Actor) -> Iterator[HomeCard]:
    session, now = read_session(), utc_now()
    if actor.can(Permission.FEEDBACK_HANDLE):
        overdue, unassigned, own = queries.due_counts(session, actor, local_date(now))
        if overdue or unassigned or own:
            first = (
                CardLink(_("Overdue messages"), url_for("feedback_register.index", show="overdue"), main=True)
                if overdue
                else CardLink(_("Messages"), url_for("feedback_register.index"), main=True)
            )
            yield HomeCard(
                _("Feedback and complaints"),
                "",
                (first, CardLink(_("Mine"), url_for("feedback_register.index", show="mine"))),
                (
                    (_("Overdue"), number(overdue)),
                    (_("Without a handler"), number(unassigned)),
                    (_("Mine in work"), number(own)),
                ),
                order=25,
                tone="bad" if overdue else "warn" if unassigned else "neutral",
            )
    if actor.can(Permission.ACCOUNTS_MANAGE) and queries.nobody_reads_sensitive(session, actor, now):
        yield HomeCard(
            _("Sensitive messages wait"),
            _("Nobody at the site may read them. Name a colleague."),
            (CardLink(_("Name a colleague"), url_for("feedback_register.rights"), main=True),),
            order=15,
            tone="bad",
        )

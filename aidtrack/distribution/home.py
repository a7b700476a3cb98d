"""Start-page cards: the rounds of today."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from aidtrack.db import read_session
from aidtrack.distribution.models import RoundState
from aidtrack.distribution.queries.rounds import reconciliations, rounds
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import CardLink, HomeCard, language
from aidtrack.web.filters import day, number

MOST_CARDS = 3


def cards(actor: Actor) -> Iterator[HomeCard]:
    """One card for each round that is open today, with what this person can do in it."""
    if not actor.can(Permission.ROUND_READ):
        return
    session = read_session()
    now = utc_now()
    today = [
        row
        for row in rounds(session, actor=actor, state=RoundState.OPEN)
        if row.first_day <= local_date(now, row.time_zone) <= row.last_day
    ][:MOST_CARDS]
    counts = reconciliations(session, [row.id for row in today])
    for row in today:
        count = counts[row.id]
        links = [CardLink(_("The round"), url_for("rounds.show_round", round_id=row.id))]
        if actor.can(Permission.VOUCHER_ISSUE):
            links = [
                CardLink(
                    _("Printable vouchers"), url_for("rounds.print_vouchers", round_id=row.id), main=True
                ),
                CardLink(_("Codes on screen"), url_for("rounds.codes", round_id=row.id)),
                *links,
            ]
        yield HomeCard(
            title=_("Today's round %(code)s", code=row.code),
            text=_("%(place)s, until %(day)s", place=row.name_of("place", language()), day=day(row.last_day)),
            links=tuple(links),
            facts=(
                (_("Not collected yet"), number(count.open)),
                (_("Collected"), number(count.redeemed + count.partly_redeemed)),
            ),
            order=20,
            tone="good",
        )

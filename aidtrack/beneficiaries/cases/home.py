"""The caseworker's first page: own open appeals, acts that are due, the next sitting."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from aidtrack.beneficiaries.cases.queries.due import due_counts
from aidtrack.beneficiaries.cases.queries.journal import OpenOnes, open_ones
from aidtrack.beneficiaries.cases.rules import Due
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.filters import COUNTED, at_most, day, number
from aidtrack.web.registry import CardLink, HomeCard


def cards(actor: Actor) -> Iterator[HomeCard]:
    """Figures and numbers of the journal; nobody is named here."""
    if not actor.can(Permission.HOUSEHOLD_READ):
        return
    session, today = read_session(), local_date(utc_now())
    yield _appeals(open_ones(session, actor, today), actor)
    counts = due_counts(session, actor, today, most=COUNTED)
    if sum(counts.values()):
        yield _acts(counts)


def _appeals(found: OpenOnes, actor: Actor) -> HomeCard:
    oldest = found.oldest[0] if found.oldest else None
    text = _("No open appeal is yours.")
    if oldest is not None:
        text = _("The oldest: No. %(number)s of %(day)s.", number=oldest[1], day=day(oldest[2]))
    links = []
    if found.mine:
        links.append(
            CardLink(
                _("My open appeals"), url_for("cases.journal", status="open", assigned="mine"), main=True
            )
        )
    if actor.can(Permission.HOUSEHOLD_WRITE):
        links.append(
            CardLink(_("Record an appeal or notice"), url_for("cases.new_intake"), main=not found.mine)
        )
    if found.nobodys:
        links.append(CardLink(_("Nobody's yet"), url_for("cases.journal", status="open", assigned="nobody")))
    return HomeCard(
        _("My appeals"),
        text,
        tuple(links),
        (
            (_("Open"), number(found.mine)),
            (_("Open for more than a month"), number(found.old)),
            (_("Nobody's yet"), number(found.nobodys)),
        ),
        order=18,
        tone="warn" if found.old else "neutral",
    )


def _acts(counts: dict[Due, int]) -> HomeCard:
    return HomeCard(
        _("Acts to be made"),
        _("Families whose act is missing, out of date or ends within 30 days."),
        (CardLink(_("Work list"), url_for("cases.due"), main=True),),
        (
            (_("No act"), at_most(counts[Due.MISSING], COUNTED)),
            (_("Out of date"), at_most(counts[Due.EXPIRED], COUNTED)),
            (_("Ends soon"), at_most(counts[Due.SOON], COUNTED)),
        ),
        order=19,
        tone="warn" if counts[Due.EXPIRED] + counts[Due.MISSING] else "neutral",
    )

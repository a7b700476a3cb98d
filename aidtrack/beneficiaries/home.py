"""The start page's card for those who work with families."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from aidtrack.beneficiaries.queries.merges import waiting_merges
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web.filters import number
from aidtrack.web.registry import CardLink, HomeCard


def cards(actor: Actor) -> Iterator[HomeCard]:
    """Search and register, without a figure, because a count of families is no news; merges that wait are."""
    if not actor.can(Permission.HOUSEHOLD_READ):
        return
    links = [CardLink(_("Search"), url_for("beneficiaries.search"), main=True)]
    if actor.can(Permission.HOUSEHOLD_WRITE):
        links.append(CardLink(_("Register a family"), url_for("beneficiaries.register")))
    yield HomeCard(
        _("Families"),
        _("Find a family by surname, registration number or phone, or register a new one."),
        tuple(links),
        order=20,
    )
    waiting = waiting_merges(read_session(), actor) if actor.can(Permission.HOUSEHOLD_WRITE) else 0
    if waiting:
        yield HomeCard(
            _("Merges wait for you"),
            _("A colleague says that two registrations are one family. A second person looks and decides."),
            (CardLink(_("Look at them"), url_for("beneficiaries.merges"), main=True),),
            ((_("Waiting"), number(waiting)),),
            order=22,
            tone="warn",
        )

"""The start page's card for those who work with families."""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web.registry import CardLink, HomeCard


def cards(actor: Actor) -> HomeCard | None:
    """Search and register; no figure, because a count of families is no news."""
    if not actor.can(Permission.HOUSEHOLD_READ):
        return None
    links = [CardLink(_("Search"), url_for("beneficiaries.search"), main=True)]
    if actor.can(Permission.HOUSEHOLD_WRITE):
        links.append(CardLink(_("Register a family"), url_for("beneficiaries.register")))
    return HomeCard(
        _("Families"),
        _("Find a family by surname, registration number or phone, or register a new one."),
        tuple(links),
        order=20,
    )

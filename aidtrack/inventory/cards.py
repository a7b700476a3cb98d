"""What other rooms show of the stock: the start page's card, and donors to choose from."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from aidtrack.db import read_session
from aidtrack.inventory.queries import catalogue, papers, stock
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import CardLink, HomeCard
from aidtrack.web.filters import name, number, qty

MOST_FACTS = 4


def stock_card(actor: Actor) -> HomeCard | None:
    """Today's stock in a few figures, with what there is to do about it."""
    if not (actor.can(Permission.STOCK_READ) or actor.can(Permission.STOCK_TOTALS)):
        return None
    session, today = read_session(), local_date(utc_now())
    totals = stock.totals(session, actor, on=today)
    links = [CardLink(_("To the stock"), url_for("inventory.overview"))]
    text, tone = "", "neutral"
    if actor.can(Permission.STOCK_RECEIVE):
        links.insert(0, CardLink(_("Receive a donation"), url_for("inventory.receive"), main=not totals))
        coming = [row for row in papers.transfers(session, actor, open_only=True) if row.comes_to_own_site]
        if coming:
            text = ngettext(
                "%(num)d transfer waits to be received.",
                "%(num)d transfers wait to be received.",
                len(coming),
            )
            links.append(CardLink(_("To the transfers"), url_for("inventory.transfer_list")))
            tone = "warn"
    largest = sorted(totals, key=lambda row: -row.units)[:MOST_FACTS]
    facts = tuple((name(row), qty(row.usable_units, row.base_unit)) for row in largest)
    if len(totals) > MOST_FACTS:
        facts += ((_("Further items"), number(len(totals) - MOST_FACTS)),)
    return HomeCard(_("Stock"), text, tuple(links), facts, order=10, tone=tone)


def first_steps(actor: Actor) -> HomeCard | None:
    """In a new centre: what an administrator enters before anybody can work; gone once a place is there."""
    if not actor.can(Permission.CATALOGUE_MANAGE) or catalogue.places(read_session(), actor):
        return None
    links = [CardLink(_("To the catalogue"), url_for("inventory.catalogue_page"), main=True)]
    if actor.can(Permission.ACCOUNTS_MANAGE):
        links.append(CardLink(_("Add colleagues"), url_for("accounts.people")))
    return HomeCard(
        _("Begin here"),
        _(
            "First the places, donors and items, then the programmes and their rules, then the colleagues. Without a place nothing can be received or handed out."
        ),
        tuple(links),
        order=1,
        tone="warn",
    )


def donor_choices(session: Session) -> list[tuple[int, str]]:
    """For the accounts room: the donors a liaison can be given."""
    return [(donor.id, f"{name(donor)} ({donor.code})") for donor in catalogue.donors(session)]

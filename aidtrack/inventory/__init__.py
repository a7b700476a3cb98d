"""Donors, goods, places, and the stock ledger from the receipt to where everything went."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Pages, API, navigation, start-page cards, invariants and the choices other rooms ask for."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.accounts.approvals.acts import add_acts
    from aidtrack.importing.layouts import add_layouts
    from aidtrack.inventory import api, cards, second_person, views
    from aidtrack.inventory.imports import items, receipts
    from aidtrack.inventory.invariants import INVARIANTS
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    add_layouts(app, items.ITEMS, receipts.OPENING, receipts.RECEIPTS)
    app.register_blueprint(views.bp)
    register_api(app, api.blueprint)
    add_acts(app, *second_person.ACTS)
    app.extensions.setdefault("aidtrack_invariants", []).extend(INVARIANTS)
    app.extensions["aidtrack_donor_choices"] = cards.donor_choices
    add_nav(
        app,
        NavItem(_l("Stock"), "inventory.overview", (Permission.STOCK_READ, Permission.STOCK_TOTALS), 10),
        NavItem(_l("Donations"), "inventory.donation_list", Permission.STOCK_READ, 11),
        NavItem(_l("Transfers"), "inventory.transfer_list", Permission.STOCK_TRANSFER, 12),
        NavItem(_l("Losses"), "inventory.loss_list", Permission.STOCK_CORRECT, 13),
        NavItem(_l("Catalogue"), "inventory.catalogue_page", Permission.CATALOGUE_MANAGE, 85),
    )
    add_home_cards(app, cards.stock_card, cards.first_steps)

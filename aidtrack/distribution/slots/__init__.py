"""Bookable times at a point: planning and booking, the day's queue by number, a pause for an air alert."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from aidtrack.kernel.actor import Permission


def init_app(app: Flask) -> None:
    from aidtrack.beneficiaries.holdings import add_holdings
    from aidtrack.beneficiaries.views import SECTIONS
    from aidtrack.distribution.slots import api, home, queue_views, views  # noqa: F401
    from aidtrack.distribution.slots.held import HOLDING
    from aidtrack.distribution.slots.invariants import CHECKS
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    app.register_blueprint(views.bp)  # with the routes that `queue_views` hangs on it
    register_api(app, api.bp)
    app.extensions.setdefault(SECTIONS, []).append(views.section)
    app.extensions.setdefault("aidtrack_invariants", []).extend(CHECKS)
    add_holdings(app, HOLDING)
    add_nav(app, NavItem(_l("Booked times"), "slots.index", Permission.SLOTS_RUN, order=32))
    add_home_cards(app, home.cards)

"""The close of a day at a point or van: count what is left, account for vouchers and phones, sign the act."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from aidtrack.kernel.actor import Permission


def init_app(app: Flask) -> None:
    from aidtrack.distribution.dayclose import home, views
    from aidtrack.web import NavItem, add_home_cards, add_nav

    app.register_blueprint(views.bp)
    add_nav(app, NavItem(_l("Day close"), "days.index", Permission.DAY_READ, order=36))
    add_home_cards(app, home.cards)

"""The counter: scan, see what is due, hand out, next."""

from flask import Flask
from flask_babel import lazy_gettext as _l


def init_app(app: Flask) -> None:
    from aidtrack.kernel.actor import Permission
    from aidtrack.scanner import cards, views
    from aidtrack.web import NavItem, add_home_cards, add_nav

    app.register_blueprint(views.bp)
    add_nav(app, NavItem(_l("Counter"), "scanner.counter", Permission.VOUCHER_SCAN, order=5))
    add_home_cards(app, cards.counter_cards)

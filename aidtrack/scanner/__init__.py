"""The counter: scan, see what is due, hand out, next."""

from flask import Flask
from flask_babel import lazy_gettext as _l


def init_app(app: Flask) -> None:
    from aidtrack.kernel.actor import Permission
    from aidtrack.scanner import cards, sync, views
    from aidtrack.scanner.arrivals import api as _events  # noqa: F401
    from aidtrack.scanner.devices import api as _enrol  # noqa: F401  (routes of the sync blueprint)
    from aidtrack.scanner.devices import importing, signed
    from aidtrack.scanner.devices import status as _status  # noqa: F401
    from aidtrack.scanner.devices import views as devices
    from aidtrack.scanner.devices.cards import phone_cards
    from aidtrack.scanner.field import views as field
    from aidtrack.scanner.pack import api as _pack  # noqa: F401
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api
    from aidtrack.web.access import LOAD_DEVICE_ACTOR

    app.register_blueprint(views.bp)
    app.register_blueprint(field.bp)
    app.register_blueprint(devices.bp)
    app.register_blueprint(importing.bp)
    app.extensions[LOAD_DEVICE_ACTOR] = signed.load_device_actor
    register_api(app, sync.bp)
    add_nav(app, NavItem(_l("Counter"), "scanner.counter", Permission.VOUCHER_SCAN, order=5))
    add_nav(app, NavItem(_l("Phones"), "devices.index", Permission.DEVICE_MANAGE, order=37))
    add_home_cards(app, cards.counter_cards, phone_cards)

"""Feedback and complaints from every channel: received from anybody, handled by those who may, answered and counted."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from aidtrack.kernel.actor import Permission


def init_app(app: Flask) -> None:
    from aidtrack.beneficiaries.holdings import add_holdings, add_lively
    from aidtrack.distribution.printing.texts import FOOT
    from aidtrack.feedback import (  # noqa: F401  (pages hang their routes on the register's blueprint)
        api,
        figure_views,
        home,
        kinds_views,
        public_views,
        queries,
        settings_views,
        views,
    )
    from aidtrack.feedback.held import HOLDING, lively
    from aidtrack.feedback.services import extra_permissions
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    app.register_blueprint(public_views.bp)
    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    app.extensions.setdefault("aidtrack_extra_permissions", []).append(extra_permissions)
    app.extensions[FOOT] = queries.short_address
    add_holdings(app, HOLDING)
    add_lively(app, lively)
    add_nav(
        app,
        NavItem(_l("Feedback"), "feedback_register.index", Permission.FEEDBACK_READ, order=26),
        NavItem(_l("Feedback: terms"), "feedback_register.settings", Permission.CATALOGUE_MANAGE, order=87),
        NavItem(_l("Feedback: rights"), "feedback_register.rights", Permission.ACCOUNTS_MANAGE, order=95),
    )
    add_home_cards(app, home.cards)

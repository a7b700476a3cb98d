"""Figures for donors: statements that close, the lines behind them, files to take away."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.kernel.actor import Permission
    from aidtrack.reports import api, coverage, invariants, views
    from aidtrack.web import NavItem, add_nav, register_api

    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    app.extensions.setdefault("aidtrack_invariants", []).extend(invariants.CHECKS)
    add_nav(app, NavItem(_l("Statements"), "reports.statements", Permission.REPORT_STATEMENT, 50))
    coverage.init_app(app)

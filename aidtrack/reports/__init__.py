"""Figures for donors: statements that close, the lines behind them, files to take away."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.kernel.actor import Permission
    from aidtrack.reports import api, category_views, coverage, invariants, views
    from aidtrack.web import NavItem, add_nav, register_api

    assert category_views.bp is views.bp  # its page stands on the same blueprint
    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    app.extensions.setdefault("aidtrack_invariants", []).extend(invariants.CHECKS)
    add_nav(
        app,
        NavItem(_l("Statements"), "reports.statements", Permission.REPORT_STATEMENT, 50),
        NavItem(_l("Categories in figures"), "reports.category_page", Permission.STOCK_TOTALS, 52),
    )
    coverage.init_app(app)

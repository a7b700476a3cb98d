"""Coverage: how many distinct households and persons of each place were reached, against its population."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.kernel.actor import Permission
    from aidtrack.reports.coverage import api, views
    from aidtrack.web import NavItem, add_nav, register_api

    app.register_blueprint(views.bp)
    register_api(app, api.blueprint)
    add_nav(app, NavItem(_l("Coverage"), "coverage.index", Permission.ROUND_READ, 52))

"""Places: the official codifier of settlements, their population, and the centre's starosta districts."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages of districts, the suggestions under a field, and the API."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.kernel.actor import Permission
    from aidtrack.places import api, views
    from aidtrack.web import NavItem, add_nav, register_api

    app.register_blueprint(views.bp)
    register_api(app, api.blueprint)
    add_nav(app, NavItem(_l("Starosta districts"), "places.districts", Permission.PLACES_MANAGE, 84))

"""Bring spreadsheets in: reading files of any make, mapping columns, dry run, result. Knows no domain.

Rooms further right register their layouts (`layouts.add_layouts`) when the application starts.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, the API and the process's runs."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.importing import api, layouts, views
    from aidtrack.importing.access import ANY_LAYOUT
    from aidtrack.web import NavItem, add_nav, register_api

    app.extensions.setdefault(layouts.EXTENSION, {})
    app.register_blueprint(views.bp)
    register_api(app, api.blueprint)
    add_nav(app, NavItem(_l("Import"), "importing.index", ANY_LAYOUT, 81))

"""Acts that wait for a second person: who asked does not approve (DESIGN I17, docs/adr/0011).

A room that has such an act registers how it is told and carried out (`acts.Act`); the waiting list, the first page
and the database's own CHECK are the same for all of them.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.accounts.approvals import home, queries, views
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav

    app.register_blueprint(views.bp)
    add_nav(
        app,
        NavItem(_l("Second person"), "approvals.index", Permission.ACT_APPROVE, 60, count=queries.number_for),
    )
    add_home_cards(app, home.card)

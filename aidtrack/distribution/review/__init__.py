"""What a person should read: extras, late, withdrawn, count needed, unreadable, gaps, rows of paper."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from aidtrack.kernel.actor import Permission


def init_app(app: Flask) -> None:
    from aidtrack.distribution.review import home, queries, views
    from aidtrack.web import NavItem, add_home_cards, add_nav

    app.register_blueprint(views.bp)
    add_nav(
        app,
        NavItem(
            _l("To be looked at"),
            "reviews.index",
            Permission.REVIEW_SETTLE,
            order=38,
            count=queries.number_for,
        ),
    )
    add_home_cards(app, home.cards)

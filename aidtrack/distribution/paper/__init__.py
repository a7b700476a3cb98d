"""Paper: numbered lists for a power cut, entered afterwards, and the issue sheet of each day."""

from flask import Flask


def init_app(app: Flask) -> None:
    from aidtrack.distribution.paper import home, views
    from aidtrack.distribution.paper import (
        sheet_views as sheet_views,  # its routes hang on the same blueprint
    )
    from aidtrack.distribution.paper.invariants import CHECKS
    from aidtrack.web import add_home_cards

    app.register_blueprint(views.bp)
    app.extensions.setdefault("aidtrack_invariants", []).extend(CHECKS)
    add_home_cards(app, home.cards)

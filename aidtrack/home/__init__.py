"""The start page: what waits for this person today, and a short tour of each role's work."""

from flask import Flask

from aidtrack.home.views import bp


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)

"""Builds the application: the one place that knows every room."""

from flask import Flask

import aidtrack.tables  # noqa: F401
from aidtrack import (
    accounts,
    audit,
    beneficiaries,
    distribution,
    feedback,
    home,
    importing,
    inventory,
    places,
    reports,
    scanner,
    web,
)
from aidtrack.config import Config, load
from aidtrack.db import db
from aidtrack.db.bundled import PACKAGE, bundled
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, use_vault
from aidtrack.web.application import Application
from aidtrack.web.routing import LateRule

ROOMS = (
    audit,
    accounts,
    importing,
    places,
    inventory,
    beneficiaries,
    distribution,
    reports,
    scanner,
    feedback,
    home,
)


def create_app(config: Config | None = None) -> Flask:
    """An application on the configured database. Does not touch the schema: see `aidtrack db upgrade`."""
    config = config or load()
    use_vault(Vault.of(config))
    app = Application(
        "aidtrack",
        static_folder=str(PACKAGE / "static"),
        template_folder=str(bundled("templates")),
        instance_path=str(config.instance),
    )
    app.url_rule_class = LateRule  # before the first rule; the one for static files stands already
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        TESTING=config.testing,
        AIDTRACK=config,
    )
    db.init_app(app)
    with app.app_context():
        configure(db.engine)
    web.init_app(app)
    for room in ROOMS:
        if hasattr(room, "init_app"):  # until every room has landed
            room.init_app(app)
    web.check_routes(app)
    return app

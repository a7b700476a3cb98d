"""People who sign in, their roles and sites, their sessions, and API tokens."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.accounts import approvals, passwords, sessions, views
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_nav

    if app.config["TESTING"]:
        passwords.use_cheap_hashing()
    sessions.init_app(app)
    app.extensions.setdefault(views.DONOR_CHOICES, lambda session: [])
    app.register_blueprint(views.bp)
    add_nav(
        app,
        NavItem(_l("People"), "accounts.people", Permission.ACCOUNTS_MANAGE, 90),
        NavItem(_l("API tokens"), "accounts.tokens", Permission.ACCOUNTS_MANAGE, 91),
    )
    approvals.init_app(app)

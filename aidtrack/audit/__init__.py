"""The audit log. `record` is called by every service, in the transaction of the act itself."""

from flask import Flask

from aidtrack.audit.services import Remembered, already_done, mark_done, record

__all__ = ["Remembered", "already_done", "init_app", "mark_done", "record"]

# What `aidtrack verify` runs: callables (session) -> iterator of breaches. Each room adds its own; the
# first line of a check's docstring is what the command prints.
INVARIANTS = "aidtrack_invariants"


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.audit import sealing, views
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_nav

    app.extensions.setdefault(INVARIANTS, []).append(sealing.check_chain)
    app.register_blueprint(views.bp)
    add_nav(
        app,
        NavItem(_l("Audit log"), "audit.log", (Permission.AUDIT_READ_ALL, Permission.AUDIT_READ_SUMMARY), 99),
    )

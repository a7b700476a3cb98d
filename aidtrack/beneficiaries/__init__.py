"""Families: households with their members, categories, papers; who may see what of them."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, and let live protection grants count."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.beneficiaries import api, cases, home, members_api, privacy, proofs, views
    from aidtrack.beneficiaries.imports import export, layout
    from aidtrack.beneficiaries.services import extra_permissions
    from aidtrack.importing.layouts import add_layouts
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    app.extensions.setdefault("aidtrack_extra_permissions", []).append(extra_permissions)
    app.extensions.setdefault(views.SECTIONS, [])
    add_layouts(app, layout.FAMILIES)
    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    register_api(app, members_api.bp)
    app.register_blueprint(export.bp)
    add_nav(
        app,
        NavItem(_l("Families"), "beneficiaries.search", Permission.HOUSEHOLD_READ, 20),
        NavItem(_l("Protected categories"), "beneficiaries.protection", Permission.ACCOUNTS_MANAGE, 92),
    )
    add_home_cards(app, home.cards)
    cases.init_app(app)
    privacy.init_app(app)
    proofs.init_app(app)

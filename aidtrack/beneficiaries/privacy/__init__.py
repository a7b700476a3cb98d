"""What protects a family's data: grounds, dates of keeping, erasing, exports, and how much one person may look at."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.beneficiaries.holdings import add_holdings, add_lively, add_obstacles
    from aidtrack.beneficiaries.privacy import home, own, own_past, views
    from aidtrack.beneficiaries.privacy.api import register
    from aidtrack.beneficiaries.privacy.invariants import CHECKS
    from aidtrack.beneficiaries.views import SECTIONS
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav

    add_holdings(app, *own.HOLDINGS, *own_past.HOLDINGS)
    add_obstacles(app, own_past.obstacles)
    add_lively(app, own.lively)
    app.extensions.setdefault(SECTIONS, []).append(views.section)
    app.extensions.setdefault("aidtrack_invariants", []).extend(CHECKS)
    app.register_blueprint(views.bp)
    register(app)
    either = (Permission.HOUSEHOLD_READ, Permission.PRIVACY_MANAGE)
    add_nav(app, NavItem(_l("Data protection"), "privacy.index", either, 28))
    add_home_cards(app, home.cards)

"""Who is entitled to what, on which voucher, and what was handed out: joins stock and families."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from aidtrack.kernel.actor import Permission


def init_app(app: Flask) -> None:
    """Register rights, rounds with their vouchers, and handing out."""
    from aidtrack.accounts.approvals.acts import add_acts
    from aidtrack.beneficiaries.consequences import add_consequence
    from aidtrack.beneficiaries.holdings import add_holdings, add_lively, add_obstacles
    from aidtrack.beneficiaries.views import SECTIONS
    from aidtrack.distribution import (
        dayclose,
        family_section,
        handouts,
        held,
        home,
        paper,
        review,
        rights,
        second_person,
        slots,
    )
    from aidtrack.distribution.field.invariants import CHECKS as FIELD_CHECKS
    from aidtrack.distribution.invariants import CHECKS
    from aidtrack.distribution.merged_families import CONSEQUENCE
    from aidtrack.distribution.views import bp
    from aidtrack.web import NavItem, add_home_cards, add_nav

    add_consequence(CONSEQUENCE)
    app.extensions.setdefault(SECTIONS, []).insert(0, family_section.section)
    add_acts(app, second_person.ACT)
    app.register_blueprint(bp)
    app.extensions.setdefault("aidtrack_invariants", []).extend([*CHECKS, *FIELD_CHECKS])
    add_nav(
        app,
        NavItem(_l("Rounds"), "rounds.index", Permission.ROUND_READ, order=30),
        NavItem(_l("Voucher look-up"), "rounds.inspect", Permission.VOUCHER_INSPECT, order=35),
    )
    add_home_cards(app, home.cards)
    rights.init_app(app)
    handouts.init_app(app)
    dayclose.init_app(app)
    paper.init_app(app)
    review.init_app(app)
    add_holdings(app, *held.HOLDINGS)
    add_obstacles(app, held.obstacles)
    add_lively(app, held.lively)
    slots.init_app(app)

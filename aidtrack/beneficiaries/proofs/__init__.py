"""What a family's facts are proven by: kinds of categories and their papers, incomes, what runs out soon."""

from flask import Flask


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from aidtrack.beneficiaries import views as family_views
    from aidtrack.beneficiaries.holdings import add_holdings
    from aidtrack.beneficiaries.proofs import api, held, home, views
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    app.extensions.setdefault(family_views.SECTIONS, []).append(views.section)
    add_holdings(app, held.INCOMES)
    add_home_cards(app, home.cards)
    add_nav(app, NavItem(_l("Categories"), "proofs.kinds", Permission.CATALOGUE_MANAGE, 83))

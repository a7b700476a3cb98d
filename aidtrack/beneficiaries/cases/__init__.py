"""From the first appeal to the decision: journal, acts, sittings, and the lists that acts are ticked from."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, what they add to a family's page and to the first page, and what is held."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.beneficiaries import views as family_views
    from aidtrack.beneficiaries.cases import api, held, home, views
    from aidtrack.beneficiaries.cases.story import STORY
    from aidtrack.beneficiaries.cases.views import registering
    from aidtrack.beneficiaries.cases.views.papers import section
    from aidtrack.beneficiaries.holdings import add_holdings, add_lively, add_obstacles
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_home_cards, add_nav, register_api

    app.extensions.setdefault(STORY, [])
    app.extensions[family_views.SECTIONS].append(section)
    app.extensions[family_views.BEFORE_REGISTERING] = registering.carried_over
    app.extensions[family_views.AFTER_REGISTERING] = registering.link_registered
    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    add_holdings(app, *held.HOLDINGS)
    add_obstacles(app, held.obstacles)
    add_lively(app, held.lively)
    add_home_cards(app, home.cards)
    add_nav(
        app,
        NavItem(_l("Appeals"), "cases.journal", Permission.HOUSEHOLD_READ, 21),
        NavItem(_l("Acts due"), "cases.due", Permission.HOUSEHOLD_READ, 23),
        NavItem(_l("Sittings"), "cases.sittings", Permission.HOUSEHOLD_READ, 24),
        NavItem(
            _l("Lists of needs"), "cases.lists", (Permission.CATALOGUE_MANAGE, Permission.HOUSEHOLD_READ), 86
        ),
    )

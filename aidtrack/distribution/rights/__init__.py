"""The right to aid: programme rules as dated data, and households marked by them."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages of rules and marks, and what they add to a family's page."""
    from flask_babel import lazy_gettext as _l

    from aidtrack.beneficiaries.cases.story import STORY
    from aidtrack.beneficiaries.views import PROGRAMMES, SECTIONS
    from aidtrack.distribution.rights import api, marks_api, story, views
    from aidtrack.distribution.rights.views.blueprint import programmes
    from aidtrack.kernel.actor import Permission
    from aidtrack.web import NavItem, add_nav, register_api

    app.register_blueprint(views.bp)
    register_api(app, api.bp)
    register_api(app, marks_api.bp)
    app.extensions[PROGRAMMES] = lambda session: [
        (one.id, one.name_uk, one.name_en) for one in programmes(session)
    ]
    app.extensions.setdefault(SECTIONS, []).append(views.section)
    app.extensions.setdefault(STORY, []).append(story.lines)
    add_nav(
        app,
        NavItem(
            _l("Rules"), "rights.programmes", (Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE), 80
        ),
    )

"""Pages of families. Every page that shows one writes its audit row, so pages open units of work to read."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, current_app, request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.access import once

# What rooms to the right add: (session) -> [(programme id, name_uk, name_en)], and parts of a family's page,
# (session, household file, actor) -> Markup.
PROGRAMMES = "aidtrack_programme_names"
SECTIONS = "aidtrack_household_sections"
Section = Callable[[Session, HouseholdFile, Actor], Markup]

# What a registration begins with, (session, actor, now) -> form data; and what follows it, (session, household id,
# actor, now).
BEFORE_REGISTERING = "aidtrack_before_registering"
AFTER_REGISTERING = "aidtrack_after_registering"

bp = Blueprint("beneficiaries", __name__, url_prefix="/families")


def programme_names(session: Session, language: str) -> list[tuple[int, str]]:
    """Programmes as choices, from the room that has them."""
    known: Callable[[Session], list[tuple[int, str, str]]] | None = current_app.extensions.get(PROGRAMMES)
    if known is None:
        return []
    return [
        (number, en if language == "en" else uk)
        for number, uk, en in once(PROGRAMMES, lambda: known(session))
    ]


def sections(session: Session, file: HouseholdFile, actor: Actor) -> list[Markup]:
    makers: list[Section] = current_app.extensions.get(SECTIONS, [])
    return [make(session, file, actor) for make in makers]


def carried_over(actor: Actor) -> dict[str, Any]:
    """What is known of a family before it is registered."""
    begin: Callable[[Session, Actor, datetime], dict[str, Any]] | None
    begin = current_app.extensions.get(BEFORE_REGISTERING)
    if begin is None or request.method != "GET":
        return {}
    with unit_of_work() as session:
        known: dict[str, Any] = begin(session, actor, utc_now())
    return known


def after_registering(session: Session, household_id: int, actor: Actor) -> None:
    follow: Callable[[Session, int, Actor, datetime], None] | None
    follow = current_app.extensions.get(AFTER_REGISTERING)
    if follow is not None:
        follow(session, household_id, actor, utc_now())


def kinds_for(session: Session, actor: Actor) -> list[CategoryKindRow]:
    """The kinds this person may choose: protected ones only under a live grant."""
    return queries.category_kinds(session, protected=actor.can(Permission.CATEGORY_PROTECTED))


def today_of(session: Session, site_id: int) -> date:
    """Today at the site."""
    zone = once(f"zone {site_id}", lambda: session.scalar(select(Site.time_zone).where(Site.id == site_id)))
    return local_date(utc_now(), zone or "Europe/Kyiv")


def shown_kinds(session: Session, language: str) -> dict[str, str]:
    """Names of all kinds by code, for rows that may be shown."""
    known = once("kinds of categories", lambda: queries.kinds(session))
    return {code: kind.name(language) for code, kind in known.items()}


from aidtrack.beneficiaries.views import (  # noqa: E402
    case,
    changes,
    doubles,
    family,
    members,
    merges,
    protection,
    registry,
)

__all__ = ["bp", "case", "changes", "doubles", "family", "members", "merges", "protection", "registry"]

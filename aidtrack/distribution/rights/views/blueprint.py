"""The blueprint of rules and rights, and what its pages share."""

from datetime import date

from flask import Blueprint
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import queries as families
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.filters import number
from aidtrack.web.i18n import language

SMALL = 5  # below it a figure could point at a family

bp = Blueprint("rights", __name__, url_prefix="/rights")


def category_names(session: Session) -> dict[str, str]:
    return {code: kind.name(language()) for code, kind in families.kinds(session).items()}


def today_at(session: Session, site_id: int) -> date:
    site = session.get(Site, site_id)
    return local_date(utc_now(), site.time_zone if site is not None else "Europe/Kyiv")


def sees_families(actor: Actor) -> bool:
    """Whether exact figures and names are this person's to see; others are shown rounded figures."""
    return actor.can(Permission.ELIGIBILITY_DECIDE) and actor.can(Permission.HOUSEHOLD_READ)


def figure(count: int, exact: bool) -> str:
    """A count of families; rounded to fives for those who see no families.

    Each figure is rounded for itself, so that a small one cannot be worked out from two large ones.
    """
    if exact or not count:
        return number(count)
    return f"< {SMALL}" if count < SMALL else f"≈ {number(SMALL * round(count / SMALL))}"

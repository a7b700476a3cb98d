"""The blueprint of rules and rights, and what its pages share."""

from flask import Blueprint
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries as families
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.queries import MarkRow, ProgrammeRow
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web.access import once
from aidtrack.web.filters import number
from aidtrack.web.i18n import language

SMALL = 5  # below it a figure could point at a family

bp = Blueprint("rights", __name__, url_prefix="/rights")


def category_names(session: Session) -> dict[str, str]:
    return {code: kind.name(language()) for code, kind in families.kinds(session).items()}


def programmes(session: Session) -> list[ProgrammeRow]:
    """Asked for by several parts of a family's page."""
    return once("rights programmes", lambda: queries.programmes(session))


def marks_of(session: Session, household_id: int) -> list[MarkRow]:
    return once(f"rights marks {household_id}", lambda: queries.marks_of(session, household_id))


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

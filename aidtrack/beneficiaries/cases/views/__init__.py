"""Pages of cases. Every page that names somebody writes its audit row."""

from flask import Blueprint
from sqlalchemy.orm import Session

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.kernel.actor import Actor
from aidtrack.web.filters import name

bp = Blueprint("cases", __name__, url_prefix="/cases")


def site_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    return [(site.id, name(site)) for site in site_rows(session, actor=actor)]


from aidtrack.beneficiaries.cases.views import due, journal, lists, papers, results, sittings  # noqa: E402

__all__ = ["bp", "due", "journal", "lists", "papers", "results", "site_choices", "sittings"]

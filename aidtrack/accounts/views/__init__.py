"""Pages of the accounts room: signing in, one's own account, people, API tokens."""

from collections.abc import Callable

from flask import Blueprint, current_app
from sqlalchemy.orm import Session

from aidtrack.accounts import queries
from aidtrack.accounts.forms import Choices
from aidtrack.kernel.actor import Actor
from aidtrack.web.filters import name

# The donors a liaison can be given: inventory, which stands to the right, sets a callable
# (session) -> list of (id, shown text).
DONOR_CHOICES = "aidtrack_donor_choices"

bp = Blueprint("accounts", __name__)


def site_choices(session: Session, actor: Actor) -> Choices:
    return [(site.id, f"{site.code} · {name(site)}") for site in queries.sites(session, actor=actor)]


def donor_choices(session: Session) -> Choices:
    ask: Callable[[Session], Choices] = current_app.extensions[DONOR_CHOICES]
    return ask(session)


from aidtrack.accounts.views import own, people, tokens  # noqa: E402, F401  (they hang their routes on `bp`)

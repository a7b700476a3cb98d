"""What the API's views of cases share: whom a body names, and one act in one transaction."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.web import api_blueprint, current_actor

READ, WRITE, DECIDE = Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE, Permission.ELIGIBILITY_DECIDE
T = TypeVar("T")

bp = api_blueprint(
    "cases", __name__, url_prefix="/cases", description="Appeals, acts, sittings and decisions"
)


def carry_out(service: Callable[..., T], command: Callable[[Session, Actor], object]) -> T:
    """Do what a command says; whom it names is looked up in the same transaction."""
    actor = current_actor()
    with unit_of_work() as session:
        return service(session, command(session, actor), actor=actor, now=utc_now())


def made(service: Callable[..., int], command: Callable[[Session, Actor], object]) -> dict[str, int]:
    """The same for a new row: the answer is its id. The command's own id is the client's: repeated, one effect."""
    return {"id": carry_out(service, command)}


def site_of(session: Session, code: str | None, actor: Actor) -> int:
    """The site of that code; without one the only site of the token."""
    own = site_rows(session, actor=actor)
    found = [site.id for site in own if code is None or site.code == code]
    if code is not None and not found:
        raise NotFound()
    if len(found) != 1:
        raise InvalidValue(field="site", value="site")
    return found[0]

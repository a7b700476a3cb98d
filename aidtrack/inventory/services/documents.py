"""Numbers of papers, and what every act on stock does first."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.inventory.errors import ReasonMissing
from aidtrack.inventory.queries.catalogue import PlaceRow, place
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date

RECEIPT, TRANSFER, WRITE_OFF, AWAY, COUNT = "R", "T", "W", "A", "C"


class Repeatable(Protocol):
    """A command that carries a client's id."""

    @property
    def command_id(self) -> str: ...

    def body(self) -> Mapping[str, Any]: ...


def open_place(
    session: Session, place_id: int, permission: Permission, *, actor: Actor, now: datetime
) -> tuple[PlaceRow, date]:
    """The place, if the actor may do this there, and the local day; documents of its site are numbered alone.

    The site's row is held until the transaction ends, so that two papers never get one number and two
    copies of one form come one after the other. Handouts do not wait for it.
    """
    actor.require(permission)
    found = place(session, actor, place_id)
    hold_site(session, found.site_id)
    return found, local_date(now, found.time_zone)


def hold_site(session: Session, site_id: int) -> None:
    # NO KEY UPDATE: rows that only refer to the site may still be added by others
    session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))


def earlier(session: Session, command: Repeatable, kind: str) -> int | None:
    """What the same command made before (I10)."""
    done = audit.already_done(session, command_id=command.command_id, kind=kind, body=command.body())
    return done.object_id if done is not None else None


def remember(
    session: Session, command: Repeatable, kind: str, object_id: int, *, actor: Actor, now: datetime
) -> None:
    audit.mark_done(
        session, command_id=command.command_id, kind=kind, body=command.body(), object_id=object_id,
        actor=actor, now=now,
    )  # fmt: skip


def next_number(
    session: Session, column: InstrumentedAttribute[str], site_code: str, letter: str, day: date
) -> str:
    """The next number of a kind of paper at a site in a year, for example «DN-R22-000014».

    The caller holds the site.
    """
    prefix = f"{site_code}-{letter}{day.year % 100:02}-"
    newest = session.execute(select(func.max(column)).where(_starts_with(column, prefix))).scalar_one()
    serial = int(newest.removeprefix(prefix)) + 1 if newest else 1
    return f"{prefix}{serial:06}"


def _starts_with(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    # a range, not LIKE: it can use the index whatever the collation
    return (column >= prefix) & (column < prefix + "\N{LATIN SMALL LETTER Z}")


def reason_of(text: str) -> str:
    """The reason without outer spaces, or a refusal where nothing was said."""
    reason = text.strip()
    if len(reason) < 3:
        raise ReasonMissing
    return reason[:500]

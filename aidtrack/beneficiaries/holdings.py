"""What the house holds about a family: every room that keeps something says so here, and how it forgets.

A room registers its holdings when the application starts. "What do we hold about this family" reads them all,
erasure asks each to forget: rows that carry a person are removed or emptied, counts and goods stay.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

HOLDINGS = "aidtrack_holdings"
OBSTACLES = "aidtrack_erasure_obstacles"
LIVELY = "aidtrack_lively_families"


@dataclass(frozen=True, slots=True)
class Held:
    """One thing held: `title` in the person's language, `facts` as pairs of label and text, ready to print."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """A kind of thing held about families.

    Attributes:
        label: heading, a msgid marked with `N_`.
        read: (session, household id, language) -> what is held, oldest first.
        erase: (session, household id, now) -> how many rows were emptied or removed.
        order: place in the printed answer; what is last there is erased first, since it may rest on the others.
        tables: the tables with a household or a person that this holding speaks for.
        read_as: like `read`, for a person who may see only some of it: (session, household id, language, actor).
    """

    label: Any
    read: Callable[[Session, int, str], list[Held]]
    erase: Callable[[Session, int, datetime], int]
    order: int = 50
    tables: frozenset[str] = frozenset()
    read_as: Callable[[Session, int, str, Actor], list[Held]] | None = None


# (session, household id) -> sentences (msgids marked with `N_`) that say why a family cannot be erased yet
Obstacles = Callable[[Session, int], list[str]]
# (session, household ids, day) -> those of them with whom something happened on that day or later
Lively = Callable[[Session, list[int], date], set[int]]


def add_holdings(app: Flask, *holdings: Holding) -> None:
    app.extensions.setdefault(HOLDINGS, []).extend(holdings)


def add_obstacles(app: Flask, *obstacles: Obstacles) -> None:
    app.extensions.setdefault(OBSTACLES, []).extend(obstacles)


def add_lively(app: Flask, *lively: Lively) -> None:
    """Rooms say with whom they had to do lately: such a family's time of keeping is not over."""
    app.extensions.setdefault(LIVELY, []).extend(lively)


def obstacles(session: Session, household_id: int) -> list[str]:
    asked: list[Obstacles] = current_app.extensions.get(OBSTACLES, [])
    return [sentence for ask in asked for sentence in ask(session, household_id)]


def lively(session: Session, household_ids: list[int], since: date) -> set[int]:
    asked: list[Lively] = current_app.extensions.get(LIVELY, [])
    return set().union(*(ask(session, household_ids, since) for ask in asked))


def holdings() -> list[Holding]:
    known: list[Holding] = current_app.extensions.get(HOLDINGS, [])
    return sorted(known, key=lambda one: one.order)

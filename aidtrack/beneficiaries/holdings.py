"""What the house holds about a family: every room that keeps something says so here, and how it forgets.

A room registers its holdings when the application starts. "What do we hold about this family" reads them all,
erasure asks each to forget: rows that carry a person are removed or emptied, counts and goods stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

HOLDINGS = "aidtrack_holdings"


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
        order: place in the printed answer.
    """

    label: Any
    read: Callable[[Session, int, str], list[Held]]
    erase: Callable[[Session, int, datetime], int]
    order: int = 50


def add_holdings(app: Flask, *holdings: Holding) -> None:
    app.extensions.setdefault(HOLDINGS, []).extend(holdings)


def holdings() -> list[Holding]:
    known: list[Holding] = current_app.extensions.get(HOLDINGS, [])
    return sorted(known, key=lambda one: one.order)

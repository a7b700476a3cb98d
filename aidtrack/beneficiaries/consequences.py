"""What other rooms do when two registrations become one, and when that is undone.

Rooms to the right register themselves at start: this one does not import them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

Effects = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Consequence:
    """One room's part.

    Attributes:
        merged: (session, staying id, ending id, actor, now) -> what was done, by numbers, to be undone later.
        undone: (session, staying id, ending id, effects, actor, now).
    """

    name: str
    merged: Callable[[Session, int, int, Actor, datetime], Effects]
    undone: Callable[[Session, int, int, Effects, Actor, datetime], None]


_known: dict[str, Consequence] = {}


def add_consequence(consequence: Consequence) -> None:
    _known[consequence.name] = consequence


def consequences() -> list[Consequence]:
    return list(_known.values())

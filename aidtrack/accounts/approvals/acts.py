"""The acts that can wait, as their rooms register them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

ACTS = "aidtrack_acts"
Command = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act. `tell` gives pairs of what and how much, without any name of a family."""

    kind: str
    title: Any  # a lazy string
    permission: Permission  # of whoever asks; it is carried out in their name
    carry_out: Callable[[Session, Command, Actor, datetime], int]
    tell: Callable[[Session, Command], list[tuple[Any, str]]]
    url: Callable[[int], str]  # of what was made
    seen_with: Permission | None = None  # opens it too, beside the permission to ask
    household: Callable[[Session, Command], int | None] | None = None  # whose, where it is about a family

    def may_open(self, actor: Actor) -> bool:
        return actor.can(self.permission) or (self.seen_with is not None and actor.can(self.seen_with))


def add_acts(app: Flask, *acts: Act) -> None:
    app.extensions.setdefault(ACTS, {}).update({act.kind: act for act in acts})


def act_of(kind: str) -> Act:
    found: Act = current_app.extensions[ACTS][kind]
    return found

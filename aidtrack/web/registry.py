"""What rooms hang into the shared layout: navigation and the start page's cards."""

from collections.abc import Callable, Iterable
from dataclasses import field
from itertools import groupby
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError

from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass
from aidtrack.web.access import once

NAV = "aidtrack_nav"
FEW = 7  # so many entries stand side by side; more are put under heads
HOME_CARDS = "aidtrack_home_cards"

# A text that is shown: a msgid marked with `N_`, or flask_babel's lazy string (its str() is translated).
Label = Any

# The tens of an entry's order say under which head it stands. The counter (below 10) and what waits for a
# second person (60) stand by themselves: they are looked for in a hurry.
HEADS: dict[int, Label] = {
    1: N_("Stock and donations"),
    2: N_("Cases"),
    3: N_("Rounds and vouchers"),
    5: N_("Reports and figures"),
    8: N_("Rules and lists"),
    9: N_("Access and log"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation.

    Shown to those who hold `permission` (or any one of several; None shows it to everyone who is signed
    in). `hint` is a line under it on the start page; `count` says how many things wait there. `order` sorts,
    and its tens choose the head (`HEADS`).
    """

    label: Label
    endpoint: str
    permission: Permission | tuple[Permission, ...] | None
    order: int = 50
    hint: Label = ""
    count: Callable[[Actor], int] | None = None

    def number(self, actor: Actor) -> int:
        """How many things wait there for this person. A page that tells of a database gone needs none."""
        if self.count is None:
            return 0
        count = self.count
        try:
            return once(f"nav {self.endpoint}", lambda: count(actor))  # a page shows its navigation twice
        except SQLAlchemyError:
            return 0

    @property
    def words(self) -> str:
        """The label in the person's language."""
        return spoken(self.label)

    @property
    def hint_words(self) -> str:
        return spoken(self.hint)

    @property
    def room(self) -> str:
        return self.endpoint.partition(".")[0]

    def shown_to(self, actor: Actor) -> bool:
        if self.permission is None:
            return True
        wanted = (self.permission,) if isinstance(self.permission, Permission) else self.permission
        return any(actor.can(permission) for permission in wanted)


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries under one head; without a head they stand by themselves."""

    head: str
    items: tuple[NavItem, ...]

    def number(self, actor: Actor) -> int:
        return sum(item.number(actor) for item in self.items)


@dataclass(frozen=True, slots=True)
class CardLink:
    """A link on a start-page card; `main` makes it the card's large button."""

    label: Label
    url: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class HomeCard:
    """What the start page shows of one thing to do. `facts` are short pairs: what, how much."""

    title: Label
    text: Label = ""
    links: tuple[CardLink, ...] = ()
    facts: tuple[tuple[Label, Label], ...] = ()
    order: int = 50
    tone: str = field(default="neutral")  # neutral, good, warn, bad


CardMaker = Callable[[Actor], HomeCard | Iterable[HomeCard] | None]


def spoken(label: Label) -> str:
    """A label in the person's language; an empty one stays empty."""
    return str(gettext(label) if isinstance(label, str) and label else label)


def prepare(app: Flask) -> None:
    app.extensions.setdefault(NAV, [])
    app.extensions.setdefault(HOME_CARDS, [])


def add_nav(app: Flask, *items: NavItem) -> None:
    app.extensions[NAV].extend(items)


def add_home_cards(app: Flask, *makers: CardMaker) -> None:
    """Register functions that give a signed-in person's cards; None where there is nothing for them."""
    app.extensions[HOME_CARDS].extend(makers)


def navigation(actor: Actor | None) -> list[NavItem]:
    """The entries this person sees, in their order; none before signing in."""
    if actor is None:
        return []
    items: list[NavItem] = current_app.extensions[NAV]
    known = current_app.view_functions
    shown = [item for item in items if item.endpoint in known and item.shown_to(actor)]
    return sorted(shown, key=lambda item: item.order)


def under_heads(items: Iterable[NavItem]) -> list[NavGroup]:
    """The same entries under their heads. A few, or one alone, need none."""
    listed = list(items)
    if len(listed) <= FEW:
        return [NavGroup("", tuple(listed))]
    groups = []
    for tens, under in groupby(listed, key=lambda item: item.order // 10):
        found = tuple(under)
        head = spoken(HEADS.get(tens, "")) if len(found) > 1 else ""
        groups.append(NavGroup(head, found))
    return groups


def home_cards(actor: Actor) -> list[HomeCard]:
    cards: list[HomeCard] = []
    for maker in current_app.extensions[HOME_CARDS]:
        made = maker(actor)
        if made is not None:
            cards.extend([made] if isinstance(made, HomeCard) else made)
    return sorted(cards, key=lambda card: card.order)

"""Bookable times: of a round, ahead, by place and day."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.distribution.models import (
    Slot,
    SlotDay,
)
from aidtrack.distribution.slots.placing import Free
from aidtrack.distribution.slots.windows import Window
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A bookable time with its day."""

    id: int
    round_id: int
    day_id: int
    day: date
    starts: int
    ends: int
    capacity: int
    taken: int
    letters: str
    category: str

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def window(self) -> Window:
        return Window(self.letters, self.category)

    @property
    def kept(self) -> bool:
        """Whether it is kept for some families."""
        return bool(self.letters or self.category)

    @property
    def as_free(self) -> Free:
        return Free(self.id, (self.day.toordinal(), self.starts), self.free, self.capacity, self.window)


def _slots() -> Rows:
    return select(
        Slot.id, Slot.round_id, Slot.day_id, SlotDay.day, Slot.starts, Slot.ends, Slot.capacity, Slot.taken,
        Slot.letters, Slot.category,
    ).join(SlotDay, SlotDay.id == Slot.day_id)  # fmt: skip


def slots_of_round(session: Session, round_id: int, *, day: date | None = None) -> list[SlotRow]:
    statement = _slots().where(Slot.round_id == round_id)
    if day is not None:
        statement = statement.where(SlotDay.day == day)
    ordered = statement.order_by(SlotDay.day, Slot.starts, Slot.letters, Slot.category)
    return [SlotRow(*row) for row in session.execute(ordered)]


def slot_by_id(session: Session, slot_id: int, *, actor: Actor) -> SlotRow:
    """One time; NotFound for a missing one and for another site's alike (I14)."""
    statement = (
        _slots()
        .join(Place, Place.id == SlotDay.place_id)
        .where(Slot.id == slot_id, Place.site_id.in_(actor.site_ids))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return SlotRow(*row)


def ahead(rows: Iterable[SlotRow], *, today: date, minute: int, going_on: bool = False) -> list[SlotRow]:
    """Times with room that have not begun yet; `going_on` also those that are on now, for who stands at the door."""
    return [
        row
        for row in rows
        if row.free > 0
        and ((row.day, row.starts) >= (today, minute) or (going_on and (row.day, row.ends) > (today, minute)))
    ]


def category_choices(session: Session, language: str) -> list[tuple[str, str]]:
    """Ordinary kinds: a time kept for a protected one would give it away."""
    statement = select(CategoryKind).where(~CategoryKind.protected).order_by(CategoryKind.code)
    return [
        (kind.code, kind.name_en if language == "en" else kind.name_uk) for kind in session.scalars(statement)
    ]


def days_ahead(session: Session, place_id: int, day: date) -> list[tuple[date, int]]:
    """(day, free places) after this day at the place."""
    statement = (
        select(SlotDay.day, func.sum(Slot.capacity - Slot.taken))
        .join(Slot, Slot.day_id == SlotDay.id)
        .where(SlotDay.place_id == place_id, SlotDay.day > day)
        .group_by(SlotDay.day)
        .order_by(SlotDay.day)
    )
    return [(found, int(free)) for found, free in session.execute(statement)]


def rounds_with_times(session: Session, round_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """(places, taken) of rounds that have times."""
    statement = (
        select(Slot.round_id, func.sum(Slot.capacity), func.sum(Slot.taken))
        .where(Slot.round_id.in_(round_ids))
        .group_by(Slot.round_id)
    )
    return {round_id: (int(places), int(taken)) for round_id, places, taken in session.execute(statement)}


def places_with_times(session: Session, days: dict[int, date]) -> set[int]:
    """Which of these places have a day of times on their own local day."""
    found = session.execute(
        select(SlotDay.place_id, SlotDay.day).where(
            SlotDay.place_id.in_(days), SlotDay.day.in_(set(days.values()))
        )
    )
    return {place_id for place_id, day in found if days[place_id] == day}

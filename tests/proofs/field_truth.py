"""What must be true when everybody has come home: outcomes by the set of events, books by the shelves."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import FieldEvent, FieldOutcome, FieldQuarantine
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS
from aidtrack.inventory.models import StockBalance, StockShortage
from tests.proofs.field_parts import Broken
from tests.proofs.field_story import Fact, Story


def check(story: Story) -> None:
    """
    Raises:
        Broken
    """
    _one_outcome_each(story)
    _books_are_the_truth(story)


def _one_outcome_each(story: Story) -> None:
    taken = dict(
        story.session.execute(
            select(FieldEvent.event_id, FieldOutcome.outcome).join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        ).all()
    )  # fmt: skip
    kept = list(story.session.scalars(select(FieldQuarantine.event_id)))
    found = {id_: outcome.value for id_, outcome in taken.items()} | {id_: "kept" for id_ in kept if id_}
    if len(taken) + len(kept) != len(story.facts) or found.keys() != story.facts.keys():
        raise Broken("an event is lost, doubled or without its one outcome")
    expected = _expected(story)
    wrong = {id_: (found[id_], expected[id_]) for id_ in found if found[id_] != expected[id_]}
    if wrong:
        raise Broken(f"outcomes differ from what the set of events says: {wrong}")


def _expected(story: Story) -> dict[str, str]:
    """The table of docs/sync.md, written down a second time."""
    outcomes: dict[str, str] = {}
    short = _short(story)
    by_family: dict[int, list[Fact]] = defaultdict(list)
    for fact in story.facts.values():
        if fact.family is not None:
            by_family[fact.family].append(fact)
        else:
            outcomes[fact.id] = "taken_back" if '"type": "undo"' in story.bodies[fact.id].body else "kept"
    for family, facts in by_family.items():
        standing = sorted(
            (one for one in facts if not one.undone and not one.online), key=lambda one: (one.est, one.id)
        )
        for fact in facts:
            first = family not in story.standing_online and standing and standing[0] is fact
            outcomes[fact.id] = (
                "undone" if fact.undone
                else "already_recorded" if fact.online
                else "extra" if not first
                else "withdrawn" if fact.withdrawn
                else "late" if fact.late
                else "count_needed" if fact.id in short
                else "recorded"
            )  # fmt: skip
    return outcomes


def _short(story: Story) -> set[str]:
    found: set[str] = set()
    for (place, lot), taken in _taken(story).items():
        owed = ledger.shortage(
            story.session, lot_id=story.stage.lots[lot], place_id=story.stage.places[place]
        )
        for fact in sorted(taken, key=lambda one: (one.est, one.id), reverse=True):
            if owed <= 0:
                break
            found.add(fact.id)
            owed -= fact.takes[lot]
    return found


def _taken(story: Story) -> dict[tuple[str, str], list[Fact]]:
    found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in story.facts.values():
        if fact.family is not None and not fact.undone and not fact.online:
            for lot in fact.takes:
                found[fact.place, lot].append(fact)
    return found


def _books_are_the_truth(story: Story) -> None:
    """Every lot at every place, also where nothing was touched: what stands there less what is owed."""
    held, owed = units_of(story.session, StockBalance), units_of(story.session, StockShortage)
    ids = {(place, lot): (story.stage.lots[lot], story.stage.places[place]) for place, lot in story.opening}
    strangers = (held.keys() | owed.keys()) - set(ids.values())
    if strangers:
        raise Broken(f"goods of {strangers} (lot, place) in the books that never existed")
    for (place, lot), key in ids.items():
        book = held.get(key, 0) - owed.get(key, 0)
        truth = story.opening[place, lot] + story.shelves.get((place, lot), 0)
        if book != truth:
            raise Broken(f"{lot} at {place}: the books say {book}, the shelf {truth}")
        if key in held and key in owed:
            raise Broken(f"{lot} at {place}: goods stand there while some are owed")


def units_of(session: Session, of: type[StockBalance] | type[StockShortage]) -> dict[tuple[int, int], int]:
    """What is not zero at real places, by lot and place."""
    rows = session.execute(
        select(of.lot_id, of.place_id, of.units).where(
            of.units != 0, of.place_id.not_in(VIRTUAL_PLACE_IDS.values())
        )
    )
    return {(lot_id, place_id): units for lot_id, place_id, units in rows}

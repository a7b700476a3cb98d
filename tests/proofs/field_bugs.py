"""Planted bugs: each takes away one thing that the simulation must miss."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from unittest import mock
from uuid import UUID, uuid5

from sqlalchemy import func, select

from aidtrack.distribution.field import events, projection, services
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CameBy
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import EntryKind
from aidtrack.inventory.models import Place, StockLot
from tests.proofs.field_parts import Phone, Server
from tests.proofs.field_story import SUSPENSE
from tests.support.field import id_of


@dataclass(frozen=True)
class Parts:
    """What plays instead of the sound ones."""

    server: type[Server] = Server
    phone: Callable[..., Phone] = Phone


class ClearsOn4xx(Phone):
    """Takes a refusal of the batch for a refusal of its events."""

    def answered(self, status: int, reply: bytes, now: datetime) -> list[Sent]:
        if 400 <= status < 500:
            gone, self.outbox = self.outbox, []
            return gone
        return super().answered(status, reply, now)


class AnswersFirst(Server):
    """Gives the receipt and commits afterwards, if nothing comes between."""

    def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        if self.rng.random() < 0.1:
            return EventReceipt(id_of(sent), events.body_hash(sent.body), Outcome.RECORDED, now)
        return super().receive(sent, carrier, now)


class RemembersApart(Server):
    """Applies an event in one transaction and notes in another that it did: a crash between them forgets.

    The product's own event id would catch the second time, so what was applied and forgotten comes in under another.
    """

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        self.noted: dict[str, EventReceipt] = {}
        self.applied: dict[str, int] = {}  # what was recorded, and how often

    def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        name = id_of(sent)
        if name in self.noted:
            return self.noted[name]
        with self.commit():
            receipt = self.apply(sent, carrier, now)
        if receipt.outcome is Outcome.RECORDED:
            self.applied[name] = self.applied.get(name, 0) + 1
        self.maybe_crash()
        self.noted[name] = receipt
        return receipt

    def apply(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        name = id_of(sent)
        if name not in self.applied:
            return services.take(self.session, sent, carrier=carrier, came_by=CameBy.SYNC, now=now)
        other = str(uuid5(UUID(name), str(self.applied[name])))
        again = Sent(json.dumps({**json.loads(sent.body), "id": other}), sent.signature)
        with mock.patch.object(services, "event_is_signed", return_value=True):
            receipt = services.take(self.session, again, carrier=carrier, came_by=CameBy.SYNC, now=now)
        return replace(receipt, id=name, hash=events.body_hash(sent.body))


class MovesMore(Server):
    """Brings a unit of a lot to a place that nothing in the story touches."""

    def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        receipt = super().receive(sent, carrier, now)
        lot_id = self.session.scalars(select(func.max(StockLot.id))).one()
        place_id = self.session.scalars(select(Place.id).where(Place.code == "P9")).one()
        ledger.post(
            self.session, kind=EntryKind.COUNT, document="C", effective_on=now.date(), site_id=carrier.site_id,
            moves=[ledger.Move(lot_id, SUSPENSE, place_id, 1)], actor=carrier.actor, now=now,
        )  # fmt: skip
        return receipt


@contextmanager
def phone_clears_its_queue_on_a_4xx() -> Iterator[Parts]:
    yield Parts(phone=ClearsOn4xx)


@contextmanager
def receipt_before_commit() -> Iterator[Parts]:
    yield Parts(server=AnswersFirst)


@contextmanager
def idempotency_row_in_another_transaction() -> Iterator[Parts]:
    yield Parts(server=RemembersApart)


@contextmanager
def goods_move_where_nobody_was() -> Iterator[Parts]:
    yield Parts(server=MovesMore)


@contextmanager
def arrival_order_used_as_time() -> Iterator[Parts]:
    class Hurried(Server):
        """Takes the moment of arrival for the moment of the handout."""

        def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
            read = events.read

            def arrived(body: str) -> events.Event:
                return replace(read(body), est=now)

            with mock.patch.object(events, "read", arrived):
                return super().receive(sent, carrier, now)

    yield Parts(server=Hurried)


@contextmanager
def the_phones_clock_used_as_time() -> Iterator[Parts]:
    """Takes what the clock on the wall shows for the moment of the handout."""
    read = events.read

    def by_the_wall(body: str) -> events.Event:
        event = read(body)
        return replace(event, est=event.wall)

    with mock.patch.object(events, "read", by_the_wall):
        yield Parts()


@contextmanager
def revocation_not_checked_when_stale() -> Iterator[Parts]:
    """What the phone's old pack let through is let through here too."""
    with mock.patch.object(projection.Paper, "withdrawn", return_value=False):
        yield Parts()


@dataclass(frozen=True)
class Bug:
    """How it is planted, and by what sentence it must be found; another would be found by chance."""

    planted: Callable[[], AbstractContextManager[Parts]]
    found: str


LOST = "is neither on the phone nor on the server"
BUGS: dict[str, Bug] = {
    "phone clears its queue on a 4xx": Bug(phone_clears_its_queue_on_a_4xx, LOST),
    "receipt before commit": Bug(receipt_before_commit, LOST),
    "idempotency row in another transaction": Bug(
        idempotency_row_in_another_transaction, "an event is lost, doubled or without its one outcome"
    ),
    "arrival order used as time": Bug(
        arrival_order_used_as_time, "outcomes differ from what the set of events says"
    ),
    "the phone's clock used as time": Bug(
        the_phones_clock_used_as_time, "outcomes differ from what the set of events says"
    ),
    "revocation not checked when stale": Bug(
        revocation_not_checked_when_stale, r"outcomes differ .*\('\w+', 'withdrawn'\)"
    ),
    "goods move where nobody was": Bug(goods_move_where_nobody_was, r"at P9: the books say \d+, the shelf 0"),
}

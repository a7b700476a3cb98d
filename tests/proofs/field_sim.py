"""Phones in villages, a network that loses, repeats, delays and cuts, and a centre that goes on meanwhile.

Everything of one seed happens inside one transaction that is undone at the end; a savepoint is a commit. The
simulator knows what truly lies on every shelf and what was truly handed out; the books must agree with it.
Controls with a planted bug replace one part of `Phone` or `Server`.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from aidtrack.db.prepared import UNIT_CURSOR
from aidtrack.distribution import signing
from aidtrack.distribution.errors import VoucherRefused
from aidtrack.distribution.field import services
from aidtrack.distribution.field.devices import FieldDevice, device_by
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.models import (
    CameBy,
    CaseKind,
    FieldEvent,
    FieldOutcome,
    FieldQuarantine,
    Handout,
    ReviewCase,
    Round,
    Voucher,
)
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.models import Place, StockBalance, StockLot, StockShortage
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.scanner.arrivals.batches import sent_of
from tests.proofs.field_clock import Clock
from tests.support import field as phones
from tests.support import world as made
from tests.support.field import FieldPhone, as_moment, id_of
from tests.support.world import World

SUSPENSE = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]
FAMILIES = 12
RICE, OIL = 500, 200
LAST_TRY = 60  # rounds of syncing until every phone must be empty


class Broken(AssertionError):
    """A promise of docs/sync.md does not hold."""


class Crash(Exception):
    """The server dies at this point."""


# -- the place ------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """What is the same for all seeds: rows that stay, made once for each database."""

    world: World
    began: datetime
    places: dict[str, int]
    lots: dict[str, int]  # codes to ids
    standing: dict[str, list[str]]  # lots by place
    crew: list[FieldPhone]
    papers: list[tuple[str, int]]  # code and family
    withdrawn: dict[str, datetime]  # when papers were withdrawn, by code
    last_day: dict[int, Any]  # of each family's papers

    @property
    def actor(self) -> Actor:
        return self.world.actor()


def set_up(session: Session) -> Stage:
    """Two sites, three places, twelve phones, twelve families; three of these hold an older paper too."""
    began = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=12)
    world = made.small_centre(session, due=[("RICE", RICE), ("OIL", OIL)])
    made.add_vouchers(session, world, FAMILIES)
    places = {"P1": world.place_id, "P2": world.other_place_id}
    places["P9"] = session.execute(select(Place.id).where(Place.code == "P9")).scalar_one()
    today = local_date(utc_now())
    elsewhere = Round(
        cycle_id=world.cycle_id, place_id=places["P9"], code="R9", token_id=99, first_day=today, last_day=today,
        created_at=utc_now(), created_by="t",
    )  # fmt: skip
    session.add(elsewhere)
    session.flush()
    lots, standing = _lots(session, world, places)
    crew = [
        phones.add_phone(
            session, user_id=world.user_id, site_id=world.other_site_id if code == "P9" else world.site_id,
            round_id=elsewhere.id if code == "P9" else world.round_id, place_id=places[code],
            enrolled_at=began - timedelta(days=9),
        )
        for code in ["P1", "P9", "P2"] * 4
    ]  # fmt: skip
    papers = [(code, family) for family, code in enumerate(world.codes)]
    withdrawn = {world.codes[family]: began + timedelta(minutes=60 * (family + 1)) for family in range(3)}
    for family in range(3):
        papers.append((_reprint(session, world, family, withdrawn[world.codes[family]]), family))
    last_day = dict.fromkeys(range(FAMILIES), today + timedelta(days=5))
    for family in (3, 4):
        last_day[family] = today - timedelta(days=2)
        session.execute(
            update(Voucher).where(Voucher.id == world.voucher_ids[family]).values(last_day=last_day[family])
        )
    return Stage(world, began, places, lots, standing, crew, papers, withdrawn, last_day)


def _lots(
    session: Session, world: World, places: dict[str, int]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    plan = {"P1": [("RICE", 8 * RICE), ("OIL", 5 * OIL)], "P9": [("RICE", 2 * RICE), ("OIL", 9 * OIL)],
            "P2": [("RICE", RICE), ("OIL", 2 * OIL), ("OIL", OIL)]}  # fmt: skip
    ids: dict[str, int] = {}
    standing: dict[str, list[str]] = {}
    for place, wanted in plan.items():
        for item, units in wanted:
            lot_id = made.add_lot(session, world, item, units, place_id=places[place])
            code = session.execute(select(StockLot.code).where(StockLot.id == lot_id)).scalar_one()
            ids[code] = lot_id
            standing.setdefault(place, []).append(code)
    standing["P2"].append(standing["P1"][0])  # never stood there by the books
    return ids, standing


def _reprint(session: Session, world: World, family: int, at: datetime) -> str:
    """The family's paper becomes an older one, withdrawn at that moment; gives the new one's code."""
    old = session.get(Voucher, world.voucher_ids[family])
    assert old is not None
    claims = replace(signing.decode(world.codes[family])[0], voucher_id=uuid4(), status_index=900 + family)
    code = signing.encode(claims, world.key)  # type: ignore[arg-type]
    old.state, old.voided_at = VoucherState.VOID, at
    session.flush()
    session.add(
        Voucher(
            entitlement_id=old.entitlement_id, round_id=old.round_id, public_id=claims.voucher_id.bytes,
            typed_code=f"NEW{family}", serial=f"R1-9{family}", status_index=900 + family, key_id=1,
            first_day=old.first_day, last_day=old.last_day, signature=signing.decode(code)[1],
            state=VoucherState.ISSUED, issued_at=at, printed_at=at, replaces_id=old.id,
        )
    )  # fmt: skip
    session.flush()
    return code


# -- the server -----------------------------------------------------------------------------------------


class Server:
    """The real services behind a batch; a savepoint stands for a transaction's commit."""

    def __init__(self, session: Session, rng: random.Random, *, crashing: float) -> None:
        self.session, self.rng, self.crashing = session, rng, crashing
        self.devices: dict[str, FieldDevice] = {}

    def post(self, device: str, request: bytes, now: datetime) -> tuple[int, bytes]:
        """Answer one batch; may crash between any two events, before or after a commit."""
        try:
            said = json.loads(request)
        except ValueError:
            return 400, b"{}"
        receipts = [self.receive(sent_of(found), self.device(device), now) for found in said["events"]]
        answer = {
            "receipts": [
                {"id": one.id, "hash": b64(one.hash), "outcome": one.outcome.value} for one in receipts
            ],
            "server_time": as_moment(now),
        }
        return 200, json.dumps(answer).encode()

    def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        with self.commit():
            receipt = services.take(self.session, sent, carrier=carrier, came_by=CameBy.SYNC, now=now)
            self.maybe_crash()
        self.maybe_crash()
        return receipt

    def maybe_crash(self) -> None:
        if self.rng.random() < self.crashing:
            raise Crash

    @contextmanager
    def commit(self) -> Iterator[None]:
        cursor = self.session.info[UNIT_CURSOR][1]
        cursor.execute("SAVEPOINT sim")
        try:
            yield
        except BaseException:
            cursor.execute("ROLLBACK TO SAVEPOINT sim")
            cursor.execute("RELEASE SAVEPOINT sim")
            raise
        cursor.execute("RELEASE SAVEPOINT sim")

    def device(self, public_id: str) -> FieldDevice:
        if public_id not in self.devices:
            found = device_by(self.session, public_id)
            assert found is not None
            self.devices[public_id] = found
        return self.devices[public_id]

    def holds(self, sent: Sent) -> bool:
        """Whether the event is durably here: taken, or kept raw."""
        taken = select(func.count()).where(FieldEvent.event_id == id_of(sent))
        kept = select(func.count()).where(FieldQuarantine.raw_hash == sha256(sent.body.encode()).digest())
        return bool(self.session.scalar(taken) or self.session.scalar(kept))


# -- a phone --------------------------------------------------------------------------------------------


@dataclass
class Phone:
    """What a phone does by docs/sync.md: it deletes an event only on a receipt that names it."""

    writes: FieldPhone
    place: str
    clock: Clock
    outbox: list[Sent] = field(default_factory=list)
    handed: list[tuple[Sent, dict[str, int]]] = field(default_factory=list)

    def keep(self, sent: Sent) -> None:
        self.outbox.append(sent)

    def request(self, rng: random.Random) -> bytes:
        """Some of what it holds, in any order: batches are resumable."""
        chosen = rng.sample(self.outbox, rng.randint(1, len(self.outbox)))
        found = [{"body": one.body, "sig": b64(one.signature)} for one in chosen]
        return json.dumps({"unsent": len(self.outbox), "events": found}, ensure_ascii=False).encode()

    def answered(self, status: int, reply: bytes, now: datetime) -> list[Sent]:
        """Read a reply; gives what was deleted because of it."""
        try:
            said = json.loads(reply)
            if "server_time" in said:  # also of a refusal that says that the clock is wrong
                self.clock.heard(now)
            receipts = said["receipts"] if status == 200 else []
        except (ValueError, KeyError, TypeError):
            return []
        named = {(one["id"], one["hash"]) for one in receipts}
        gone = [one for one in self.outbox if (id_of(one), b64(sha256(one.body.encode()).digest())) in named]
        self.outbox = [one for one in self.outbox if one not in gone]
        return gone


# -- what the books say, for comparison -----------------------------------------------------------------


OUTCOMES = select(
    FieldEvent.event_id, FieldOutcome.outcome, FieldOutcome.first, FieldOutcome.undone, FieldOutcome.late,
    FieldOutcome.withdrawn, FieldOutcome.short, FieldOutcome.partial, FieldOutcome.notes, ReviewCase.kind,
).join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id).outerjoin(
    ReviewCase, and_(ReviewCase.event_id == FieldEvent.id, ReviewCase.how.is_(None))
)  # fmt: skip
OTHERS = (
    select(FieldQuarantine.raw_hash, FieldQuarantine.reason),
    select(StockBalance.lot_id, StockBalance.place_id, StockBalance.units).where(StockBalance.units != 0),
    select(StockShortage.lot_id, StockShortage.place_id, StockShortage.units).where(StockShortage.units != 0),
    select(Voucher.serial, Voucher.state),
    select(Handout.client_id, Handout.entitlement_id).where(Handout.kind == "field"),
)


def state_of(session: Session) -> str:
    """A hash of everything that must not depend on the order of arrival, and of nothing else.

    That an event came from the future is said of its arrival, and opens a case where nothing else does.
    """
    outcomes = []
    for *event, notes, case in session.execute(OUTCOMES):
        case = None if case is CaseKind.NOTED and notes == ["future"] else case
        outcomes.append((*event, [note for note in notes if note != "future"], case))
    whole = [sorted(map(repr, outcomes))]
    whole += [sorted(map(repr, map(tuple, session.execute(query)))) for query in OTHERS]
    return sha256(json.dumps(whole).encode()).hexdigest()


@dataclass(frozen=True)
class Online:
    """Something done at the centre that was accepted: replayed before the events, in its own order."""

    what: str
    at: datetime
    arguments: dict[str, Any]

    def do(self, session: Session, stage: Stage) -> None:
        if self.what == "give":
            counter.hand_out(
                session,
                HandOut(place_id=stage.places["P1"], **self.arguments),
                actor=stage.actor,
                now=self.at,
            )
        elif self.what == "undo":
            counter.undo_handout(session, UndoHandout(**self.arguments), actor=stage.actor, now=self.at)
        else:
            ledger.post(
                session, kind=EntryKind.COUNT, document="C", effective_on=local_date(self.at),
                site_id=stage.world.site_id,
                moves=[ledger.Move(self.arguments["lot_id"], SUSPENSE, self.arguments["place_id"], self.arguments["units"])],
                actor=stage.actor, now=self.at,
            )  # fmt: skip


REFUSED = (VoucherRefused, NotEnoughStock)

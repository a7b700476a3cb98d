"""One seed: a day in the field with everything that goes wrong, and what truly happened in it.

The story knows what lies on every shelf and what was handed out; the books must agree with it (field_truth.py).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from aidtrack.distribution.errors import VoucherRefused
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.inventory import ledger
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.kernel.clock import local_date
from tests.proofs.field_clock import TURNS, clock_of
from tests.proofs.field_network import Network
from tests.proofs.field_parts import Phone, Server
from tests.proofs.field_stage import OIL, RICE, Stage
from tests.support.field import as_moment, id_of

MINUTES = 240
SUSPENSE = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]
REFUSED = (VoucherRefused, NotEnoughStock)


@dataclass
class Fact:
    """What truly happened behind one event."""

    id: str
    est: datetime
    family: int | None  # None: nothing that could be taken as a handout
    withdrawn: bool = False
    takes: dict[str, int] = field(default_factory=dict)
    place: str = ""
    undone: bool = False
    late: bool = False
    online: bool = False
    off: timedelta = timedelta(0)  # what the phone took for the time, less the true time


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


@dataclass
class Story:
    """The run of one seed."""

    stage: Stage
    rng: random.Random
    session: Session
    server: Server
    make_phone: Callable[..., Phone] = Phone
    phones: list[Phone] = field(default_factory=list)
    shelves: dict[tuple[str, str], int] = field(default_factory=dict)  # place, lot: what truly changed there
    opening: dict[tuple[str, str], int] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    bodies: dict[str, Sent] = field(default_factory=dict)
    online: list[Online] = field(default_factory=list)
    standing_online: dict[int, UUID] = field(default_factory=dict)
    orders: list[list[str]] = field(default_factory=list)  # of the events, each time they were replayed

    def __post_init__(self) -> None:
        self.network = Network(self.rng, self.server)

    # -- what happens in a day ---------------------------------------------------------------------------

    def run(self) -> None:
        for number in range(self.rng.randint(2, 12)):
            writes = self.stage.crew[number]
            code = {place_id: code for code, place_id in self.stage.places.items()}[writes.place_id]
            clock = clock_of(self.rng, self.stage.began)
            self.phones.append(self.make_phone(replace(writes, new_id=self.new_id), code, clock))
        acts = [self.hand_out] * 6 + [
            self.undo,
            self.sync,
            self.sync,
            self.give_online,
            self.arrive,
            self.undo_online,
            self.turn_a_clock,
        ]
        for minute in sorted(self.rng.sample(range(MINUTES), 12 + 4 * len(self.phones))):
            self.rng.choice(acts)(self.stage.began + timedelta(minutes=minute))
        self.network.everybody_comes_home(self.phones, home_at(self.stage))

    def new_id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def hand_out(self, now: datetime) -> None:
        phone = self.rng.choice(self.phones)
        if not phone.clock.opens_vouchers(now):
            return
        # papers that were withdrawn are shown often, as they are where many were lost
        weights = [4 if code in self.stage.withdrawn else 1 for code, _ in self.stage.papers]
        [(code, family)] = self.rng.choices(self.stage.papers, weights)
        lots = self.stage.standing[phone.place]
        rice = self.rng.choice([lots[0], lots[-1]]) if phone.place == "P2" else lots[0]
        given = self.rng.choice([RICE, RICE, RICE, 300])
        lines: list[Any] = [("RICE", RICE, given, [(rice, given)])]
        takes = {rice: given}
        parts = [(lots[1], OIL)] if phone.place != "P2" else [(lots[1], 150), (lots[2], OIL - 150)]
        lines.append(("OIL", OIL, OIL, parts))
        takes |= dict(parts)
        est = phone.clock.est(now)
        more: dict[str, Any] = {
            "wall": as_moment(phone.clock.wall(now)),
            "reason": None if given == RICE else "torn bag",
        }
        strange = self.rng.random()
        if strange < 0.04:
            lines[0] = ("RICE", RICE, RICE, [("L-nowhere", RICE)])
        sent = phone.writes.handout(code, lines, est=est, **more)
        if 0.04 <= strange < 0.07:
            sent = Sent(sent.body, bytes(64))  # a signature lost on the way
        fact = Fact(id_of(sent), _whole(est), family, place=phone.place, takes=takes, off=est - now)
        withdrawn_at = self.stage.withdrawn.get(code)
        fact.withdrawn = withdrawn_at is not None and withdrawn_at <= fact.est
        fact.late = local_date(fact.est) > self.stage.last_day[family]
        if strange < 0.07:
            fact.family, fact.takes = None, {}  # kept for a person; the simulator gives nothing either
        elif phone.place == "P1" and self.rng.random() < 0.15 and given == RICE:
            self.press_online(fact, code, now)
        for lot, units in fact.takes.items():
            self.shelf(phone.place, lot, -units)
        self.note(phone, sent, fact)

    def press_online(self, fact: Fact, code: str, now: datetime) -> None:
        """The same press goes over the network under the same id; the answer is lost."""
        if self.centre("give", now, code=code, client_id=UUID(fact.id)):
            fact.online = True
            assert fact.family is not None
            self.standing_online[fact.family] = UUID(fact.id)

    def undo(self, now: datetime) -> None:
        phone = self.rng.choice(self.phones)
        open_ones = [
            (sent, fact)
            for sent, fact in ((sent, self.facts[id_of(sent)]) for sent, _ in phone.handed)
            if not fact.undone and not fact.online and fact.family is not None
        ]
        if not open_ones:
            return
        sent, fact = self.rng.choice(open_ones)
        fact.undone = True
        for lot, units in fact.takes.items():
            self.shelf(phone.place, lot, units)
        undo = phone.writes.undo(sent, est=phone.clock.est(now), wall=as_moment(phone.clock.wall(now)))
        self.note(phone, undo, Fact(id_of(undo), now, None))

    def note(self, phone: Phone, sent: Sent, fact: Fact) -> None:
        self.facts[fact.id] = fact
        self.bodies[fact.id] = sent
        phone.handed.append((sent, fact.takes))
        phone.keep(sent)

    def shelf(self, place: str, lot: str, units: int) -> None:
        self.shelves[place, lot] = self.shelves.get((place, lot), 0) + units

    # -- the centre meanwhile ----------------------------------------------------------------------------

    def centre(self, what: str, now: datetime, **arguments: Any) -> bool:
        act = Online(what, now, arguments)
        try:
            with self.server.commit():
                act.do(self.session, self.stage)
        except REFUSED:
            return False
        self.online.append(act)
        return True

    def give_online(self, now: datetime) -> None:
        code, family = self.rng.choice(self.stage.papers)
        client_id = self.new_id()
        if self.centre("give", now, code=code, client_id=client_id):
            self.standing_online[family] = client_id
            for lot, units in zip(self.stage.standing["P1"], (RICE, OIL), strict=True):
                self.shelf("P1", lot, -units)

    def undo_online(self, now: datetime) -> None:
        own = {
            family: client_id
            for family, client_id in self.standing_online.items()
            if str(client_id) not in self.facts
        }
        if not own:
            return
        family = self.rng.choice(sorted(own))
        client_id = self.new_id()
        if self.centre("undo", now, client_id=client_id, handout_client_id=own[family], reason="mistaken"):
            del self.standing_online[family]
            for lot, units in zip(self.stage.standing["P1"], (RICE, OIL), strict=True):
                self.shelf("P1", lot, units)

    def arrive(self, now: datetime) -> None:
        """Goods that had been there for a while are written into the books."""
        place = self.rng.choice(sorted(self.stage.standing))
        lot = self.rng.choice(self.stage.standing[place])
        units = self.rng.randint(1, 900)
        self.shelf(place, lot, units)
        ids = {"lot_id": self.stage.lots[lot], "place_id": self.stage.places[place]}
        self.centre("arrive", now, units=units, **ids)

    def sync(self, now: datetime) -> None:
        self.network.sync(self.rng.choice(self.phones), now)

    def turn_a_clock(self, now: datetime) -> None:
        """By a month or by minutes, on or back, with the page open or while the browser is closed."""
        phone = self.rng.choice(self.phones)
        if self.rng.random() < 0.5:
            phone.clock.close(now)
        phone.clock.turn(now, self.rng.choice(TURNS))


def home_at(stage: Stage) -> datetime:
    """When everybody is back where there is a network."""
    return stage.began + timedelta(minutes=MINUTES + 60)


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)

"""One seed: a day in the field with everything that goes wrong, what must be true of it, and the same in other orders."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.db.prepared import UNIT_CURSOR
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import FieldEvent, FieldOutcome, FieldQuarantine
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS
from aidtrack.inventory.models import StockBalance, StockShortage
from aidtrack.kernel.clock import local_date
from tests.proofs.field_clock import TURNS, clock_of
from tests.proofs.field_sim import (
    LAST_TRY,
    OIL,
    REFUSED,
    RICE,
    Broken,
    Crash,
    Online,
    Phone,
    Server,
    Stage,
    state_of,
)
from tests.support.field import as_moment, id_of

MINUTES = 240


class _Over(Exception):
    """Ends a seed's transaction without keeping anything of it."""


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
    late_mail: list[tuple[Phone, bytes]] = field(default_factory=list)
    cuts: list[tuple[str, float]] = field(default_factory=list)  # what was cut, and where: 0 … 1
    orders: list[list[str]] = field(default_factory=list)  # of the events, each time they were replayed

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
        self.everybody_comes_home()

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

    def turn_a_clock(self, now: datetime) -> None:
        """By a month or by minutes, on or back, with the page open or while the browser is closed."""
        phone = self.rng.choice(self.phones)
        if self.rng.random() < 0.5:
            phone.clock.close(now)
        phone.clock.turn(now, self.rng.choice(TURNS))

    # -- the network -------------------------------------------------------------------------------------

    def sync(self, now: datetime) -> None:
        phone = self.rng.choice(self.phones)
        if self.late_mail and self.rng.random() < 0.5:
            sender, request = self.late_mail.pop(self.rng.randrange(len(self.late_mail)))
            self.deliver(sender, request, now, answer=False)
        if phone.outbox:
            self.send(phone, now)

    def send(self, phone: Phone, now: datetime) -> None:
        request = phone.request(self.rng)
        luck = self.rng.random()
        if luck < 0.1:
            return  # lost on the way
        if luck < 0.2:
            self.late_mail.append((phone, request))  # held up somewhere, and comes later
            return
        if luck < 0.3:
            request = self.cut("request", request)
        if luck < 0.4:
            self.answer(phone, self.rng.choice([400, 401, 403, 413, 429, 500, 503]), b"<html>no</html>", now)
            return
        if not phone.clock.would_be_believed(now):  # it corrects its offset, and sends it again
            said = {"code": "clock", "server_time": as_moment(now)}
            self.answer(phone, 401, json.dumps(said).encode(), now)
        if luck < 0.5:
            self.deliver(phone, request, now, answer=False)  # the reply is lost, and it is sent again
        self.deliver(phone, request, now, answer=True)

    def deliver(self, phone: Phone, request: bytes, now: datetime, *, answer: bool) -> None:
        try:
            status, reply = self.server.post(phone.writes.device, request, now)
        except Crash:
            return
        if answer:
            if self.rng.random() < 0.2:
                reply = self.cut("reply", reply)
            self.answer(phone, status, reply, now)

    def cut(self, what: str, whole: bytes) -> bytes:
        """At any byte."""
        length = self.rng.randrange(len(whole))
        self.cuts.append((what, length / len(whole)))
        return whole[:length]

    def answer(self, phone: Phone, status: int, reply: bytes, now: datetime) -> None:
        for sent in phone.answered(status, reply, now):
            if not self.server.holds(sent):
                raise Broken(f"event {id_of(sent)} is neither on the phone nor on the server")

    def everybody_comes_home(self) -> None:
        now = self.stage.began + timedelta(minutes=MINUTES + 60)
        for phone in self.phones:
            for _ in range(LAST_TRY):
                if phone.outbox:
                    self.send(phone, now)
        self.server.crashing = 0.0
        for sender, request in self.late_mail:
            self.deliver(sender, request, now, answer=False)
        for phone in self.phones:
            if phone.outbox:
                request = phone.request(random.Random(1))
                while phone.outbox:
                    request = phone.request(self.rng)
                    status, reply = self.server.post(phone.writes.device, request, now)
                    before = len(phone.outbox)
                    self.answer(phone, status, reply, now)
                    if len(phone.outbox) == before:
                        raise Broken("a phone cannot get rid of what the server has")

    # -- what must be true -------------------------------------------------------------------------------

    def check(self) -> None:
        self.one_outcome_each()
        self.books_are_the_truth()

    def one_outcome_each(self) -> None:
        taken = dict(
            self.session.execute(
                select(FieldEvent.event_id, FieldOutcome.outcome).join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
            ).all()
        )  # fmt: skip
        kept = list(self.session.scalars(select(FieldQuarantine.event_id)))
        found = {id_: outcome.value for id_, outcome in taken.items()} | {id_: "kept" for id_ in kept if id_}
        if len(taken) + len(kept) != len(self.facts) or found.keys() != self.facts.keys():
            raise Broken("an event is lost, doubled or without its one outcome")
        expected = self.expected()
        wrong = {id_: (found[id_], expected[id_]) for id_ in found if found[id_] != expected[id_]}
        if wrong:
            raise Broken(f"outcomes differ from what the set of events says: {wrong}")

    def expected(self) -> dict[str, str]:
        """The table of docs/sync.md, written down a second time."""
        outcomes: dict[str, str] = {}
        short = self.short()
        by_family: dict[int, list[Fact]] = defaultdict(list)
        for fact in self.facts.values():
            if fact.family is not None:
                by_family[fact.family].append(fact)
            else:
                outcomes[fact.id] = "taken_back" if '"type": "undo"' in self.bodies[fact.id].body else "kept"
        for family, facts in by_family.items():
            standing = sorted(
                (one for one in facts if not one.undone and not one.online), key=lambda one: (one.est, one.id)
            )
            for fact in facts:
                first = family not in self.standing_online and standing and standing[0] is fact
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

    def short(self) -> set[str]:
        found: set[str] = set()
        for (place, lot), taken in self.taken().items():
            owed = ledger.shortage(
                self.session, lot_id=self.stage.lots[lot], place_id=self.stage.places[place]
            )
            for fact in sorted(taken, key=lambda one: (one.est, one.id), reverse=True):
                if owed <= 0:
                    break
                found.add(fact.id)
                owed -= fact.takes[lot]
        return found

    def taken(self) -> dict[tuple[str, str], list[Fact]]:
        found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in self.facts.values():
            if fact.family is not None and not fact.undone and not fact.online:
                for lot in fact.takes:
                    found[fact.place, lot].append(fact)
        return found

    def books_are_the_truth(self) -> None:
        """Every lot at every place, also where nothing was touched: what stands there less what is owed."""
        held, owed = _units(self.session, StockBalance), _units(self.session, StockShortage)
        ids = {(place, lot): (self.stage.lots[lot], self.stage.places[place]) for place, lot in self.opening}
        strangers = (held.keys() | owed.keys()) - set(ids.values())
        if strangers:
            raise Broken(f"goods of {strangers} (lot, place) in the books that never existed")
        for (place, lot), key in ids.items():
            book = held.get(key, 0) - owed.get(key, 0)
            truth = self.opening[place, lot] + self.shelves.get((place, lot), 0)
            if book != truth:
                raise Broken(f"{lot} at {place}: the books say {book}, the shelf {truth}")
            if key in held and key in owed:
                raise Broken(f"{lot} at {place}: goods stand there while some are owed")


def _units(session: Session, of: type[StockBalance] | type[StockShortage]) -> dict[tuple[int, int], int]:
    """What is not zero at real places, by lot and place."""
    rows = session.execute(
        select(of.lot_id, of.place_id, of.units).where(
            of.units != 0, of.place_id.not_in(VIRTUAL_PLACE_IDS.values())
        )
    )
    return {(lot_id, place_id): units for lot_id, place_id, units in rows}


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def play(
    stage: Stage,
    seed: int,
    *,
    server: type[Server] = Server,
    phone: Callable[..., Phone] = Phone,
    orders: int,
    and_then: Callable[[Session], None] | None = None,
) -> Story:
    """Run a seed, check it, and replay its events in other orders to the same state.

    Raises:
        Broken
    """
    rng = random.Random(seed)
    story: Story | None = None
    with suppress(_Over), unit_of_work() as session:
        story = Story(stage, rng, session, server(session, rng, crashing=0.05), make_phone=phone)
        story.opening = _opening(session, stage)
        story.run()
        story.check()
        if and_then is not None:
            and_then(session)
        state = state_of(session)
        raise _Over
    assert story is not None
    for other in replays(story, rng, server=server, orders=orders):
        if other != state:
            raise Broken(f"seed {seed}: another order of arrival gives another state")
    return story


def _opening(session: Session, stage: Stage) -> dict[tuple[str, str], int]:
    held = _units(session, StockBalance)
    return {
        (place, lot): held.get((lot_id, place_id), 0)
        for place, place_id in stage.places.items()
        for lot, lot_id in stage.lots.items()
    }


def replays(story: Story, rng: random.Random, *, server: type[Server], orders: int) -> Iterator[str]:
    """The facts of the centre, then the same events one by one in another order, some of them twice: the state.

    As often as there are orders; between two of them the events are undone, and the centre's facts stay.
    """
    with suppress(_Over), unit_of_work() as session:
        for act in story.online:
            act.do(session, story.stage)
        session.flush()
        cursor = session.info[UNIT_CURSOR][1]
        for _ in range(orders):
            session.expunge_all()  # what SQLAlchemy remembers is not undone with the rest
            cursor.execute("SAVEPOINT another_order")
            _replay(story, rng, server(session, rng, crashing=0.0))
            state = state_of(session)
            cursor.execute("ROLLBACK TO SAVEPOINT another_order")
            yield state
        raise _Over


def _replay(story: Story, rng: random.Random, receiver: Server) -> None:
    order = [(phone.writes.device, sent) for phone in story.phones for sent, _ in phone.handed]
    order += rng.sample(order, len(order) // 4)
    rng.shuffle(order)
    story.orders.append([id_of(sent) for _, sent in order])
    now = story.stage.began + timedelta(minutes=MINUTES + 60)
    for minute, (device, sent) in enumerate(order):
        receiver.receive(sent, receiver.device(device), now + timedelta(minutes=minute))

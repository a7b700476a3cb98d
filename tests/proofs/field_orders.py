"""A seed played and checked, and its events once more in other orders, which must give the same state.

Everything of one seed happens inside one transaction that is undone at the end; a savepoint is a commit.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.db.prepared import UNIT_CURSOR
from aidtrack.distribution.models import (
    CaseKind,
    FieldEvent,
    FieldOutcome,
    FieldQuarantine,
    Handout,
    ReviewCase,
    Voucher,
)
from aidtrack.inventory.models import StockBalance, StockShortage
from tests.proofs.field_parts import Broken, Phone, Server
from tests.proofs.field_stage import Stage
from tests.proofs.field_story import Story, home_at
from tests.proofs.field_truth import check, units_of
from tests.support.field import id_of

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


class _Over(Exception):
    """Ends a seed's transaction without keeping anything of it."""


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
        check(story)
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
    held = units_of(session, StockBalance)
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
    now = home_at(story.stage)
    for minute, (device, sent) in enumerate(order):
        receiver.receive(sent, receiver.device(device), now + timedelta(minutes=minute))

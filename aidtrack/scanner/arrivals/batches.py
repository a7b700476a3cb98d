"""Many events, each taken in a unit of its own, so that one says nothing about another.

A batch is never refused for what one event says. What fails for a reason of ours gets no receipt and comes
again; what fails twice although it is readable is kept raw, so that no phone waits for ever.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.db.series import others_wait, step
from aidtrack.distribution.field import services
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CameBy
from aidtrack.distribution.phones.encoding import from_b64
from aidtrack.kernel.clock import utc_now
from aidtrack.web.failures import told

log = logging.getLogger(__name__)

BUDGET_S = 0.3  # of one answer: a phone sees progress, and other phones wait for none of us longer
# in one answer, however long they take: else a busy server would read and check a whole request for one event of it
FEWEST = 5
# Events of one phone that wait for the disk together, and for how long. Only on SQLite do others wait for them;
# on PostgreSQL each lets go of its rows by itself, and one wait for the disk is enough for a whole answer.
TOGETHER, TOGETHER_S = 10, 0.1
TRIES = 2


def sent_of(found: object) -> Sent:
    """One element of a batch, however malformed: what is no text with a signature is kept as it came."""
    if isinstance(found, dict) and isinstance(found.get("body"), str):
        return Sent(found["body"], _signature(found.get("sig")))
    return Sent(json.dumps(found, ensure_ascii=True, sort_keys=True), b"")


def _signature(found: object) -> bytes:
    try:
        return from_b64(found) if isinstance(found, str) else b""
    except ValueError:
        return b""


Last = Callable[[Session, int], None]  # how many events were taken


def take_all(
    found: Iterable[object],
    *,
    carrier: FieldDevice,
    came_by: CameBy,
    budget_s: float | None = None,
    last: Last | None = None,
) -> Iterator[EventReceipt]:
    """Receipts in the order of the events; stops once the budget is used up, after `FEWEST` events at the earliest.

    Args:
        last: written with the last of them, so that it costs no wait for the disk of its own.
    """
    ends = time.monotonic() + budget_s if budget_s is not None else None
    waiting = deque(found)
    count, over, whole = 0, False, True
    while not over:
        with unit_of_work(short=True, series=True) as session:
            taken = _take_some(
                session, waiting, carrier=carrier, came_by=came_by, ends=ends, fewest=FEWEST - count
            )
            count += len(taken)
            over = not waiting or (ends is not None and count >= FEWEST and time.monotonic() > ends)
            whole = all(receipt is not None for _sent, receipt in taken)
            if over and whole and last is not None:
                _note(session, last, count)
        for sent, receipt in taken:
            yield receipt or _take(sent, carrier=carrier, came_by=came_by)
    if not whole and last is not None:  # those that failed among others are here only now
        with unit_of_work(short=True) as session:
            _note(session, last, count)


def _take_some(
    session: Session,
    waiting: deque[object],
    *,
    carrier: FieldDevice,
    came_by: CameBy,
    ends: float | None,
    fewest: int,
) -> list[tuple[Sent, EventReceipt | None]]:
    """The next few, each in a transaction of its own; their receipts hold once the unit has waited for the disk."""
    alone = session.get_bind().dialect.name == "sqlite"
    until = time.monotonic() + TOGETHER_S
    if not alone and ends is not None:
        until = ends
    taken: list[tuple[Sent, EventReceipt | None]] = []
    while waiting:
        sent = sent_of(waiting.popleft())
        taken.append((sent, _try_once(session, sent, carrier=carrier, came_by=came_by)))
        if alone and (len(taken) >= TOGETHER or others_wait(session) or time.monotonic() > until):
            break
        if not alone and len(taken) >= fewest and time.monotonic() > until:
            break
    return taken


def _note(session: Session, last: Last, count: int) -> None:
    """What a phone says of itself is worth having, and no receipt waits for it."""
    try:
        with step(session):
            last(session, count)
    except Exception as error:  # noqa: BLE001 - the log is told
        log.error("what a phone said of itself could not be noted\n%s", told(error))


def _try_once(session: Session, sent: Sent, *, carrier: FieldDevice, came_by: CameBy) -> EventReceipt | None:
    try:
        with step(session):
            return services.take(session, sent, carrier=carrier, came_by=came_by, now=utc_now())
    except Exception as error:  # noqa: BLE001 - whatever it was: it comes again below, alone
        log.info("an event is taken again\n%s", told(error))
        return None


def _take(sent: Sent, *, carrier: FieldDevice, came_by: CameBy) -> EventReceipt:
    """One event in a unit of its own, because it failed among others; the receipt is given after the commit."""
    for _ in range(TRIES):
        try:
            with unit_of_work(short=True) as session:
                return services.take(session, sent, carrier=carrier, came_by=came_by, now=utc_now())
        except Exception as error:  # noqa: BLE001 - put aside with a receipt
            if not _may_pass(error):
                log.error("an event could not be taken\n%s", told(error))
                break
            # a twin of it was being taken at this moment, or two units waited for each other: look again
            failure = error
    else:
        if isinstance(failure, OperationalError):
            raise failure  # the database is locked, full or away: that is no event's fault
        log.error("an event met itself twice\n%s", told(failure))
    return _put_aside(sent, carrier=carrier, came_by=came_by)


def _may_pass(error: Exception) -> bool:
    """Whether trying once more can help: a broken rule of the database, a ring of waiting, a lock."""
    driver: Any = getattr(error, "orig", error)
    return isinstance(error, (IntegrityError, OperationalError, DBAPIError)) or (
        type(driver).__name__
        in ("IntegrityError", "UniqueViolation", "DeadlockDetected", "SerializationFailure", "CheckViolation")
    )


def _put_aside(sent: Sent, *, carrier: FieldDevice, came_by: CameBy) -> EventReceipt:
    with unit_of_work(short=True) as session:
        return services.keep_failed(session, sent, carrier=carrier, came_by=came_by, now=utc_now())

"""What an adapter does around a statement: closed months up to date, the export noted and sealed, one snapshot."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit import sealing
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.reports.closing import close_months
from aidtrack.reports.exports import write_statement
from aidtrack.reports.scope import AskForStatement, scope_for
from aidtrack.reports.snapshot import snapshot
from aidtrack.reports.statements import Statement

log = logging.getLogger(__name__)


@contextmanager
def ready_to_read(now: datetime, *, on_month: Callable[[int, int], None] | None = None) -> Iterator[Session]:
    """A snapshot in which closed months are fresh, as far as they can be made so.

    A database that takes no changes right now still gives statements, only more slowly.
    """
    try:
        close_months(today=local_date(now), now=now, on_month=on_month)
    except DBAPIError as error:
        log.warning("months not closed: %s", type(error).__name__)
    with snapshot() as session:
        yield session


def deliver_statement(
    asked: AskForStatement,
    *,
    fmt: str,
    stream: IO[bytes],
    actor: Actor,
    now: datetime,
    language: str,
    on_month: Callable[[int, int], None] | None = None,
) -> Statement:
    """Write a statement that leaves the building: the act is in the audit log, and the log is sealed first.

    The paper then carries a checkpoint that covers its own export, so that the log cannot be rewritten
    behind the donor's back.
    """
    note_export(asked, fmt=fmt, actor=actor, now=now, on_month=on_month)
    with snapshot() as session:
        return write_statement(
            session,
            donor_code=asked.donor,
            start=asked.start,
            end=asked.end,
            fmt=fmt,
            stream=stream,
            actor=actor,
            now=now,
            language=language,
            agreement=asked.agreement,
            item=asked.item,
        )


def note_export(
    asked: AskForStatement,
    *,
    fmt: str,
    actor: Actor,
    now: datetime,
    on_month: Callable[[int, int], None] | None = None,
) -> None:
    """The act in the audit log, and the log sealed; closed months are up to date afterwards."""
    with ready_to_read(now, on_month=on_month) as session:
        scope = scope_for(session, asked, actor=actor, now=now)
    with unit_of_work() as session:
        audit.record(
            session,
            actor=actor,
            action="reports.export",
            object_type="donor",
            object_id=scope.donor.id,
            facts={"from": asked.start.isoformat(), "to": asked.end.isoformat(), "format": fmt},
            now=now,
        )
    while True:
        with unit_of_work() as session:
            if sealing.seal(session, now) is None:
                break

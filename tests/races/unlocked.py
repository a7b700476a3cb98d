"""The product with its locks taken away: the control that shows the races are real.

On SQLite every statement commits by itself and nobody queues; on PostgreSQL nothing is selected FOR UPDATE.
CHECKs are ignored on SQLite here because a table cannot drop one. Whoever has looked at the shelf is held up
for a moment before taking from it, as a busy machine would do: a control must fail every time.
"""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

import aidtrack.app
from aidtrack.db import session
from aidtrack.distribution.handouts import presented, statements

HELD_UP = 0.02  # seconds

for held in (statements.VOUCHER_BY_QR, statements.VOUCHER_BY_TYPED_CODE):
    held[True] = held[False]
statements.LOTS_LOCKED = statements.LOTS
session.grouped = session._alone_in_turn = session._alone  # type: ignore[attr-defined]  # its own import

_look = presented.look


def _look_and_wait(*args: Any, **options: Any) -> presented.Counter:
    seen = _look(*args, **options)
    time.sleep(HELD_UP)
    return seen


presented.look = _look_and_wait


def _configure(engine: Any) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=15000")
        connection.execute("PRAGMA ignore_check_constraints=ON")

    @event.listens_for(engine, "begin")
    def on_begin(_connection: Connection) -> None:
        """No BEGIN: every statement stands alone."""


aidtrack.app.configure = _configure  # type: ignore[attr-defined]
app = aidtrack.app.create_app()

"""The product with its locks taken away: the control that shows the races are real.

On SQLite every statement commits by itself and no thread waits for another; on PostgreSQL nothing is
selected FOR UPDATE. CHECKs are ignored on SQLite here because a table cannot drop one.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

import aidtrack.app
import aidtrack.db.session
from aidtrack.distribution.handouts import statements

for held in (statements.VOUCHER_BY_QR, statements.VOUCHER_BY_TYPED_CODE):
    held[True] = held[False]
statements.LOTS_LOCKED = statements.LOTS
aidtrack.db.session.grouped = aidtrack.db.session._alone
aidtrack.db.session._alone_in_turn = aidtrack.db.session._alone


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

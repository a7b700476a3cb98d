"""Rows that open with typed codes: dear to make on purpose, so made ahead, once a voucher, and kept."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aidtrack.db import Base, read_session, unit_of_work
from aidtrack.distribution.models import PackRow, RoundPack
from aidtrack.distribution.services import file_keys
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.pack import contents, rows

BATCH = 50  # about a second of work between two looks at the progress
AT_ONCE = 20  # as many missing ones a phone is made to wait for; more are made by a run

Progress = Callable[[int, int], None]


def make_ready(session: Session, round_id: int, *, actor: Actor, now: datetime) -> None:
    """The round's salt and the centre's file key, where they are missing."""
    salt = secrets.token_bytes(16)
    shared = {"round_id": round_id, "typed_salt": salt, "iterations": rows.ITERATIONS, "made_at": now}
    _add_if_new(session, RoundPack, [shared])
    file_keys.make_if_none(session, actor=actor, now=now)


def prepare(round_id: int, *, actor: Actor, most: int | None = None, progress: Progress | None = None) -> int:
    """Make the rows that are missing; returns how many were made. An adapter: it opens its own units of work.

    Killed in the middle it has lost at most one batch, and goes on when asked again.
    """
    with unit_of_work(short=True) as session:
        make_ready(session, round_id, actor=actor, now=utc_now())
    given = contents.ready(read_session(), round_id)
    assert given is not None
    made, after, total = 0, 0, contents.untyped_count(read_session(), round_id)
    while most is None or made < most:
        limit = BATCH if most is None else min(BATCH, most - made)
        batch = contents.untyped(read_session(), round_id, after=after, limit=limit)
        if not batch:
            break
        sealed = [
            {
                "voucher_id": one.voucher_id,
                "round_id": round_id,
                "typed": rows.seal(
                    rows.typed_secret(one.typed_code, given.salt, given.iterations), one.code_bytes
                ),
            }
            for one in batch
        ]
        with unit_of_work(short=True) as session:
            _add_if_new(session, PackRow, sealed)
        made, after = made + len(sealed), batch[-1].voucher_id
        if progress is not None:
            progress(made, max(total, made))
    return made


def _add_if_new(session: Session, model: type[Base], made: list[dict[str, object]]) -> None:
    """Two runs or two phones at once make the same rows: whoever comes second leaves them as they are."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(model).on_conflict_do_nothing(), made)

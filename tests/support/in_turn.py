"""Two acts of which the second begins before the first is committed: on PostgreSQL only a common lock keeps them apart."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.kernel.errors import DomainError
from tests.support.patience import SECONDS, until

# pg_stat_activity would show the same all transaction long
BLOCKED_BY_US = sa.text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


def while_the_first_is_open(
    app: Flask,
    unit: Callable[[], AbstractContextManager[Session]],
    first: Callable[[Session], object],
    second: Callable[[Session], object],
) -> BaseException | None:
    """Do `first`, begin `second` beside it, and commit the first once the second waits for it or is through.

    Gives what stopped the second one, None if nothing did.
    """
    stopped: list[BaseException | None] = []

    def beside() -> None:
        with app.app_context():
            try:
                with unit() as session:
                    second(session)
            except (DomainError, sa.exc.SQLAlchemyError) as error:
                stopped.append(error)
            else:
                stopped.append(None)

    other = threading.Thread(target=beside)
    with unit() as session:
        first(session)
        other.start()
        until(lambda: stopped or session.scalar(BLOCKED_BY_US), "the second act")
    other.join(SECONDS)
    [found] = stopped
    return found

"""The registered invariants after each of ten thousand steps, at the price of their queries alone.

An invariant is a function of what its queries answer, and nearly all its time goes into building them anew.
So the queries of a clean run are remembered with their answers. When the same text with the same parameters
gets the same answer again, the verdict is known; at the first different answer the invariant itself is run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from aidtrack.kernel.invariants import Breach

Check = Callable[[Session], Iterator[Breach]]


@dataclass(slots=True)
class _Asked:
    """A query of a clean run; `then` says what the invariant asked next after each answer. None: it was done."""

    text: str
    parameters: Any
    then: dict[str, "_Asked | None"] = field(default_factory=dict)


class Remembered:
    """One invariant with its memory. Ask it only on a snapshot, or while nobody else writes."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._first: _Asked | None = None
        self.run_in_full = 0

    def breaches(self, session: Session) -> list[Breach]:
        cursor = session.connection().connection.cursor()
        try:
            return [] if self._first is not None and self._known(cursor) else self._in_full(session, cursor)
        finally:
            cursor.close()

    def _known(self, cursor: Any) -> bool:
        asked = self._first
        while asked is not None:
            answer = _answer(cursor, asked.text, asked.parameters)
            if answer not in asked.then:
                return False
            asked = asked.then[answer]
        return True

    def _in_full(self, session: Session, cursor: Any) -> list[Breach]:
        self.run_in_full += 1
        queries: list[tuple[str, Any]] = []

        def hear(_connection: Any, _cursor: Any, text: str, parameters: Any, *_more: Any) -> None:
            queries.append((text, parameters))

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", hear)
        try:
            found = list(self._check(session))
        finally:
            event.remove(connection, "before_cursor_execute", hear)
        if not found and queries:
            self._remember(cursor, queries)
        return found

    def _remember(self, cursor: Any, queries: list[tuple[str, Any]]) -> None:
        asked = self._first = self._first or _Asked(*queries[0])
        for following in [*queries[1:], None]:
            answer = _answer(cursor, asked.text, asked.parameters)
            if asked.then.get(answer) is None:
                asked.then[answer] = _Asked(*following) if following else None
            known = asked.then[answer]
            if known is None:
                return
            asked = known


def _answer(cursor: Any, text: str, parameters: Any) -> str:
    cursor.execute(text, parameters)
    return repr(cursor.fetchall())

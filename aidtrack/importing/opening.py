"""A file opened again for a run: its rows as they were kept, its records, its mapping and its words."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from aidtrack.db import db, read_session
from aidtrack.importing import queries, reading, storage
from aidtrack.importing.errors import NotCheckedYet, TooManyRows
from aidtrack.importing.layouts import PORTION, Context, Finding, Layout, Record, layout
from aidtrack.importing.models import ImportFile
from aidtrack.importing.reading import Choice
from aidtrack.importing.records import Table
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.collecting import no_collecting
from aidtrack.kernel.late import dataclass

Progress = Callable[[str, int, int], None]


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@dataclass(slots=True)
class Opened:
    """A file with everything known about it, ready to be judged."""

    file_id: int
    site_id: int
    kind: Layout
    table: Table
    groups: list[tuple[int, ...]]
    context: Context
    basis: str
    key: str
    headings: list[str]
    rows: dict[str, int] = field(default_factory=dict)


def open_again(uid: str, actor: Actor, now: datetime, progress: Progress) -> Opened:
    """The file as it is to be judged.

    Raises:
        NotCheckedYet: nobody said yet how it is read or what its columns mean.
    """
    session = read_session()
    found = queries.find(session, uid, actor)
    if found.mapping is None or found.reading is None:
        raise NotCheckedYet
    kind = layout(found.layout)
    meanings = queries.meanings(session, found.site_id)
    options = dict(found.options or {})
    # a workbook's numbers are numbers; how a text writes its decimals is for the person to say
    locale = "en" if options.get("point") and found.reading["sheet"] is None else "uk"
    context = Context(actor, now, found.site_id, options, meanings, locale=locale)
    words = kind.words(session, context)
    file_id, key, site_id, said = found.id, found.key, found.site_id, dict(found.reading)
    mapping = {int(column): str(target) for column, target in found.mapping.items()}
    content_hash = bytes(found.content_hash)
    db.session.remove()
    progress("reading", 0, 0)
    with no_collecting():
        rows, faults = _read(key, said, progress)
    table = Table(rows, mapping, kind, context, words, faults, dict(options.get("constants") or {}))
    basis = hashlib.sha256(
        content_hash
        + json.dumps([mapping, said, options, meanings], sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    assert key is not None  # its content was just read
    return Opened(file_id, site_id, kind, table, table.groups(), context, basis, key, said["headings"])


def _read(
    key: str | None, said: dict[str, Any], progress: Progress
) -> tuple[list[tuple[int, tuple[str, ...]]], dict[tuple[int, int], str]]:
    """Rows and faulty cells: as the last run kept them, or from the file itself."""
    content = storage.get(key, storage.CONTENT)
    kept = storage.get_rows(key, said)
    if kept is not None:
        known: dict[str, str] = {}
        lines, faulty = kept
        rows = [(int(number), tuple([_once(cell, known) for cell in row])) for number, row in lines]
        return rows, {(int(row), int(column)): str(code) for row, column, code in faulty}
    source = reading.open_file(content, choice=Choice(said["encoding"], said["delimiter"], said["sheet"]))
    rows = _rows(source, int(said["data_after"]), progress)
    faults = dict(source.faults)
    assert key is not None  # its content was just read
    storage.put_rows(key, said, rows, [[row, column, code] for (row, column), code in faults.items()])
    return rows, faults


def _once(cell: str, known: dict[str, str]) -> str:
    return known.setdefault(cell, cell) if len(cell) < 24 else cell


def _rows(source: reading.Source, after: int, progress: Progress) -> list[tuple[int, tuple[str, ...]]]:
    """All rows below the headings, equal texts kept once: a register repeats its villages."""
    known: dict[str, str] = {}
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, row in source.rows():
        if number <= after:
            continue
        rows.append(
            (number, tuple([known.setdefault(cell, cell) if len(cell) < 24 else cell for cell in row]))
        )
        if len(rows) > reading.MOST_ROWS:
            raise TooManyRows(most=reading.MOST_ROWS)
        if len(rows) % 2000 == 0:
            progress("reading", len(rows), 0)
    return rows


def portions(
    opened: Opened, which: Sequence[int] | None = None, size: int = PORTION
) -> Iterator[list[tuple[Record, list[Finding]]]]:
    wanted = range(len(opened.groups)) if which is None else which
    for start in range(0, len(wanted), size):
        portion = wanted[start : start + size]
        with no_collecting():
            read = [
                judged
                for number in portion
                for judged in opened.table.records([opened.groups[number]], first=number)
            ]
        yield read


def rows_of_records(found: ImportFile, records: set[int]) -> set[int]:
    """Numbers of the file's rows that belong to these records, grouped as the run grouped them."""
    said, options = found.reading or {}, dict(found.options or {})
    kind = layout(found.layout)
    rows, _faults = _read(found.key, dict(said), quiet)
    mapping = {int(column): str(target) for column, target in (found.mapping or {}).items()}
    nobody = Actor(label="", role=None, site_ids=frozenset())
    context = Context(nobody, found.uploaded_at, found.site_id, options)
    table = Table(rows, mapping, kind, context, {}, {})
    return {
        rows[place][0] for number, group in enumerate(table.groups()) if number in records for place in group
    }

"""What a room tells the importer about a kind of table: its columns, how a row is judged, how it is brought in.

The importer knows no domain. A layout's functions are called with portions of records: `check` reads only and
may be called for the same record again; `apply` runs inside one transaction and uses the room's ordinary services.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple

from flask import Flask, current_app
from sqlalchemy.orm import Session

from aidtrack.importing.errors import UnknownLayout
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass

EXTENSION = "aidtrack_import_layouts"
PORTION = 1000  # records judged or brought in at a time


class Cell(NamedTuple):
    """What stands in a cell, and where: `row` as the spreadsheet counts, `column` from 0."""

    text: str
    row: int
    column: int


@dataclass(slots=True)
class Record:
    """One thing to bring in, made of one row or of several that a key holds together.

    `parts` are what repeats in it (members, lines). Values that could not be read are not among the cells.
    """

    number: int
    rows: tuple[int, ...]
    values: dict[str, Any] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)  # by field; of a part as "field#0"

    def cell_of(self, name: str) -> Cell:
        """Where a field stands, for a finding about it; the record's first row if it has no cell."""
        return self.cells.get(name) or self.cells.get(name.split("#")[0]) or Cell("", self.rows[0], -1)


@dataclass(slots=True)
class Finding:
    """Something to say about a cell. `kind`: "bad" keeps the record out, "note" does not."""

    row: int
    column: int  # -1: about the row as a whole
    field: str
    code: str
    text: str  # an English msgid
    facts: dict[str, Any]
    kind: str = "bad"
    record: int = -1

    @classmethod
    def of(cls, error: DomainError, cell: Cell, field: str = "", *, kind: str = "bad") -> "Finding":
        facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int)}
        return cls(cell.row, cell.column, field, error.code, error.text, facts, kind)


@dataclass(slots=True)
class Difference:
    """A value that the file has otherwise than the registry; shown, and kept only with the encrypted result."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class Verdict:
    """What is to be done with a record.

    `outcome`: new, same, changed, double (of something registered), repeat (of an earlier row) or bad. Only "new", and
    "changed" where the person wants that, are brought in. `command` is whatever `apply` needs.
    """

    record: int
    rows: tuple[int, ...]
    outcome: str
    command: Any = None
    known: str = ""  # what the registry calls the thing that is the same, changed or doubled
    known_url: tuple[str, dict[str, Any]] | None = None
    findings: list[Finding] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a portion: ids made, and how many were there already."""

    made: tuple[int, ...] = ()
    changed: int = 0
    already: int = 0


@dataclass(slots=True)
class Context:
    """For whom, when and how a file is brought in. `state` is the layout's own, for one run."""

    actor: Actor
    now: datetime
    site_id: int
    options: Mapping[str, Any] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # list -> as written -> meaning
    locale: str = "uk"
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Things:
    """A table may have a column for each thing it counts; its cells then become parts of the record.

    Attributes:
        word, value, unit: fields of a part that take the thing, the cell and the unit said for the column.
        units: words of units to choose from.
        fits: (thing, unit) -> whether the thing can be counted in it.
    """

    word: str
    value: str
    unit: str
    units: Callable[[Session, "Context"], Sequence[str]]
    fits: Callable[[Session, "Context"], Callable[[str, str], bool]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a layout understands.

    Attributes:
        synonyms: other headings it is known by, in both languages; HXL tags among them.
        needed: without a column for it nothing can be brought in (`needs` says when another one will do).
        repeats: stands once for each part (member, line) of a record.
        words: name of the list its values come from; unknown words are put before a person.
        read: makes a value of a filled cell; refuses with a DomainError.
        things: there may be a column of this kind for each thing of a list; a person says which, and its unit.
    """

    name: str
    label: str
    synonyms: tuple[str, ...] = ()
    needed: bool = False
    instead: tuple[str, ...] = ()  # a column for one of these will do as well
    repeats: bool = False
    words: str | None = None
    read: Callable[[str, Context], Any] | None = None
    many: bool = False  # several words in one cell, separated by ; or ,
    keeps_text: bool = False  # with `words`: the value is (text as written, meaning or None)
    hint: str = ""
    things: Things | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A list whose words a file may write in its own way."""

    choices: tuple[tuple[str, str], ...]  # meaning -> how it is shown
    spellings: Mapping[str, str] = field(default_factory=dict)  # exact spelling -> meaning
    suggest: Callable[[Session, str], list[tuple[str, str]]] | None = None  # for lists too long to show
    optional: bool = True  # a word may be left without meaning ("leave it out")


@dataclass(frozen=True, slots=True)
class Option:
    """A question about the whole file, answered with a tick."""

    name: str
    label: str
    hint: str = ""
    default: bool = False


def _no_words(_session: Session, _context: Context) -> Mapping[str, Words]:
    return {}


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of table that may be brought in."""

    code: str
    label: str
    hint: str
    permission: Permission
    fields: tuple[Column, ...]
    check: Callable[[Session, Context, Sequence[Record]], list[Verdict]]
    apply: Callable[[Session, Context, Sequence[Verdict]], Applied]
    key: tuple[str, ...] = ()  # fields that hold the rows of one record together
    key_needed: bool = True  # a row without a key is asked about; else an empty key is one like any other
    one_record: bool = False  # without a column for the key all rows are one record, else each is its own
    number_of_document: str | None = (
        None  # in a table with a column for each thing, rows without it stand alone
    )
    mend_with: tuple[str, ...] = ()  # columns that the file to mend offers besides its own
    options: tuple[Option, ...] = ()
    words: Callable[[Session, Context], Mapping[str, Words]] = _no_words
    order: int = 50
    # (session, context, what `known_url` names of each record shown) -> whether the registry's own values may be
    # shown beside the file's; whoever answers has logged that they are read
    reads: Callable[[Session, Context, Sequence[dict[str, Any]]], bool] | None = None
    export: str | None = (
        None  # endpoint of the file that holds what is there, ready to be mended and brought in
    )

    def field(self, name: str) -> Column:
        return next(one for one in self.fields if one.name == name)

    @property
    def counted(self) -> Column | None:
        """The kind of column of which there may be one for each thing."""
        return next((one for one in self.fields if one.things is not None), None)


def add_layouts(app: Flask, *layouts: Layout) -> None:
    app.extensions.setdefault(EXTENSION, {}).update({layout.code: layout for layout in layouts})


def layout(code: str) -> Layout:
    """Raises UnknownLayout."""
    known: dict[str, Layout] = current_app.extensions.get(EXTENSION, {})
    if code not in known:
        raise UnknownLayout
    return known[code]


def layouts_for(actor: Actor) -> list[Layout]:
    """The tables this person may bring in."""
    known: dict[str, Layout] = current_app.extensions.get(EXTENSION, {})
    return sorted((one for one in known.values() if actor.can(one.permission)), key=lambda one: one.order)

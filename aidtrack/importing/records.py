"""From rows to records: cells are read, rows of one group held together, words looked up. Findings name the cell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from aidtrack.importing.errors import (
    CellNeeded,
    ErrorValue,
    FormulaWithoutValue,
    GroupMissing,
    MeaningGone,
    MeaningUnknown,
    NothingCounted,
    RepeatsRow,
    RowsDisagree,
    ThingGone,
)
from aidtrack.importing.layouts import Cell, Column, Context, Finding, Layout, Record, Things, Words
from aidtrack.importing.mapping import field_of, parts_of, things_of
from aidtrack.importing.meanings import LEAVE_OUT, Meanings, Unknown, codes_of
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded, mended_letters

CONTINUE = "continue_above"  # option: a row without a key belongs to the group above it
MEND = "mend_letters"  # option: Latin letters hidden in Cyrillic words are written as Cyrillic
SHORT, MOST_SEEN = 24, 50_000  # names, days and villages repeat; addresses and papers hardly
_NOTHING = re.compile(r"[-–—]|0+([.,]0+)?")  # in a column that counts one thing
_SEVERAL = re.compile(r"\s*[;,\n]\s*")
_FAULTS: Mapping[str, type[DomainError]] = {
    FormulaWithoutValue.code: FormulaWithoutValue, ErrorValue.code: ErrorValue,
}  # fmt: skip

Row = tuple[str, ...]
Numbered = tuple[int, Row]


@dataclass(slots=True)
class Table:
    """All rows of a file with its mapping. `faults`: cells that could not even be read."""

    rows: Sequence[Numbered]
    mapping: Mapping[int, str]
    layout: Layout
    context: Context
    words: Mapping[str, Words]
    faults: Mapping[tuple[int, int], str]
    constants: Mapping[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unknown: dict[tuple[str, str], Unknown] = field(default_factory=dict)
    mended: int = 0
    repeats: int = 0
    _fields: dict[str, Column] = field(default_factory=dict)
    _needed: tuple[Column, ...] = ()
    _columns: dict[str, int] = field(default_factory=dict)
    _meanings: dict[str, Meanings] = field(default_factory=dict)
    _things: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    _counted: Things | None = None
    _offered: frozenset[str] = frozenset()
    _seen: dict[tuple[str, str], object] = field(default_factory=dict)  # what short texts of a column meant

    def __post_init__(self) -> None:
        self._fields = {one.name: one for one in self.layout.fields}
        self._needed = tuple(one for one in self.layout.fields if one.needed)
        for column, target in self.mapping.items():
            self._columns.setdefault(field_of(target), column)
        for name in {one.words for one in self.layout.fields if one.words is not None}:
            self._meanings[name] = Meanings(self.words.get(name), self.context.meanings.get(name, {}))
        self._things = things_of(self.mapping)
        for one in self.layout.fields:
            if one.things is not None:
                self._counted = one.things
                self._offered = codes_of(self.words.get(self._fields[one.things.word].words or ""))

    # -- groups ----------------------------------------------------------------------------------------

    def groups(self) -> list[tuple[int, ...]]:
        """Places of the rows of each record, in the order of their first rows.

        Rows that repeat an earlier one word for word are left out and noted.
        """
        keys = [at for at, target in sorted(self.mapping.items()) if target in self.layout.key]
        seen: dict[int, int] = {}
        by_key: dict[str, list[int]] = {}
        groups: list[list[int]] = []
        last: list[int] | None = None
        columns = sorted(self.mapping)
        for place, (number, row) in enumerate(self.rows):
            same = hash(tuple(row[at] if at < len(row) else "" for at in columns))
            if same in seen and self._equal(seen[same], place, columns):
                self.repeats += 1
                cell = Cell("", number, -1)
                self.findings.append(Finding.of(RepeatsRow(row=self.rows[seen[same]][0]), cell, kind="note"))
                continue
            seen.setdefault(same, place)
            if self._things and not self._counts(number, row):
                self.findings.append(Finding.of(NothingCounted(), Cell("", number, -1), kind="note"))
                continue
            if (not keys and not self.layout.one_record) or self._stands_alone(row):
                groups.append([place])
                continue
            key = "\n".join(folded(row[at]) if at < len(row) else "" for at in keys)
            if keys and self.layout.key_needed and not key.strip():
                if last is not None and self.context.options.get(CONTINUE):
                    last.append(place)
                else:
                    cell = Cell("", number, keys[0])
                    self.findings.append(Finding.of(GroupMissing(), cell, self.layout.key[0]))
                    last = None
                continue
            if key not in by_key:
                by_key[key] = []
                groups.append(by_key[key])
            last = by_key[key]
            last.append(place)
        return [tuple(group) for group in groups]  # the collector looks into lists again and again

    def _equal(self, one: int, other: int, columns: Sequence[int]) -> bool:
        first, second = self.rows[one][1], self.rows[other][1]
        return all(
            (first[at] if at < len(first) else "") == (second[at] if at < len(second) else "")
            for at in columns
        )

    def _counts(self, number: int, row: Row) -> bool:
        """Whether a row of a table with a column for each thing has anything in one of them."""
        if self._counted is None or self._counted.word in self._columns:
            return True  # a line of another kind stands beside those columns
        return any(
            (number, column) in self.faults or (column < len(row) and not is_nothing(row[column]))
            for column in self._things
        )

    def _stands_alone(self, row: Row) -> bool:
        """A row with a column for each thing is one document, unless its number says that others belong to it."""
        name = self.layout.number_of_document
        if not self._things or name is None:
            return False
        column = self._columns.get(name, -1)
        return not 0 <= column < len(row) or not row[column]

    # -- one record ------------------------------------------------------------------------------------

    def records(
        self, groups: Sequence[Sequence[int]], *, first: int = 0
    ) -> Iterator[tuple[Record, list[Finding]]]:
        for number, group in enumerate(groups, start=first):
            findings: list[Finding] = []
            yield self._record(number, group, findings), findings

    def _record(self, number: int, group: Sequence[int], findings: list[Finding]) -> Record:
        record = Record(number, tuple(self.rows[place][0] for place in group))
        beside = parts_of(self.mapping)
        for place in group:
            row_number, row = self.rows[place]
            if self._things:
                self._by_column(record, row_number, row, findings)
            elif beside:
                self._beside(record, row_number, row, findings)
            else:
                self._below(record, row_number, row, findings)
        self._fill_constants(record, findings)
        self._ask_for_missing(record, findings)
        for finding in findings:
            finding.record = number
        return record

    def _fill_constants(self, record: Record, findings: list[Finding]) -> None:
        """What a person said of the file as a whole stands where a row says nothing itself."""
        for name, text in self.constants.items():
            kind = self._fields[name]
            row = record.rows[0]
            if not kind.repeats:
                if name not in record.values:
                    found = self._read(kind, Cell(text, row, -1), findings)
                    if found is not None:
                        record.values[name] = found[1]
                continue
            for at, part in enumerate(record.parts):
                if name not in part:
                    found = self._read(kind, Cell(text, row, -1), findings)
                    if found is not None:
                        part[name] = found[1]
                        record.cells[f"{name}#{at}"] = found[0]

    def _ask_for_missing(self, record: Record, findings: list[Finding]) -> None:
        blamed = {(finding.field, finding.row) for finding in findings}
        for one in self._needed:
            places: list[tuple[int, Mapping[str, object]]] = [(record.rows[0], record.values)]
            if one.repeats:
                if all(one.name in part for part in record.parts):
                    continue
                places = [
                    (next((record.cells[f"{name}#{at}"].row for name in part), record.rows[0]), part)
                    for at, part in enumerate(record.parts)
                ]
            for row, values in places:
                if one.name in values or (one.name, row) in blamed:
                    continue
                if any(other in values or other in record.values for other in one.instead):
                    continue
                cell = Cell("", row, self._columns.get(one.name, -1))
                findings.append(Finding.of(CellNeeded(), cell, one.name))

    def _below(self, record: Record, row_number: int, row: Row, findings: list[Finding]) -> None:
        """Each row is a part of its own; what does not repeat must say the same in all of them."""
        part: dict[str, object] = {}
        at = len(record.parts)
        empty = () if self.faults else ("",)  # where nothing is faulty an empty cell says nothing
        for column, target in self.mapping.items():
            if column < len(row) and row[column] in empty:
                continue
            field = self._fields[target]
            found = self._value(field, row_number, row, column, findings)
            if found is None:
                continue
            cell, value = found
            if field.repeats:
                part[target] = value
                record.cells[f"{target}#{at}"] = cell
            elif target not in record.values:
                record.values[target] = value
                record.cells[target] = cell
            elif record.values[target] != value:
                earlier = record.cells[target].row
                findings.append(Finding.of(RowsDisagree(row=earlier), cell, target))
        if part:
            record.parts.append(part)

    def _beside(self, record: Record, row_number: int, row: Row, findings: list[Finding]) -> None:
        """One row has all parts beside each other: «Прізвище 1», «Прізвище 2»."""
        parts: dict[int, dict[str, object]] = {}
        cells: dict[int, dict[str, Cell]] = {}
        for column, target in self.mapping.items():
            if column in self._things:
                continue
            name, _hash, number = target.partition("#")
            found = self._value(self._fields[name], row_number, row, column, findings)
            if found is None:
                continue
            cell, value = found
            if self._fields[name].repeats:
                parts.setdefault(int(number or 0), {})[name] = value
                cells.setdefault(int(number or 0), {})[name] = cell
            elif name not in record.values:
                record.values[name] = value
                record.cells[name] = cell
            elif record.values[name] != value:
                findings.append(Finding.of(RowsDisagree(row=record.cells[name].row), cell, name))
        for nth in sorted(parts):
            for name, cell in cells[nth].items():
                record.cells[f"{name}#{len(record.parts)}"] = cell
            record.parts.append(parts[nth])

    def _by_column(self, record: Record, row_number: int, row: Row, findings: list[Finding]) -> None:
        """Each column that counts one thing is a part; what else the row says of a part holds for all of them."""
        kind = self._counted
        assert kind is not None
        first = len(record.parts)
        self._beside(record, row_number, row, findings)
        shared: dict[str, Any] = {}
        if len(record.parts) > first and kind.word not in record.parts[first]:
            shared = record.parts.pop(first)
        where = {name: record.cells.pop(f"{name}#{first}") for name in shared}
        for column, (name, thing, unit) in self._things.items():
            found = self._value(self._fields[name], row_number, row, column, findings)
            if found is None or is_nothing(found[0].text):
                continue
            if thing not in self._offered:
                findings.append(Finding.of(ThingGone(), found[0], name))
                continue
            at = len(record.parts)
            record.parts.append({**shared, kind.word: thing, kind.value: found[1], kind.unit: unit})
            cells = {**where, **dict.fromkeys((name, kind.word, kind.value, kind.unit), found[0])}
            record.cells |= {f"{one}#{at}": cell for one, cell in cells.items()}

    # -- one cell --------------------------------------------------------------------------------------

    def _value(
        self, field: Column, row_number: int, row: Row, column: int, findings: list[Finding]
    ) -> tuple[Cell, object] | None:
        text = row[column] if column < len(row) else ""
        cell = Cell(text, row_number, column)
        if self.faults:
            fault = self.faults.get((row_number, column))
            if fault is not None:
                findings.append(Finding.of(_FAULTS[fault](), cell, field.name))
                return None
        return self._read(field, cell, findings) if text else None

    def _read(self, field: Column, cell: Cell, findings: list[Finding]) -> tuple[Cell, object] | None:
        text = cell.text
        if (seen := self._seen.get((field.name, text))) is not None:
            return cell, seen
        if self.context.options.get(MEND):
            better = mended_letters(text)
            if better != text:
                self.mended += 1
                text = better
        try:
            if field.words is not None:
                value: object = self._meaning(field, text, cell, findings)
            else:
                value = field.read(text, self.context) if field.read is not None else text
        except DomainError as error:
            findings.append(Finding.of(error, cell, field.name))
            return None
        if value is None:
            return None
        if len(text) < SHORT and text == cell.text and len(self._seen) < MOST_SEEN:
            self._seen[field.name, text] = value
        return cell, value

    def _meaning(self, field: Column, text: str, cell: Cell, findings: list[Finding]) -> object:
        assert field.words is not None
        if field.keeps_text and field.words not in self.words:
            return text, None
        written = [one for one in _SEVERAL.split(text) if one] if field.many else [text]
        meanings: list[str] = []
        for word in written:
            try:
                meaning = self._meanings[field.words].of(word)
            except (MeaningUnknown, MeaningGone) as error:
                known = self.unknown.setdefault(
                    (field.words, word[:200]), Unknown(field.words, word[:200], 0, cell.row)
                )
                known.times += 1
                findings.append(Finding.of(error, cell, field.name))
            else:
                if meaning != LEAVE_OUT:
                    meanings.append(meaning)
        if field.many:
            return tuple(meanings) or None
        if field.keeps_text:
            return text, meanings[0] if meanings else None
        return meanings[0] if meanings else None


def is_nothing(text: str) -> bool:
    """How people write that a column counts nothing in this row: an empty cell, a dash, 0."""
    return not text or _NOTHING.fullmatch(text) is not None

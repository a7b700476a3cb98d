"""What the pages show of an upload: its first rows with a guess, and what a dry run found."""

from collections.abc import Sequence
from dataclasses import field
from itertools import islice
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from aidtrack.importing import queries, reading, storage
from aidtrack.importing.counting import Counting, Suggested, suggestions
from aidtrack.importing.layouts import Context, Finding, Layout, Words, layout
from aidtrack.importing.mapping import Guesser, target_of
from aidtrack.importing.meanings import LEAVE_OUT
from aidtrack.importing.models import ImportFile
from aidtrack.importing.reading import Choice, column_letter
from aidtrack.importing.runs import unpacked
from aidtrack.importing.shape import LOOKED_AT, Shape, find_shape, fingerprint_of
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded
from aidtrack.kernel.quantity import NO_BREAK_SPACE

PREVIEW_ROWS = 6
MOST_SUGGESTED = 12
WHAT_IS_WRONG = N_("What is wrong")  # heading of the first column of a file to mend


@dataclass(frozen=True, slots=True)
class Preview:
    """How the file reads, before anything is said about it."""

    source: reading.Source
    shape: Shape
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # the first rows of data
    above: tuple[tuple[int, tuple[str, ...]], ...]  # what stands over the headings
    mapping: dict[int, str]
    options: dict[str, Any]
    remembered: bool
    counting: Counting | None = None
    counted: dict[int, Suggested] = field(default_factory=dict)  # by column, where one may count a thing


def preview(
    session: Session,
    found: ImportFile,
    choice: Choice,
    *,
    header_row: int | None = None,
    header_rows: int | None = None,
    context: Context | None = None,
) -> Preview:
    """Open the file and find its headings; a mapping said before for the same headings comes back.

    Raises:
        ImportRefused.
    """
    kind = layout(found.layout)
    guesser = Guesser(kind, gettext)
    source = reading.open_file(storage.get(found.key, storage.CONTENT), choice=choice)
    top = list(islice(source.rows(), LOOKED_AT + PREVIEW_ROWS))
    shape = find_shape(top, guesser.knows, header_row=header_row, header_rows=header_rows)
    said = queries.remembered_mapping(session, found.site_id, found.layout, shape.fingerprint)
    said = said or _said_before_mending(session, found, kind, shape.headings)
    mapping, options = said or (guesser.guess(shape.headings, shape.tags), {})
    counting, counted = None, {}
    if kind.counted is not None and context is not None:
        counting = Counting(session, context, kind)
        counted = suggestions(counting, shape.headings, mapping, remembered=said is not None)
        mapping = mapping | {
            column: target_of(counting.field, one.code, one.unit)
            for column, one in counted.items()
            if one.code and column not in mapping
        }
    return Preview(
        source,
        shape,
        tuple(islice((row for row in top if row[0] > shape.data_after), PREVIEW_ROWS)),
        tuple(row for row in top if row[0] < shape.header_row),
        mapping,
        options,
        said is not None,
        counting,
        counted,
    )


def _said_before_mending(
    session: Session, found: ImportFile, kind: Layout, headings: Sequence[str]
) -> tuple[dict[int, str], dict[str, Any]] | None:
    """A file of rows to mend has one column before those of its origin, and some behind them."""
    if not headings or headings[0] not in (WHAT_IS_WRONG, gettext(WHAT_IS_WRONG)):
        return None
    behind = {gettext(kind.field(name).label): name for name in kind.mend_with}
    last = len(headings)
    while headings[last - 1] in behind:
        last -= 1
    before = fingerprint_of(headings[1:last])
    said = queries.remembered_mapping(session, found.site_id, found.layout, before)
    if said is None:
        return None
    mapping = {column + 1: target for column, target in said[0].items()}
    return mapping | {column: behind[headings[column]] for column in range(last, len(headings))}, said[1]


def choice_of(found: ImportFile) -> tuple[Choice, int | None, int | None]:
    """How the file was read the last time somebody said so."""
    said = found.reading or {}
    return (
        Choice(said.get("encoding"), said.get("delimiter"), said.get("sheet")),
        said.get("header_row"),
        said.get("header_rows"),
    )


# -- findings -------------------------------------------------------------------------------------------


def sentence(finding: Finding) -> str:
    """What to do about it, in the person's language."""
    facts = {
        name: gettext(value) if name == "label" and isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return str(gettext(finding.text) % (facts or {"": ""}))


def place_of(finding: Finding, headings: Sequence[str]) -> str:
    """«C — Прізвище»: the column as the spreadsheet names it."""
    if finding.column < 0:
        return "—"
    heading = headings[finding.column] if finding.column < len(headings) else ""
    return (
        f"{column_letter(finding.column)}{NO_BREAK_SPACE}— {heading}"
        if heading
        else column_letter(finding.column)
    )


@dataclass(frozen=True, slots=True)
class Result:
    """A page of what a dry run found."""

    findings: tuple[Finding, ...]
    more: int
    shown: tuple[dict[str, Any], ...]
    more_shown: int
    unknown: tuple[dict[str, Any], ...]


def result_of(found: ImportFile, *, start: int = 0, most: int = 25) -> Result:
    """Raises FileForgotten."""
    kept = storage.get_result(found.key)
    findings = kept["findings"][start : start + most]
    return Result(
        tuple(unpacked(one) for one in findings),
        max(0, len(kept["findings"]) - start - most),
        tuple(kept["shown"][:most]),
        max(0, len(kept["shown"]) - most),
        tuple(kept["unknown"]),
    )


# -- words ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """A word that nobody has explained. `likely` is what it differs from in case, spaces or letters alone."""

    list_name: str
    written: str
    times: int
    row: int
    choices: tuple[tuple[str, str], ...]
    likely: str
    may_be_left: bool


def questions(
    session: Session, context: Context, kind: Layout, unknown: Sequence[dict[str, Any]]
) -> list[Question]:
    lists = kind.words(session, context)
    return [_question(session, one, lists.get(one["list_name"], Words(()))) for one in unknown[:50]]


def _question(session: Session, one: dict[str, Any], words: Words) -> Question:
    written = one["written"]
    likely = ""
    if words.suggest is not None:
        found = words.suggest(session, written)[:MOST_SUGGESTED]
        same = [code for code, label in found if folded(label.split(" — ")[0]) == folded(written)]
        likely = same[0] if len(same) == 1 else ""
    else:
        found = sorted(words.choices, key=lambda pair: -_alike(written, pair[1]))
        meanings = {
            meaning for spelling, meaning in words.spellings.items() if folded(spelling) == folded(written)
        }
        likely = meanings.pop() if len(meanings) == 1 else ""
    return Question(one["list_name"], written, one["times"], one["row"], tuple(found), likely, words.optional)


def _alike(written: str, label: str) -> float:
    from rapidfuzz import fuzz

    return float(fuzz.partial_ratio(folded(written), folded(label)))


__all__ = [
    "LEAVE_OUT",
    "Preview",
    "Question",
    "Result",
    "place_of",
    "preview",
    "questions",
    "result_of",
    "sentence",
]

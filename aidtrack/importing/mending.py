"""The rows that stayed out, as a workbook to mend and bring in again; and an empty table to fill in."""

import io
from collections import defaultdict
from typing import Any

from flask_babel import gettext

from aidtrack.importing import reading, storage
from aidtrack.importing.layouts import Finding, Layout, layout
from aidtrack.importing.mapping import field_of
from aidtrack.importing.models import ImportFile
from aidtrack.importing.opening import rows_of_records
from aidtrack.importing.pages import WHAT_IS_WRONG, sentence
from aidtrack.importing.reading import Choice, column_letter
from aidtrack.importing.runs import unpacked

WIDTH = 22


def _workbook(stream: io.BytesIO) -> Any:
    import xlsxwriter

    return xlsxwriter.Workbook(
        stream,
        # what stands in a cell is text: a formula in somebody's register must not run on another's desk
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def rows_to_mend(found: ImportFile) -> bytes:
    """The bad rows as they stood, with one column that says what is wrong in words.

    Raises:
        FileForgotten.
    """
    kept = storage.get_result(found.key)
    said = found.reading or {}
    by_row: dict[int, list[Finding]] = defaultdict(list)
    bad_records = {number for number, letter in enumerate(kept["outcomes"]) if letter in "bd"}
    for packed in kept["findings"]:
        one = unpacked(packed)
        if one.kind == "bad":
            by_row[one.row].append(one)
    kind = layout(found.layout)
    mapped = {field_of(target) for target in (found.mapping or {}).values()}
    extra = [gettext(kind.field(name).label) for name in kind.mend_with if name not in mapped]
    headings = list(said["headings"])
    source = reading.open_file(
        storage.get(found.key, storage.CONTENT),
        choice=Choice(said["encoding"], said["delimiter"], said["sheet"]),
    )
    wanted = rows_of_records(found, bad_records) | set(by_row)  # a family is mended as a whole
    stream = io.BytesIO()
    book = _workbook(stream)
    sheet = book.add_worksheet()
    bold, wrong = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, len(headings) + len(extra), WIDTH)
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, [gettext(WHAT_IS_WRONG), *headings, *extra], bold)
    line = 1
    for number, row in source.rows():
        if number not in wanted:
            continue
        words = "\n".join(
            f"{column_letter(one.column) + ': ' if one.column >= 0 else ''}{sentence(one)}"
            for one in by_row[number]
        )
        sheet.write_string(line, 0, words or gettext("Belongs to a row that is wrong."), wrong)
        for column, text in enumerate(row):
            sheet.write_string(line, column + 1, text)
        line += 1
    book.close()
    return stream.getvalue()


def empty_table(kind: Layout) -> bytes:
    """A workbook with nothing but the headings this layout knows best."""
    stream = io.BytesIO()
    book = _workbook(stream)
    sheet = book.add_worksheet()
    bold, needed = book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#FFF2CC"})
    for column, field in enumerate(one for one in kind.fields if one.things is None):
        sheet.write_string(0, column, gettext(field.label), needed if field.needed else bold)
        if field.hint:
            sheet.write_comment(0, column, gettext(field.hint))
    sheet.set_column(0, len(kind.fields), WIDTH)
    sheet.freeze_panes(1, 0)
    book.close()
    return stream.getvalue()

"""The statement as a workbook: numbers as numbers, text as text, every line behind the figures."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter
from flask_babel import gettext

from aidtrack.kernel.quantity import BaseUnit, base_word, plain_decimal, plain_unit
from aidtrack.reports.counting import ReachedRow
from aidtrack.reports.figures import Figure
from aidtrack.reports.lines import Movement, Shelf
from aidtrack.reports.long_sheet import LongSheet
from aidtrack.reports.printing import Printed
from aidtrack.reports.suppression import Reached
from aidtrack.reports.tables import handed_out_table
from aidtrack.reports.words import cause_name, figure_name, month_name, withheld_text

ROWS = 1_048_000  # a sheet holds 1 048 576; a longer list goes on on the next sheet
HEAVY, LIGHT = "0.000", "0"


class Book:
    """An XLSX file under way, a row in memory at a time."""

    def __init__(self, stream: IO[bytes], printed: Printed, folder: str) -> None:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(stream, options)
        self.book.set_properties({"title": printed.title, "created": printed.now.replace(tzinfo=None)})
        self.printed = printed
        add = self.book.add_format
        self.title = add({"bold": True, "font_size": 14})
        self.bold = add({"bold": True})
        self.head = add(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "bottom": 1}
        )
        self.text = add({"num_format": "@"})
        self.wrapped = add({"text_wrap": True, "valign": "top"})
        self.day = add({"num_format": "yyyy-mm-dd" if printed.language == "en" else "dd.mm.yyyy"})
        self.heavy, self.light = add({"num_format": "#,##0.000"}), add({"num_format": "#,##0"})
        self.heavy_total = add({"num_format": "#,##0.000", "bold": True, "top": 1})
        self.light_total = add({"num_format": "#,##0", "bold": True, "top": 1})
        self.total = add({"bold": True, "top": 1})

    def sheet(self, name: str, widths: Sequence[int], *, wide: bool = True, long: bool = False) -> Any:
        sheet = self.book.add_worksheet(name[:31], LongSheet if long else None)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if wide:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def heads(self, sheet: Any, row: int, words: Iterable[str]) -> None:
        for column, word in enumerate(words):
            sheet.write_string(row, column, word, self.head)

    def quantity(
        self, sheet: Any, row: int, column: int, units: int, unit: BaseUnit, *, total: bool = False
    ) -> None:
        """In kg, l or pieces; a Decimal is written digit for digit, so nothing is rounded."""
        whole = unit is BaseUnit.PIECE
        form = (
            (self.light_total if whole else self.heavy_total)
            if total
            else (self.light if whole else self.heavy)
        )
        sheet.write_number(row, column, plain_decimal(units, unit), form)


def write_xlsx(
    stream: IO[bytes], printed: Printed, shelves: list[Shelf], movements: Iterable[Movement]
) -> None:
    """Write the workbook: statement, exact base units, reached, losses, stock by lot, all lines."""
    # rows wait in files there, which go with the folder whatever happens
    with tempfile.TemporaryDirectory(prefix="aidtrack-") as folder:
        book = Book(stream, printed, folder)
        _statement(book)
        _exact(book)
        _reached(book)
        _losses(book)
        _shelves(book, shelves)
        _lines(book, movements)
        book.book.close()


def _statement(book: Book) -> None:
    printed = book.printed
    figures = printed.figures
    widths = [18, 26, 8, *([14] * len(figures)), 11, 11, 11]
    sheet = book.sheet(gettext("Statement"), widths)
    sheet.write_string(0, 0, printed.title, book.title)
    row = 1
    for name, value in printed.facts:
        sheet.write_string(row, 0, name, book.bold)
        sheet.write_string(row, 1, value)
        row += 1
    row += 1
    book.heads(sheet, row, [gettext("Agreement"), gettext("Item"), gettext("Unit"), *map(figure_name, figures),
                            gettext("Issues"), gettext("Households"), gettext("Persons")])  # fmt: skip
    sheet.freeze_panes(row + 1, 2)
    row += 1
    for line in printed.statement.lines:
        sheet.write_string(row, 0, printed.agreement(line.agreement))
        sheet.write_string(row, 1, line.item.name(printed.language))
        sheet.write_string(row, 2, plain_unit(line.item.unit, printed.language))
        for column, figure in enumerate(figures, start=3):
            book.quantity(sheet, row, column, line.balance.of(figure), line.item.unit)
        _counts(book, sheet, row, 3 + len(figures), line.reached)
        row += 1
    for unit, totals in printed.totals():
        sheet.write_string(row, 0, gettext("Total"), book.total)
        sheet.write_blank(row, 1, None, book.total)
        sheet.write_string(row, 2, plain_unit(unit, printed.language), book.total)
        for column, figure in enumerate(figures, start=3):
            book.quantity(sheet, row, column, totals[figure], unit, total=True)
        row += 1
    sheet.write_string(row, 0, gettext("Reached in all, each counted once"), book.total)
    for column in range(1, 3 + len(figures)):
        sheet.write_blank(row, column, None, book.total)
    _counts(book, sheet, row, 3 + len(figures), printed.statement.reached)
    row += 2
    for sentence in printed.closing_words():
        sheet.write_string(row, 0, sentence, book.bold)
        row += 1
    row += 1
    for figure in figures:
        sheet.write_string(row, 0, figure_name(figure), book.bold)
        sheet.write_string(row, 1, printed.meaning(figure))
        row += 1


def _exact(book: Book) -> None:
    printed = book.printed
    sheet = book.sheet(gettext("Base units"), [18, 14, 26, 8, *([16] * len(Figure))])
    book.heads(sheet, 0, [gettext("Agreement"), gettext("Item code"), gettext("Item"), gettext("Base unit"),
                          *map(figure_name, Figure)])  # fmt: skip
    sheet.freeze_panes(1, 3)
    for row, line in enumerate(printed.statement.lines, start=1):
        sheet.write_string(row, 0, printed.agreement(line.agreement))
        sheet.write_string(row, 1, line.item.code)
        sheet.write_string(row, 2, line.item.name(printed.language))
        sheet.write_string(row, 3, base_word(line.item.unit, printed.language))
        for column, figure in enumerate(Figure, start=4):
            sheet.write_number(row, column, line.balance.of(figure), book.light)


def _reached(book: Book) -> None:
    printed, made = book.printed, book.printed.statement
    sheet = book.sheet(gettext("Reached"), [30, 12, 14, 12, 20, 20])
    heads = [gettext("Issues"), gettext("Households"), gettext("Persons"),
             gettext("New households this year"), gettext("New persons this year")]  # fmt: skip
    row = 0
    blocks: list[tuple[str, list[tuple[str, ReachedRow]]]] = [
        (gettext("Month"), [(month_name(found.month, printed.language), found)
                            for found in made.by_month if found.month]),
        (gettext("Place"), [(found.place.name(printed.language), found)
                            for found in made.by_place if found.place]),
    ]  # fmt: skip
    for name, rows in blocks:
        book.heads(sheet, row, [name, *heads])
        row += 1
        for label, found in rows:
            sheet.write_string(row, 0, label)
            _counts(book, sheet, row, 1, found.reached, newness=True)
            row += 1
        sheet.write_string(row, 0, gettext("Together, each counted once"), book.total)
        _counts(book, sheet, row, 1, made.reached, newness=True, total=True)
        row += 2
    for by_place in (False, True):
        for table in handed_out_table(made, by_place=by_place, language=printed.language):
            title = gettext("Handed out, %(unit)s", unit=plain_unit(table.unit, printed.language))
            book.heads(sheet, row, [title, *table.items])
            row += 1
            for label, values in table.rows:
                sheet.write_string(row, 0, label)
                for column, units in enumerate(values, start=1):
                    book.quantity(sheet, row, column, units, table.unit)
                row += 1
            sheet.write_string(row, 0, gettext("Total"), book.total)
            for column, units in enumerate(table.totals, start=1):
                book.quantity(sheet, row, column, units, table.unit, total=True)
            row += 2


def _losses(book: Book) -> None:
    printed = book.printed
    causes = [(line, cause, units) for line in printed.statement.lines
              for cause, units in line.balance.lost_by_cause.items()]  # fmt: skip
    if not causes:
        return
    sheet = book.sheet(gettext("Losses"), [18, 26, 30, 14, 8, 16], wide=False)
    book.heads(sheet, 0, [gettext("Agreement"), gettext("Item"), gettext("Cause"), gettext("Quantity"),
                          gettext("Unit"), gettext("In base units")])  # fmt: skip
    for row, (line, cause, units) in enumerate(causes, start=1):
        sheet.write_string(row, 0, printed.agreement(line.agreement))
        sheet.write_string(row, 1, line.item.name(printed.language))
        sheet.write_string(row, 2, cause_name(cause))
        book.quantity(sheet, row, 3, units, line.item.unit)
        sheet.write_string(row, 4, plain_unit(line.item.unit, printed.language))
        sheet.write_number(row, 5, units, book.light)


def _shelves(book: Book, shelves: list[Shelf]) -> None:
    printed = book.printed
    sheet = book.sheet(gettext("Closing by lot"), [18, 26, 20, 12, 26, 14, 8, 16])
    book.heads(sheet, 0, [gettext("Agreement"), gettext("Item"), gettext("Lot"), gettext("Expiry date"),
                          gettext("Place"), gettext("Quantity"), gettext("Unit"),
                          gettext("In base units")])  # fmt: skip
    sheet.freeze_panes(1, 0)
    for row, shelf in enumerate(shelves, start=1):
        sheet.write_string(row, 0, printed.agreement(shelf.agreement))
        sheet.write_string(row, 1, shelf.item.name(printed.language))
        sheet.write_string(row, 2, shelf.lot)
        if shelf.expires_on is not None:
            sheet.write_datetime(row, 3, shelf.expires_on, book.day)
        sheet.write_string(row, 4, shelf.place.name(printed.language))
        book.quantity(sheet, row, 5, shelf.units, shelf.item.unit)
        sheet.write_string(row, 6, plain_unit(shelf.item.unit, printed.language))
        sheet.write_number(row, 7, shelf.units, book.light)


def _lines(book: Book, movements: Iterable[Movement]) -> None:
    """All lines of the period, on as many sheets as they need."""
    printed = book.printed
    language = printed.language
    figures = {figure: figure_name(figure) for figure in Figure}
    correction = gettext("correction of a line above")
    kilograms = {unit: plain_unit(unit, language) for unit in BaseUnit}
    heads = [gettext("Date"), gettext("Document"), gettext("Figure"), gettext("Agreement"), gettext("Item"),
             gettext("Lot"), gettext("From place"), gettext("To place"), gettext("Quantity"), gettext("Unit"),
             gettext("In base units"), gettext("Remark")]  # fmt: skip
    sheet: Any = None
    row, number = ROWS, 0
    for line in movements:
        if row >= ROWS:
            number += 1
            name = gettext("Lines") if number == 1 else f"{gettext('Lines')} {number}"
            sheet = book.sheet(name, [12, 20, 16, 18, 22, 18, 22, 22, 14, 8, 16, 24], long=True)
            book.heads(sheet, 0, heads)
            sheet.freeze_panes(1, 0)
            row = 1
        unit = line.item.unit
        remark = correction if line.is_correction else cause_name(line.cause) if line.cause else None
        sheet.write_line(
            row,
            [
                (line.on, book.day),
                (line.document or "—", None),
                (figures[line.figure], None),
                (printed.agreement(line.agreement), None),
                (line.item.name(language), None),
                (line.lot, None),
                (line.source.name(language), None),
                (line.target.name(language), None),
                (plain_decimal(line.units, unit), book.light if unit is BaseUnit.PIECE else book.heavy),
                (kilograms[unit], None),
                (line.units, book.light),
                (remark, None),
            ],
        )
        row += 1
    if sheet is None:
        sheet = book.sheet(gettext("Lines"), [40])
        sheet.write_string(0, 0, gettext("Nothing moved in this period."))


def _counts(
    book: Book, sheet: Any, row: int, column: int, reached: Reached | None, *, newness: bool = False,
    total: bool = True,
) -> None:  # fmt: skip
    form = book.light_total if total and not newness else book.light
    if reached is None:
        sheet.write_string(row, column, withheld_text())
        return
    counts: list[int | None] = [reached.issues, reached.households, reached.persons]
    if newness:
        counts += [reached.new_households, reached.new_persons]
    for offset, count in enumerate(counts):
        if count is None:
            sheet.write_string(row, column + offset, withheld_text())
        else:
            sheet.write_number(row, column + offset, count, form)

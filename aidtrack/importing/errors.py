"""Refusals of files and of what stands in their cells. Facts never hold a cell's contents."""

from aidtrack.kernel.errors import N_, DomainError


class ImportRefused(DomainError):
    """A file cannot be brought in as it is."""

    code = "import_refused"
    field = "file"


class FileTooLarge(ImportRefused):
    """Facts: `most`, megabytes."""

    code = "file_too_large"
    text = N_("This file is larger than %(most)s MB. Divide it into several files.")


class TooManyRows(ImportRefused):
    """Facts: `most`."""

    code = "too_many_rows"
    text = N_("This sheet has more than %(most)s rows. Divide it into several files.")


class TooManyColumns(ImportRefused):
    """Facts: `most`, `row`."""

    code = "too_many_columns"
    text = N_("Row %(row)s has more than %(most)s columns. Remove what does not belong to the table.")


class EmptyFile(ImportRefused):
    code = "empty_file"
    text = N_("There is nothing in this file.")


class NotATable(ImportRefused):
    code = "not_a_table"
    text = N_(
        "This is neither an XLSX workbook nor a text with columns (CSV). Save the table as one of them."
    )


class OldWorkbook(ImportRefused):
    code = "old_workbook"
    text = N_(
        "This workbook is of the old XLS kind or locked with a password. Open it, remove the password "
        "and save it as XLSX."
    )


class BrokenWorkbook(ImportRefused):
    code = "broken_workbook"
    text = N_(
        "This workbook is damaged: it cannot be opened. Open it in a spreadsheet program and save it anew."
    )


class DangerousWorkbook(ImportRefused):
    """It unpacks to far more than a table of that size can be, or its XML defines entities."""

    code = "dangerous_workbook"
    text = N_(
        "This workbook is not opened: unpacked it would be far larger than any table of ours, or it is built "
        "to harm. Ask whoever sent it for the table alone."
    )


class NoSuchSheet(ImportRefused):
    code = "no_such_sheet"
    field = "sheet"
    text = N_("There is no such sheet in this workbook.")


class NotInThisEncoding(ImportRefused):
    code = "not_in_this_encoding"
    field = "encoding"
    text = N_("The text cannot be read in this encoding. Choose another one and look at the preview.")


class QuoteNeverCloses(ImportRefused):
    """Facts: `row`."""

    code = "quote_never_closes"
    text = N_("Near row %(row)s a quotation mark opens and is never closed. Mend that row.")


class NoHeadings(ImportRefused):
    code = "no_headings"
    field = "header_row"
    text = N_("There are no headings in this row. Say in which row the headings of the columns stand.")


class FieldNotMapped(ImportRefused):
    """Facts: `label`, the field without a column."""

    code = "field_not_mapped"
    field = "mapping"
    text = N_("Choose the column for “%(label)s”: nothing can be brought in without it.")


class ColumnTwice(ImportRefused):
    """Facts: `label`."""

    code = "column_twice"
    field = "mapping"
    text = N_("“%(label)s” is chosen for two columns. Leave it at one of them.")


class ThingOfColumnUnknown(ImportRefused):
    """Facts: `column`, its letter."""

    code = "thing_of_column_unknown"
    field = "mapping"
    text = N_("Column %(column)s: choose from the list which item is counted in it.")


class UnitOfColumnUnknown(ImportRefused):
    """Facts: `column`, its letter."""

    code = "unit_of_column_unknown"
    field = "mapping"
    text = N_("Column %(column)s: say in which unit it counts, one that this item has.")


class NoSuchMeaning(ImportRefused):
    code = "no_such_meaning"
    field = "words"
    text = N_("A word was explained by something that is not in its list. Choose from the list.")


class UnknownLayout(ImportRefused):
    code = "unknown_layout"
    status = 404
    field = "layout"
    text = N_("There is no such kind of table here.")


class FileForgotten(ImportRefused):
    code = "file_forgotten"
    status = 410
    text = N_("The contents of this file were removed after their day was over. Upload it again.")


class NotCheckedYet(ImportRefused):
    code = "not_checked_yet"
    status = 409
    text = N_("This file was not tried out as it stands now. Start the dry run first.")


class RowsAreBad(ImportRefused):
    """Facts: `bad`."""

    code = "rows_are_bad"
    status = 409
    text = N_("%(bad)s rows cannot be brought in. Mend them, or bring in the good rows alone.")


class CellRefused(DomainError):
    """What stands in one cell cannot be used. Says what to do."""

    code = "cell_refused"


class CellNeeded(CellRefused):
    code = "cell_needed"
    text = N_("Nothing stands here, and it is needed.")


class NotADate(CellRefused):
    code = "not_a_date"
    text = N_("This is no date. Write day, month and year, like 01.09.2022.")


class YearHasTwoDigits(CellRefused):
    code = "year_has_two_digits"
    text = N_("The year has only two digits. Write all four.")


class DateReadTwoWays(CellRefused):
    code = "date_read_two_ways"
    text = N_("Day and month cannot be told apart. Write the date like 01.09.2022.")


class NotAWholeNumber(CellRefused):
    code = "not_a_whole_number"
    text = N_("This is no whole number.")


class NotYesOrNo(CellRefused):
    code = "not_yes_or_no"
    text = N_("Write yes or no.")


class MeaningUnknown(CellRefused):
    """A word of a list nobody has explained yet."""

    code = "meaning_unknown"
    text = N_("Nobody has said yet what this word means. Choose it under “Words to confirm”.")


class MeaningGone(CellRefused):
    """What somebody once chose for the word cannot be used now: removed, closed, renamed, or not this person's."""

    code = "meaning_gone"
    text = N_(
        "What this word was said to mean is not in the list any more, or is not yours to use. Choose anew under "
        "“Words to confirm”."
    )


class ThingGone(CellRefused):
    """The same for a column that counts one thing."""

    code = "thing_gone"
    text = N_(
        "What this column was said to count is not in the list any more. Choose anew under “Change the columns”."
    )


class TextTooLong(CellRefused):
    """Facts: `most`."""

    code = "text_too_long"
    text = N_("At most %(most)s characters fit here, and nothing is cut off by itself. Shorten it.")


class FormulaWithoutValue(CellRefused):
    code = "formula_without_value"
    text = N_(
        "A formula stands here whose result was never saved; formulas are not calculated. Open the file in a "
        "spreadsheet program and save it, or write the value."
    )


class ErrorValue(CellRefused):
    code = "error_value"
    text = N_("The spreadsheet shows an error here (like #REF!). Mend it or write the value.")


class RowsDisagree(CellRefused):
    """Facts: `row`, the earlier row of the same group."""

    code = "rows_disagree"
    text = N_("Row %(row)s of the same group says something else here. They must say the same.")


class GroupMissing(CellRefused):
    code = "group_missing"
    text = N_(
        "It does not say to which group this row belongs. Fill in the column that holds the rows together."
    )


class RepeatsRow(CellRefused):
    """Facts: `row`."""

    code = "repeats_row"
    text = N_("This repeats row %(row)s word for word and is left out.")


class NothingCounted(CellRefused):
    code = "nothing_counted"
    text = N_("No column counts anything in this row: it is left out.")

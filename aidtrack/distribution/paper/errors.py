"""Refusals around paper lists and issue sheets."""

from aidtrack.kernel.errors import N_, DomainError


class NothingToList(DomainError):
    """The round has no open voucher, and no spare row was asked for."""

    code = "nothing_to_list"
    field = "spare"
    text = N_("There is no open voucher in this round. Ask for spare rows at least.")


class RoundNotOpen(DomainError):
    code = "round_not_open"
    status = 409
    text = N_("Lists are printed for a round that is under way.")


class ListClosed(DomainError):
    """Facts: `number`."""

    code = "list_closed"
    status = 409
    text = N_("List %(number)s is closed: every row of it is accounted for.")


class NoSuchRow(DomainError):
    """Facts: `row`."""

    code = "no_such_row"
    field = "row"
    text = N_("This list has no row %(row)s.")


class RowOrCode(DomainError):
    code = "row_or_code"
    field = "code"
    text = N_("Scan the voucher, or type the number of the row.")


class SpareNeedsVoucher(DomainError):
    """Facts: `row`."""

    code = "spare_needs_voucher"
    field = "code"
    text = N_("Row %(row)s is a spare one: scan the voucher that was presented, or type its code.")


class NotOnTheList(DomainError):
    """A genuine voucher without a row of its own here. Facts: `serial`."""

    code = "not_on_the_list"
    field = "row"
    text = N_("Voucher %(serial)s has no row of its own on this list. Type the number of the spare row.")


class RowOfAnother(DomainError):
    """Facts: `row`, `serial` it was printed for."""

    code = "row_of_another"
    field = "row"
    text = N_("Row %(row)s was printed for voucher %(serial)s.")


class OwnRowIsThere(DomainError):
    """Facts: `row`, `serial`."""

    code = "own_row"
    field = "row"
    text = N_("Voucher %(serial)s has its own row here: %(row)s.")


class RowTaken(DomainError):
    """Somebody entered this row with something else. Facts: `row`, `serial`."""

    code = "row_taken"
    status = 409
    field = "row"
    text = N_("Row %(row)s was already entered: voucher %(serial)s.")


class WrongPaperDay(DomainError):
    """Facts: `first`, `last`: the days a row of this list can speak of."""

    code = "wrong_paper_day"
    field = "happened_on"
    text = N_("This list was used between %(first)s and %(last)s. Check the day.")


class RowsOpen(DomainError):
    """Facts: `rows`, how many."""

    code = "rows_open"
    status = 409
    text = N_("Rows that nothing is said of yet: %(rows)s. Enter them, or mark them as not signed.")


class NotOnThatSheet(DomainError):
    """Facts: `typed`."""

    code = "not_on_that_sheet"
    field = "texts"
    text = N_("“%(typed)s” is not on the sheet of this day.")

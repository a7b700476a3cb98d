"""Findings about a row of goods."""

from aidtrack.kernel.errors import N_, DomainError


class ItemCalledAlike(DomainError):
    """Facts: `known`, the code of the item that has the name."""

    code = "item_called_alike"
    text = N_("The item %(known)s has this name already. Use its code, or another name.")


class CodeTwice(DomainError):
    """Facts: `row`."""

    code = "code_twice"
    text = N_("Row %(row)s has the same code.")


class ReceiptKnown(DomainError):
    """Facts: `known`, numbers of receipt acts."""

    code = "receipt_known"
    text = N_(
        "A receipt of this donor with this waybill or on this day at this place is in the books already: %(known)s. "
        "If this is another one, write so into “Another receipt” (yes)."
    )


class NoLines(DomainError):
    code = "no_lines"
    text = N_("There is not one line with goods here.")


class UnusualLine(DomainError):
    """Facts: `shown`. A note: nobody can ask the file."""

    code = "unusual_line"
    text = N_("Read as %(shown)s: five times the usual line of this item or more. Compare it with the paper.")


class UnitUnknown(DomainError):
    code = "unit_unknown"
    text = N_("Write what the item is counted in: g or kg, ml or l, or pieces.")

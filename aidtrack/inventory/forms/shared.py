"""What the forms of this room share."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.inventory.queries.stock import StockRow
from aidtrack.web.filters import day, in_order, name, qty
from aidtrack.web.form_words import FormWords
from aidtrack.web.forms import BaseForm, choices


class LineForm(Form):
    """One line inside a form's list of lines; the enclosing form carries the tokens."""

    class Meta:
        def get_translations(self, form: Form) -> FormWords:
            return FormWords()


class ReasonForm(BaseForm):
    """A reason and a button."""

    reason = StringField(_l("Reason"), [DataRequired(), Length(min=3, max=500)])


def whole_number(text: Any) -> int | None:
    """A chosen id; nothing chosen, and what is no number, is None."""
    written = str(text or "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def sent_id(text: str | None) -> int:
    """An id that a hidden field brought back; what is no number is 0, which is nobody's id."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def filled(text: str | None) -> str | None:
    """Typed text without outer spaces; nothing typed is None."""
    return (text or "").strip() or None


def named(rows: Iterable[Any], *, empty: str | None = None) -> list[Any]:
    """Options of rows that have an id, a code and names, in the order of the names: what a code is, few know."""
    options = [(row.id, f"{name(row)} ({row.code})") for row in rows]
    return choices(sorted(options, key=lambda option: in_order(option[1])), empty=empty)


def causes(*, empty: str | None = None) -> list[Any]:
    return choices([(cause.value, gettext(cause.label)) for cause in LossCause], empty=empty)


def lot_label(row: StockRow) -> str:
    """«Рис · 7K2MQ9 · ВПП · до 01.09.2023 · 25 кг»: what tells one lot from another on the shelf."""
    expiry = gettext("until %(day)s", day=day(row.expires_on)) if row.expires_on else None
    parts = (name(row), row.lot_code, row.donor_code, expiry, qty(row.units, row.base_unit))
    return " · ".join(part for part in parts if part)


def lots(rows: Sequence[StockRow], *, empty: str | None = None) -> list[Any]:
    return choices([(row.lot_id, lot_label(row)) for row in rows], empty=empty)


def by_id(rows: Iterable[ItemRow]) -> dict[int, ItemRow]:
    return {row.id: row for row in rows}

"""What follows from a review, why, and how much came back where goods were brought back."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from aidtrack.distribution.field.returning import GivenLot
from aidtrack.distribution.models import Choice
from aidtrack.distribution.review.choices import LABELS
from aidtrack.distribution.review.services import Settle
from aidtrack.inventory.forms.moving import read_units
from aidtrack.inventory.forms.shared import LineForm, filled, sent_id
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.web.filters import qty
from aidtrack.web.forms import BaseForm, QuantityField, choices
from aidtrack.web.i18n import language


class BackForm(LineForm):
    """One lot of the handout; what is typed is what came back of it."""

    lot_id = HiddenField()
    quantity = QuantityField("", [Optional(), Length(max=64)], render_kw={"autocomplete": "off"})


class SettleForm(BaseForm):
    """What follows, and why."""

    choice = RadioField(_l("What follows"), validators=[InputRequired()])
    back = FieldList(FormField(BackForm))
    reason = TextAreaField(
        _l("What you found out"), [DataRequired(), Length(min=3, max=500)], render_kw={"rows": 3},
        description=_l("No names: the family is known by its voucher."),
    )  # fmt: skip

    def offer(self, offered: tuple[Choice, ...]) -> None:
        self.choice.choices = choices([(one.value, _(LABELS[one])) for one in offered])

    def line_up(self, lots: Sequence[GivenLot]) -> None:
        """A line for every lot, as if all of it had come back; on a page that comes again, as it was typed."""
        if not self.is_submitted():
            for lot in lots:
                self.back.append_entry({"lot_id": str(lot.lot_id), "quantity": qty(lot.left, lot.base_unit)})
        by_id = {lot.lot_id: lot for lot in lots}
        for entry in self.back.entries:
            named = by_id.get(sent_id(entry.form.lot_id.data))
            if named is not None:
                said = _("%(item)s, lot %(lot)s", item=named.name_of("item", language()), lot=named.code)
                entry.form.quantity.label.text = said

    def to_command(self, lots: Sequence[GivenLot], items: Mapping[int, ItemRow]) -> Settle | None:
        """What was said, or None after saying which quantity is wrong."""
        choice, reason = Choice(self.choice.data), self.reason.data or ""
        if choice is not Choice.GOODS_RETURNED or not self.back.entries:
            return Settle(choice, reason)
        by_id = {lot.lot_id: lot for lot in lots}
        back: dict[int, int] = {}
        wrong = False
        for entry in self.back.entries:
            field, lot = entry.form.quantity, by_id.get(sent_id(entry.form.lot_id.data))
            if lot is None:
                continue
            if filled(field.data) is None:
                field.errors = [_("Enter 0 where nothing came back.")]
                wrong = True
                continue
            units = read_units(field, items[lot.item_id], zero=True)
            if units is not None and units > lot.left:
                field.errors = [_("The family was given less of this lot.")]
                units = None
            if units is None:
                wrong = True
            else:
                back[lot.lot_id] = units
        return None if wrong else Settle(choice, reason, back)


class SameForm(BaseForm):
    """One press: it was one handout, written down twice."""

    same = HiddenField(default="1")

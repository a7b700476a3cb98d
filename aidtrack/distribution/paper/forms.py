"""Forms of paper lists and issue sheets."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from aidtrack.distribution.models import Collector
from aidtrack.distribution.paper.commands import EnterRow, MakeList, NoteRow
from aidtrack.distribution.paper.services import MOST_SPARE
from aidtrack.inventory.forms.moving import read_units
from aidtrack.inventory.forms.shared import LineForm, filled, sent_id
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.web.filters import name
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices

LONGEST_CODE = 400


class ListForm(BaseForm):
    """A new list of the round."""

    spare = IntegerField(
        _l("Spare rows"), validators=[InputRequired(), NumberRange(min=0, max=MOST_SPARE)], default=10,
        description=_l("Empty rows for families that are not printed on the list"),
    )  # fmt: skip

    def to_command(self, round_id: int) -> MakeList:
        return MakeList(str(self.command_id.data), round_id, self.spare.data or 0)


class LessForm(LineForm):
    """One item of which less was given; an empty quantity means all that was due."""

    item_id = HiddenField()
    quantity = QuantityField("", [Optional(), Length(max=64)], render_kw={"autocomplete": "off"})


class EnterForm(BaseForm):
    """One signed row. Scanning alone is enough where the voucher is printed on the list."""

    code = StringField(
        _l("Voucher: scan it, or type its number or code"), [Optional(), Length(max=LONGEST_CODE)],
        render_kw={"autocomplete": "off", "autofocus": True, "spellcheck": "false"},
    )  # fmt: skip
    row = IntegerField(
        _l("Row No."), [Optional(), NumberRange(min=1, max=100_000)],
        description=_l("For a spare row, or instead of the voucher"), render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    happened_on = DayField(_l("Day on the paper"), validators=[InputRequired()])
    collector = RadioField(
        _l("Who signed"),
        choices=choices([("head", _l("head of the family")), ("proxy", _l("alternate collector"))]),
        default="head",
    )
    less = FieldList(FormField(LessForm))
    reason = StringField(_l("Why less"), [Optional(), Length(max=300)])

    def line_up(self, items: Sequence[ItemRow]) -> None:
        for item in items:
            self.less.append_entry({"item_id": str(item.id)})
        self.label(items)

    def label(self, items: Sequence[ItemRow]) -> None:
        """Give each quantity the name of its item, so that it can be told by ear too."""
        by_id = {item.id: item for item in items}
        for entry in self.less.entries:
            item = by_id.get(sent_id(entry.form.item_id.data))
            if item is not None:
                entry.form.quantity.label.text = name(item)

    def to_command(self, list_id: int, items: Mapping[int, ItemRow]) -> EnterRow | None:
        """The row, or None after saying which quantity is wrong."""
        assert isinstance(self.happened_on.data, date)
        quantities: dict[int, int] = {}
        wrong = False
        for entry in self.less.entries:
            field = entry.form.quantity
            item = items.get(sent_id(entry.form.item_id.data))
            if item is None or filled(field.data) is None:
                continue
            units = read_units(field, item, zero=True)
            if units is None:
                wrong = True
            else:
                quantities[item.id] = units
        if wrong:
            return None
        return EnterRow(
            list_id=list_id, happened_on=self.happened_on.data, row=self.row.data, code=self.code.data or "",
            collector=Collector(self.collector.data), quantities=quantities, reason=filled(self.reason.data),
        )  # fmt: skip


class NoteForm(BaseForm):
    """A signed row for which no voucher can be entered."""

    row = IntegerField(_l("Row No."), [InputRequired(), NumberRange(min=1, max=100_000)])
    happened_on = DayField(_l("Day on the paper"), validators=[InputRequired()])
    note = StringField(
        _l("What the paper says"), [DataRequired(), Length(min=3, max=500)],
        description=_l("No names: the paper itself is kept in the office"),
    )  # fmt: skip

    def to_command(self, list_id: int) -> NoteRow:
        assert isinstance(self.happened_on.data, date)
        return NoteRow(list_id, self.row.data or 0, self.happened_on.data, self.note.data or "")


class SignForm(BaseForm):
    """Who signed the printed sheet: boxes are read by the view, numbers and serials stand here."""

    texts = TextAreaField(
        _l("Scan or type row numbers or serials, one to a line"), [Optional(), Length(max=20_000)],
        render_kw={"rows": 3, "autocomplete": "off"},
    )  # fmt: skip
    all_of_them = BooleanField(_l("Everybody on this sheet signed"))

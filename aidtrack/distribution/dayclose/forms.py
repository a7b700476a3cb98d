"""Forms of a day's close: start, count blind, explain, vouchers, second person."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from aidtrack.distribution.dayclose.commands import CloseDay, CountedLine, Explanation, StartDay
from aidtrack.distribution.dayclose.queries import CountLine
from aidtrack.inventory.forms.moving import read_units
from aidtrack.inventory.forms.shared import LineForm, causes, filled, sent_id
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices


class StartForm(BaseForm):
    """Which day, and how the shelf is counted."""

    day = DayField(_l("Day"), validators=[InputRequired()])
    how = RadioField(
        _l("How you count"),
        choices=choices(
            [
                ("lot", _l("lot by lot, as the labels on the goods say")),
                ("item", _l("item by item where lots look alike on the shelf")),
            ]
        ),
        default="lot",
    )

    def to_command(self, place_id: int) -> StartDay:
        assert isinstance(self.day.data, date)
        return StartDay(str(self.command_id.data), place_id, self.day.data, by_item=self.how.data == "item")


class CountedForm(LineForm):
    line_id = HiddenField()
    counted = QuantityField(
        _l("On the shelf"), [Length(max=64)], render_kw={"autocomplete": "off"},
        description=_l("With its unit: 3 kg, 12 bags; 0 if nothing is left."),
    )  # fmt: skip


class CountSheetForm(BaseForm):
    """The blind sheet: nothing on it says what the book expects."""

    lines = FieldList(FormField(CountedForm))

    def line_up(self, lines: Sequence[CountLine]) -> None:
        for line in lines:
            self.lines.append_entry({"line_id": line.id, "counted": line.as_typed or ""})

    def read_lines(
        self, lines: Mapping[int, CountLine], items: Mapping[int, ItemRow]
    ) -> tuple[CountedLine, ...] | None:
        """What was typed, or None after saying what is wrong. An empty line is one not counted yet."""
        found: list[CountedLine] = []
        wrong = False
        for entry in self.lines.entries:
            field = entry.form.counted
            line = lines.get(sent_id(entry.form.line_id.data))
            if line is None:
                self.form_errors = [gettext("The sheet was made anew meanwhile. Look at it again.")]
                return None
            typed = filled(field.data)
            if typed is None:
                continue
            units = read_units(field, items[line.item_id], zero=True)
            if units is None:
                wrong = True
            else:
                found.append(CountedLine(line.id, units, typed))
        return None if wrong else tuple(found)


class ExplainedForm(LineForm):
    line_id = HiddenField()
    # both are needed, and whether they are there is judged when the day is closed
    cause = SelectField(_l("Cause of the shortage"), default="")
    reason = StringField(_l("What happened"), [Length(max=300)])


class CloseForm(BaseForm):
    """Differences explained, phones seen, and the day closed."""

    lines = FieldList(FormField(ExplainedForm))
    accept_unsent = BooleanField(_l("Close all the same: what the phones hold will come later"))
    note = TextAreaField(_l("Note for the act"), [Optional(), Length(max=500)], render_kw={"rows": 2})

    def line_up(self, lines: Sequence[CountLine]) -> None:
        """A line for every line of the count, so that refusals find their place; those that agree are not shown."""
        for line in lines:
            self.lines.append_entry(
                {
                    "line_id": line.id,
                    "cause": line.cause.value if line.cause and line.difference < 0 else "",
                    "reason": line.reason or "",
                }
            )

    def offer(self) -> None:
        for entry in self.lines.entries:
            entry.form.cause.choices = causes(empty=gettext("— choose —"))

    def to_command(self, close_id: int) -> CloseDay:
        explained = {
            sent_id(entry.form.line_id.data): Explanation(
                LossCause(entry.form.cause.data) if entry.form.cause.data else None,
                filled(entry.form.reason.data) or "",
            )
            for entry in self.lines.entries
        }
        return CloseDay(close_id, explained, bool(self.accept_unsent.data), filled(self.note.data))


class VouchersForm(BaseForm):
    """Serials scanned or typed, one to a line; the boxes of the page are read by the view."""

    texts = TextAreaField(
        _l("Scan or type serials, one to a line"), [Optional(), Length(max=20_000)],
        render_kw={"rows": 3, "autocomplete": "off"},
    )  # fmt: skip


class DayReasonForm(BaseForm):
    reason = StringField(_l("Reason"), [DataRequired(), Length(min=3, max=300)])

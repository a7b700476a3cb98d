"""Goods that move, are lost, counted or held back: each quantity read by the item of its lot."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.inventory.commands import (
    ArrivedLine,
    CountLot,
    DispatchTransfer,
    LotUnits,
    ReceiveTransfer,
    TransferAway,
    WriteOff,
)
from aidtrack.inventory.forms.shared import LineForm, causes, filled, lots, named, sent_id
from aidtrack.inventory.kinds import LossCause, LotStatus
from aidtrack.inventory.queries.catalogue import ItemRow, PlaceRow
from aidtrack.inventory.queries.papers import TransferLineRow
from aidtrack.inventory.queries.stock import StockRow
from aidtrack.web.forms import BaseForm, QuantityField, choices
from aidtrack.web.i18n import language

Items = Mapping[int, ItemRow]


def read_units(field: QuantityField, item: ItemRow, *, zero: bool = False) -> int | None:
    """The quantity in base units, or None after putting a refusal on the field; `zero` lets a plain 0 be 0."""
    if zero and (field.data or "").strip() == "0":
        return 0
    reading = field.read(item.base_unit, item.packs_for(language()), density_g_per_l=item.density_g_per_l)
    return reading.units if reading is not None else None


class LotLineForm(LineForm):
    """One lot of the place; an empty quantity leaves it where it is."""

    lot_id = HiddenField()
    quantity = QuantityField(_l("Quantity"), [Length(max=64)], render_kw={"autocomplete": "off"})


class _SendForm(BaseForm):
    lines = FieldList(FormField(LotLineForm))

    def line_up(self, rows: Sequence[StockRow]) -> None:
        """One line for each lot at the place, on a fresh page."""
        for row in rows:
            self.lines.append_entry({"lot_id": row.lot_id})

    def read_lines(self, rows: Mapping[int, StockRow], items: Items) -> tuple[LotUnits, ...] | None:
        """The lots with a quantity, or None after saying what is wrong."""
        found: list[LotUnits] = []
        wrong = False
        for entry in self.lines.entries:
            line = entry.form
            if not filled(line.quantity.data):
                continue
            row = rows.get(sent_id(line.lot_id.data))
            if row is None:
                line.quantity.errors = [gettext("This lot no longer stands here.")]
                wrong = True
                continue
            units = read_units(line.quantity, items[row.item_id])
            if units is not None and units > row.units:
                line.quantity.errors = [gettext("There is less of this lot here.")]
                units = None
            if units is None:
                wrong = True
            else:
                found.append(LotUnits(row.lot_id, units))
        if not found and not wrong:
            self.form_errors = [*self.form_errors, gettext("Enter at least one line.")]
            return None
        return None if wrong else tuple(found)


class DispatchForm(_SendForm):
    target_id = SelectField(_l("To"), [DataRequired()])

    def offer(self, places: Sequence[PlaceRow], *, source_id: int) -> None:
        self.target_id.choices = named(
            [place for place in places if place.id != source_id], empty=gettext("— choose —")
        )

    def to_command(self, source_id: int, lines: tuple[LotUnits, ...]) -> DispatchTransfer:
        return DispatchTransfer(str(self.command_id.data), source_id, int(self.target_id.data), lines)


class AwayForm(_SendForm):
    recipient = StringField(_l("Recipient organisation"), [DataRequired(), Length(min=3, max=300)])

    def to_command(self, place_id: int, lines: tuple[LotUnits, ...]) -> TransferAway:
        return TransferAway(str(self.command_id.data), place_id, (self.recipient.data or "").strip(), lines)


class ArrivedLineForm(LineForm):
    lot_id = HiddenField()
    arrived = QuantityField(
        _l("Arrived"), [DataRequired(), Length(max=64)], render_kw={"autocomplete": "off"},
        description=_l("What you counted; 0 if nothing arrived."),
    )  # fmt: skip
    cause = SelectField(_l("Cause of a shortage"), [Optional()], default="")


class ArrivalForm(BaseForm):
    lines = FieldList(FormField(ArrivedLineForm))
    reason = StringField(
        _l("What happened"),
        [Length(max=500), Optional()],
        description=_l("Needed when something is missing."),
    )

    def line_up(self, rows: Sequence[TransferLineRow]) -> None:
        for row in rows:
            self.lines.append_entry({"lot_id": row.lot_id})

    def offer(self) -> None:
        for entry in self.lines.entries:
            entry.form.cause.choices = causes(empty=gettext("not known yet"))

    def read_lines(self, rows: Sequence[TransferLineRow], items: Items) -> tuple[ArrivedLine, ...] | None:
        sent = {row.lot_id: row for row in rows}
        found: list[ArrivedLine] = []
        for entry in self.lines.entries:
            line = entry.form
            row = sent.get(sent_id(line.lot_id.data))
            if row is None:
                continue  # the service refuses lines that do not match
            units = read_units(line.arrived, items[row.item_id], zero=True)
            if units is None:
                continue
            cause = LossCause(line.cause.data) if line.cause.data else None
            found.append(ArrivedLine(row.lot_id, units, cause if units < row.units else None))
        return tuple(found) if len(found) == len(self.lines.entries) else None

    def to_command(self, transfer_id: int, lines: tuple[ArrivedLine, ...]) -> ReceiveTransfer:
        return ReceiveTransfer(str(self.command_id.data), transfer_id, lines, filled(self.reason.data))


class WriteOffForm(BaseForm):
    lot_id = SelectField(_l("Lot"), [DataRequired()])
    quantity = QuantityField(
        _l("Quantity lost"), [DataRequired(), Length(max=64)], render_kw={"autocomplete": "off"}
    )
    cause = SelectField(_l("Cause"), [DataRequired()])
    reason = StringField(_l("What happened"), [DataRequired(), Length(min=3, max=500)])

    def offer(self, rows: Sequence[StockRow]) -> None:
        self.lot_id.choices = lots(rows, empty=gettext("— choose —"))
        self.cause.choices = causes(empty=gettext("— choose —"))

    def to_command(self, place_id: int, lot_id: int, units: int) -> WriteOff:
        return WriteOff(
            str(self.command_id.data),
            place_id,
            lot_id,
            units,
            LossCause(self.cause.data),
            self.reason.data or "",
        )


class CountForm(BaseForm):
    """The expected figure travels along unseen: the count is made without looking at it."""

    expected = HiddenField()
    counted = QuantityField(
        _l("Counted figure"), [DataRequired(), Length(max=64)], render_kw={"autocomplete": "off"},
        description=_l("What really stands there; 0 if nothing."),
    )  # fmt: skip
    reason = StringField(_l("Occasion of the count"), [DataRequired(), Length(min=3, max=500)])

    def to_command(self, place_id: int, lot_id: int, units: int) -> CountLot:
        expected = sent_id(self.expected.data)
        return CountLot(str(self.command_id.data), place_id, lot_id, expected, units, self.reason.data or "")


class LotStatusForm(BaseForm):
    status = SelectField(_l("Status"), [DataRequired()])
    reason = StringField(_l("Reason"), [DataRequired(), Length(min=3, max=500)])

    def offer(self) -> None:
        self.status.choices = choices([(status.value, gettext(status.label)) for status in LotStatus])

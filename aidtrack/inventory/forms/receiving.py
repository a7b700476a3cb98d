"""The receipt of a donation, line by line, each quantity as it was typed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.inventory.commands import ReceivedLine, ReceiveDonation
from aidtrack.inventory.forms.shared import LineForm, filled, named, whole_number
from aidtrack.inventory.kinds import LotCondition
from aidtrack.inventory.queries.catalogue import AgreementRow, DonorRow, ItemRow, PlaceRow, ProgrammeRow
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import Reading
from aidtrack.web.filters import name
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices
from aidtrack.web.i18n import language

READS_AT = "/stock/read-quantity"
MOST_LINES = 60
_TYPED = ("item_id", "quantity", "batch", "expires_on", "announced")


class ReceivedLineForm(LineForm):
    """One item of the consignment. A line in which nothing was typed does not count."""

    item_id = SelectField(_l("Item"), default="", render_kw={"data-reads-as": "item"})
    quantity = QuantityField(
        _l("Quantity that arrived"),
        [Length(max=64)],
        render_kw={"autocomplete": "off", "inputmode": "text", "data-reads-at": READS_AT},
    )
    pack_id = SelectField(_l("Pack"), default="", render_kw={"data-reads-as": "pack"})
    announced = QuantityField(
        _l("Announced by the donor"),
        [Length(max=64), Optional()],
        render_kw={"autocomplete": "off", "data-reads-at": READS_AT},
    )
    batch = StringField(_l("Batch"), [Length(max=60), Optional()], render_kw={"autocomplete": "off"})
    expires_on = DayField(_l("Expiry date"), [Optional()])
    condition = SelectField(_l("Condition"), default=LotCondition.NEW.value)

    def is_blank(self) -> bool:
        """Nothing typed or chosen: raw text counts, so that an unreadable date is not taken for none."""
        for field_name in _TYPED:
            field = self[field_name]
            raw = field.raw_data[0] if field.raw_data else field.data
            if raw not in (None, "") and str(raw).strip():
                return False
        return True


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as the server read it, for the page that asks before anything is saved."""

    index: int  # among the form's entries
    item: ItemRow
    reading: Reading
    announced: Reading | None
    batch: str | None
    expires_on: date | None
    condition: LotCondition

    @property
    def difference(self) -> int:
        """Base units that arrived beyond what was announced; below zero is a shortage."""
        return self.reading.units - self.announced.units if self.announced else 0


class ReceiptForm(BaseForm):
    """`read_lines` reads the quantities once the catalogue is known; nothing of what was typed is changed."""

    place_id = SelectField(_l("Received at"), [DataRequired()])
    arrived_on = DayField(_l("Day of arrival"), [DataRequired()])
    donor_id = SelectField(_l("Donor"), [DataRequired()])
    back_donor_id = SelectField(
        _l("Back donor"),
        [Optional()],
        default="",
        description=_l("Who pays behind the donor, if another organisation does."),
    )
    channel_id = SelectField(
        _l("Channel"),
        [Optional()],
        default="",
        description=_l("Who passed the goods on, if not the donor itself."),
    )
    agreement_id = SelectField(_l("Agreement"), [Optional()], default="")
    programme_id = SelectField(_l("Programme"), [Optional()], default="")
    earmarked = BooleanField(_l("Earmarked: only this programme may hand the goods out"))
    earmark_note = StringField(_l("Purpose in the donor's words"), [Length(max=300), Optional()])
    waybill = StringField(_l("Waybill"), [Length(max=60), Optional()])
    aid_code = StringField(_l("Unique aid code"), [Length(max=60), Optional()])
    declaration_no = StringField(_l("Declaration no."), [Length(max=60), Optional()])
    note = TextAreaField(_l("Note"), [Length(max=500), Optional()], render_kw={"rows": 2})
    lines = FieldList(FormField(ReceivedLineForm), min_entries=1, max_entries=MOST_LINES)

    def offer(
        self,
        *,
        places: Sequence[PlaceRow],
        donors: Sequence[DonorRow],
        agreements: Sequence[AgreementRow],
        programmes: Sequence[ProgrammeRow],
        items: Sequence[ItemRow],
    ) -> None:
        """Fill the choices in the person's language."""
        nothing = gettext("— none —")
        choose = gettext("— choose —")
        self.place_id.choices = named(places, empty=choose if len(places) > 1 else None)
        self.donor_id.choices = named(donors, empty=choose)
        self.back_donor_id.choices = named(donors, empty=nothing)
        self.channel_id.choices = named(donors, empty=nothing)
        self.agreement_id.choices = choices(
            [(row.id, f"{row.donor_code} · {row.number} · {name(row)}") for row in agreements], empty=nothing
        )
        self.programme_id.choices = named(programmes, empty=nothing)
        packs = choices([], empty=gettext("as typed"))
        for item in items:
            group = choices([(pack.id, name(pack)) for pack in item.packs], group=name(item))
            packs.extend(group)
        conditions = choices([(condition.value, gettext(condition.label)) for condition in LotCondition])
        for number, entry in enumerate(self.lines.entries):
            entry.form.item_id.choices = named(items, empty=choose)
            entry.form.pack_id.choices = packs
            entry.form.condition.choices = conditions
            partners = f"#lines-{number}-item_id,#lines-{number}-pack_id"
            for field in (entry.form.quantity, entry.form.announced):
                field.render_kw = {**field.render_kw, "data-reads-with": partners}

    def used_lines(self) -> list[tuple[int, ReceivedLineForm]]:
        """The lines in which something was typed, with their place among all."""
        lines = [(index, entry.form) for index, entry in enumerate(self.lines.entries)]
        return [(index, line) for index, line in lines if not line.is_blank()]

    def read_lines(
        self, items: Mapping[int, ItemRow], usual: Mapping[int, int | None]
    ) -> list[ReadLine] | None:
        """Every used line read, or None after putting refusals and questions on the fields."""
        used = self.used_lines()
        if not used:
            self.form_errors = [*self.form_errors, gettext("Enter at least one line.")]
            return None
        read = [self._read(index, line, items, usual) for index, line in used]
        return None if None in read else [line for line in read if line is not None]

    def _read(
        self,
        index: int,
        line: ReceivedLineForm,
        items: Mapping[int, ItemRow],
        usual: Mapping[int, int | None],
    ) -> ReadLine | None:
        item = items.get(whole_number(line.item_id.data) or 0)
        if item is None:
            line.item_id.errors = [gettext("Choose the item of this line.")]
            return None
        packs = item.packs_for(language())
        pack = next((pack for pack in item.packs if pack.id == whole_number(line.pack_id.data)), None)
        if line.pack_id.data and pack is None:
            line.pack_id.errors = [gettext("This pack belongs to another item.")]
            return None
        how: dict[str, Any] = {
            "density_g_per_l": item.density_g_per_l,
            "default_unit": pack.code if pack else None,
        }
        reading = line.quantity.read(item.base_unit, packs, usual_units=usual.get(item.id), **how)
        announced = None
        if filled(line.announced.data):
            announced = line.announced.read(item.base_unit, packs, **how)
            if announced is None:
                return None
        arrived_on = self.arrived_on.data
        if line.expires_on.data and arrived_on and line.expires_on.data < arrived_on:
            line.expires_on.errors = [
                gettext(
                    "Goods past their expiry date are not received. Check the date, or leave the goods out."
                )
            ]
            return None
        if reading is None:
            return None
        return ReadLine(
            index=index,
            item=item,
            reading=reading,
            announced=announced,
            batch=filled(line.batch.data),
            expires_on=line.expires_on.data,
            condition=LotCondition(line.condition.data),
        )

    def to_command(self, lines: Sequence[ReadLine]) -> ReceiveDonation:
        """The command; its lines follow one another without the blank ones (see `ReadLine.index`)."""
        assert self.arrived_on.data is not None
        return ReceiveDonation(
            command_id=str(self.command_id.data),
            place_id=int(self.place_id.data),
            donor_id=int(self.donor_id.data),
            back_donor_id=whole_number(self.back_donor_id.data),
            channel_id=whole_number(self.channel_id.data),
            agreement_id=whole_number(self.agreement_id.data),
            programme_id=whole_number(self.programme_id.data),
            earmarked=bool(self.earmarked.data),
            earmark_note=filled(self.earmark_note.data),
            waybill=filled(self.waybill.data),
            aid_code=filled(self.aid_code.data),
            declaration_no=filled(self.declaration_no.data),
            arrived_on=self.arrived_on.data,
            note=filled(self.note.data),
            lines=tuple(
                ReceivedLine(
                    item_id=line.item.id,
                    units=line.reading.units,
                    as_typed=line.reading.typed,
                    announced_units=line.announced.units if line.announced else None,
                    batch=line.batch,
                    expires_on=line.expires_on,
                    condition=line.condition,
                )
                for line in lines
            ),
        )

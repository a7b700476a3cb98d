"""Forms of cycles, rounds and vouchers."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from aidtrack.distribution.commands import CopyRound, CreateCycle, EditCycle, EditRound, PlanRound, SetLine
from aidtrack.distribution.printing.texts import Layout
from aidtrack.distribution.queries.rounds import CycleRow, RoundRow, SetLineRow
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.words import BASES
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.kernel.quantity import show
from aidtrack.web.filters import in_order
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices

LONGEST_CODE = 16  # the serial, code and number, has 24 characters
CODE = Regexp(
    r"[A-Za-z0-9\u0400-\u04ff][A-Za-z0-9\u0400-\u04ff./-]*\Z",
    message=_l("Letters, digits, hyphens, dots and slashes only."),
)
MOST_LINES = 20
NONE = 0  # of a select: nothing chosen

T = TypeVar("T")
Pairs = Iterable[tuple[Any, str]]


def given(value: T | None) -> T:
    """What a field that is required holds once the form has been checked."""
    assert value is not None
    return value


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class CycleDays(BaseForm):
    """A cycle's code, names and days, where its programme stands already."""

    code = StringField(
        _l("Code"), filters=[_stripped], validators=[InputRequired(), Length(max=24), CODE],
        description=_l("For example 2026-11"),
    )  # fmt: skip
    name_uk = StringField(
        _l("Name in Ukrainian"), filters=[_stripped], validators=[InputRequired(), Length(max=160)]
    )
    name_en = StringField(
        _l("Name in English"), filters=[_stripped], validators=[InputRequired(), Length(max=160)]
    )
    starts_on = DayField(_l("From"), validators=[InputRequired()])
    ends_on = DayField(_l("Until"), validators=[InputRequired()])

    def ask_less(self) -> None:
        """Vouchers were issued: what papers stand on is not asked for any more."""
        del self.code, self.starts_on

    def to_edit(self, cycle: CycleRow) -> EditCycle:
        return EditCycle(
            cycle_id=cycle.id,
            code=given(self.code.data) if "code" in self else cycle.code,
            name_uk=given(self.name_uk.data),
            name_en=given(self.name_en.data),
            starts_on=given(self.starts_on.data) if "starts_on" in self else cycle.starts_on,
            ends_on=given(self.ends_on.data),
        )


class CycleForm(CycleDays):
    """A period of a programme in which a family is served once."""

    programme_id = SelectField(_l("Programme"), coerce=int, validators=[InputRequired()])

    def to_command(self) -> CreateCycle:
        return CreateCycle(
            command_id=str(self.command_id.data),
            programme_id=self.programme_id.data,
            code=given(self.code.data),
            name_uk=given(self.name_uk.data),
            name_en=given(self.name_en.data),
            starts_on=given(self.starts_on.data),
            ends_on=given(self.ends_on.data),
        )


class LineForm(Form):
    """One line of the entitlement set; a line without an item is left out."""

    item_id = SelectField(_l("Item"), coerce=int, default=NONE)
    basis = SelectField(_l("Counted"), coerce=Basis, default=Basis.HOUSEHOLD)
    quantity = QuantityField(_l("Quantity"), description=_l("With its unit: 3 kg, 1 pcs"))
    age_from = IntegerField(_l("Age from"), validators=[Optional(), NumberRange(min=0, max=130)])
    age_to = IntegerField(_l("Age to"), validators=[Optional(), NumberRange(min=0, max=130)])
    pack_id = SelectField(_l("Given in"), coerce=int, default=NONE)

    @property
    def blank(self) -> bool:
        return not self.item_id.data and not (self.quantity.data or "").strip()


class RoundForm(BaseForm):
    """A round: where, when, and what a family is due."""

    cycle_id = SelectField(_l("Cycle"), coerce=int, validators=[InputRequired()])
    place_id = SelectField(_l("Place"), coerce=int, validators=[InputRequired()])
    code = StringField(
        _l("Code of the round"),
        filters=[_stripped],
        validators=[InputRequired(), Length(max=LONGEST_CODE), CODE],
        description=_l("Short and neutral: it is printed on the vouchers"),
    )
    first_day = DayField(_l("First day"), validators=[InputRequired()])
    last_day = DayField(_l("Last day"), validators=[InputRequired()])
    hours = StringField(
        _l("Hours"), filters=[_stripped], validators=[Optional(), Length(max=80)], description="9:00–16:00"
    )
    print_head_name = BooleanField(_l("Print the head's short name on the voucher"))
    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES)

    def offer(self, *, cycles: Pairs, places: Pairs, items: Sequence[ItemRow], language: str) -> None:
        """Set what can be chosen. Call before the form is checked or shown."""
        self.cycle_id.choices = choices(cycles)
        self.place_id.choices = choices(places)
        self._items = {item.id: item for item in items}
        self._language = language
        for entry in self.lines:
            self._offer_line(entry.form)

    def _offer_line(self, line: Any) -> None:
        items = sorted(self._items.values(), key=lambda item: in_order(item.name(self._language)))
        named = [(item.id, item.name(self._language)) for item in items]
        line.item_id.choices = choices([(NONE, "—"), *named])
        line.basis.choices = choices((basis.value, gettext(text)) for basis, text in BASES.items())
        line.pack_id.choices = choices([(NONE, gettext("loose"))])
        for item in items:
            packs = [(pack.id, pack.name(self._language)) for pack in item.packs]
            line.pack_id.choices += choices(packs, group=item.name(self._language))

    def add_line(self) -> None:
        """One empty line more, as the button asks."""
        if len(self.lines) < MOST_LINES:
            self._offer_line(self.lines.append_entry().form)

    def fill(self, round_: RoundRow, lines: Iterable[SetLineRow]) -> None:
        """Show a round that exists."""
        self.cycle_id.data, self.place_id.data, self.code.data = round_.cycle_id, round_.place_id, round_.code
        self.first_day.data, self.last_day.data = round_.first_day, round_.last_day
        self.hours.data, self.print_head_name.data = round_.hours, round_.print_head_name
        while len(self.lines):
            self.lines.pop_entry()
        for line in lines:
            self.add_line()
            form = self.lines.entries[-1].form
            form.item_id.data, form.basis.data = line.item_id, line.basis
            form.quantity.data = show(line.units, line.base_unit, self._language)
            form.age_from.data, form.age_to.data = line.age_from, line.age_to
            form.pack_id.data = line.pack_id or NONE
        if not len(self.lines):
            self.add_line()

    def read_lines(self) -> tuple[SetLine, ...] | None:
        """The lines with their quantities read; None after putting refusals on the fields.

        Empty lines are dropped first, so that a service's refusal finds its line by number.
        """
        filled = [entry for entry in self.lines.entries if not entry.form.blank]
        self.lines.entries = filled or self.lines.entries[:1]
        read: list[SetLine] = []
        complete = True
        for entry in filled:
            line = entry.form
            item = self._items.get(line.item_id.data)
            if item is None:
                line.item_id.errors = [gettext("Choose an item.")]
                complete = False
                continue
            reading = line.quantity.read(
                item.base_unit, item.packs_for(self._language), density_g_per_l=item.density_g_per_l
            )
            if reading is None:
                complete = False
                continue
            banded = line.basis.data is Basis.AGE_BAND
            read.append(
                SetLine(
                    item_id=item.id,
                    basis=line.basis.data,
                    units=reading.units,
                    age_from=line.age_from.data if banded else None,
                    age_to=line.age_to.data if banded else None,
                    pack_id=line.pack_id.data or None,
                )
            )
        return tuple(read) if complete else None

    def to_plan(self, lines: tuple[SetLine, ...]) -> PlanRound:
        return PlanRound(
            command_id=str(self.command_id.data),
            cycle_id=self.cycle_id.data,
            place_id=self.place_id.data,
            code=given(self.code.data),
            first_day=given(self.first_day.data),
            last_day=given(self.last_day.data),
            hours=self.hours.data or None,
            lines=lines,
            print_head_name=self.print_head_name.data,
        )

    def to_edit(self, round_id: int, lines: tuple[SetLine, ...]) -> EditRound:
        return EditRound(
            round_id=round_id,
            place_id=self.place_id.data,
            code=given(self.code.data),
            first_day=given(self.first_day.data),
            last_day=given(self.last_day.data),
            hours=self.hours.data or None,
            lines=lines,
            print_head_name=self.print_head_name.data,
        )


class CopyForm(BaseForm):
    """The next round like an earlier one."""

    cycle_id = SelectField(_l("Cycle"), coerce=int, validators=[InputRequired()])
    code = StringField(
        _l("Code of the round"), filters=[_stripped],
        validators=[InputRequired(), Length(max=LONGEST_CODE), CODE],
    )  # fmt: skip
    first_day = DayField(_l("First day"), validators=[InputRequired()])
    last_day = DayField(_l("Last day"), validators=[InputRequired()])

    def to_command(self, round_id: int) -> CopyRound:
        return CopyRound(
            command_id=str(self.command_id.data),
            round_id=round_id,
            cycle_id=self.cycle_id.data,
            code=given(self.code.data),
            first_day=given(self.first_day.data),
            last_day=given(self.last_day.data),
        )


class IssueForm(BaseForm):
    """Issue to everyone; a shortage must be seen and accepted."""

    accept_shortage = BooleanField(_l("Issue all the same: the missing goods will arrive in time"))


class IssueOneForm(BaseForm):
    registration_no = StringField(
        _l("Registration number of the family"),
        filters=[_stripped],
        validators=[InputRequired(), Length(max=40)],
        description=_l("As on the family's paper, for example DN-22-000123-4"),
    )


class ReasonForm(BaseForm):
    """Void and reprint: nothing happens to a voucher without a reason."""

    reason = TextAreaField(_l("Reason"), filters=[_stripped], validators=[InputRequired(), Length(max=300)])


class OneVoucherForm(BaseForm):
    """One voucher on a card, or as a picture."""

    picture = BooleanField()


class PrintForm(BaseForm):
    layout = RadioField(
        _l("Paper"),
        choices=choices(
            [
                (Layout.SHEETS.value, _l("A4 sheets, eight vouchers to a page, with cut marks")),
                (Layout.CARDS.value, _l("Single cards, one to a page (A7)")),
            ]
        ),
        default=Layout.SHEETS.value,
    )
    language = RadioField(
        _l("Language of the voucher"),
        choices=choices([("uk", "Українська"), ("en", "English")]),
        default="uk",
    )
    which = RadioField(
        _l("Vouchers"),
        choices=choices([("unprinted", _l("only those not printed yet")), ("all", _l("all that are open"))]),
        default="unprinted",
    )

    def validate_which(self, field: Any) -> None:
        if field.data not in ("unprinted", "all"):
            raise ValidationError(gettext("Not a valid choice."))

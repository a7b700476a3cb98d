"""The base form and the fields every room uses: a day, a quantity, a command's id."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, Form, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import DateInput, HiddenInput, TextInput

from aidtrack.kernel.clock import read_day as read_day
from aidtrack.kernel.errors import N_, DomainError, Forbidden, NotFound
from aidtrack.kernel.quantity import (
    AmbiguousQuantity,
    BaseUnit,
    Pack,
    QuantityError,
    Reading,
    is_unusual,
    read_quantity,
)
from aidtrack.web.access import SignInNeeded
from aidtrack.web.form_words import FormWords
from aidtrack.web.i18n import language
from aidtrack.web.problems import translate


class CommandIdField(Field):
    """The client's id for one command: new with each fresh page, kept when the form comes back (I10)."""

    widget = HiddenInput()
    data: uuid.UUID

    def __init__(self, label: str = "", **kwargs: Any) -> None:
        super().__init__(label, default=uuid.uuid4, **kwargs)

    def _value(self) -> str:
        return str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = uuid.UUID(valuelist[0])
            except ValueError:
                self.data = uuid.uuid4()
                raise ValueError(gettext("Reload the page and send the form again.")) from None


class BaseForm(FlaskForm):
    """What every form has: protection against foreign senders, a command id, refusals put where they belong."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Form) -> FormWords:
            return FormWords()

    command_id = CommandIdField()

    def show(self, error: DomainError) -> None:
        """Put a refusal on the field it blames, or on the form as a whole.

        `error.field` may lead into lists: "lines-2-quantity". What no form can mend (another site's
        object, a role without the right, no sign-in) is raised again.
        """
        if error.off_the_form or isinstance(error, Forbidden | NotFound | SignInNeeded):
            raise error
        field = self.find(error.field) if error.field else None
        if field is None:
            self.form_errors = [*list(self.form_errors), translate(error)]  # type: ignore[has-type]
        elif isinstance(field, QuantityField) and isinstance(error, QuantityError):
            field.ask_or_refuse(error)
        else:
            field.errors = [*field.errors, translate(error)]

    def find(self, name: str) -> Field | None:
        """The field of that name, also inside lists and enclosed forms; None where there is none."""
        found: Any = self
        rest = name.replace(".", "-").split("-")
        while rest:
            step: Any = None
            # field names have no "-", so one part is one step
            part = rest.pop(0)
            fields = getattr(found, "form", None) or found
            if part.isdigit() and hasattr(found, "entries"):
                number = int(part)
                step = found.entries[number] if number < len(found.entries) else None
            elif isinstance(fields, Form) and part in fields:
                step = fields[part]
            if step is None:
                return None
            found = step
        return found if isinstance(found, Field) else None


def has_errors(form: Form) -> bool:
    return bool(form.errors)


def choices(
    pairs: Iterable[tuple[Any, Any]], *, empty: Any = None, group: str | None = None
) -> list[SelectChoice]:
    """Options of a choice field from (value, label) pairs; `empty` is the label of "nothing chosen"."""
    first = [] if empty is None else [SelectChoice(value="", label=empty)]
    return first + [SelectChoice(value=value, label=label, optgroup=group) for value, label in pairs]


class DayField(Field):
    """A calendar day; what cannot be read stays in the field as it was typed."""

    data: date | None
    earliest, latest = date(1900, 1, 1), date(2100, 12, 31)

    def __call__(self, **kwargs: Any) -> Any:
        # a date input shows nothing for a text that is no date, and the typing would be lost
        unreadable = bool(self.raw_data and self.raw_data[0].strip()) and self.data is None
        return (TextInput() if unreadable else DateInput())(self, **kwargs)

    widget = DateInput()

    def _value(self) -> str:
        if self.data is None:
            return str(self.raw_data[0]) if self.raw_data else ""
        return self.data.isoformat()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            day = read_day(text)
        except ValueError:
            raise ValueError(gettext("Enter a date as day.month.year, for example 01.09.2022.")) from None
        if not self.earliest <= day <= self.latest:
            raise ValueError(gettext("This date is too far away. Check the year."))
        self.data = day

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            # else DataRequired would replace "enter a date as…" by "fill in", though something stands there
            raise StopValidation()


class UnusualQuantity(QuantityError):
    """At least five times the item's usual line: asked once more, not refused."""

    code = "quantity_unusual"
    text = N_("%(shown)s is five times the usual quantity of this item or more. Confirm it or correct it.")


class QuantityField(StringField):
    """A quantity as typed. The view calls `read` once it knows the item.

    The text stays as it was typed. Where two readings are possible, or the quantity is five times the
    usual one, `question` holds the choices and the field macro shows them; the answer comes back in the
    hidden partner `<name>-confirmed` and counts only for the very text it was given for.
    """

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(label, list(validators or ()), **kwargs)
        self.question: list[tuple[str, str]] = []  # (value to send back, what it means)
        self.reading: Reading | None = None
        self._confirmed: list[int] = []

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        if formdata is not None:
            for answer in formdata.getlist(self.confirmation_name):
                units, _, typed = str(answer).partition(":")
                if (
                    units.isascii()
                    and units.isdigit()
                    and len(units) <= 13
                    and typed == (self.data or "").strip()
                ):
                    self._confirmed.append(int(units))

    @property
    def confirmation_name(self) -> str:
        return f"{self.name}-confirmed"

    def read(
        self,
        unit: BaseUnit,
        packs: Sequence[Pack] = (),
        *,
        usual_units: int | None = None,
        density_g_per_l: int | None = None,
        default_unit: str | None = None,
    ) -> Reading | None:
        """The quantity, or None after putting a refusal or a question on this field."""
        self.reading = None
        try:
            self.reading = self._read(unit, packs, usual_units, density_g_per_l, default_unit)
        except QuantityError as error:
            self.ask_or_refuse(error)
        return self.reading

    def _read(
        self,
        unit: BaseUnit,
        packs: Sequence[Pack],
        usual_units: int | None,
        density_g_per_l: int | None,
        default_unit: str | None,
    ) -> Reading:
        def reading(confirmed: int | None) -> Reading:
            return read_quantity(
                self.data or "",
                unit,
                packs=packs,
                locale=language(),
                density_g_per_l=density_g_per_l,
                default_unit=default_unit,
                confirmed_units=confirmed,
            )

        found: Reading | None = None
        for confirmed in self._confirmed:
            try:
                found = reading(confirmed)
                break
            except AmbiguousQuantity:
                continue
        if found is None:
            found = reading(None)
        if is_unusual(found.units, usual_units) and found.units not in self._confirmed:
            raise UnusualQuantity(
                shown=found.shown, typed=found.typed, readings=[{"units": found.units, "shown": found.shown}]
            )
        return found

    def ask_or_refuse(self, error: QuantityError) -> None:
        """Show the refusal; where it names possible readings, offer them as the question's answers."""
        typed = (self.data or "").strip()
        self.question = [
            (f"{found['units']}:{typed}", str(found["shown"])) for found in error.facts.get("readings", ())
        ]
        self.errors = [*self.errors, translate(error)]


class EmptyForm(BaseForm):
    """A button and nothing else: void, undo, sign out."""


def not_in_future(today: Callable[[], date]) -> Callable[[Form, Field], None]:
    """A validator: the day has already come. `today` is read when the form is checked."""

    def check(form: Form, field: Field) -> None:
        if field.data is not None and field.data > today():
            raise ValidationError(gettext("This date is in the future."))

    return check


__all__ = [
    "BaseForm",
    "CommandIdField",
    "DayField",
    "EmptyForm",
    "QuantityField",
    "UnusualQuantity",
    "choices",
    "has_errors",
    "not_in_future",
    "read_day",
]

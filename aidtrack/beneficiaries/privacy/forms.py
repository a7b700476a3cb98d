"""Forms of data protection."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from aidtrack.beneficiaries.models import ErasureWhy, HowTold, LegalGround, RetentionKind
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.privacy.words import CHOICES, FIELDS, PURPOSES
from aidtrack.web.forms import BaseForm, DayField, choices

LANGUAGES = (("uk", "українська"), ("en", "English"))


class SelectMultipleCheckField(SelectMultipleField):
    """Several of a few, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def labelled(kind: Any, *leave_out: Any) -> list[Any]:
    return choices([(one.value, _l(one.label)) for one in kind if one not in leave_out])


class PurposeForm(BaseForm):
    reading_for = SelectField(_l("You look at families for"), [DataRequired()])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.reading_for.choices = choices([(code, _l(PURPOSES[code])) for code in CHOICES])


class GoOnForm(BaseForm):
    reason = StringField(
        _l("Why do you need to see more families now?"),
        [DataRequired(), Length(max=300)],
        description=_l("Name nobody here. Your administrator reads it."),
    )


class GroundForm(BaseForm):
    ground = RadioField(_l("Ground"), [InputRequired()])
    how = RadioField(_l("How the family was told"), [InputRequired()])
    language = RadioField(_l("In which language"), [InputRequired()], choices=choices(LANGUAGES))
    given_on = DayField(_l("On which day"), [DataRequired()])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ground.choices = labelled(LegalGround)
        self.how.choices = labelled(HowTold)


class WithdrawForm(BaseForm):
    withdrawn_on = DayField(_l("Withdrawn on"), [DataRequired()])


class EraseForm(BaseForm):
    why = RadioField(_l("Why"), [InputRequired()])
    reason = StringField(
        _l("In a few words"),
        [DataRequired(), Length(max=500)],
        description=_l("For example: written request of 12.11, file 4."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.why.choices = labelled(ErasureWhy, ErasureWhy.RETENTION)


class DueForm(BaseForm):
    families = SelectMultipleCheckField(_l("Families"), coerce=int, validate_choice=False)


class ExportForm(BaseForm):
    site_id = SelectField(_l("Site"), [DataRequired()])
    fields_wanted = SelectMultipleCheckField(_l("What the file has"))
    purpose = StringField(
        _l("What for"),
        [DataRequired(), Length(max=300)],
        description=_l("It stands on every row of the file, and is kept with the request. Name nobody here."),
    )

    def offer(self, sites: list[tuple[int, str]]) -> None:
        self.site_id.choices = choices([(str(number), label) for number, label in sites])
        self.fields_wanted.choices = choices([(code, _l(words)) for code, words in FIELDS.items()])


class LimitsForm(BaseForm):
    opened_soft = IntegerField(
        _l("Families opened in an hour, until a reason is asked"), [InputRequired(), NumberRange(1, 10_000)]
    )
    opened_hard = IntegerField(
        _l("Families opened in an hour, at most"), [InputRequired(), NumberRange(1, 10_000)]
    )
    listed_soft = IntegerField(
        _l("Families shown in lists in an hour, until a reason is asked"),
        [InputRequired(), NumberRange(1, 100_000)],
    )
    listed_hard = IntegerField(
        _l("Families shown in lists in an hour, at most"), [InputRequired(), NumberRange(1, 100_000)]
    )
    export_hours = IntegerField(
        _l("Hours in which an approved file may be taken"), [InputRequired(), NumberRange(1, 168)]
    )

    def to_limits(self) -> Limits:
        names = ("opened_soft", "opened_hard", "listed_soft", "listed_hard", "export_hours")
        return Limits(**{name: int(self[name].data or 0) for name in names})


class RetentionForm(BaseForm):
    kind = RadioField(_l("Which files"), [InputRequired()])
    months = IntegerField(_l("Months they are kept"), [InputRequired(), NumberRange(0, 1200)])
    valid_from = DayField(_l("From which day"), [DataRequired()])
    source = StringField(_l("By which order or law"), [DataRequired(), Length(max=200)])

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kind.choices = labelled(RetentionKind)


class TextForm(BaseForm):
    body_uk = TextAreaField(_l("Text in Ukrainian"), [DataRequired(), Length(max=8000)])
    body_en = TextAreaField(_l("Text in English"), [DataRequired(), Length(max=8000)])
    valid_from = DayField(_l("From which day"), [DataRequired()])


def day_of(field: DayField) -> date:
    assert field.data is not None
    return field.data

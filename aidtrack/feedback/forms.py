"""Forms of feedback: the public one, the desk's, handling, terms and rights."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from aidtrack.feedback.commands import (
    Answer,
    Assign,
    Change,
    Channel,
    Grant,
    Outcome,
    Receive,
    Record,
    SetTerm,
    SetWeek,
)
from aidtrack.feedback.services.receiving import LONGEST
from aidtrack.feedback.words import CHANNELS, MARKS, OUTCOMES, WEEKDAYS
from aidtrack.web.dated import WordsForm
from aidtrack.web.forms import BaseForm, DayField, choices

Pairs = Iterable[tuple[object, str]]


def filled(text: str | None) -> str | None:
    return (text or "").strip() or None


def number_or_none(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else None


def mark_choices(*, empty: Any) -> Any:
    return choices([(str(mark), _l(word)) for mark, word in MARKS.items()], empty=empty)


class PublicForm(BaseForm):
    """What anybody can say: no name and no phone is asked."""

    site_id = SelectField(_l("Which office"), coerce=int)
    kind = SelectField(_l("What it is about"), validators=[Optional()])
    text = TextAreaField(
        _l("Your message"), [Optional(), Length(max=LONGEST)], render_kw={"rows": 7, "autocomplete": "off"},
        description=_l("You need not say who you are. Write where and when, if you can."),
    )  # fmt: skip
    rating = SelectField(_l("How were you served when aid was given out?"), validators=[Optional()])

    round_code = StringField(
        _l("Distribution"), [Optional(), Length(max=40)], render_kw={"autocomplete": "off"},
        description=_l(
            "If you like: the large letters and numbers at the top of the voucher. They are the same on all vouchers "
            "of that distribution and do not tell who you are."
        ),
    )  # fmt: skip

    def offer(self, sites: Pairs, kinds: Pairs) -> None:
        self.site_id.choices = choices(sites)
        self.kind.choices = choices(kinds, empty=_l("Choose…"))
        self.rating.choices = mark_choices(empty=_l("no mark"))

    def to_command(self, language: str) -> Receive:
        return Receive(
            str(self.command_id.data), self.site_id.data, self.kind.data or None, self.text.data or "",
            number_or_none(self.rating.data), language, self.round_code.data,
        )  # fmt: skip


class LookUpForm(BaseForm):
    code = StringField(
        _l("Code of your message"), [DataRequired(), Length(max=40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )  # fmt: skip


class MoreForm(LookUpForm):
    """The writer is not content with the answer."""

    text = TextAreaField(
        _l("What is still wrong"), [DataRequired(), Length(min=3, max=LONGEST)], render_kw={"rows": 5}
    )


class RecordForm(BaseForm):
    """An entry typed by staff."""

    site_id = SelectField(_l("Site"), coerce=int)
    channel = SelectField(
        _l("How it came"),
        choices=choices([(one.value, _l(word)) for one, word in CHANNELS.items() if one is not Channel.WEB]),
        default=Channel.DESK.value,
    )
    received_on = DayField(_l("Received on"), validators=[InputRequired()])
    kind = SelectField(_l("What it is about"), validators=[InputRequired()])
    text = TextAreaField(_l("Message"), [DataRequired(), Length(min=3, max=LONGEST)], render_kw={"rows": 6})
    sensitive = BooleanField(_l("Sensitive: only those named for it may read it"))
    name = StringField(_l("Name"), [Optional(), Length(max=160)], render_kw={"autocomplete": "off"})
    phone = StringField(_l("Phone"), [Optional(), Length(max=40)], render_kw={"autocomplete": "off"})
    registration_no = StringField(
        _l("Registration number of the family"), [Optional(), Length(max=24)], render_kw={"autocomplete": "off"}
    )  # fmt: skip
    round_id = SelectField(_l("Round"), validators=[Optional()])
    about_user_id = SelectField(_l("Whom it concerns"), validators=[Optional()])
    rating = SelectField(_l("Mark"), validators=[Optional()])

    def offer(self, sites: Pairs, kinds: Pairs, rounds: Pairs, colleagues: Pairs) -> None:
        self.site_id.choices = choices(sites)
        self.kind.choices = choices(kinds, empty=_l("Choose…"))
        self.round_id.choices = choices(rounds, empty=_l("none"))
        self.about_user_id.choices = choices(colleagues, empty=_l("nobody of the staff"))
        self.rating.choices = mark_choices(empty=_l("no mark"))

    def to_command(self, household_id: int | None) -> Record:
        assert isinstance(self.received_on.data, date)
        return Record(
            command_id=str(self.command_id.data), site_id=self.site_id.data, channel=Channel(self.channel.data),
            kind=self.kind.data, received_on=self.received_on.data, text=self.text.data or "",
            name=filled(self.name.data), phone=filled(self.phone.data), household_id=household_id,
            round_id=number_or_none(self.round_id.data), about_user_id=number_or_none(self.about_user_id.data),
            rating=number_or_none(self.rating.data), sensitive=bool(self.sensitive.data),
        )  # fmt: skip


class AssignForm(BaseForm):
    user_id = SelectField(_l("Who handles it"), coerce=int)

    def offer(self, able: Pairs) -> None:
        self.user_id.choices = choices(able)

    def to_command(self, feedback_id: int) -> Assign:
        return Assign(feedback_id, self.user_id.data)


class AnswerForm(BaseForm):
    text = TextAreaField(
        _l("Answer"), [DataRequired(), Length(min=3, max=LONGEST)], render_kw={"rows": 6},
        description=_l("The holder of the code reads it on the public page. Name nobody."),
    )  # fmt: skip
    outcome = RadioField(
        _l("What was found"),
        choices=choices([(one.value, _l(word)) for one, word in OUTCOMES.items()]),
        default=Outcome.NO_FINDING.value,
    )
    close = BooleanField(_l("Nothing is left to do: close it"))

    def to_command(self, feedback_id: int) -> Answer:
        return Answer(
            feedback_id, self.text.data or "", Outcome(self.outcome.data), close=bool(self.close.data)
        )


class ChangeForm(BaseForm):
    kind = SelectField(_l("What it is about"), validators=[InputRequired()])
    about_user_id = SelectField(_l("Whom it concerns"), validators=[Optional()])
    sensitive = BooleanField(_l("Sensitive: only those named for it may read it"))

    def offer(self, kinds: Pairs, colleagues: Pairs) -> None:
        self.kind.choices = choices(kinds)
        self.about_user_id.choices = choices(colleagues, empty=_l("nobody of the staff"))

    def to_command(self, feedback_id: int) -> Change:
        return Change(
            feedback_id, self.kind.data, bool(self.sensitive.data), number_or_none(self.about_user_id.data)
        )


class TermForm(BaseForm):
    kind = SelectField(_l("What it is about"), validators=[InputRequired()])
    valid_from = DayField(_l("From the day"), validators=[InputRequired()])
    working_days = IntegerField(_l("Working days"), [InputRequired(), NumberRange(0, 250)])

    def to_command(self) -> SetTerm:
        assert isinstance(self.valid_from.data, date)
        return SetTerm(self.kind.data, self.valid_from.data, self.working_days.data or 0)


class KindForm(WordsForm):
    working_days = IntegerField(_l("Working days an answer may take"), [InputRequired(), NumberRange(0, 250)])
    sensitive = BooleanField(_l("Sensitive: only those named for it may read it"))


class WeekForm(BaseForm):
    valid_from = DayField(_l("From the day"), validators=[InputRequired()])
    weekdays = SelectMultipleField(
        _l("Working days of the week"), choices=choices([(digit, _l(word)) for digit, word in WEEKDAYS.items()])
    )  # fmt: skip

    def to_command(self) -> SetWeek:
        assert isinstance(self.valid_from.data, date)
        return SetWeek(self.valid_from.data, "".join(self.weekdays.data or []))


class SpecialDayForm(BaseForm):
    day = DayField(_l("Day"), validators=[InputRequired()])
    works = RadioField(
        _l("This day"), choices=choices([("no", _l("day off")), ("yes", _l("working day"))]), default="no"
    )


class AddressForm(BaseForm):
    address = StringField(
        _l("Short address on vouchers"), [Optional(), Length(max=60)],
        description=_l("It must lead to this server’s page /feedback. Empty: nothing is printed."),
    )  # fmt: skip


class GrantForm(BaseForm):
    user_id = SelectField(_l("Colleague"), coerce=int)
    days = IntegerField(_l("For how many days"), [InputRequired(), NumberRange(1, 366)], default=90)
    reason = StringField(_l("Reason"), [DataRequired(), Length(min=3, max=300)])

    def to_command(self) -> Grant:
        return Grant(self.user_id.data, self.days.data or 0, self.reason.data or "")

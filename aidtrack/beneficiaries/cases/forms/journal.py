"""The journal: an entry, what becomes of it, and what the list is narrowed to."""

from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.beneficiaries.cases.commands import (
    AssignIntake,
    Channel,
    CloseIntake,
    IntakeKind,
    IntakeStatus,
    Outcome,
    RecordIntake,
    ReopenIntake,
    Sender,
    TransferIntake,
)
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter
from aidtrack.beneficiaries.cases.words import (
    CHANNEL_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    SENDER_WORDS,
    STATUS_WORDS,
)
from aidtrack.beneficiaries.forms.fields import OFF, filled, whole_number
from aidtrack.web.forms import BaseForm, DayField, choices

MINE, NOBODYS = "mine", "nobody"


class IntakeForm(BaseForm):
    site_id = SelectField(_l("Site"), [DataRequired()])
    kind = RadioField(
        _l("What it is"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in KIND_WORDS.items()),
        default=IntakeKind.APPEAL.value,
    )
    channel = SelectField(
        _l("How it came"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in CHANNEL_WORDS.items()),
        default=Channel.IN_PERSON.value,
    )
    received_on = DayField(_l("Came on"), [DataRequired()])
    sender = SelectField(
        _l("Who turned to us"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in SENDER_WORDS.items()),
        default=Sender.FAMILY.value,
    )
    from_whom = StringField(
        _l("From whom"),
        [Optional(), Length(max=200)],
        description=_l("Surname, given name, patronymic; or the name of the institution."),
        render_kw=OFF,
    )
    contact = StringField(_l("Phone or address for the answer"), [Optional(), Length(max=200)], render_kw=OFF)
    about = TextAreaField(
        _l("What it is about"), [Optional(), Length(max=2000)], render_kw={"rows": 3, **OFF}
    )
    number = StringField(
        _l("Number in the journal"),
        [Optional(), Length(max=40)],
        description=_l("Empty: the next number is given."),
        render_kw=OFF,
    )
    assigned_to_id = SelectField(_l("Caseworker"), [Optional()])

    def offer(self, sites: list[tuple[int, str]], caseworkers: list[tuple[int, str]]) -> None:
        self.site_id.choices = choices(sites)
        self.assigned_to_id.choices = choices(caseworkers, empty=gettext("nobody yet"))

    def to_command(self, household_id: int | None) -> RecordIntake:
        assert self.received_on.data is not None
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return RecordIntake(
            command_id,
            household_id,
            filled(self.number.data),
            IntakeKind(self.kind.data),
            self.received_on.data,
            site_id=int(self.site_id.data),
            channel=Channel(self.channel.data),
            sender=Sender(self.sender.data),
            from_whom=filled(self.from_whom.data),
            contact=filled(self.contact.data),
            about=filled(self.about.data),
            assigned_to_id=whole_number(self.assigned_to_id.data),
        )


class AssignForm(BaseForm):
    user_id = SelectField(_l("Caseworker"), [Optional()])

    def offer(self, caseworkers: list[tuple[int, str]]) -> None:
        self.user_id.choices = choices(caseworkers, empty=gettext("nobody yet"))

    def to_command(self, intake_id: int) -> AssignIntake:
        return AssignIntake(intake_id, whole_number(self.user_id.data))


class CloseForm(BaseForm):
    outcome = RadioField(
        _l("Outcome"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in OUTCOME_WORDS.items()),
    )
    reason = StringField(
        _l("Reason"),
        [Optional(), Length(max=500)],
        description=_l("Needed unless aid was granted. Kept encrypted."),
        render_kw=OFF,
    )

    def to_command(self, intake_id: int) -> CloseIntake:
        return CloseIntake(intake_id, Outcome(self.outcome.data), filled(self.reason.data))


class TransferForm(BaseForm):
    to = StringField(_l("To whom, which institution"), [DataRequired(), Length(max=200)], render_kw=OFF)
    reason = StringField(_l("Reason"), [DataRequired(), Length(max=500)], render_kw=OFF)

    def to_command(self, intake_id: int) -> TransferIntake:
        return TransferIntake(intake_id, self.to.data or "", self.reason.data or "")


class ReasonForm(BaseForm):
    reason = StringField(_l("Reason"), [DataRequired(), Length(max=500)], render_kw=OFF)

    def to_command(self, intake_id: int) -> ReopenIntake:
        return ReopenIntake(intake_id, self.reason.data or "")


class LinkForm(BaseForm):
    registration_no = StringField(
        _l("Registration number of the family"), [DataRequired(), Length(max=24)], render_kw=OFF
    )


class JournalForm(BaseForm):
    """Read from the address: a filtered journal can be returned to. It names nobody."""

    class Meta(BaseForm.Meta):
        csrf = False

    status = SelectField(_l("State"), default="")
    assigned = SelectField(_l("Caseworker"), default="")
    kind = SelectField(_l("What it is"), default="")
    channel = SelectField(_l("How it came"), default="")
    first = DayField(_l("From"))
    last = DayField(_l("To"))
    number = StringField(_l("Number"), [Length(max=40)])

    @classmethod
    def asked(cls, values: MultiDict[str, str], caseworkers: list[tuple[int, str]]) -> "JournalForm":
        form = cls(formdata=values)
        anyone = gettext("all")
        form.status.choices = choices(((one.value, word) for one, word in STATUS_WORDS.items()), empty=anyone)
        form.kind.choices = choices(((one.value, word) for one, word in KIND_WORDS.items()), empty=anyone)
        form.channel.choices = choices(
            ((one.value, word) for one, word in CHANNEL_WORDS.items()), empty=anyone
        )
        form.assigned.choices = choices(
            [(MINE, gettext("mine")), (NOBODYS, gettext("nobody's yet")), *caseworkers], empty=anyone
        )
        return form

    def to_filter(self, user_id: int | None) -> JournalFilter:
        whose = {MINE: user_id or -1, NOBODYS: 0}
        assigned = self.assigned.data or ""
        return JournalFilter(
            status=IntakeStatus(self.status.data) if self.status.data else None,
            kind=IntakeKind(self.kind.data) if self.kind.data else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            assigned=whose[assigned] if assigned in whose else whole_number(assigned),
            first=self.first.data,
            last=self.last.data,
            number=filled(self.number.data),
        )

"""What happens in a family's life: another head, who else may collect, parting and coming together."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.commands import (
    AddCollector,
    EndCollector,
    JoinHouseholds,
    NameHead,
    SplitHousehold,
)
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.family import Versioned, as_version
from aidtrack.beneficiaries.forms.fields import filled, member_choices, whole_number
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.web.forms import DayField, choices


class HeadForm(Versioned):
    person_id = SelectField(_l("New head of the family"), [DataRequired()])
    since = DayField(_l("Since"), [DataRequired()])
    young_head = fields.young_head()

    def offer(self, file: HouseholdFile) -> None:
        self.person_id.choices = member_choices(file, besides=file.head.id if file.head else None)

    def to_command(self, household_id: int) -> NameHead:
        assert self.since.data is not None
        return NameHead(
            household_id, self.version_number(), int(self.person_id.data), self.since.data,
            bool(self.young_head.data),
        )  # fmt: skip


class CollectorForm(Versioned):
    name = StringField(
        _l("Surname, given name, patronymic"),
        [DataRequired(), Length(max=80)],
        description=_l("As on the document they will show. The counter shows surname and initials."),
        render_kw=fields.OFF,
    )
    document = fields.document()
    valid_from = DayField(_l("May collect from"), [DataRequired()])
    valid_until = DayField(_l("Until"), [Optional()], description=_l("Empty means until further notice."))

    def to_command(self, household_id: int) -> AddCollector:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        assert self.valid_from.data is not None
        return AddCollector(
            command_id=command_id,
            household_id=household_id,
            version=self.version_number(),
            name=self.name.data or "",
            document=filled(self.document.data),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


class EndCollectorForm(Versioned):
    valid_until = DayField(_l("Last day on which they may collect"), [DataRequired()])

    def to_command(self, household_id: int, collector_id: int) -> EndCollector:
        assert self.valid_until.data is not None
        return EndCollector(household_id, self.version_number(), collector_id, self.valid_until.data)


class SplitForm(Versioned):
    person_ids = SelectMultipleCheckField(_l("Who goes"), [DataRequired()])
    head_id = SelectField(_l("Head of the new family"), [DataRequired()])
    on = DayField(_l("Since"), [DataRequired()])
    settlement = fields.settlement()
    katottg = fields.katottg()
    address = fields.address()
    phone = fields.phone()
    keep_papers = BooleanField(_l("The needs assessment and decisions in force hold for the new family too"))
    new_head_id = SelectField(
        _l("Head of those who stay"),
        [Optional()],
        description=_l("Only if the head of the family is among those who go."),
    )
    young_head = fields.young_head()

    def offer(self, file: HouseholdFile) -> None:
        people = [(str(one.id), one.full_name) for one in file.present]
        self.person_ids.choices = choices(people)
        self.head_id.choices = member_choices(file)
        self.new_head_id.choices = member_choices(file)

    def to_command(self, household_id: int) -> SplitHousehold:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        assert self.on.data is not None
        return SplitHousehold(
            command_id=command_id,
            household_id=household_id,
            version=self.version_number(),
            person_ids=tuple(int(one) for one in self.person_ids.data or ()),
            head_id=int(self.head_id.data),
            on=self.on.data,
            settlement=self.settlement.data or "",
            katottg=filled(self.katottg.data),
            address=filled(self.address.data),
            phone=filled(self.phone.data),
            keep_papers=bool(self.keep_papers.data),
            new_head_id=whole_number(self.new_head_id.data),
            young_head=bool(self.young_head.data),
        )


class OtherFamilyForm(Versioned):
    """Which other family is meant: by the number on its papers, never by name."""

    other = StringField(
        _l("Registration no. of the other family"),
        [DataRequired(), Length(max=30)],
        render_kw=fields.OFF,
    )


class JoinForm(Versioned):
    other_version = HiddenField()
    person_ids = SelectMultipleCheckField(_l("Who comes"), [DataRequired()])
    on = DayField(_l("Since"), [DataRequired()])
    new_head_id = SelectField(
        _l("Head of those who stay behind"),
        [Optional()],
        description=_l("Only if their head comes and somebody stays."),
    )
    young_head = fields.young_head()

    def offer(self, other: HouseholdFile) -> None:
        self.person_ids.choices = choices([(str(one.id), one.full_name) for one in other.present])
        self.new_head_id.choices = member_choices(other)

    def to_command(self, household_id: int, other_id: int) -> JoinHouseholds:
        assert self.on.data is not None
        return JoinHouseholds(
            household_id=household_id,
            version=self.version_number(),
            from_id=other_id,
            from_version=as_version(self.other_version.data),
            person_ids=tuple(int(one) for one in self.person_ids.data or ()),
            on=self.on.data,
            new_head_id=whole_number(self.new_head_id.data),
            young_head=bool(self.young_head.data),
        )

"""A family's own data: searching it, changing where it lives and who belongs to it."""

from datetime import date
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.commands import AddMember, ChangeHousehold, ChangeMember, MemberLeaves, NewMember
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.fields import LEFT_WORDS, filled, member_choices
from aidtrack.beneficiaries.happenings import LeftWhy
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.files import HouseholdFile, MemberRow
from aidtrack.web.forms import BaseForm, DayField, choices


class SearchForm(BaseForm):
    """Posted, not asked for by address: what is searched for stays out of logs and of the history."""

    q = StringField(
        _l("Surname, registration number, phone or document"),
        [DataRequired(), Length(max=120)],
        render_kw={"autocomplete": "off", "autofocus": True},
    )


def as_version(typed: object) -> int:
    """The version the person saw; a meddled one is nobody's version."""
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class Versioned(BaseForm):
    version = HiddenField()

    def version_number(self) -> int:
        return as_version(self.version.data)


class HouseholdForm(Versioned):
    settlement = fields.settlement()
    katottg = fields.katottg()
    address = fields.address()
    phone = fields.phone()
    displaced_on = fields.displaced_on()
    arrived_on = fields.arrived_on()
    moved_on = DayField(
        _l("Lives there since"),
        [Optional()],
        description=_l("Only if the family moved. Empty means that what was written is corrected."),
    )

    @staticmethod
    def shown(file: HouseholdFile) -> dict[str, object]:
        """The stored values as the form shows them."""
        return {
            "version": str(file.key.version),
            "settlement": file.settlement,
            "katottg": file.katottg,
            "address": file.address,
            "phone": shown_phone(file.phone),
            "displaced_on": file.displaced_on,
            "arrived_on": file.arrived_on,
        }

    def to_command(self, household_id: int) -> ChangeHousehold:
        return ChangeHousehold(
            household_id=household_id,
            version=self.version_number(),
            settlement=self.settlement.data or "",
            katottg=filled(self.katottg.data),
            address=filled(self.address.data),
            phone=filled(self.phone.data),
            displaced_on=self.displaced_on.data,
            arrived_on=self.arrived_on.data,
            moved_on=self.moved_on.data,
        )


class MemberForm(Versioned):
    """A member's own data. An empty taxpayer number leaves what is stored."""

    surname = fields.surname()
    given_name = fields.given_name()
    patronymic = fields.patronymic()
    sex = fields.sex()
    birth_date = fields.birth_date()
    document = fields.document()
    tax_id = fields.tax_id()
    tax_id_confirmed = fields.tax_id_confirmed()
    forget_tax_id = BooleanField(_l("Remove the stored taxpayer number"))
    is_head = BooleanField(_l("Head of the family"))
    young_head = fields.young_head()
    go_on_reason = fields.go_on_reason()

    @staticmethod
    def shown(member: MemberRow, version: int) -> dict[str, object]:
        return {
            "version": str(version),
            "surname": member.surname,
            "given_name": member.given_name,
            "patronymic": member.patronymic,
            "sex": member.sex.value,
            "birth_date": member.birth_date,
            "document": member.document,
            "is_head": member.is_head,
        }

    def to_command(self, household_id: int, person_id: int) -> ChangeMember:
        return ChangeMember(
            household_id=household_id,
            version=self.version_number(),
            person_id=person_id,
            surname=self.surname.data or "",
            given_name=self.given_name.data or "",
            patronymic=filled(self.patronymic.data),
            sex=Sex(self.sex.data),
            birth_date=self.birth_date.data,
            document=filled(self.document.data),
            tax_id=filled(self.tax_id.data),
            tax_id_confirmed=bool(self.tax_id_confirmed.data),
            forget_tax_id=bool(self.forget_tax_id.data),
            is_head=bool(self.is_head.data),
            young_head=bool(self.young_head.data),
            go_on_reason=filled(self.go_on_reason.data),
        )


class NewMemberForm(Versioned):
    surname = fields.surname()
    given_name = fields.given_name()
    patronymic = fields.patronymic()
    sex = fields.sex()
    birth_date = fields.birth_date()
    document = fields.document()
    tax_id = fields.tax_id()
    tax_id_confirmed = fields.tax_id_confirmed()
    joined_on = DayField(_l("Belongs to the family since"), [Optional()])
    born = BooleanField(_l("A child born into this family"))
    categories = SelectMultipleCheckField(_l("Categories"), validate_choice=True)
    evidence = fields.evidence()
    is_head = BooleanField(_l("Head of the family"))
    go_on_reason = fields.go_on_reason()

    def offer(self, kinds: list[CategoryKindRow]) -> None:
        self.categories.choices = fields.kind_choices(kinds, of_household=False)

    def to_command(self, household_id: int, today: date) -> AddMember:
        since = self.joined_on.data or today
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return AddMember(
            command_id=command_id,
            household_id=household_id,
            version=self.version_number(),
            joined_on=since,
            born=bool(self.born.data),
            go_on_reason=filled(self.go_on_reason.data),
            member=NewMember(
                surname=self.surname.data or "",
                given_name=self.given_name.data or "",
                patronymic=filled(self.patronymic.data),
                sex=Sex(self.sex.data),
                birth_date=self.birth_date.data,
                document=filled(self.document.data),
                tax_id=filled(self.tax_id.data),
                tax_id_confirmed=bool(self.tax_id_confirmed.data),
                is_head=bool(self.is_head.data),
                categories=fields.to_categories(self.categories.data, since, self.evidence.data),
            ),
        )


class LeaveForm(Versioned):
    why = RadioField(_l("What happened"), [DataRequired()], default=LeftWhy.MOVED.value)
    left_on = DayField(_l("Last day in the family"), [DataRequired()])
    new_head_id = SelectField(_l("Head of the family from then on"), [Optional()])
    young_head = fields.young_head()

    def offer(self, file: HouseholdFile, person_id: int) -> None:
        self.why.choices = choices((why.value, word) for why, word in LEFT_WORDS.items())
        self.new_head_id.choices = member_choices(file, besides=person_id)

    def to_command(self, household_id: int, person_id: int) -> MemberLeaves:
        assert self.left_on.data is not None
        return MemberLeaves(
            household_id,
            self.version_number(),
            person_id,
            self.left_on.data,
            LeftWhy(self.why.data),
            int(self.new_head_id.data) if self.new_head_id.data else None,
            bool(self.young_head.data),
        )

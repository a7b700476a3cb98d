"""A new family with all its members on one page; works without scripts."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, SelectField
from wtforms.validators import DataRequired, Optional

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.commands import NewMember, RegisterHousehold
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.fields import filled
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.services.checking import MOST_MEMBERS
from aidtrack.web.form_words import FormWords
from aidtrack.web.forms import BaseForm, DayField, choices

_MEMBER_FIELD = re.compile(r"members-([0-9]{1,3})-(.+)")


class RegisteredMemberForm(Form):
    """One person. The first one is the head; a later one in which nothing was typed does not count."""

    class Meta:
        def get_translations(self, form: Form) -> FormWords:
            return FormWords()

    surname = fields.surname()
    given_name = fields.given_name()
    patronymic = fields.patronymic()
    sex = fields.sex()
    birth_date = fields.birth_date()
    document = fields.document()
    tax_id = fields.tax_id()
    tax_id_confirmed = fields.tax_id_confirmed()
    categories = SelectMultipleCheckField(_l("Categories"))
    evidence = fields.evidence()

    def is_blank(self) -> bool:
        """Nothing typed or chosen; raw text counts, so an unreadable date is not taken for none."""
        for field in self:
            raw = field.raw_data or []
            if field.name.rpartition("-")[2] not in ("tax_id_confirmed",) and any(
                str(one).strip() for one in raw
            ):
                return False
        return True

    def to_member(self, *, is_head: bool, since: date) -> NewMember:
        return NewMember(
            surname=self.surname.data or "",
            given_name=self.given_name.data or "",
            patronymic=filled(self.patronymic.data),
            sex=Sex(self.sex.data),
            birth_date=self.birth_date.data,
            document=filled(self.document.data),
            tax_id=filled(self.tax_id.data),
            tax_id_confirmed=bool(self.tax_id_confirmed.data),
            is_head=is_head,
            categories=fields.to_categories(self.categories.data, since, self.evidence.data),
        )


class RegisterForm(BaseForm):
    site_id = SelectField(_l("Site"), [DataRequired()])
    registered_on = DayField(_l("Registered on"), [Optional()])
    settlement = fields.settlement()
    katottg = fields.katottg()
    address = fields.address()
    phone = fields.phone()
    proxy_name = fields.proxy_name()
    displaced_on = fields.displaced_on()
    arrived_on = fields.arrived_on()
    categories = SelectMultipleCheckField(_l("Categories of the whole family"))
    evidence = fields.evidence()
    members = FieldList(FormField(RegisteredMemberForm), min_entries=1, max_entries=MOST_MEMBERS)
    go_on_reason = fields.go_on_reason()

    def offer(self, sites: list[tuple[int, str]], kinds: list[CategoryKindRow]) -> None:
        self.site_id.choices = choices(sites)
        self.categories.choices = fields.kind_choices(kinds, of_household=True)
        for entry in self.members:
            entry.form.categories.choices = fields.kind_choices(kinds, of_household=False)

    def add_member(self, kinds: list[CategoryKindRow]) -> None:
        """One more empty member, as long as a family may have them."""
        if len(self.members) < MOST_MEMBERS:
            entry: Any = self.members.append_entry()
            entry.form.categories.choices = fields.kind_choices(kinds, of_household=False)

    def drop_blank_members(self) -> None:
        """Take out the members in which nothing was typed, from the end, so that they are not asked about."""
        while len(self.members) > 1 and self.members[-1].form.is_blank():
            self.members.pop_entry()

    def to_command(self, today: date) -> RegisterHousehold:
        since = self.registered_on.data or today
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return RegisterHousehold(
            command_id=command_id,
            site_id=int(self.site_id.data),
            settlement=self.settlement.data or "",
            katottg=filled(self.katottg.data),
            address=filled(self.address.data),
            phone=filled(self.phone.data),
            proxy_name=filled(self.proxy_name.data),
            displaced_on=self.displaced_on.data,
            arrived_on=self.arrived_on.data,
            registered_on=self.registered_on.data,
            categories=fields.to_categories(self.categories.data, since, self.evidence.data),
            members=tuple(
                entry.form.to_member(is_head=place == 0, since=since)
                for place, entry in enumerate(self.members)
            ),
            go_on_reason=filled(self.go_on_reason.data),
        )


def without_member(typed: MultiDict[str, str], place: int) -> MultiDict[str, str]:
    """The posted fields without one member; the later ones move up, everything as it was typed."""
    kept: MultiDict[str, str] = MultiDict()
    for name, values in typed.lists():
        match = _MEMBER_FIELD.fullmatch(name)
        number = int(match.group(1)) if match else -1
        if number == place:
            continue
        moved = f"members-{number - 1}-{match.group(2)}" if match and number > place else name
        kept.setlist(moved, values)
    return kept

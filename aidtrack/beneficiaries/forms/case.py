"""Categories with evidence, and the right to see protected ones."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from aidtrack.beneficiaries.commands import AddCategory, EndCategory, GrantProtection, NewCategory
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.fields import filled, whole_number
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.services.protection import LONGEST_DAYS
from aidtrack.web.forms import BaseForm, DayField, choices


class CategoryForm(BaseForm):
    kind = SelectField(_l("Category"), [DataRequired()])
    person_id = SelectField(_l("Whose"), [Optional()])
    evidence_kind = SelectField(
        _l("Paper that was shown"),
        [Optional()],
        description=_l("Without one the category is kept and shown as unproven."),
    )
    evidence = StringField(_l("Its number"), [Optional(), Length(max=200)], render_kw=fields.OFF)
    issued_on = DayField(_l("Issued on"), [Optional()])
    valid_from = DayField(_l("Valid from"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])

    def offer(
        self, kinds: list[CategoryKindRow], file: HouseholdFile, papers: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.evidence_kind.choices = choices(papers, empty=gettext("no paper was shown"))
        kinds = [kind for kind in kinds if kind.active]
        whole = [kind for kind in kinds if kind.of_household and not kind.protected]
        single = [kind for kind in kinds if not kind.of_household and not kind.protected]
        closed = [kind for kind in kinds if kind.protected]
        self.kind.choices = [
            *choices([], empty=gettext("— choose —")),
            *fields.kind_choices(single, group=gettext("Of a person")),
            *fields.kind_choices(whole, group=gettext("Of the whole family")),
            *(fields.kind_choices(closed, group=gettext("Protected")) if closed else []),
        ]
        self.person_id.choices = choices(
            [(member.id, member.full_name) for member in file.members if member.left_on is None],
            empty=gettext("the whole family"),
        )

    def to_command(self, household_id: int) -> AddCategory:
        paper = filled(self.evidence.data)
        assert self.valid_from.data is not None
        return AddCategory(
            command_id=self.command_id.data,
            household_id=household_id,
            person_id=whole_number(self.person_id.data),
            category=NewCategory(
                kind=self.kind.data,
                valid_from=self.valid_from.data,
                valid_until=self.valid_until.data,
                evidence=paper,
                proven=bool(paper or self.evidence_kind.data),
                evidence_kind=self.evidence_kind.data or None,
                issued_on=self.issued_on.data,
            ),
        )


class EndCategoryForm(BaseForm):
    valid_until = DayField(_l("Last day"), [DataRequired()])

    def to_command(self, household_id: int, category_id: int, *, protected: bool) -> EndCategory:
        assert self.valid_until.data is not None
        return EndCategory(household_id, category_id, self.valid_until.data, protected)


class GrantForm(BaseForm):
    user_id = SelectField(_l("Caseworker"), [DataRequired()])
    days = IntegerField(_l("For how many days"), [DataRequired(), NumberRange(1, LONGEST_DAYS)], default=30)
    reason = StringField(
        _l("Reason"),
        [DataRequired(), Length(max=300)],
        description=_l("No names: the reason stands in the audit log."),
    )

    def offer(self, caseworkers: list[tuple[int, str]]) -> None:
        self.user_id.choices = choices(caseworkers, empty=gettext("— choose —"))

    def to_command(self) -> GrantProtection:
        return GrantProtection(int(self.user_id.data), self.reason.data or "", int(self.days.data or 0))

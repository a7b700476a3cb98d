"""The papers of a case, categories with evidence, and the right to see protected ones."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from aidtrack.beneficiaries.commands import (
    AddCategory,
    DecisionBody,
    EndCategory,
    GrantProtection,
    IntakeChannel,
    NewCategory,
    RecordAssessment,
    RecordDecision,
    RecordIntake,
)
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.fields import filled, whole_number
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.services.protection import LONGEST_DAYS
from aidtrack.web.forms import BaseForm, DayField, choices

CHANNEL_WORDS = {IntakeChannel.APPEAL: _l("appeal"), IntakeChannel.NOTIFICATION: _l("referral notice")}
BODY_WORDS = {DecisionBody.COUNCIL: _l("coordination council"), DecisionBody.DEPARTMENT: _l("department")}


class CategoryForm(BaseForm):
    kind = SelectField(_l("Category"), [DataRequired()])
    person_id = SelectField(_l("Whose"), [Optional()])
    evidence = fields.evidence()
    valid_from = DayField(_l("Valid from"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])

    def offer(self, kinds: list[CategoryKindRow], file: HouseholdFile) -> None:
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
                proven=paper is not None,
            ),
        )


class EndCategoryForm(BaseForm):
    valid_until = DayField(_l("Last day"), [DataRequired()])

    def to_command(self, household_id: int, category_id: int, *, protected: bool) -> EndCategory:
        assert self.valid_until.data is not None
        return EndCategory(household_id, category_id, self.valid_until.data, protected)


class IntakeForm(BaseForm):
    number = StringField(_l("Number in the journal"), [DataRequired(), Length(max=40)])
    channel = RadioField(
        _l("How it came"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in CHANNEL_WORDS.items()),
        default=IntakeChannel.APPEAL.value,
    )
    received_on = DayField(_l("Received on"), [DataRequired()])

    def to_command(self, household_id: int) -> RecordIntake:
        assert self.received_on.data is not None
        return RecordIntake(
            self.command_id.data,
            household_id,
            self.number.data or "",
            IntakeChannel(self.channel.data),
            self.received_on.data,
        )


class AssessmentForm(BaseForm):
    act_number = StringField(_l("Act number"), [DataRequired(), Length(max=40)])
    made_on = DayField(_l("Made on"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [DataRequired()])
    at_home = BooleanField(_l("Made on a home visit"))

    def to_command(self, household_id: int) -> RecordAssessment:
        assert self.made_on.data is not None
        assert self.valid_until.data is not None
        return RecordAssessment(
            self.command_id.data,
            household_id,
            self.act_number.data or "",
            self.made_on.data,
            self.valid_until.data,
            bool(self.at_home.data),
        )


class DecisionForm(BaseForm):
    body = RadioField(
        _l("Decided by"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in BODY_WORDS.items()),
        default=DecisionBody.COUNCIL.value,
    )
    number = StringField(_l("Decision number"), [DataRequired(), Length(max=40)])
    decided_on = DayField(_l("Decided on"), [DataRequired()])
    valid_from = DayField(_l("Valid from"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])
    programme_id = SelectField(_l("Grants"), [Optional()])

    def offer(self, programmes: list[tuple[int, str]]) -> None:
        self.programme_id.choices = choices(programmes, empty=gettext("any programme"))

    def to_command(self, household_id: int) -> RecordDecision:
        assert self.decided_on.data is not None
        assert self.valid_from.data is not None
        return RecordDecision(
            self.command_id.data,
            household_id,
            DecisionBody(self.body.data),
            self.number.data or "",
            self.decided_on.data,
            self.valid_from.data,
            self.valid_until.data,
            whole_number(self.programme_id.data),
        )


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


def suggested(today: date) -> dict[str, Any]:
    """What a fresh paper's form begins with: today, and half a year of validity."""
    month, year = (today.month + 5) % 12 + 1, today.year + (today.month + 6 > 12)
    return {
        "made_on": today,
        "valid_from": today,
        "decided_on": today,
        "received_on": today,
        "valid_until": date(year, month, min(today.day, 28)),
    }

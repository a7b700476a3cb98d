"""A draft's name and terms, the day it applies from; a household's mark, many marks; a second person's answer."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from aidtrack.beneficiaries.eligibility import Scope
from aidtrack.beneficiaries.rule_json import MOST_DAYS
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rights.commands import (
    EndEligibility,
    MarkEligible,
    MarkMany,
    PutInForce,
    SaveDraft,
    SettleOverride,
)
from aidtrack.distribution.rights.terms import MOST_FAMILIES, MOST_TIMES, Terms
from aidtrack.distribution.rights.trials import DraftRow
from aidtrack.web.forms import BaseForm, DayField, choices

GROUND_WORDS = {
    Ground.APPLICATION: _l("application"),
    Ground.DEPARTMENT_DECISION: _l("decision of the council or department"),
    Ground.NEEDS_ASSESSMENT: _l("needs assessment"),
}


def _number(label: Any, lowest: int, highest: int, description: Any = "") -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(lowest, highest)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class DraftForm(BaseForm):
    """Title, note and terms of a draft. Its conditions are rows of their own (`rule_form`)."""

    title = StringField(
        _l("Name of the draft"), [DataRequired(), Length(max=120)],
        description=_l("For colleagues: for example “Winter, from December”."),
    )  # fmt: skip
    scope = RadioField(
        _l("Who is served"),
        choices=choices(
            (
                (Scope.HOUSEHOLD.value, _l("the whole family, when it meets the conditions")),
                (Scope.PERSON.value, _l("only the members who meet the conditions themselves")),
            )
        ),
        default=Scope.HOUSEHOLD.value,
    )
    cap_household = _number(_l("A family is served at most so many times"), 1, MOST_TIMES)
    cap_member = _number(_l("A person is counted at most so many times"), 1, MOST_TIMES)
    cap_days = _number(
        _l("Both within so many days"), 1, MOST_DAYS, _l("Empty: in the whole time of the programme.")
    )
    quota_per_day = _number(
        _l("Families invited for one day at most"), 1, MOST_FAMILIES,
        _l("Each voucher is then good on one day, and the days of a round are filled one after another."),
    )  # fmt: skip
    first_come = _number(
        _l("Families served in one cycle at most"), 1, MOST_FAMILIES,
        _l("Those who were marked first come first; the others get nothing in this cycle."),
    )  # fmt: skip
    proxy_allowed = BooleanField(_l("An alternate collector may come for the family"), default=True)
    note = StringField(_l("Note"), [Optional(), Length(max=300)])

    @staticmethod
    def said(terms: Terms) -> dict[str, Any]:
        """The terms as the form's data."""
        return {**asdict(terms), "scope": terms.scope.value}

    def terms(self) -> dict[str, Any]:
        said = {name: self[name].data for name in (*_LIMITS, "scope")}
        said = {name: value for name, value in said.items() if value is not None}
        return {**said, "proxy_allowed": bool(self.proxy_allowed.data)}

    def validate_cap_days(self, field: IntegerField) -> None:
        if field.data and not (self.cap_household.data or self.cap_member.data):
            raise ValidationError(gettext("Say first how many times, for a family or for a person."))

    def to_command(self, programme_id: int, rule: dict[str, Any], draft: DraftRow | None) -> SaveDraft:
        return SaveDraft(
            command_id=self.command_id.data,
            programme_id=programme_id,
            title=self.title.data or "",
            rule=rule,
            terms=self.terms(),
            note=self.note.data,
            draft_id=draft.id if draft else None,
            version=draft.version if draft else None,
        )


_LIMITS = ("cap_household", "cap_member", "cap_days", "quota_per_day", "first_come")


class PutForm(BaseForm):
    valid_from = DayField(_l("In force from"), [DataRequired()])
    version = HiddenField()
    sure = BooleanField(_l("Yes, this is meant"))

    def to_command(self, draft_id: int) -> PutInForce:
        assert self.valid_from.data is not None
        version = str(self.version.data)
        return PutInForce(
            self.command_id.data,
            draft_id,
            int(version) if version.isdecimal() else 0,
            self.valid_from.data,
            sure=bool(self.sure.data),
        )


class TryForm(BaseForm):
    """The button that begins a trial, and the day it is judged on."""

    on = DayField(_l("Judged as of"), [DataRequired()])


class MarkAllForm(BaseForm):
    ground = RadioField(
        _l("Ground"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in GROUND_WORDS.items()),
        default=Ground.APPLICATION.value,
    )
    valid_from = DayField(_l("Right from"), [DataRequired()])
    valid_until = DayField(_l("Right until"), [Optional()])

    def to_command(self, programme_id: int) -> MarkMany:
        """All families of the trial's list, which the run reads itself."""
        assert self.valid_from.data is not None
        return MarkMany(
            programme_id, (), Ground(self.ground.data), self.valid_from.data, self.valid_until.data
        )


class EndManyForm(BaseForm):
    last_day = DayField(_l("Last day"), [DataRequired()])
    reason = StringField(_l("Reason"), [DataRequired(), Length(max=300)])


class MarkForm(BaseForm):
    ground = RadioField(
        _l("Ground"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in GROUND_WORDS.items()),
        default=Ground.APPLICATION.value,
    )
    valid_from = DayField(_l("Right from"), [DataRequired()])
    valid_until = DayField(_l("Right until"), [Optional()])
    assessment_id = SelectField(_l("Needs assessment"), [Optional()])
    decision_id = SelectField(_l("Decision"), [Optional()])
    override_reason = StringField(
        _l("Why an exception is right"), [Optional(), Length(max=500)],
        description=_l("A second caseworker approves or declines it. No names: others read it."),
    )  # fmt: skip

    def offer(self, assessments: list[tuple[int, str]], decisions: list[tuple[int, str]]) -> None:
        newest = gettext("the newest one in force")
        self.assessment_id.choices = choices(assessments, empty=newest)
        self.decision_id.choices = choices(decisions, empty=newest)

    def to_command(self, household_id: int, programme_id: int, step: str) -> MarkEligible:
        """`step`: mark, exception or refuse, by the button pressed."""
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return MarkEligible(
            command_id=command_id,
            household_id=household_id,
            programme_id=programme_id,
            ground=Ground(self.ground.data),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            assessment_id=int(self.assessment_id.data) if self.assessment_id.data else None,
            decision_id=int(self.decision_id.data) if self.decision_id.data else None,
            override_reason=self.override_reason.data if step == "exception" else None,
            record_refusal=step == "refuse",
        )


class EndForm(BaseForm):
    last_day = DayField(_l("Last day"), [DataRequired()])
    reason = StringField(_l("Reason"), [DataRequired(), Length(max=300)])

    def to_command(self, eligibility_id: int) -> EndEligibility:
        assert self.last_day.data is not None
        return EndEligibility(eligibility_id, self.last_day.data, self.reason.data or "")


class SettleForm(BaseForm):
    reason = StringField(_l("Reason"), [DataRequired(), Length(max=300)])

    def to_command(self, eligibility_id: int, *, approve: bool) -> SettleOverride:
        return SettleOverride(eligibility_id, approve, self.reason.data or "")

"""A programme's rule from plain fields; a household's mark; a second person's answer."""

import re
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.rule_json import MOST_DAYS, MOST_PERSONS, OLDEST
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rights.commands import AddRule, EndEligibility, MarkEligible, SettleOverride
from aidtrack.web.forms import BaseForm, DayField, choices
from aidtrack.web.i18n import language

GROUND_WORDS = {
    Ground.APPLICATION: _l("application"),
    Ground.DEPARTMENT_DECISION: _l("decision of the council or department"),
    Ground.NEEDS_ASSESSMENT: _l("needs assessment"),
}
_PREFIX = re.compile(r"UA\d{2,17}")


def _number(label: Any, lowest: int, highest: int, description: Any = "") -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(lowest, highest)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class RuleForm(BaseForm):
    """What is filled in must hold; what is left empty is not asked. The tree is built here, by no person."""

    valid_from = DayField(_l("In force from"), [DataRequired()])
    member_categories = SelectMultipleCheckField(_l("At least one member has any of these categories"))
    household_categories = SelectMultipleCheckField(_l("Or the whole family has any of these"))
    age_from = _number(_l("At least one member aged from"), 0, OLDEST)
    age_to = _number(_l("to, in completed years"), 0, OLDEST)
    same_member = BooleanField(_l("The category and the age belong to the same member"))
    size_from = _number(_l("Members of the family from"), 1, MOST_PERSONS)
    size_to = _number(_l("to"), 1, MOST_PERSONS)
    days_between = _number(_l("Days since the last issue, at least"), 1, MOST_DAYS)
    displaced_within = _number(_l("Displaced at most so many days ago"), 1, MOST_DAYS)
    residence = StringField(
        _l("Lives in (KATOTTG codes or their beginnings)"),
        [Optional(), Length(max=400)],
        description=_l("Separated by commas: UA12 is the oblast, UA12020010 a hromada."),
    )
    needs_assessment = BooleanField(_l("A valid needs assessment is needed"))
    needs_decision = BooleanField(_l("A decision in force is needed"))
    everyone = BooleanField(_l("Yes, every family shall meet this rule"))
    note = StringField(_l("Note"), [Optional(), Length(max=300)])

    def offer(self, kinds: list[CategoryKindRow]) -> None:
        def options(of_household: bool) -> list[Any]:
            wanted = [kind for kind in kinds if kind.of_household == of_household]
            return choices((kind.code, kind.name(language())) for kind in wanted)

        self.member_categories.choices = options(False)
        self.household_categories.choices = options(True)

    def validate_age_to(self, field: IntegerField) -> None:
        _in_order(self.age_from.data, field.data)

    def validate_size_to(self, field: IntegerField) -> None:
        _in_order(self.size_from.data, field.data)

    def validate_residence(self, field: StringField) -> None:
        for prefix in self.prefixes():
            if not _PREFIX.fullmatch(prefix):
                raise ValidationError(gettext("%(code)s is no KATOTTG code or its beginning.", code=prefix))

    def prefixes(self) -> list[str]:
        return [part.upper() for part in re.split(r"[\s,;]+", self.residence.data or "") if part]

    def rule(self) -> dict[str, Any]:
        """The tree of conditions."""
        ages = {"age_from": self.age_from.data, "age_to": self.age_to.data}
        ages = {name: value for name, value in ages.items() if value is not None}
        member, household = (
            list(self.member_categories.data or ()),
            list(self.household_categories.data or ()),
        )
        joined = ages if self.same_member.data and member else {}
        who: list[dict[str, Any]] = []
        if member:
            who.append({"is": "any_member", "categories": member, **joined})
        if household:
            who.append({"is": "household_category", "categories": household})
        parts: list[dict[str, Any]] = [{"is": "any", "of": who}] if len(who) > 1 else who
        if ages and not joined:
            parts.append({"is": "any_member", **ages})
        size = {"at_least": self.size_from.data, "at_most": self.size_to.data}
        size = {name: value for name, value in size.items() if value is not None}
        if size:
            parts.append({"is": "size_between", **size})
        for name, field in (
            ("min_days_since_last_issue", self.days_between),
            ("displaced_within", self.displaced_within),
        ):
            if field.data is not None:
                parts.append({"is": name, "days": field.data})
        if self.prefixes():
            parts.append({"is": "resides_in", "prefixes": self.prefixes()})
        if self.needs_assessment.data:
            parts.append({"is": "has_assessment"})
        if self.needs_decision.data:
            parts.append({"is": "has_decision"})
        return {"is": "all", "of": parts}

    def to_command(self, programme_id: int) -> AddRule:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        assert self.valid_from.data is not None
        return AddRule(
            command_id=command_id,
            programme_id=programme_id,
            valid_from=self.valid_from.data,
            rule=self.rule(),
            note=(self.note.data or "").strip() or None,
            everyone=bool(self.everyone.data),
        )


def _in_order(low: int | None, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        raise ValidationError(gettext("The upper bound lies below the lower one."))


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

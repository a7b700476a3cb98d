"""An act with its ticks, and a decision taken without a sitting of ours."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.cases.commands import (
    DecisionBody,
    ListKind,
    RecordAssessment,
    RecordDecision,
)
from aidtrack.beneficiaries.cases.queries.lists import EntryRow
from aidtrack.beneficiaries.cases.rules import GRANT_MONTHS, months_later
from aidtrack.beneficiaries.cases.words import BODY_WORDS
from aidtrack.beneficiaries.forms.fields import OFF, filled, whole_number
from aidtrack.web.forms import BaseForm, DayField, choices
from aidtrack.web.i18n import language


class AssessmentForm(BaseForm):
    act_number = StringField(_l("Act number"), [DataRequired(), Length(max=40)], render_kw=OFF)
    made_on = DayField(_l("Made on"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [DataRequired()])
    living_conditions = RadioField(
        _l("Kind of act"),
        [DataRequired()],
        choices=choices([("no", _l("assessment of needs")), ("yes", _l("living conditions"))]),
        default="no",
    )
    at_home = RadioField(
        _l("Where it was made"),
        [DataRequired()],
        choices=choices([("yes", _l("on a home visit")), ("no", _l("in the office"))]),
        default="no",
    )
    circumstances = SelectMultipleCheckField(_l("Circumstances"))
    needs = SelectMultipleCheckField(_l("Needs"))
    notes = TextAreaField(
        _l("In the caseworker's words"),
        [Optional(), Length(max=2000)],
        description=_l("Kept encrypted and apart from the lists; it is never counted or exported."),
        render_kw={"rows": 3, **OFF},
    )
    expired_confirmed = BooleanField(_l("The act is out of date; it is entered for the record"))

    def offer(self, entries: Sequence[EntryRow]) -> None:
        """Both lists; what is protected stands in them only for whoever was given it."""
        for field, kind in ((self.circumstances, ListKind.CIRCUMSTANCES), (self.needs, ListKind.NEEDS)):
            field.choices = choices([(entry.id, _shown(entry)) for entry in entries if entry.list is kind])

    def to_command(self, household_id: int) -> RecordAssessment:
        assert self.made_on.data is not None
        assert self.valid_until.data is not None
        return RecordAssessment(
            self.command_id.data,
            household_id,
            self.act_number.data or "",
            self.made_on.data,
            self.valid_until.data,
            at_home=self.at_home.data == "yes",
            living_conditions=self.living_conditions.data == "yes",
            entry_ids=tuple(int(one) for one in [*(self.circumstances.data or ()), *(self.needs.data or ())]),
            notes=filled(self.notes.data),
            expired_confirmed=bool(self.expired_confirmed.data),
        )


def _shown(entry: EntryRow) -> str:
    name = entry.name(language())
    return str(gettext("%(name)s (protected)", name=name)) if entry.protected else name


class DecisionForm(BaseForm):
    body = RadioField(
        _l("Decided by"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in BODY_WORDS.items()),
        default=DecisionBody.COUNCIL.value,
    )
    number = StringField(_l("Decision number"), [DataRequired(), Length(max=40)], render_kw=OFF)
    decided_on = DayField(_l("Decided on"), [DataRequired()])
    valid_from = DayField(_l("Valid from"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])
    programme_id = SelectField(_l("Grants"), [Optional()])
    without_act_confirmed = BooleanField(_l("The decision was taken although no act was in force"))

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
            without_act_confirmed=bool(self.without_act_confirmed.data),
        )


def suggested(today: date) -> dict[str, Any]:
    """What a fresh paper's form begins with: today, and half a year of validity."""
    return {
        "made_on": today,
        "valid_from": today,
        "decided_on": today,
        "received_on": today,
        "valid_until": months_later(today, GRANT_MONTHS),
    }

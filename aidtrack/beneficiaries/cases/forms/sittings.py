"""A sitting, the results of all its cases on one page, a correction."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.cases.commands import (
    CaseResult,
    ChangeSitting,
    CloseMinutes,
    CorrectCase,
    DecisionBody,
    PlanSitting,
    RecordResults,
    Result,
)
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, SittingFile
from aidtrack.beneficiaries.cases.rules import MOST_CASES
from aidtrack.beneficiaries.cases.words import BODY_WORDS, RESULT_WORDS
from aidtrack.beneficiaries.forms.fields import OFF, filled
from aidtrack.web.form_words import FormWords
from aidtrack.web.forms import BaseForm, DayField, choices

ANY = "any"


class PlanForm(BaseForm):
    version = HiddenField()
    site_id = SelectField(_l("Site"), [DataRequired()])
    body = RadioField(
        _l("Who decides"),
        [DataRequired()],
        choices=choices((one.value, word) for one, word in BODY_WORDS.items()),
        default=DecisionBody.COUNCIL.value,
    )
    held_on = DayField(_l("Day of the sitting"), [DataRequired()])
    place = StringField(_l("Place"), [DataRequired(), Length(max=160)])
    grants_from = DayField(
        _l("What is granted begins on"),
        [DataRequired()],
        description=_l("Stands in every case at first; can be changed case by case."),
    )
    grants_until = DayField(_l("and lasts until"), [Optional()])

    def offer(self, sites: list[tuple[int, str]]) -> None:
        self.site_id.choices = choices(sites)

    def to_command(self) -> PlanSitting:
        assert self.held_on.data is not None
        assert self.grants_from.data is not None
        return PlanSitting(
            self.command_id.data, int(self.site_id.data), DecisionBody(self.body.data), self.held_on.data,
            self.place.data or "", self.grants_from.data, self.grants_until.data,
        )  # fmt: skip

    def to_change(self, sitting_id: int) -> ChangeSitting:
        assert self.held_on.data is not None
        assert self.grants_from.data is not None
        return ChangeSitting(
            sitting_id, version_number(self.version.data), self.held_on.data, self.place.data or "",
            self.grants_from.data, self.grants_until.data,
        )  # fmt: skip


class AddFamilyForm(BaseForm):
    registration_no = StringField(
        _l("Registration number of the family"), [DataRequired(), Length(max=24)], render_kw=OFF
    )


class ResultForm(Form):
    """One case. Its fields are named by its place on the page; the case itself stands in `case_id`."""

    class Meta:
        def get_translations(self, form: Form) -> FormWords:
            return FormWords()

    case_id = HiddenField()
    result = SelectField(
        _l("Result"), choices=choices((one.value, word) for one, word in RESULT_WORDS.items())
    )
    programmes = SelectMultipleCheckField(_l("Grants"))
    words = StringField(_l("Granted besides, in words"), [Optional(), Length(max=500)], render_kw=OFF)
    valid_from = DayField(_l("Valid from"), [Optional()])
    valid_until = DayField(_l("Until"), [Optional()])
    reason = StringField(_l("Reason"), [Optional(), Length(max=500)], render_kw=OFF)

    def to_result(self) -> CaseResult:
        chosen = list(self.programmes.data or ())
        return CaseResult(
            int(self.case_id.data or 0),
            Result(self.result.data) if self.result.data else None,
            reason=filled(self.reason.data),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            any_programme=ANY in chosen,
            programme_ids=tuple(int(one) for one in chosen if one != ANY),
            words=filled(self.words.data),
        )


class ResultsForm(BaseForm):
    """A whole sitting on one page: granted until somebody says otherwise, dates as the sitting was planned."""

    version = HiddenField()
    common = SelectMultipleCheckField(_l("What most cases are granted"))
    cases = FieldList(FormField(ResultForm), max_entries=MOST_CASES)
    number = StringField(_l("Number of the minutes"), [Length(max=40)], render_kw=OFF)
    minutes_on = DayField(_l("Date of the minutes"))
    doubts_confirmed = BooleanField(_l("The sitting decided so knowing that no act was in force"))

    @staticmethod
    def shown(file: SittingFile, number: str, programme_ids: Sequence[int]) -> dict[str, Any]:
        return {
            "version": str(file.sitting.version),
            "number": number,
            "minutes_on": file.sitting.held_on,
            "cases": [_shown(case, file, programme_ids) for case in file.cases],
        }

    def offer(self, programmes: list[tuple[int, str]]) -> None:
        offered = [*programmes, (ANY, gettext("any programme"))]
        for field in (self.common, *(entry.form.programmes for entry in self.cases)):
            field.choices = choices(offered)

    def spread_common(self) -> None:
        """Every grant that names nothing yet gets what most are granted."""
        for entry in self.cases:
            one = entry.form
            if one.result.data == Result.GRANTED and not one.programmes.data and not filled(one.words.data):
                one.programmes.data = list(self.common.data or ())

    def to_command(self, sitting_id: int) -> RecordResults:
        return RecordResults(
            sitting_id,
            version_number(self.version.data),
            tuple(entry.form.to_result() for entry in self.cases),
        )

    def to_closing(self, sitting_id: int, minutes_on: date) -> CloseMinutes:
        return CloseMinutes(
            sitting_id, version_number(self.version.data), self.number.data or "", minutes_on,
            doubts_confirmed=bool(self.doubts_confirmed.data),
        )  # fmt: skip


def _shown(case: CaseRow, file: SittingFile, programme_ids: Sequence[int]) -> dict[str, Any]:
    fresh = case.result is None
    chosen = [str(one) for one in case.programme_ids] + ([ANY] if case.any_programme else [])
    if fresh and len(programme_ids) == 1:
        chosen = [str(programme_ids[0])]
    return {
        "case_id": str(case.id),
        "result": (case.result or Result.GRANTED).value,
        "programmes": chosen,
        "words": case.words,
        "valid_from": case.valid_from or file.sitting.grants_from,
        "valid_until": case.valid_until if not fresh else file.sitting.grants_until,
        "reason": case.reason,
    }


class CorrectForm(BaseForm):
    sitting_id = SelectField(_l("Sitting that decides anew"), [DataRequired()])
    reason = StringField(
        _l("Why the decision must be corrected"), [DataRequired(), Length(max=500)], render_kw=OFF
    )

    def offer(self, sittings: list[tuple[int, str]]) -> None:
        self.sitting_id.choices = choices(sittings)

    def to_command(self, case_id: int) -> CorrectCase:
        return CorrectCase(case_id, int(self.sitting_id.data), self.reason.data or "")


class PeriodForm(BaseForm):
    """Read from the address."""

    class Meta(BaseForm.Meta):
        csrf = False

    first = DayField(_l("From"))
    last = DayField(_l("To"))


def version_number(text: Any) -> int:
    """The version the person saw; a meddled one is nobody's version."""
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1

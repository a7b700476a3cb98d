"""Kinds, papers and incomes as typed."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from aidtrack.accounts.forms import SelectMultipleCheckField
from aidtrack.beneficiaries.forms.fields import OFF, filled
from aidtrack.beneficiaries.proofs.commands import RecordIncome, SaveKind, SavePaper
from aidtrack.beneficiaries.proofs.money import read_money
from aidtrack.beneficiaries.proofs.queries import PaperRow
from aidtrack.web.forms import BaseForm, DayField, choices
from aidtrack.web.i18n import language


def _code() -> StringField:
    return StringField(
        _l("Code"),
        [DataRequired(), Length(max=40), Regexp(r"^[a-z][a-z0-9_]+$", message=_l("Small Latin letters, digits and _ only."))],
        description=_l("For programs and files; it cannot be changed later."),
    )  # fmt: skip


class KindForm(BaseForm):
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=160)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=160)])
    papers = SelectMultipleCheckField(_l("Proven by any of these papers"))
    active = BooleanField(_l("Offered for new entries"), default=True)

    def offer(self, papers: list[PaperRow], on: date) -> None:
        """Papers asked for today, and those already named."""
        kept = set(self.papers.data or ())
        self.papers.choices = choices(
            (paper.code, paper.name(language()))
            for paper in papers
            if paper.is_asked(on) or paper.code in kept
        )

    def to_command(self, code: str) -> SaveKind:
        return SaveKind(
            code,
            self.name_uk.data or "",
            self.name_en.data or "",
            active=bool(self.active.data),
            papers=tuple(self.papers.data or ()),
        )


class NewKindForm(KindForm):
    code = _code()
    whose = RadioField(
        _l("Whose category it is"),
        choices=choices((("person", _l("of a person")), ("household", _l("of the whole family")))),
        default="person",
    )
    protected = BooleanField(
        _l("Protected: violence, prison, health"),
        description=_l("Seen only by caseworkers with a personal, dated right. It cannot be changed later."),
    )

    def to_command(self, code: str = "") -> SaveKind:
        return SaveKind(
            self.code.data or "",
            self.name_uk.data or "",
            self.name_en.data or "",
            of_household=self.whose.data == "household",
            protected=bool(self.protected.data),
            active=bool(self.active.data),
            papers=tuple(self.papers.data or ()),
            new=True,
        )


class PaperForm(BaseForm):
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=160)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=160)])
    valid_from = DayField(_l("Asked for from"), [DataRequired()])
    valid_until = DayField(_l("Asked for until"), [Optional()])

    def to_command(self, code: str) -> SavePaper:
        assert self.valid_from.data is not None
        return SavePaper(
            code,
            self.name_uk.data or "",
            self.name_en.data or "",
            self.valid_from.data,
            self.valid_until.data,
        )


class NewPaperForm(PaperForm):
    code = _code()

    def to_command(self, code: str = "") -> SavePaper:
        assert self.valid_from.data is not None
        return SavePaper(
            self.code.data or "", self.name_uk.data or "", self.name_en.data or "", self.valid_from.data,
            self.valid_until.data, new=True,
        )  # fmt: skip


class IncomeForm(BaseForm):
    total = StringField(
        _l("Hryvnias a month, the whole family"),
        [DataRequired(), Length(max=20)],
        description=_l("The average of a month as the paper says, for all members together."),
        render_kw={**OFF, "inputmode": "decimal"},
    )
    as_of = DayField(_l("Date of the paper"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])
    evidence = StringField(_l("The paper and its number"), [Optional(), Length(max=200)], render_kw=OFF)

    def validate_total(self, field: Any) -> None:
        try:
            read_money(field.data or "")
        except ValueError:
            raise ValidationError(
                gettext("Write hryvnias with at most two decimals, for example 6500 or 6500,50.")
            ) from None

    def to_command(self, household_id: int) -> RecordIncome:
        assert self.as_of.data is not None
        return RecordIncome(
            command_id=self.command_id.data,
            household_id=household_id,
            total=read_money(self.total.data or ""),
            as_of=self.as_of.data,
            valid_until=self.valid_until.data,
            evidence=filled(self.evidence.data),
        )

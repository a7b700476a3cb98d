"""The coverage page and its file."""

import io
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectField
from wtforms.validators import DataRequired

from aidtrack.db import read_session
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.reports.coverage.figures import Coverage, Level, coverage
from aidtrack.reports.periods import Period, usual_periods
from aidtrack.reports.words import PERIODS
from aidtrack.web.access import current_actor, requires
from aidtrack.web.csv_files import Number, Writer
from aidtrack.web.forms import BaseForm, DayField, choices
from aidtrack.web.i18n import language
from aidtrack.web.paging import download

bp = Blueprint("coverage", __name__, url_prefix="/coverage")


class CoverageForm(BaseForm):
    """Asked for by address: it holds dates and nothing of anybody."""

    class Meta(BaseForm.Meta):
        csrf = False

    level = SelectField(_l("By"), [DataRequired()])
    start = DayField(_l("From"), [DataRequired()])
    end = DayField(_l("To"), [DataRequired()])


def percent(permille: int | None, mark: str) -> str:
    return "—" if permille is None else f"{permille // 10}{mark}{permille % 10}"


def _asked(today: date) -> tuple[CoverageForm, Coverage | None]:
    given = MultiDict(request.args)
    year = usual_periods(today)["year"]
    given.setdefault("start", year.start.isoformat())
    given.setdefault("end", year.end.isoformat())
    given.setdefault("level", Level.HROMADA.value)
    form = CoverageForm(formdata=given)
    form.level.choices = choices([(one.value, _(one.label)) for one in Level])
    made: Coverage | None = None
    if form.validate() and form.start.data and form.end.data:
        try:
            period = Period.checked(form.start.data, form.end.data)
            made = coverage(
                read_session(), period, Level(form.level.data), actor=current_actor(), language=language()
            )
        except DomainError as error:
            form.show(error)
    return form, made


@bp.get("")
@requires(Permission.ROUND_READ)
def index() -> ResponseReturnValue:
    today = local_date(utc_now())
    form, made = _asked(today)
    page = render_template(
        "coverage/index.html", form=form, made=made, percent=_shown_percent,
        usual=[(_(PERIODS[name]), period) for name, period in usual_periods(today).items()],
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _shown_percent(permille: int | None) -> str:
    return percent(permille, "," if language() == "uk" else ".")


@bp.get("/file.csv")
@requires(Permission.ROUND_READ)
def file() -> ResponseReturnValue:
    form, made = _asked(local_date(utc_now()))
    if made is None:
        return render_template(
            "coverage/index.html", form=form, made=None, percent=_shown_percent, usual=[]
        ), 422
    stream = io.BytesIO()
    out = Writer(stream, language())
    out.row(
        [
            _("Code"),
            _("Place"),
            _("Households"),
            _("Persons"),
            _("Population"),
            _("Percent of the population"),
        ]
    )
    for one in made.rows:
        share: Any = Number(percent(one.permille, out.decimal)) if one.permille is not None else ""
        population: Any = one.population if one.population is not None else ""
        out.row([one.code, one.name or _("place not named"), one.households, one.persons, population, share])
    out.flush()
    return download(stream.getvalue(), "coverage.csv", "text/csv; charset=utf-8")

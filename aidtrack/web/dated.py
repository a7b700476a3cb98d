"""Pages that edit an entry of a dated list: new, other words, its end (`aidtrack.db.dated`)."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from aidtrack.db import unit_of_work
from aidtrack.db.dated import Dated
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.forms import BaseForm, DayField
from aidtrack.web.layout import answer_code

Act = Callable[[Session], object]


class WordsForm(BaseForm):
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=200)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=200)])
    valid_from = DayField(_l("Valid from"), [InputRequired()])
    source = StringField(
        _l("Source"), [Optional(), Length(max=120)], description=_l("The law or order it comes from.")
    )

    def words(self) -> dict[str, Any]:
        """What a command takes beside its own."""
        return {name: self[name].data for name in ("name_uk", "name_en", "valid_from", "source")}


class EndForm(BaseForm):
    valid_until = DayField(
        _l("Last day"), [Optional()], description=_l("Empty takes the end back: it can be chosen again.")
    )


def from_today(**more: Any) -> dict[str, Any]:
    """What the form of a new entry starts from."""
    return {"valid_from": local_date(utc_now()), **more}


def words_of(entry: Any) -> dict[str, Any]:
    """What the form of an entry's new words starts from."""
    return from_today(name_uk=entry.name_uk, name_en=entry.name_en, source=entry.source)


def end_of(entry: Dated) -> dict[str, Any]:
    return {"valid_until": entry.valid_until or local_date(utc_now())}


def edited(
    form: BaseForm,
    act: Act,
    *,
    title: str,
    lead: str,
    crumbs: list[tuple[str, str]],
    note: str = "",
) -> ResponseReturnValue:
    """The page of one entry. Saved, it leads back to the last of the `crumbs`, the list."""
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                act(session)
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(crumbs[-1][1], code=303)
    page = render_template(
        "web/dated_entry.html", form=form, title=title, lead=lead, crumbs=crumbs, note=note
    )
    return page, answer_code(form)

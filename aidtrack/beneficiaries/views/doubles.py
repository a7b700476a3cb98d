"""Families entered twice: a warning while typing, pairs found in bulk, what people decided about them."""

from datetime import date
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.services.while_typing import Typed
from aidtrack.beneficiaries.views import bp
from aidtrack.beneficiaries.views.words import reason_words
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import read_day


@bp.post("/doubles/typed")
@requires(Permission.HOUSEHOLD_WRITE)
def typed_doubles() -> ResponseReturnValue:
    """What is like the family in the form. Posted, so that nothing of it stands in an address or a log."""
    body = request.get_json(silent=True)
    with unit_of_work() as session:
        found = services.typed_doubles(
            session, typed_from(body if isinstance(body, dict) else {}), actor=current_actor(), now=utc_now()
        )
    shown = [
        {
            "number": one.registration_no,
            "url": url_for("beneficiaries.household", household_id=one.household_id),
            "why": reason_words(one.reasons),
        }
        for one in found
    ]
    answer = jsonify({"title": _("Perhaps registered already"), "found": shown})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def typed_from(body: dict[str, Any]) -> Typed:
    """Half a form is no mistake: what cannot be read is taken as not typed yet."""

    def text(name: str) -> str:
        value = body.get(name)
        return value.strip()[:160] if isinstance(value, str) else ""

    besides = body.get("besides")
    sex = text("sex")
    return Typed(
        surname=text("surname"),
        given_name=text("given_name"),
        patronymic=text("patronymic"),
        birth_date=_day(text("birth_date")),
        sex=Sex(sex) if sex in set(Sex) else None,
        document=text("document"),
        tax_id=text("tax_id"),
        phone=text("phone"),
        besides=besides if type(besides) is int else None,
    )


def _day(typed: str) -> date | None:
    try:
        return read_day(typed)
    except ValueError:
        return None

"""Districts for administrators, and the list under a field in which a settlement is typed."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.places import queries, services
from aidtrack.places.errors import UnknownSettlement
from aidtrack.places.forms import DistrictForm
from aidtrack.places.queries import Settlement
from aidtrack.web.access import current_actor, requires, signed_in
from aidtrack.web.forms import EmptyForm

bp = Blueprint("places", __name__, url_prefix="/settlements")


def card(one: Settlement, districts: dict[str, str]) -> dict[str, Any]:
    """What the page and the API say of a settlement."""
    return {
        "code": one.code,
        "category": one.category,
        "name": one.name,
        "where": one.where,
        "hromada": one.hromada,
        "raion": one.raion,
        "oblast": one.oblast,
        "district": districts.get(one.code),
    }


@bp.get("/suggest")
@signed_in
def suggest() -> ResponseReturnValue:
    """At most twenty settlements that begin as typed; nothing for fewer than two letters."""
    typed = request.args.get("q", "")[:200]
    session = read_session()
    found = queries.suggestions(session, typed) if len(typed.strip()) >= 2 else []
    districts = queries.districts_of(session, [one.code for one in found])
    answer = jsonify(settlements=[card(one, districts) for one in found])
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@bp.get("/districts")
@requires(Permission.PLACES_MANAGE)
def districts() -> ResponseReturnValue:
    session = read_session()
    return render_template(
        "places/districts.html", districts=queries.districts(session), loaded=queries.is_loaded(session)
    )


@bp.route("/districts/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def new_district() -> ResponseReturnValue:
    return _edit(DistrictForm(), None)


@bp.route("/districts/<int:district_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def district(district_id: int) -> ResponseReturnValue:
    session = read_session()
    found = queries.district(session, district_id)
    form = DistrictForm(
        data={
            "code": found.code,
            "name_uk": found.name_uk,
            "name_en": found.name_en,
            "settlements": "\n".join(_line(one) for one in queries.settlements_of(session, district_id)),
        }
    )
    return _edit(form, district_id)


@bp.post("/districts/<int:district_id>/remove")
@requires(Permission.PLACES_MANAGE)
def remove_district(district_id: int) -> ResponseReturnValue:
    if not EmptyForm().validate_on_submit():
        abort(400)
    with unit_of_work() as session:
        services.remove_district(session, district_id, actor=current_actor(), now=utc_now())
    flash(_("The district is removed. Its settlements are kept."), "success")
    return redirect(url_for("places.districts"), code=303)


def _line(one: Settlement) -> str:
    """As the form shows a settlement: readable, and unmistakable by its code."""
    return f"{one.code} {one.name}"


def _edit(form: DistrictForm, district_id: int | None) -> ResponseReturnValue:
    namesakes: dict[str, list[Settlement]] = {}
    if form.validate_on_submit():
        codes, unknown, namesakes = _resolved(read_session(), form.lines())
        try:
            if unknown:
                raise UnknownSettlement(written=unknown[0])
            if not namesakes:
                with unit_of_work() as session:
                    services.save_district(
                        session, form.to_command(codes, district_id), actor=current_actor(), now=utc_now()
                    )
                flash(_("The district is saved."), "success")
                return redirect(url_for("places.districts"), code=303)
        except DomainError as error:
            form.show(error)
    page = render_template(
        "places/district.html", form=form, district_id=district_id, namesakes=namesakes, remove=EmptyForm()
    )
    return page, 422 if form.errors or namesakes else 200


def _resolved(
    session: Session, lines: list[str]
) -> tuple[tuple[str, ...], list[str], dict[str, list[Settlement]]]:
    """Codes of what stands on the lines; what is unknown; and what several settlements are called."""
    codes: list[str] = []
    unknown: list[str] = []
    namesakes: dict[str, list[Settlement]] = {}
    for line in lines:
        first = line.split()[0]
        if first.upper().startswith("UA") and first[2:].isdigit():
            codes.append(first.upper())
            continue
        one = queries.exactly(session, line)
        if one is not None:
            codes.append(one.code)
            continue
        found = queries.suggestions(session, line)
        if found:
            namesakes[line] = found
        else:
            unknown.append(line)
    return tuple(dict.fromkeys(codes)), unknown, namesakes

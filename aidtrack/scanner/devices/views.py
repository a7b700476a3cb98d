"""Phones: the list, a code to enrol one, what a lost one held, files read in by hand, a supervisor's own code."""

from datetime import datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.accounts import queries as accounts
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import RoundState
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.printing.qr_text import svg_path
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id, rounds
from aidtrack.distribution.services import supervisor_codes
from aidtrack.inventory.queries.catalogue import place, places
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import spaced_code
from aidtrack.scanner.devices import queries, services
from aidtrack.scanner.devices.forms import InviteForm, OwnCodeForm, RevokeForm
from aidtrack.scanner.pack import contents
from aidtrack.scanner.pack.api import making, start_run
from aidtrack.scanner.pack.layout import GOOD_FOR_S
from aidtrack.web import current_actor, language, requires
from aidtrack.web.filters import name
from aidtrack.web.forms import EmptyForm
from aidtrack.web.jobs import jobs, problem
from aidtrack.web.problems import wants_json

REFRESH_SECONDS = 1
HOUR = 3600

bp = Blueprint("devices", __name__, url_prefix="/phones")


@bp.get("")
@requires(Permission.DEVICE_MANAGE)
def index() -> ResponseReturnValue:
    """Every phone of the actor's sites, those in use first."""
    found = queries.devices(read_session(), actor=current_actor())
    return render_template("scanner/devices/list.html", devices=found, age=pack_age, now=utc_now())


def pack_age(taken: datetime | None) -> int | None:
    """Whole hours since the phone got its pack, or was told that it is still the newest."""
    return int((utc_now() - taken).total_seconds() // HOUR) if taken is not None else None


# -- enrolling ---------------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.DEVICE_MANAGE)
def invite() -> ResponseReturnValue:
    """Choose person, round and place; the answer to the form is the code, shown this once."""
    session, actor = read_session(), current_actor()
    form = InviteForm()
    running = [row for row in rounds(session, actor=actor) if row.state is not RoundState.CLOSED]
    _offer(form, session, running)
    place_of = {row.id: row.place_id for row in running}
    asks = False
    if form.validate_on_submit():
        asks = form.asks_twice(place_of.get(form.round_id.data, form.place_id.data))
    if form.is_submitted() and not form.errors:
        try:
            with unit_of_work() as unit:
                made = services.invite(unit, form.to_command(), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return _code_page(made)
    chosen = request.args.get("round", type=int)
    if not form.is_submitted():
        first = next((row for row in running if row.id == chosen), running[0] if running else None)
        if first is not None:
            form.round_id.data, form.place_id.data = first.id, first.place_id
    page = render_template("scanner/devices/invite.html", form=form, rounds=running, asks=asks)
    return page, 422 if form.errors else 200


def _offer(form: InviteForm, session: Session, running: list[RoundRow]) -> None:
    speaks, actor = language(), current_actor()
    form.offer(
        people=[(user_id, who) for user_id, who, _at in queries.people_who_hand_out(session, actor=actor)],
        rounds=[
            (row.id, f"{row.code}: {row.name_of('programme', speaks)}, {row.name_of('place', speaks)}")
            for row in running
        ],
        places=[(row.id, row.name(speaks)) for row in places(session, actor, active_only=True)],
    )


def _code_page(made: services.Invited) -> ResponseReturnValue:
    """The code is drawn into the page and kept nowhere; the packs' dear rows are begun meanwhile."""
    session, actor = read_session(), current_actor()
    found = queries.invitation(session, made.invitation_id, actor=actor)
    missing = contents.untyped_count(session, found.round_id)
    if missing:
        start_run(found.round_id, actor, missing)
    address = f"{request.url_root}field/#enrol={b64(made.token)}"
    drawing, side = svg_path(address)
    page = render_template(
        "scanner/devices/code.html",
        invitation=found,
        round=round_by_id(session, found.round_id, actor=actor),
        place=place(session, actor, found.place_id),
        path=drawing,
        side=side,
        address=address,
        secure=request.is_secure or request.host.partition(":")[0] in ("localhost", "127.0.0.1"),
        missing=missing,
    )
    return page, {"Cache-Control": "no-store"}


@bp.get("/invitations/<int:invitation_id>")
@requires(Permission.DEVICE_MANAGE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    """Whether the phone came: as a page, and for the script that asks every two seconds."""
    found = queries.invitation(read_session(), invitation_id, actor=current_actor())
    state = "waiting"
    if found.device_id is not None:
        state = "enrolled"
    elif found.expired(utc_now()):
        state = "expired"
    if wants_json():
        return jsonify(state=state, url=_device_url(found.device_id))
    if found.device_id is not None:
        return redirect(url_for("devices.device", device_id=found.device_id), code=303)
    return render_template("scanner/devices/waiting.html", invitation=found, state=state)


def _device_url(device_id: int | None) -> str | None:
    return url_for("devices.device", device_id=device_id) if device_id is not None else None


# -- one phone ---------------------------------------------------------------------------------------


@bp.route("/<int:device_id>", methods=["GET", "POST"])
@requires(Permission.DEVICE_MANAGE)
def device(device_id: int) -> ResponseReturnValue:
    """What a phone holds, in one page that prints; sending the form revokes it."""
    actor = current_actor()
    found = queries.device(read_session(), device_id, actor=actor)
    form = RevokeForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.revoke(session, form.to_command(device_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The phone is revoked. Whatever it asks from now on is refused."), "success")
            return redirect(url_for("devices.device", device_id=device_id), code=303)
    session = read_session()
    page = render_template(
        "scanner/devices/device.html",
        device=found,
        round=round_by_id(session, found.round_id, actor=actor),
        form=form,
        age=pack_age(found.last_pack_at),
        lives=GOOD_FOR_S // HOUR,
        supervisors=len(supervisor_codes.supervisors_at(session, found.site_id)),
    )
    return page, 422 if form.errors else 200


# -- packs -------------------------------------------------------------------------------------------


@bp.route("/rounds/<int:round_id>", methods=["GET", "POST"])
@requires(Permission.DEVICE_MANAGE)
def prepare(round_id: int) -> ResponseReturnValue:
    """How many vouchers can be typed on phones without a network; the button makes the others ready."""
    session, actor = read_session(), current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    missing = contents.untyped_count(session, round_id)
    form = EmptyForm()
    if form.validate_on_submit():
        if missing:
            start_run(round_id, actor, missing)
        return redirect(url_for("devices.prepare", round_id=round_id), code=303)
    job = jobs().latest(making(round_id))
    running = job is not None and not job.finished
    live = contents.live_count(session, round_id)
    page = render_template(
        "scanner/devices/prepare.html",
        round=round_,
        live=live,
        ready=live - missing,
        running=running,
        job=job,
        problem=problem(job),
        form=form,
    )
    return page, {"Refresh": str(REFRESH_SECONDS)} if running else {}


# -- a supervisor's own code -------------------------------------------------------------------------


@bp.route("/my-code", methods=["GET", "POST"])
@requires(Permission.HANDOUT_SUPERVISE)
def own_code() -> ResponseReturnValue:
    """Make the code with which one lets a family be served without a voucher. It is shown this once."""
    session, actor = read_session(), current_actor()
    form = OwnCodeForm()
    sites = accounts.sites(session, actor=actor)
    form.offer((site.id, name(site)) for site in sites)
    if form.validate_on_submit():
        with unit_of_work() as unit:
            made = supervisor_codes.make_code(unit, site_id=form.site_id.data, actor=actor, now=utc_now())
        page = render_template(
            "scanner/devices/own_code.html", form=form, code=spaced_code(made.code), own=()
        )
        return page, {"Cache-Control": "no-store"}
    own = [
        (name(site), one.created_at)
        for site in sites
        for one in supervisor_codes.supervisors_at(session, site.id)
        if one.user_id == actor.user_id
    ]
    page = render_template("scanner/devices/own_code.html", form=form, code=None, own=own)
    return page, 422 if form.errors else 200

"""The counter's page and the four calls its script makes."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.handouts import guessing, services
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.services import UNDO_WITHIN
from aidtrack.distribution.models.handouts import Collector
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, InvalidValue
from aidtrack.scanner import answers, lookups, queries, words
from aidtrack.web import allow_wasm, current_actor, requires
from aidtrack.web.problems import refusal

LONGEST_CODE = 700  # four times a voucher's code, as `signing.decode` cuts it too

bp = Blueprint("scanner", __name__, url_prefix="/counter")


@bp.get("/")
@allow_wasm
@requires(Permission.VOUCHER_SCAN)
def counter() -> ResponseReturnValue:
    """The page that stays open all day. The place is chosen once and remembered for the session."""
    actor, today = current_actor(), local_date(utc_now())
    places = queries.counter_places(read_session(), actor=actor, on=today)
    if "choose" in request.args:
        session.pop("counter_place", None)
    wanted = _chosen("place") or session.get("counter_place")
    place = next((place for place in places if place.id == wanted), None)
    if place is None and len(places) == 1:
        place = places[0]
    if place is None:
        return render_template("scanner/places.html", places=places)
    session["counter_place"] = place.id
    return render_template(
        "scanner/counter.html",
        place=place,
        several=len(places) > 1,
        tally=queries.tally(read_session(), place_id=place.id, actor=actor, on=today),
        undo_seconds=int(UNDO_WITHIN.total_seconds()),
        words=words.for_script(),
    )


@bp.post("/scan")
@requires(Permission.VOUCHER_SCAN)
def scan() -> ResponseReturnValue:
    """What a code means at this place. Refusals are answers too; only broken requests are errors."""
    body = _body()
    with unit_of_work(short=True) as unit:
        found = lookups.scan(
            unit,
            _code(body),
            place_id=_number(body, "place_id"),
            actor=current_actor(),
            now=utc_now(),
        )
    return answers.scanned(found)


@bp.put("/handouts/<uuid:client_id>")
@requires(Permission.HANDOUT_GIVE)
def give(client_id: UUID) -> ResponseReturnValue:
    """Hand out; sent again with the same id it has the same one effect (I10)."""
    body = _body()
    quantities = body.get("quantities") or {}
    if not isinstance(quantities, dict) or not all(
        item.isascii() and item.isdigit() and len(item) < 19 and type(units) is int
        for item, units in quantities.items()
    ):
        raise InvalidValue(field="quantities", value="quantities")
    command = HandOut(
        client_id=client_id,
        code=_code(body),
        place_id=_number(body, "place_id"),
        quantities={int(item): units for item, units in quantities.items()},
        reason=_text(body, "reason", 300) if body.get("reason") else None,
        collector=Collector.PROXY if body.get("collector") == "proxy" else Collector.HEAD,
    )
    actor, now = current_actor(), utc_now()
    try:
        with unit_of_work(short=True) as unit:
            guessing.slow_down(unit, actor=actor, now=now)
            receipt = services.hand_out(unit, command, actor=actor, now=now)
    except guessing.WRONG_CODES as refusal:
        with unit_of_work(
            short=True
        ) as unit:  # its own: the refused one is rolled back with everything in it
            guessing.note_wrong_code(unit, refusal, actor=actor, now=now)
        raise
    return answers.given(receipt), 200 if receipt.repeated else 201


@bp.post("/handouts/<uuid:client_id>/undo")
@requires(Permission.HANDOUT_GIVE)
def undo(client_id: UUID) -> ResponseReturnValue:
    body = _body()
    try:
        undo_id = UUID(_text(body, "id", 36))
    except ValueError as error:
        raise InvalidValue(field="id", value="id") from error
    with unit_of_work(short=True) as unit:
        receipt = services.undo_handout(
            unit,
            UndoHandout(client_id=undo_id, handout_client_id=client_id, reason=_text(body, "reason", 300)),
            actor=current_actor(),
            now=utc_now(),
        )
    return answers.given(receipt), 200 if receipt.repeated else 201


@bp.get("/today")
@requires(Permission.VOUCHER_SCAN)
def today() -> ResponseReturnValue:
    """The day's tally at a place: handed out, taken back, still open."""
    place_id = _chosen("place_id")
    return queries.tally(read_session(), place_id=place_id, actor=current_actor(), on=local_date(utc_now()))


@bp.errorhandler(DomainError)
def refused(error: DomainError) -> ResponseReturnValue:
    """The counter's script gets a refusal in the same shape as an answer."""
    if request.method == "GET":
        return refusal(error)
    tone = "amber" if error.code == "already_collected" else "red"
    body = {
        "tone": tone,
        "code": error.code,
        "title": answers.title(error),
        "text": answers.sentence(error),
        "message": answers.sentence(error),
        "facts": error.facts,
    }
    return body, error.status


def _chosen(name: str) -> int:
    """The place named in the address; what is no number names none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidValue(value="JSON")
    return body


def _code(body: dict[str, Any]) -> str:
    """The scanned text, cut: a QR code of something else can hold thousands of characters."""
    text = body.get("code")
    if not isinstance(text, str) or not text.strip():
        raise InvalidValue(field="code", value="code")
    return text[:LONGEST_CODE]


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise InvalidValue(field=name, value=name)
    return text


def _number(body: dict[str, Any], name: str) -> int:
    number = body.get(name)
    if type(number) is not int:
        raise InvalidValue(field=name, value=name)
    return number

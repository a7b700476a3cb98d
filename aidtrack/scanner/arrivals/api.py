"""`POST /sync/v1/events`: a phone brings what it wrote, and gets a receipt for each event."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.db import read_session
from aidtrack.distribution.field import events, services
from aidtrack.distribution.field.devices import FieldDevice, device_by
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.models import CameBy
from aidtrack.distribution.phones.encoding import b64
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.arrivals import batches, words
from aidtrack.scanner.arrivals.described import ANSWER, BODY, MOST_EVENTS
from aidtrack.scanner.devices import services as devices
from aidtrack.scanner.devices.commands import Heard
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.devices.signed import current_device
from aidtrack.scanner.sync import ROOT, bp
from aidtrack.web.access import enrolled_phone
from aidtrack.web.wellformed import TAKES_ANYTHING

MOST_BYTES = 2 * 1024 * 1024
MOST_UNSENT = 1_000_000
# an event that no database could keep as text is one event's fault: it is kept raw like any other
TAKES_ANYTHING.add(f"{ROOT}/events")


@bp.route("/events")
class EventsView(MethodView):
    @enrolled_phone
    @bp.response(200, ANSWER)
    @bp.doc(security=[{"device": []}], requestBody=BODY)
    def post(self) -> ResponseReturnValue:
        """Take a batch of events, in any order and as often as it comes (docs/sync.md#event).

        One receipt an event, in their order; perhaps fewer than events: the rest is sent again.
        """
        said = _said()
        carrier = device_by(read_session(), current_device().public_id)
        assert carrier is not None
        receipts = batches.take_all(
            said["events"],
            carrier=carrier,
            came_by=CameBy.SYNC,
            budget_s=batches.BUDGET_S,
            last=partial(note_phone, carrier, said),
        )
        return jsonify(
            receipts=[shown(receipt) for receipt in receipts],
            server_time=as_text(utc_now()),
            revoked=False,
        )


def _said() -> dict[str, Any]:
    """The request's body; only what concerns the batch as a whole is refused here."""
    data = request.get_data(cache=True)
    if len(data) > MOST_BYTES:
        abort(413)
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(said, dict) or not isinstance(said.get("events"), list):
        abort(400)
    if len(said["events"]) > MOST_EVENTS:
        abort(413)
    return said


def note_phone(carrier: FieldDevice, said: dict[str, Any], session: Session, taken: int) -> None:
    """What the phone says of itself, and whether its sequence is whole once it holds nothing more."""
    unsent, now = said.get("unsent"), utc_now()
    left = None
    if type(unsent) is int and 0 <= unsent <= MOST_UNSENT:
        left = max(0, unsent - taken)
    app = said.get("app")
    heard = Heard(
        app=app[:80] if isinstance(app, str) and app.isprintable() else None,
        unsent=left,
        oldest=_oldest(said.get("oldest")),
    )
    devices.heard(session, carrier.id, heard, now=now)
    if left == 0:
        services.note_sequence(session, carrier, now=now)


def _oldest(found: object) -> datetime | None:
    try:
        return events.moment(found)
    except ValueError:
        return None


def shown(receipt: EventReceipt) -> dict[str, Any]:
    """A receipt as phones and the page of files show it."""
    return {
        "id": receipt.id,
        "hash": b64(receipt.hash),
        "outcome": receipt.outcome.value,
        "at": as_text(receipt.at),
        "title": words.title(receipt.outcome),
        "text": words.text(receipt),
        "reason": receipt.reason,
        "notes": list(receipt.notes),
    }

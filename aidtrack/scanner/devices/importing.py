"""A phone's unsent handouts brought in as a file, when the phone itself cannot send them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.field.devices import FieldDevice, device_by
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.models import CameBy
from aidtrack.distribution.services.file_keys import private_keys
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.scanner.arrivals import batches, words
from aidtrack.scanner.devices import files
from aidtrack.scanner.devices.errors import NotAnEventFile, PhoneOfNoneHere
from aidtrack.scanner.devices.forms import EventFileForm
from aidtrack.web import current_actor, requires

bp = Blueprint("event_files", __name__, url_prefix="/phones")


@dataclass(frozen=True, slots=True)
class EventFile:
    """An opened file: which phone wrote it, and its events, unread."""

    carrier: FieldDevice
    events: list[object]


@bp.route("/file", methods=["GET", "POST"])
@requires(Permission.DEVICE_MANAGE)
def read_in() -> ResponseReturnValue:
    """Open the file, take each event as if the phone had sent it, and show what became of each."""
    form = EventFileForm()
    receipts: list[EventReceipt] = []
    if form.validate_on_submit():
        try:
            found = opened(read_session(), form.file.data.read(), actor=current_actor())
            receipts = take(found, actor=current_actor())
        except DomainError as error:
            form.show(error)
    page = render_template(
        "scanner/devices/file.html", form=form, receipts=receipts, title=words.title, text=words.text
    )
    return page, 422 if form.errors else 200


def opened(session: Session, data: bytes, *, actor: Actor) -> EventFile:
    """Try the centre's keys, the newest first.

    Raises:
        NotAnEventFile: none of them opens it.
        PhoneOfNoneHere: it is from a phone of another site, or of none.
    """
    for key in private_keys(session):
        try:
            said = files.read(data, key.private_key)
        except files.NotOurFile:
            continue
        device = said.get("device")
        carrier = device_by(session, device) if isinstance(device, str) else None
        if carrier is None or carrier.site_id not in actor.site_ids:
            raise PhoneOfNoneHere
        return EventFile(carrier, said["events"])
    raise NotAnEventFile


def take(found: EventFile, *, actor: Actor) -> list[EventReceipt]:
    """The same services as for events that came over the network, so the same once-only rules."""
    with unit_of_work() as session:
        audit.record(
            session, actor=actor, action="device.import", object_type="device", object_id=found.carrier.id,
            site_id=found.carrier.site_id, facts={"events": len(found.events)}, now=utc_now(),
        )  # fmt: skip
    return list(batches.take_all(found.events, carrier=found.carrier, came_by=CameBy.FILE))

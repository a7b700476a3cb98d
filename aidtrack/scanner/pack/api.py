"""`GET /sync/v1/pack`: what the phone takes along, or word that nothing changed."""

import gzip

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from aidtrack import audit
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices import services
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.devices.queries import PresentDevice
from aidtrack.scanner.devices.signed import current_device
from aidtrack.scanner.pack import building, contents, prepared
from aidtrack.scanner.pack.described import HEADERS, PACK
from aidtrack.scanner.sync import bp
from aidtrack.web.access import current_actor, enrolled_phone
from aidtrack.web.jobs import Job, jobs

MOST_HELD = 8
HELD_HEADER = {
    "parameters": [
        {
            "in": "query",
            "name": "have",
            "schema": {"type": "string", "maxLength": 400},
            "description": "blobs held from an earlier pack as `<name>.<hash>`, with commas between",
        },
        {"in": "header", "name": "If-None-Match", "schema": {"type": "string", "maxLength": 100}},
    ]
}


@bp.route("/pack")
class PackView(MethodView):
    @enrolled_phone
    @bp.response(200, PACK, content_type="application/octet-stream", headers=HEADERS)
    @bp.alt_response(
        304, description="nothing changed: the pack held lives on from `Aidtrack-Issued-At`", headers=HEADERS
    )
    @bp.doc(security=[{"device": []}], **HELD_HEADER)
    def get(self) -> ResponseReturnValue:
        """The round's pack for this device (docs/sync.md#pack)."""
        device, actor, now = current_device(), current_actor(), utc_now()
        make_what_is_missing(device, actor)
        session = read_session()
        newest = building.edition(session, device, actor=actor)
        assert newest is not None  # made ready just before
        if request.if_none_match.contains(newest.serial):
            with unit_of_work(short=True) as unit:
                services.note_pack(unit, device.id, serial=newest.serial, rows=None, now=now)
            response = Response(status=304)
        else:
            held = frozenset(request.args.get("have", "").split(",")[:MOST_HELD])
            pack = building.build(session, device, newest, actor=actor, now=now, held=held)
            with unit_of_work(short=True) as unit:
                services.note_pack(unit, device.id, serial=pack.serial, rows=pack.rows, now=now)
                audit.record(
                    unit, actor=actor, action="read.pack", object_type="device", object_id=device.id,
                    site_id=device.site_id, facts={"round": device.round_id, "rows": pack.rows}, now=now,
                )  # fmt: skip
            response = _octets(pack.body)
        response.set_etag(newest.serial)
        response.headers["Aidtrack-Issued-At"] = as_text(now)
        response.headers["Cache-Control"] = "no-store"  # the page keeps it, no cache on the way does
        return response


def _octets(body: bytes) -> Response:
    """Rows do not compress; bit lists and the head do, to next to nothing."""
    response = Response(body, mimetype="application/octet-stream")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, compresslevel=1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def make_what_is_missing(device: PresentDevice, actor: Actor) -> None:
    """A few typed rows at once; many in a run beside, while the phone gets the pack as it is."""
    session = read_session()
    missing = contents.untyped_count(session, device.round_id)
    if missing == 0 and contents.ready(session, device.round_id) is not None:
        return
    if missing <= prepared.AT_ONCE:
        prepared.prepare(device.round_id, actor=actor, most=missing)
        return
    prepared.prepare(device.round_id, actor=actor, most=0)
    start_run(device.round_id, actor, missing)


def start_run(round_id: int, actor: Actor, missing: int) -> Job:
    """Make all that is missing, with progress to look at; the one under way where there is one."""

    def work(job: Job) -> None:
        prepared.prepare(round_id, actor=actor, progress=job.progress)

    return jobs().start(making(round_id), "pack", actor.label, work, total=missing)


def making(round_id: int) -> str:
    """The key of the run that makes a round's rows."""
    return f"pack-{round_id}"

"""`GET /sync/v1/status`: a phone asks whether it is still let in, as often as it likes."""

import marshmallow as ma
from flask.views import MethodView
from marshmallow import fields, validate

from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.sync import bp
from aidtrack.web.access import enrolled_phone


class StatusOut(ma.Schema):
    """Where the phone is let in; else it gets the refusal that every other request gets."""

    server_time = fields.String(required=True)
    revoked = fields.Boolean(
        required=True, validate=validate.Equal(False), metadata={"description": "403 says the other"}
    )


@bp.route("/status")
class StatusView(MethodView):
    @enrolled_phone
    @bp.response(200, StatusOut)
    @bp.doc(security=[{"device": []}])
    def get(self) -> dict[str, object]:
        """Whether the phone may still hand out: one question to the database, nothing written, nothing logged."""
        return {"server_time": as_text(utc_now()), "revoked": False}

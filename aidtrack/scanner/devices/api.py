"""`POST /sync/v1/enrol`: a phone that scanned an invitation becomes a device."""

from typing import Any

import marshmallow as ma
from flask import request
from flask.views import MethodView
from marshmallow import fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site, UserAccount
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import Cycle, Device, Round
from aidtrack.distribution.phones.encoding import from_b64
from aidtrack.inventory.models import Place, Programme
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue
from aidtrack.scanner.devices import services
from aidtrack.scanner.devices.commands import EnrolPhone
from aidtrack.scanner.devices.errors import InvitationExpired, InvitationUsed, UnknownInvitation
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.sync import bp
from aidtrack.web.access import public

WRONG = (UnknownInvitation, InvitationUsed, InvitationExpired)


class EnrolBody(ma.Schema):
    """What a phone sends after scanning the code on the manager's screen."""

    class Meta:
        unknown = ma.EXCLUDE  # a newer page may say more, as in an event

    invitation = fields.String(
        required=True, validate=validate.Length(max=64), metadata={"description": "base64url, from the code"}
    )
    public_key = fields.String(
        required=True,
        validate=validate.Length(max=120),
        metadata={"description": "base64url of the uncompressed P-256 point"},
    )
    app = fields.String(required=True, validate=validate.Length(max=80))
    name = fields.String(required=True, validate=validate.Length(max=200))


class PlaceOut(ma.Schema):
    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name_uk = fields.String(required=True)
    name_en = fields.String(required=True)


class SiteOut(ma.Schema):
    code = fields.String(required=True)
    time_zone = fields.String(required=True)


class RoundOut(ma.Schema):
    id = fields.Integer(required=True)
    code = fields.String(required=True)
    tag = fields.Integer(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    programme_uk = fields.String(required=True)
    programme_en = fields.String(required=True)


class EnrolledOut(ma.Schema):
    """Who the phone is from now on."""

    device = fields.String(required=True)
    person = fields.String(required=True)
    language = fields.String(required=True)
    site = fields.Nested(SiteOut, required=True)
    place = fields.Nested(PlaceOut, required=True)
    round = fields.Nested(RoundOut, required=True)
    server_time = fields.String(required=True)


@bp.route("/enrol")
class EnrolView(MethodView):
    @public
    @bp.arguments(EnrolBody)
    @bp.response(201, EnrolledOut)
    @bp.doc(security=[])
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Become a device of the person, place and round of the invitation. Sent twice: the same device."""
        now, address = utc_now(), request.remote_addr or ""
        services.slow_down(read_session(), address, now=now)
        command = EnrolPhone(
            invitation=_bytes(body, "invitation"),
            public_key=_bytes(body, "public_key"),
            app=body["app"],
            name=body["name"],
        )
        try:
            with unit_of_work() as session:
                device_id = services.enrol(session, command, now=now)
        except WRONG:
            with unit_of_work(short=True) as session:
                services.note_wrong_try(session, address, now=now)
            raise
        return {**who_it_is(read_session(), device_id), "server_time": as_text(now)}


def _bytes(body: dict[str, Any], name: str) -> bytes:
    try:
        return from_b64(body[name])
    except ValueError:
        raise InvalidValue(field=name, value=name) from None


def who_it_is(session: Session, device_id: int) -> dict[str, Any]:
    """What a phone is told of itself when it is enrolled."""
    row = session.execute(
        select(
            Device.public_id, UserAccount.display_name, UserAccount.language, Site.code.label("site"), Site.time_zone,
            Place.id, Place.code.label("place"), Place.name_uk, Place.name_en, Round.id.label("round_id"),
            Round.code.label("round"), Round.token_id, Round.first_day, Round.last_day,
            Programme.name_uk.label("programme_uk"), Programme.name_en.label("programme_en"),
        )
        .join(UserAccount, UserAccount.id == Device.user_id)
        .join(Site, Site.id == Device.site_id)
        .join(Place, Place.id == Device.place_id)
        .join(Round, Round.id == Device.round_id)
        .join(Cycle, Cycle.id == Round.cycle_id)
        .join(Programme, Programme.id == Cycle.programme_id)
        .where(Device.id == device_id)
    ).one()  # fmt: skip
    return {
        "device": row.public_id,
        "person": row.display_name,
        "language": row.language,
        "site": {"code": row.site, "time_zone": row.time_zone},
        "place": {"id": row.id, "code": row.place, "name_uk": row.name_uk, "name_en": row.name_en},
        "round": {
            "id": row.round_id, "code": row.round, "tag": row.token_id, "first_day": row.first_day,
            "last_day": row.last_day, "programme_uk": row.programme_uk, "programme_en": row.programme_en,
        },
    }  # fmt: skip

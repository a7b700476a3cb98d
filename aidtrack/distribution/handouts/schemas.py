"""Bodies of the handout API, as described in /api/v1/openapi.json."""

import marshmallow as ma
from marshmallow import fields, validate

from aidtrack.db.types import MAX_UNITS
from aidtrack.distribution.models.handouts import Collector

CODE = validate.Length(min=1, max=4000)  # a QR code of something else can be long; it is refused by name
UNITS = validate.Range(min=0, max=MAX_UNITS)


class HandoutBody(ma.Schema):
    """What `PUT /handouts/{uuid}` takes."""

    voucher = fields.String(required=True, validate=CODE, metadata={"description": "QR text or typed code"})
    place = fields.String(
        required=True, validate=validate.Length(max=24), metadata={"description": "place code"}
    )
    quantities = fields.Dict(
        keys=fields.String(validate=validate.Length(max=32)),
        values=fields.Integer(strict=True, validate=UNITS),
        metadata={"description": "smaller quantities by item code, base units; left out: in full"},
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    collector = fields.Enum(Collector, by_value=True, load_default=Collector.HEAD)


class ReversalBody(ma.Schema):
    """What `POST /handouts/{uuid}/reversal` takes. `id` makes a repeated request harmless."""

    id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=3, max=300))


class LotPartOut(ma.Schema):
    lot = fields.String(required=True)
    donor = fields.String(required=True)
    units = fields.Integer(required=True)


class ReceiptLineOut(ma.Schema):
    item = fields.String(required=True)
    unit = fields.String(required=True, metadata={"description": "base unit: g, ml or piece"})
    due = fields.Integer(required=True)
    units = fields.Integer(required=True)
    lots = fields.List(fields.Nested(LotPartOut), required=True)


class ReceiptOut(ma.Schema):
    """The same for the first and for every repeated request."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    serial = fields.String(required=True)
    place = fields.String(required=True)
    at = fields.String(required=True)
    partial = fields.Boolean(required=True)  # type: ignore[assignment]  # a field's name, and a setting of Schema
    reason = fields.String(required=True, allow_none=True)
    reverses = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(ReceiptLineOut), required=True)


class DueOut(ma.Schema):
    item = fields.String(required=True)
    unit = fields.String(required=True)
    units = fields.Integer(required=True)


class VoucherOut(ma.Schema):
    """A voucher's state and lines. Nothing of the family: that is shown at the counter, one at a time."""

    serial = fields.String(required=True)
    state = fields.String(required=True)
    round = fields.String(required=True)
    place = fields.String(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    lines = fields.List(fields.Nested(DueOut), required=True)

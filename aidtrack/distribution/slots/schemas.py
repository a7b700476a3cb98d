"""Bodies of the API of bookable times, as described in /api/v1/openapi.json."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

CLOCK = {"description": "minutes of the site's clock since midnight"}


class SlotOut(ma.Schema):
    """A bookable time. `letters` and `category` say for whom it is kept; null for everybody."""

    id = fields.Integer(required=True)
    day = fields.Date(required=True)
    starts = fields.Integer(required=True, metadata=CLOCK)
    ends = fields.Integer(required=True, metadata=CLOCK)
    capacity = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    letters = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)


class SlotSharesOut(ma.Schema):
    """Who came in time, of the times that are over. `percent` is null while none is."""

    tolerance_minutes = fields.Integer(required=True)
    booked = fields.Integer(required=True)
    issues_with_a_time = fields.Integer(required=True)
    due = fields.Integer(required=True)
    in_time = fields.Integer(required=True)
    at_another_time = fields.Integer(required=True)
    not_come = fields.Integer(required=True)
    percent = fields.Integer(required=True, allow_none=True)


class RoundSlotsOut(ma.Schema):
    times = fields.List(fields.Nested(SlotOut), required=True)
    shares = fields.Nested(SlotSharesOut, required=True)


class SlotBookingBody(ma.Schema):
    """What `PUT …/families/{id}` takes: book, or move to this time. Repeated, it has one effect."""

    slot = fields.Integer(required=True, strict=True)


class SlotBookingOut(ma.Schema):
    slot = fields.Integer(required=True)
    day = fields.Date(required=True)
    starts = fields.Integer(required=True, metadata=CLOCK)
    ends = fields.Integer(required=True, metadata=CLOCK)
    number = fields.Integer(required=True, metadata={"description": "for that day only"})


class QueueNumberOut(ma.Schema):
    number = fields.Integer(required=True)
    starts = fields.Integer(required=True, metadata=CLOCK)
    ends = fields.Integer(required=True, metadata=CLOCK)
    standing = fields.String(required=True, metadata={"description": "waiting, called, served or missed"})


class QueueOut(ma.Schema):
    """Today's queue of a point: numbers, nothing of a family."""

    day = fields.Date(required=True)
    paused = fields.Boolean(required=True)
    numbers = fields.List(fields.Nested(QueueNumberOut), required=True)


class CalledOut(ma.Schema):
    number = fields.Integer(required=True)


_MINUTE: dict[str, Any] = {"validate": ma.validate.Range(0, 24 * 60), "strict": True, "metadata": CLOCK}


class TimesBody(ma.Schema):
    """A day's times from `starts` to `ends`, each so many minutes long, with a pause between or without."""

    day = fields.Date(required=True)
    starts = fields.Integer(required=True, **_MINUTE)
    ends = fields.Integer(required=True, **_MINUTE)
    each = fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 24 * 60))
    capacity = fields.Integer(required=True, strict=True)
    pause_starts = fields.Integer(load_default=None, allow_none=True, **_MINUTE)
    pause_ends = fields.Integer(load_default=None, allow_none=True, **_MINUTE)
    letters = fields.String(
        load_default="",
        validate=ma.validate.Regexp("^([АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ]{2})?$"),
        metadata={"description": "first and last letter of the surnames it is kept for; empty for everybody"},
    )
    category = fields.String(load_default="", validate=ma.validate.Length(max=40))


class MadeTimesOut(ma.Schema):
    made = fields.Integer(required=True)


class CapacityBody(ma.Schema):
    capacity = fields.Integer(required=True, strict=True)

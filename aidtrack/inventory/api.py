"""Stock and receipts for programs."""

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import services
from aidtrack.inventory.commands import ReceivedLine, ReceiveDonation
from aidtrack.inventory.kinds import LotCondition
from aidtrack.inventory.models import Donor, Item, Place, Programme
from aidtrack.inventory.queries import donations, lookup, stock
from aidtrack.inventory.queries.donations import DonationDetail
from aidtrack.inventory.queries.stock import StockRow
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.quantity import MAX_UNITS
from aidtrack.web import api_blueprint, current_actor, requires

blueprint = api_blueprint("inventory", __name__, description="Stock and receipts")


def _units(**kwargs: Any) -> ma.fields.Integer:
    """Whole base units (g, ml or pieces); a text or a fraction is refused, never rounded."""
    return ma.fields.Integer(strict=True, validate=ma.validate.Range(1, MAX_UNITS), **kwargs)


class StockQuery(ma.Schema):
    place = ma.fields.String(metadata={"description": "code of a place"})
    item = ma.fields.String(metadata={"description": "code of an item"})
    lot = ma.fields.String(metadata={"description": "code of a lot"})
    donor = ma.fields.String(metadata={"description": "code of a donor"})


class StockLine(ma.Schema):
    """What one place holds of one lot."""

    place = ma.fields.String(required=True)
    item = ma.fields.String(required=True)
    unit = ma.fields.String(required=True, metadata={"description": "base unit: g, ml or piece"})
    lot = ma.fields.String(required=True)
    donor = ma.fields.String(required=True)
    expires_on = ma.fields.Date(allow_none=True)
    earmarked = ma.fields.Boolean(required=True)
    condition = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    on_hand = ma.fields.Integer(required=True, metadata={"description": "base units"})


class ReceiptLineBody(ma.Schema):
    item = ma.fields.String(required=True, metadata={"description": "code of the item"})
    units = _units(required=True, metadata={"description": "base units that arrived"})
    announced = _units(allow_none=True, load_default=None, metadata={"description": "base units announced"})
    batch = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=60))
    expires_on = ma.fields.Date(allow_none=True, load_default=None)
    condition = ma.fields.Enum(LotCondition, by_value=True, load_default=LotCondition.NEW)


class ReceiptBody(ma.Schema):
    """A donation that arrived. `id` is made by the client, once for each donation."""

    id = ma.fields.UUID(required=True)
    place = ma.fields.String(required=True)
    donor = ma.fields.String(required=True)
    back_donor = ma.fields.String(allow_none=True, load_default=None)
    channel = ma.fields.String(allow_none=True, load_default=None)
    agreement = ma.fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "number of an agreement of one of the three"},
    )
    programme = ma.fields.String(allow_none=True, load_default=None)
    earmarked = ma.fields.Boolean(load_default=False)
    earmark_note = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=300))
    waybill = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=60))
    aid_code = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=60))
    declaration_no = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=60))
    arrived_on = ma.fields.Date(required=True)
    note = ma.fields.String(allow_none=True, load_default=None, validate=ma.validate.Length(max=500))
    lines = ma.fields.List(
        ma.fields.Nested(ReceiptLineBody), required=True, validate=ma.validate.Length(min=1, max=1000)
    )


class ReceivedLineAnswer(ma.Schema):
    item = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    units = ma.fields.Integer(required=True)
    lot = ma.fields.String(required=True)


class ReceiptAnswer(ma.Schema):
    """The receipt as it stands: the same for the first and for every repeated request."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    donor = ma.fields.String(required=True)
    arrived_on = ma.fields.Date(required=True)
    lines = ma.fields.List(ma.fields.Nested(ReceivedLineAnswer), required=True)


@blueprint.route("/stock")
class Stock(MethodView):
    @requires(Permission.STOCK_READ)
    @blueprint.arguments(StockQuery, location="query")
    @blueprint.response(200, StockLine(many=True))
    def get(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """On hand by place and lot, soonest expiry first; a code that is not known matches nothing."""
        rows = stock.on_hand(read_session(), current_actor())
        return [_stock_line(row) for row in rows if _matches(row, query)]


def _matches(row: StockRow, query: dict[str, str]) -> bool:
    has = {"place": row.place_code, "item": row.item_code, "lot": row.lot_code, "donor": row.donor_code}
    return all(has[name].casefold() == wanted.casefold() for name, wanted in query.items())


def _stock_line(row: StockRow) -> dict[str, Any]:
    return {
        "place": row.place_code,
        "item": row.item_code,
        "unit": row.base_unit.value,
        "lot": row.lot_code,
        "donor": row.donor_code,
        "expires_on": row.expires_on,
        "earmarked": row.earmarked,
        "condition": row.condition.value,
        "status": row.status.value,
        "on_hand": row.units,
    }


@blueprint.route("/receipts")
class Receipts(MethodView):
    @requires(Permission.STOCK_RECEIVE)
    @blueprint.arguments(ReceiptBody)
    @blueprint.response(201, ReceiptAnswer, description="received")
    @blueprint.alt_response(200, schema=ReceiptAnswer, description="the same receipt, asked for again")
    @blueprint.alt_response(409, schema="Problem", description="the id was used with another body")
    def post(self, body: dict[str, Any]) -> Any:
        """Receive a donation. The same id and body again answer 200 with the same receipt."""
        actor = current_actor()
        with unit_of_work() as session:
            command = _command(session, body)
            seen = services.received_before(session, command)
            donation_id = services.receive_donation(session, command, actor=actor, now=utc_now())
            found = donations.donation(session, actor, donation_id)
        return _answer(found, body), 200 if seen else 201


def _command(session: Any, body: dict[str, Any]) -> ReceiveDonation:
    agreement_id = None
    donor_id = lookup.id_by_code(session, Donor, body["donor"], field="donor")
    back_donor_id = lookup.id_by_code(session, Donor, body["back_donor"], field="back_donor")
    channel_id = lookup.id_by_code(session, Donor, body["channel"], field="channel")
    if body["agreement"] is not None:
        roles = [role for role in (donor_id, back_donor_id, channel_id) if role is not None]
        agreement_id = lookup.agreement_id(session, body["agreement"], donor_ids=roles)
    return ReceiveDonation(
        command_id=str(body["id"]),
        place_id=lookup.needed_id(session, Place, body["place"], field="place"),
        donor_id=lookup.needed_id(session, Donor, body["donor"], field="donor"),
        back_donor_id=back_donor_id,
        channel_id=channel_id,
        agreement_id=agreement_id,
        programme_id=lookup.id_by_code(session, Programme, body["programme"], field="programme"),
        earmarked=body["earmarked"],
        earmark_note=body["earmark_note"],
        waybill=body["waybill"],
        aid_code=body["aid_code"],
        declaration_no=body["declaration_no"],
        arrived_on=body["arrived_on"],
        note=body["note"],
        lines=tuple(
            ReceivedLine(
                item_id=lookup.needed_id(session, Item, line["item"], field=f"lines-{number}-item"),
                units=line["units"],
                as_typed=str(line["units"]),
                announced_units=line["announced"],
                batch=line["batch"],
                expires_on=line["expires_on"],
                condition=line["condition"],
            )
            for number, line in enumerate(body["lines"])
        ),
    )


def _answer(found: DonationDetail, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": body["id"],
        "number": found.donation.number,
        "place": found.place.code,
        "donor": found.donor.code,
        "arrived_on": found.donation.arrived_on,
        "lines": [
            {"item": line.item_code, "unit": line.base_unit.value, "units": line.units, "lot": line.lot_code}
            for line in found.lines
        ],
    }

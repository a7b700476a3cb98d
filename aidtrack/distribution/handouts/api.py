"""`/api/v1/vouchers` and `/api/v1/handouts`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask.views import MethodView
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.db import db, read_session, unit_of_work
from aidtrack.db.flushing import wait_for_the_disk
from aidtrack.distribution.errors import UnknownItem, UnknownVoucher
from aidtrack.distribution.handouts import guessing, presented, queries, services
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.schemas import HandoutBody, ReceiptOut, ReversalBody, VoucherOut
from aidtrack.inventory.models import Item
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue
from aidtrack.web import api_blueprint, current_actor, requires, requires_any
from aidtrack.web.api import quick_json

HANDOUT_BODY = HandoutBody()  # one instance: a schema class would be built anew for every handout

bp = api_blueprint("handouts", __name__, description="Vouchers as they are presented, handouts, reversals")


@bp.route("/vouchers/<code>")
class VoucherView(MethodView):
    @requires_any(Permission.VOUCHER_SCAN, Permission.VOUCHER_INSPECT)
    @bp.response(200, VoucherOut)
    def get(self, code: str) -> dict[str, Any]:
        """State and lines of one voucher, by its QR text or typed code."""
        session = read_session()
        guessing.slow_down_typing(session, code, actor=current_actor(), now=utc_now())
        with _wrong_code_noted(code):
            voucher = presented.find(session, code, locked=False)
            if voucher.site_id not in current_actor().site_ids:
                raise UnknownVoucher
        return {
            "serial": voucher.serial,
            "state": voucher.state.value,
            "round": voucher.round_code,
            "place": voucher.place_code,
            "first_day": voucher.first_day,
            "last_day": voucher.last_day,
            "lines": [
                {"item": line.item_code, "unit": line.base_unit, "units": line.units}
                for line in presented.due_lines(session, voucher.profile_id)
            ],
        }


@bp.route("/handouts/<uuid:client_id>")
class HandoutView(MethodView):
    @requires(Permission.HANDOUT_GIVE)
    @bp.arguments(HANDOUT_BODY)
    @bp.response(201, ReceiptOut)
    @bp.alt_response(200, schema=ReceiptOut, description="this id had its effect before: the same receipt")
    def put(self, body: dict[str, Any], client_id: UUID) -> ResponseReturnValue:
        """Hand out on a voucher. The id is the client's: repeated, it has one effect and one receipt."""
        actor, now = current_actor(), utc_now()
        with _wrong_code_noted(body["voucher"]), unit_of_work(short=True) as session:
            guessing.slow_down_typing(session, body["voucher"], actor=actor, now=now)
            receipt = services.hand_out(
                session,
                HandOut(
                    client_id=client_id,
                    code=body["voucher"],
                    place_id=place_id(session, body["place"], actor),
                    quantities=_by_id(session, body.get("quantities") or {}),
                    reason=body["reason"],
                    collector=body["collector"],
                ),
                actor=actor,
                now=now,
            )
        return quick_json(receipt.as_json(), 200 if receipt.repeated else 201)

    @requires(Permission.HANDOUT_GIVE)
    @bp.response(200, ReceiptOut)
    def get(self, client_id: UUID) -> dict[str, Any]:
        """The receipt of a handout given at one of the token's sites."""
        receipt = queries.receipt_for(read_session(), str(client_id), actor=current_actor())
        wait_for_the_disk(db.engine)  # it may have been committed a moment ago (docs/adr/0009)
        return receipt.as_json()


@bp.route("/handouts/<uuid:client_id>/reversal")
class ReversalView(MethodView):
    @requires_any(Permission.HANDOUT_GIVE, Permission.HANDOUT_CORRECT)
    @bp.arguments(ReversalBody)
    @bp.response(201, ReceiptOut)
    @bp.alt_response(200, schema=ReceiptOut, description="this id had its effect before: the same receipt")
    def post(self, body: dict[str, Any], client_id: UUID) -> ResponseReturnValue:
        """Take a handout back: the goods return, the voucher opens again."""
        with unit_of_work(short=True) as session:
            receipt = services.undo_handout(
                session,
                UndoHandout(client_id=body["id"], handout_client_id=client_id, reason=body["reason"]),
                actor=current_actor(),
                now=utc_now(),
            )
        return receipt.as_json(), 200 if receipt.repeated else 201


@contextmanager
def _wrong_code_noted(code: str) -> Iterator[None]:
    """A typed code that was wrong counts against guessing, in a unit of its own: the refused one is undone."""
    try:
        yield
    except guessing.WRONG_CODES as refusal:
        if presented.is_typed(code):
            with unit_of_work(short=True) as unit:
                guessing.note_wrong_code(unit, refusal, actor=current_actor(), now=utc_now())
        raise


def place_id(session: Session, code: str, actor: Actor) -> int:
    """The id of a place at one of the actor's sites; unknown and another site's answer alike."""
    found = presented.place_by_code(session, code)
    if found is None or found.site_id not in actor.site_ids:
        raise InvalidValue(field="place", value=code)
    return found.id


def _by_id(session: Session, quantities: dict[str, int]) -> dict[int, int]:
    if not quantities:
        return {}
    rows = session.execute(select(Item.code, Item.id).where(Item.code.in_(quantities)))
    ids: dict[str, int] = {row.code: row.id for row in rows}
    if ids.keys() != quantities.keys():
        raise UnknownItem
    return {ids[code]: units for code, units in quantities.items()}

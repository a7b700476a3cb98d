"""A donation arrives: what was counted becomes lots in stock, under one receipt act."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import ReceiveDonation
from aidtrack.inventory.errors import (
    AgreementOfAnother,
    DateAhead,
    EarmarkNeedsProgramme,
    EmptyDocument,
    ExpiredOnArrival,
)
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, DonationState, EntryKind, PlaceKind
from aidtrack.inventory.models import (
    Agreement,
    Donation,
    DonationLine,
    Donor,
    Item,
    Programme,
    StockLot,
)
from aidtrack.inventory.services import documents
from aidtrack.inventory.services.documents import earlier, next_number, open_place, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.ids import new_code
from aidtrack.kernel.quantity import MAX_UNITS

RECEIVE = "inventory.receive"
SUPPLIER = VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER]
LOT_CODE_LENGTH = 6  # and a check character: 32^6 codes, each looked up before it is used


def receive_donation(
    session: Session,
    command: ReceiveDonation,
    *,
    actor: Actor,
    now: datetime,
    choose: Callable[[str], str] = secrets.choice,
) -> int:
    """Take a consignment into stock at a place; gives the donation's id.

    Every line becomes a lot of its own. The same command again gives the same donation (I10).

    Args:
        choose: picks a character of a lot's code; only the demonstration passes its own.

    Raises:
        CommandReused, EmptyDocument, DateAhead, ExpiredOnArrival, EarmarkNeedsProgramme,
        AgreementOfAnother, NotFound.
    """
    place, today = open_place(session, command.place_id, Permission.STOCK_RECEIVE, actor=actor, now=now)
    before = earlier(session, command, RECEIVE)
    if before is not None:
        return before
    if command.arrived_on > today:
        raise DateAhead(day=command.arrived_on.isoformat())
    _judge(session, command)
    number = next_number(session, Donation.number, place.site_code, documents.RECEIPT, command.arrived_on)
    donation = Donation(
        number=number, state=DonationState.RECEIVED, site_id=place.site_id, place_id=place.id,
        donor_id=command.donor_id, back_donor_id=command.back_donor_id, channel_id=command.channel_id,
        agreement_id=command.agreement_id, programme_id=command.programme_id, earmarked=command.earmarked,
        earmark_note=command.earmark_note, waybill=command.waybill, aid_code=command.aid_code,
        declaration_no=command.declaration_no, arrived_on=command.arrived_on, note=command.note,
        recorded_at=now, recorded_by=actor.label,
    )  # fmt: skip
    session.add(donation)
    session.flush()  # the lots need its id
    codes: set[str] = set()
    lots = [
        StockLot(
            code=_new_lot_code(session, codes, choose), item_id=line.item_id, donation_id=donation.id,
            donor_id=command.donor_id, agreement_id=command.agreement_id, programme_id=command.programme_id,
            earmarked=command.earmarked, batch=line.batch, expires_on=line.expires_on,
            received_on=command.arrived_on, condition=line.condition,
        )
        for line in command.lines
    ]  # fmt: skip
    session.add_all(lots)
    session.flush()  # lines and moves need theirs
    session.add_all(
        DonationLine(
            donation_id=donation.id, item_id=line.item_id, units=line.units,
            announced_units=line.announced_units, as_typed=line.as_typed[:80], lot_id=lot.id,
        )
        for line, lot in zip(command.lines, lots, strict=True)
    )  # fmt: skip
    session.flush()
    ledger.post(
        session, kind=EntryKind.RECEIPT, document=number, effective_on=command.arrived_on, site_id=place.site_id,
        moves=[
            ledger.Move(lot.id, SUPPLIER, place.id, line.units)
            for line, lot in zip(command.lines, lots, strict=True)
        ],
        actor=actor, now=now,
    )  # fmt: skip
    audit.record(
        session, actor=actor, action=RECEIVE, object_type="donation", object_id=donation.id,
        site_id=place.site_id, facts={"number": number, "lines": len(lots)}, now=now,
    )  # fmt: skip
    remember(session, command, RECEIVE, donation.id, actor=actor, now=now)
    return donation.id


def received_before(session: Session, command: ReceiveDonation) -> bool:
    """Whether this command already had its effect: a program is answered 200 then, not 201."""
    return earlier(session, command, RECEIVE) is not None


def _judge(session: Session, command: ReceiveDonation) -> None:
    if not command.lines:
        raise EmptyDocument
    for donor_id in {command.donor_id, command.back_donor_id, command.channel_id} - {None}:
        if session.get(Donor, donor_id) is None:
            raise NotFound(field="donor_id")
    if command.programme_id is not None and session.get(Programme, command.programme_id) is None:
        raise NotFound(field="programme_id")
    if command.earmarked and command.programme_id is None:
        raise EarmarkNeedsProgramme
    if command.agreement_id is not None:
        agreement = session.get(Agreement, command.agreement_id)
        if agreement is None:
            raise NotFound(field="agreement_id")
        if agreement.donor_id not in (command.donor_id, command.back_donor_id, command.channel_id):
            raise AgreementOfAnother
    for index, line in enumerate(command.lines):
        if session.get(Item, line.item_id) is None:
            raise NotFound(field=f"lines-{index}-item_id")
        for units in (line.units, line.announced_units):
            if units is not None and not 1 <= units <= MAX_UNITS:
                raise InvalidValue(field=f"lines-{index}-quantity", value=units)
        if line.expires_on is not None and line.expires_on < command.arrived_on:
            raise ExpiredOnArrival(field=f"lines-{index}-expires_on", expires_on=line.expires_on.isoformat())


def _new_lot_code(session: Session, taken: set[str], choose: Callable[[str], str]) -> str:
    while True:
        code = new_code(LOT_CODE_LENGTH, choose=choose)
        if code not in taken and not session.scalar(select(StockLot.id).where(StockLot.code == code)):
            taken.add(code)
            return code

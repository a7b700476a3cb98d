"""The statements of the counter, prepared for speed (see `aidtrack.db.prepared`)."""

from typing import cast

from sqlalchemy import Table, and_, bindparam, func, insert, or_, select, update

from aidtrack.accounts.models import Centre
from aidtrack.db.prepared import Prepared, PreparedInsert
from aidtrack.distribution.models import (
    Cycle,
    Entitlement,
    FieldOutcome,
    Handout,
    HandoutLine,
    ProfileLine,
    Round,
    SigningKey,
    Voucher,
)
from aidtrack.inventory.models import Donor, Item, Place, StockBalance, StockLot

_VOUCHER = (
    select(
        Voucher.id,
        Voucher.state,
        Voucher.serial,
        Voucher.signature,
        Voucher.first_day,
        Voucher.last_day,
        SigningKey.id,
        SigningKey.public_key,
        SigningKey.withdrawn_at,
        Entitlement.id,
        Entitlement.turn,
        Entitlement.household_id,
        Entitlement.profile_id,
        Entitlement.persons,
        Round.id,
        Round.code,
        Round.place_id,
        Cycle.programme_id,
        Place.site_id,
        Place.code,
        Place.name_uk,
        Place.name_en,
        select(Centre.deployment_tag).order_by(Centre.id).limit(1).scalar_subquery(),
    )
    .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
    .join(SigningKey, SigningKey.id == Voucher.key_id)
    .join(Round, Round.id == Entitlement.round_id)
    .join(Cycle, Cycle.id == Round.cycle_id)
    .join(Place, Place.id == Round.place_id)
)
# the voucher first: whoever holds this row decides. The entitlement with it, or PostgreSQL would show its
# turn as it was before the wait. SQLite holds the whole database already.
_HELD = (Voucher, Entitlement)
_BY_QR = _VOUCHER.where(Voucher.public_id == bindparam("key"))
_BY_TYPED_CODE = _VOUCHER.where(Voucher.typed_code == bindparam("key"))
VOUCHER_BY_QR = {False: Prepared(_BY_QR), True: Prepared(_BY_QR.with_for_update(of=_HELD))}
VOUCHER_BY_TYPED_CODE = {
    False: Prepared(_BY_TYPED_CODE),
    True: Prepared(_BY_TYPED_CODE.with_for_update(of=_HELD)),
}
VOUCHER_BY_ID_LOCKED = Prepared(_VOUCHER.where(Voucher.id == bindparam("key")).with_for_update(of=_HELD))

DEPLOYMENT_TAG = Prepared(select(Centre.deployment_tag).order_by(Centre.id).limit(1))
SIGNING_KEYS = Prepared(select(SigningKey.id, SigningKey.public_key))
_PLACE = select(Place.id, Place.site_id, Place.code, Place.active)
PLACE = Prepared(_PLACE.where(Place.id == bindparam("place_id")))
PLACE_BY_CODE = Prepared(_PLACE.where(Place.code == bindparam("code")))

DUE = Prepared(
    select(Item.id, Item.code, Item.base_unit, ProfileLine.units, Item.name_uk, Item.name_en)
    .join(Item, Item.id == ProfileLine.item_id)
    .where(ProfileLine.profile_id == bindparam("profile_id"))
    .order_by(Item.code)
)

_LOTS = (
    select(
        StockLot.item_id,
        StockLot.id,
        StockBalance.units,
        StockLot.expires_on,
        StockLot.programme_id,
        StockLot.earmarked,
        StockLot.received_on,
        StockLot.status,
        StockLot.code,
        Donor.code,
    )
    .join(StockLot, StockLot.id == StockBalance.lot_id)
    .join(Donor, Donor.id == StockLot.donor_id)
    .where(
        StockBalance.place_id == bindparam("place_id"),
        StockBalance.units > 0,
        StockLot.item_id.in_(
            select(ProfileLine.item_id).where(ProfileLine.profile_id == bindparam("profile_id"))
        ),
    )
    .order_by(StockLot.id)
)
LOTS = Prepared(_LOTS)
LOTS_LOCKED = Prepared(_LOTS.with_for_update(of=StockBalance))

_HANDOUT = (
    select(
        Handout.id,
        Handout.client_id,
        Handout.body_hash,
        Handout.kind,
        Handout.entitlement_id,
        Handout.turn,
        Handout.voucher_id,
        Handout.round_id,
        Handout.household_id,
        Handout.place_id,
        Handout.site_id,
        Handout.entry_id,
        Handout.at,
        Handout.reason,
        Handout.reverses_id,
        Handout.user_id,
        Handout.collector,
        Voucher.serial,
        Place.code,
        Place.name_uk,
        Place.name_en,
    )
    .join(Voucher, Voucher.id == Handout.voucher_id)
    .join(Place, Place.id == Handout.place_id)
)
HANDOUT_BY_CLIENT_ID = Prepared(_HANDOUT.where(Handout.client_id == bindparam("client_id")))
# the handout that stands for an entitlement now: its turn is the entitlement's, or it is first in the field
STANDING_HANDOUT = Prepared(
    _HANDOUT.where(
        Handout.entitlement_id == bindparam("entitlement_id"),
        or_(
            and_(Handout.turn == bindparam("turn"), Handout.kind == "regular"),
            Handout.id.in_(
                select(FieldOutcome.handout_id).where(
                    FieldOutcome.entitlement_id == bindparam("entitlement_id"), FieldOutcome.first
                )
            ),
        ),
    )
)

ADD_HANDOUT = Prepared(
    insert(Handout).returning(Handout.id),
    columns=[column.name for column in Handout.__table__.columns if column.name != "id"],
)
ADD_NUMBERED_HANDOUT = Prepared(
    insert(Handout), columns=[column.name for column in Handout.__table__.columns]
)
# of the entry and the handout: PostgreSQL gives them together with the lots, so that all writes are one message
NUMBERS = Prepared(
    select(*(func.nextval(func.pg_get_serial_sequence(table, "id")) for table in ("stock_entry", "handout")))
)
ADD_LINE = PreparedInsert(
    cast(Table, HandoutLine.__table__), [column.name for column in HandoutLine.__table__.columns]
)
SET_VOUCHER_STATE = Prepared(
    update(Voucher).where(Voucher.id == bindparam("voucher_id")).values(state=bindparam("new_state"))
)
NEXT_TURN = Prepared(
    update(Entitlement).where(Entitlement.id == bindparam("entitlement_id")).values(turn=Entitlement.turn + 1)
)

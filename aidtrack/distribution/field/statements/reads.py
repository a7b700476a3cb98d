"""What taking events asks the books, and the rows it locks while asking."""

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from aidtrack.accounts.models import Centre, Site, UserAccount
from aidtrack.db.prepared import Prepared
from aidtrack.distribution.models import (
    Cycle,
    Device,
    Entitlement,
    FieldEvent,
    FieldOutcome,
    FieldQuarantine,
    FieldTake,
    Handout,
    HandoutKind,
    HandoutLine,
    KeptPosting,
    ReviewCase,
    SigningKey,
    Voucher,
)
from aidtrack.inventory.models import Item, StockBalance, StockEntry, StockLot, StockMove

DEVICE = Prepared(
    select(
        Device.id,
        Device.public_id,
        Device.user_id,
        Device.site_id,
        Device.round_id,
        Device.place_id,
        Device.public_key,
        Device.enrolled_at,
        Device.revoked_at,
        UserAccount.login,
        UserAccount.language,
        Site.time_zone,
    )
    .join(UserAccount, UserAccount.id == Device.user_id)
    .join(Site, Site.id == Device.site_id)
    .where(Device.public_id == bindparam("public_id"))
)
KNOWN = Prepared(
    select(
        FieldEvent.id,
        FieldEvent.body_hash,
        FieldEvent.device_id,
        FieldEvent.type,
        FieldEvent.received_at,
        FieldEvent.entitlement_id,
        FieldOutcome.outcome,
        FieldOutcome.notes,
        FieldOutcome.handout_id,
    )
    .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
    .where(FieldEvent.event_id == bindparam("event_id"))
)
VOUCHER = Prepared(
    select(
        Voucher.id,
        Voucher.serial,
        Voucher.first_day,
        Voucher.last_day,
        Voucher.key_id,
        SigningKey.public_key,
        SigningKey.withdrawn_at,
        Entitlement.id,
        Entitlement.household_id,
        Entitlement.profile_id,
        Entitlement.round_id,
        Cycle.programme_id,
        select(Centre.deployment_tag).order_by(Centre.id).limit(1).scalar_subquery(),
    )
    .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
    .join(Cycle, Cycle.id == Entitlement.cycle_id)
    .join(SigningKey, SigningKey.id == Voucher.key_id)
    .where(Voucher.public_id == bindparam("public_id"))
)
# Until the unit ends nobody else takes this event or an undo of it; SQLite lets only one write anyway. Without it
# PostgreSQL shows neither of the two to the other, and a handout and its undo would both stand.
ALONE = Prepared(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("about"), 0))))
# every paper of the family before the entitlement: the counter, which holds one paper, takes the same order
PAPERS_LOCKED = Prepared(
    select(Voucher.id, Voucher.state, Voucher.last_day, Voucher.voided_at)
    .where(Voucher.entitlement_id == bindparam("entitlement_id"))
    .order_by(Voucher.id)
    .with_for_update()
)
ENTITLEMENT_LOCKED = Prepared(
    select(Entitlement.turn).where(Entitlement.id == bindparam("entitlement_id")).with_for_update()
)
BALANCES_OF_ENTRY_LOCKED = Prepared(
    select(StockBalance.lot_id, StockBalance.place_id, StockBalance.units)
    .where(
        exists().where(
            StockMove.entry_id == bindparam("entry_id"),
            StockMove.lot_id == StockBalance.lot_id,
            or_(
                StockMove.source_id == StockBalance.place_id,
                StockMove.target_id == StockBalance.place_id,
            ),
        )
    )
    .order_by(StockBalance.lot_id, StockBalance.place_id)
    .with_for_update()
)
_back = aliased(Handout)
ONLINE = Prepared(
    select(Handout.id)
    .join(Entitlement, and_(Entitlement.id == Handout.entitlement_id, Entitlement.turn == Handout.turn))
    .outerjoin(_back, _back.reverses_id == Handout.id)
    .where(
        Handout.entitlement_id == bindparam("entitlement_id"),
        Handout.kind == HandoutKind.REGULAR.value,
        _back.id.is_(None),
    )
)
HANDOUTS = Prepared(
    select(
        FieldEvent.id,
        FieldEvent.event_id,
        FieldEvent.est_at,
        FieldEvent.voucher_id,
        FieldEvent.site_id,
        FieldOutcome.outcome,
        FieldOutcome.first,
        FieldOutcome.undone,
        FieldOutcome.withdrawn,
        FieldOutcome.late,
        FieldOutcome.short,
        FieldOutcome.partial,
        FieldOutcome.notes,
        Handout.kind,
        _back.id,
        SigningKey.withdrawn_at,
    )
    .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
    .join(Handout, Handout.id == FieldOutcome.handout_id)
    .join(Voucher, Voucher.id == FieldEvent.voucher_id)
    .join(SigningKey, SigningKey.id == Voucher.key_id)
    .outerjoin(_back, _back.reverses_id == Handout.id)
    .where(FieldOutcome.entitlement_id == bindparam("entitlement_id"))
    .order_by(FieldEvent.id)
    .with_for_update(of=FieldOutcome)
)
TWIN = Prepared(
    select(Handout.id, Handout.kind, Handout.voucher_id, Handout.place_id, _back.id)
    .outerjoin(_back, _back.reverses_id == Handout.id)
    .where(Handout.client_id == bindparam("client_id"))
)
TWIN_LINES = Prepared(
    select(Item.code, HandoutLine.units)
    .join(Item, Item.id == HandoutLine.item_id)
    .where(HandoutLine.handout_id == bindparam("handout_id"))
)
UNDO_OF = Prepared(
    select(FieldEvent.id, FieldEvent.event_id, FieldEvent.body_hash)
    .where(FieldEvent.of_event == bindparam("event_id"), FieldEvent.device_id == bindparam("device_id"))
    .order_by(FieldEvent.est_at, FieldEvent.event_id)
)
# goods that a person took from the book for a copy of the event which could not be trusted, and which stand
_undone_entry = aliased(StockEntry)
POSTED_BY_HAND = Prepared(
    select(KeptPosting.case_id)
    .outerjoin(_undone_entry, _undone_entry.reverses_id == KeptPosting.entry_id)
    .where(KeptPosting.event_uid == bindparam("event_id"), _undone_entry.id.is_(None))
)
# what an undo takes back
GIVEN = Prepared(
    select(
        Handout.id,
        Handout.kind,
        Handout.entry_id,
        Handout.entitlement_id,
        Handout.turn,
        Handout.voucher_id,
        Handout.round_id,
        Handout.household_id,
        Handout.place_id,
        Handout.site_id,
        Handout.collector,
        _back.id,
    )
    .outerjoin(_back, _back.reverses_id == Handout.id)
    .where(Handout.id == bindparam("handout_id"))
)
LOT_BY_CODE = Prepared(
    select(
        StockLot.id, StockLot.item_id, StockLot.expires_on, StockLot.programme_id, StockLot.earmarked
    ).where(StockLot.code == bindparam("code"))
)
ITEM_BY_CODE = Prepared(select(Item.id).where(Item.code == bindparam("code")))
TAKES = Prepared(
    select(FieldTake.event_id, FieldTake.uid, FieldTake.est_at, FieldTake.units, FieldTake.short)
    .where(
        FieldTake.lot_id == bindparam("lot_id"),
        FieldTake.place_id == bindparam("place_id"),
        FieldTake.standing,
    )
    .order_by(FieldTake.est_at.desc(), FieldTake.uid.desc())
)
# from which moment on the handouts of a lot and place carry its shortage
EDGE = Prepared(
    select(FieldTake.est_at, FieldTake.uid)
    .where(
        FieldTake.lot_id == bindparam("lot_id"), FieldTake.place_id == bindparam("place_id"), FieldTake.short
    )
    .order_by(FieldTake.est_at, FieldTake.uid)
    .limit(1)
)
TAKE = Prepared(
    select(FieldTake.est_at, FieldTake.uid).where(
        FieldTake.event_id == bindparam("of_id"), FieldTake.lot_id == bindparam("of_lot")
    )
)
SHORT_EVENT = Prepared(
    select(
        FieldOutcome.outcome, FieldOutcome.short, FieldEvent.site_id, FieldEvent.est_at, FieldOutcome.notes
    )
    .join(FieldEvent, FieldEvent.id == FieldOutcome.event_id)
    .where(FieldOutcome.event_id == bindparam("of_id"))
    .with_for_update(of=FieldOutcome)
)
ANY_SHORT = Prepared(
    select(FieldTake.lot_id).where(FieldTake.event_id == bindparam("of_id"), FieldTake.short).limit(1)
)
_numbers = (
    select(FieldEvent.seq)
    .where(FieldEvent.device_id == bindparam("device_id"))
    .union(
        select(FieldQuarantine.seq).where(
            FieldQuarantine.device_id == bindparam("device_id"),
            FieldQuarantine.seq.is_not(None),
            FieldQuarantine.reason != "unsigned",
        )
    )
    .subquery()
)
SEQUENCE = Prepared(select(func.count(), func.max(_numbers.c.seq)).select_from(_numbers))
_next = aliased(FieldEvent)
# two events under one number, or one that does not go on from the one before it
UNLINKED = Prepared(
    select(FieldEvent.id)
    .join(_next, _next.device_id == FieldEvent.device_id)
    .where(
        FieldEvent.device_id == bindparam("device_id"),
        or_(
            and_(_next.seq == FieldEvent.seq, _next.id > FieldEvent.id),
            and_(
                _next.seq == FieldEvent.seq + 1,
                or_(_next.prev_hash.is_(None), _next.prev_hash != FieldEvent.body_hash),
            ),
        ),
    )
    .limit(1)
)
KEPT = Prepared(
    select(FieldQuarantine.id, FieldQuarantine.received_at, FieldQuarantine.reason).where(
        FieldQuarantine.raw_hash == bindparam("raw_hash")
    )
)
CASE_OF_EVENT = Prepared(
    select(ReviewCase.id, ReviewCase.kind, ReviewCase.how).where(ReviewCase.event_id == bindparam("of_id"))
)
CASE_OF_KEPT = Prepared(
    select(ReviewCase.id, ReviewCase.kind, ReviewCase.how).where(
        ReviewCase.quarantine_id == bindparam("of_id")
    )
)
CASE_OF_GAP = Prepared(
    select(ReviewCase.id, ReviewCase.kind, ReviewCase.how).where(
        ReviewCase.device_id == bindparam("of_id"), ReviewCase.kind == "gap"
    )
)

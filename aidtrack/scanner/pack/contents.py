"""What stands in the database for a device's pack: the head's facts, and the round's vouchers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.models import Household
from aidtrack.distribution import signing
from aidtrack.distribution.handouts.services import UNDO_WITHIN
from aidtrack.distribution.models import (
    Entitlement,
    Handout,
    PackRow,
    Profile,
    ProfileLine,
    Round,
    RoundPack,
    SigningKey,
    Voucher,
)
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.distribution.services.file_keys import newest_point
from aidtrack.distribution.services.signing_keys import deployment_tag
from aidtrack.distribution.services.supervisor_codes import supervisors_at
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    LotStatus,
    Place,
    ProgrammeAgreement,
    StockBalance,
    StockLot,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass
from aidtrack.scanner.devices.queries import PresentDevice
from aidtrack.scanner.pack.layout import GOOD_FOR_S, VERSION

LIVE = (VoucherState.ISSUED, VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)
COLLECTED = (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """What must have been made before a pack can be: the round's salt and the centre's file key."""

    salt: bytes
    iterations: int
    file_point: bytes


def ready(session: Session, round_id: int) -> Ready | None:
    """None before the round's first pack (`prepared.make_ready` makes what is missing)."""
    row = session.execute(
        select(RoundPack.typed_salt, RoundPack.iterations).where(RoundPack.round_id == round_id)
    ).one_or_none()
    point = newest_point(session)
    return None if row is None or point is None else Ready(bytes(row[0]), row[1], point)


def head_facts(session: Session, device: PresentDevice, *, actor: Actor, given: Ready) -> Json:
    """The head without what differs from one asking to the next: serial, moment, device."""
    round_ = round_by_id(session, device.round_id, actor=actor)
    lines = _profile_lines(session, device.round_id)
    item_ids = {item_id for _, item_id, _, _ in lines}
    return {
        "v": VERSION,
        "good_for_s": GOOD_FOR_S,
        "deployment": deployment_tag(session),
        "site": _site(session, device.site_id),
        "place": _place(session, device.place_id),
        "round": _round(round_, asks_to_sign(session, round_, device.place_id)),
        "keys": _keys(session),
        "profiles": _profiles(lines),
        "items": _items(session, item_ids),
        "lots": _lots(session, device.place_id, item_ids, programme_id=round_.programme_id),
        "typed": {
            "salt": b64(given.salt),
            "iterations": given.iterations,
            "missing": untyped_count(session, device.round_id),
        },
        "file_key": b64(given.file_point),
        "supervisors": [
            {
                "id": one.id, "name": one.name, "salt": b64(one.salt), "iterations": one.iterations,
                "hash": b64(one.key_hash),
            }
            for one in supervisors_at(session, device.site_id)
        ],
        "undo_s": int(UNDO_WITHIN.total_seconds()),
    }  # fmt: skip


def _site(session: Session, site_id: int) -> Json:
    row = session.execute(select(Site.code, Site.time_zone).where(Site.id == site_id)).one()
    return {"code": row[0], "time_zone": row[1]}


def _place(session: Session, place_id: int) -> Json:
    row = session.execute(
        select(Place.id, Place.code, Place.name_uk, Place.name_en).where(Place.id == place_id)
    ).one()
    return {"id": row[0], "code": row[1], "name_uk": row[2], "name_en": row[3]}


def asks_to_sign(session: Session, round_: RoundRow, place_id: int) -> bool:
    """Whether an agreement asks for the signature: of the programme, or of goods that stand at the place."""
    of_programme = select(ProgrammeAgreement.agreement_id).where(
        ProgrammeAgreement.programme_id == round_.programme_id
    )
    of_goods = (
        select(StockLot.agreement_id)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(
            StockBalance.place_id == place_id,
            StockBalance.units > 0,
            ~StockLot.earmarked | (StockLot.programme_id == round_.programme_id),
        )
    )
    asking = select(Agreement.id).where(
        Agreement.needs_signature, Agreement.id.in_(of_programme) | Agreement.id.in_(of_goods)
    )
    return session.execute(asking.limit(1)).first() is not None


def _round(round_: RoundRow, signed: bool) -> Json:
    return {
        "id": round_.id,
        "code": round_.code,
        "tag": round_.tag,
        "first_day": round_.first_day.isoformat(),
        "last_day": round_.last_day.isoformat(),
        "programme_uk": round_.programme_name_uk,
        "programme_en": round_.programme_name_en,
        "needs_signature": signed,
    }


def _keys(session: Session) -> list[Json]:
    """All there ever were: a voucher of an older round is then told apart from a made-up one."""
    rows = session.execute(
        select(SigningKey.id, SigningKey.public_key, SigningKey.withdrawn_at).order_by(SigningKey.id)
    )
    return [
        {"id": number, "key": b64(bytes(point)), "withdrawn": withdrawn is not None}
        for number, point, withdrawn in rows
    ]


def _profile_lines(session: Session, round_id: int) -> list[tuple[int, int, str, int]]:
    """(number, item id, item code, base units)"""
    rows = session.execute(
        select(Profile.number, Item.id, Item.code, ProfileLine.units)
        .join(ProfileLine, ProfileLine.profile_id == Profile.id)
        .join(Item, Item.id == ProfileLine.item_id)
        .where(Profile.round_id == round_id)
        .order_by(Profile.number, Item.code)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _profiles(lines: list[tuple[int, int, str, int]]) -> list[Json]:
    found: dict[int, list[Json]] = {}
    for number, _, item, units in lines:
        found.setdefault(number, []).append({"item": item, "units": units})
    return [{"number": number, "lines": of_it} for number, of_it in found.items()]


def _items(session: Session, item_ids: set[int]) -> list[Json]:
    packs: dict[int, list[int]] = {}
    for item_id, units in session.execute(
        select(ItemPack.item_id, ItemPack.units)
        .where(ItemPack.item_id.in_(item_ids))
        .order_by(ItemPack.units)
    ):
        packs.setdefault(item_id, []).append(units)
    rows = session.execute(
        select(Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit)
        .where(Item.id.in_(item_ids))
        .order_by(Item.code)
    )
    return [
        {"code": code, "name_uk": uk, "name_en": en, "unit": unit.value, "packs": packs.get(item_id, [])}
        for item_id, code, uk, en, unit in rows
    ]


def _lots(session: Session, place_id: int, item_ids: set[int], *, programme_id: int) -> list[Json]:
    """What the round may hand out here; lots earmarked for another programme are not the phone's business."""
    rows = session.execute(
        select(
            StockLot.code, Item.code, Donor.code, StockLot.expires_on, StockLot.received_on, StockLot.earmarked,
            StockLot.programme_id, StockLot.status, StockBalance.units,
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .where(
            StockBalance.place_id == place_id,
            StockBalance.units > 0,
            StockLot.item_id.in_(item_ids),
            ~StockLot.earmarked | (StockLot.programme_id == programme_id),
        )
        .order_by(StockLot.id)
    )  # fmt: skip
    return [
        {
            "code": code, "item": item, "donor": donor,
            "expires_on": expires.isoformat() if expires else None,
            "received_on": received.isoformat(), "earmarked": earmarked,
            "programme": "ours" if programme == programme_id else "free",
            "usable": status is LotStatus.USABLE, "units": units,
        }
        for code, item, donor, expires, received, earmarked, programme, status, units in rows
    ]  # fmt: skip


def live_count(session: Session, round_id: int) -> int:
    """Vouchers of the round that a pack has rows for."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Voucher)
            .where(Voucher.round_id == round_id, Voucher.state.in_(LIVE))
        )
        or 0
    )


def untyped_count(session: Session, round_id: int) -> int:
    """Live vouchers of the round whose typed row was not made yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Voucher)
            .outerjoin(PackRow, PackRow.voucher_id == Voucher.id)
            .where(Voucher.round_id == round_id, Voucher.state.in_(LIVE), PackRow.voucher_id.is_(None))
        )
        or 0
    )


def state_of_vouchers(session: Session, round_id: int) -> Json:
    """What changes whenever a voucher of the round or a name behind one does, cheap to ask."""
    states = session.execute(
        select(Voucher.state, func.count(), func.max(Voucher.id))
        .where(Voucher.round_id == round_id)
        .group_by(Voucher.state)
    )
    names = session.execute(
        select(func.max(Household.changed_at), func.sum(Household.version))
        .join(Entitlement, Entitlement.household_id == Household.id)
        .where(Entitlement.round_id == round_id)
    ).one()
    changed: datetime | None = names[0]
    return {
        "states": sorted((state.value, count, last) for state, count, last in states),
        "handouts": session.scalar(select(func.max(Handout.id)).where(Handout.round_id == round_id)),
        "names": [changed.isoformat() if changed else None, int(names[1] or 0)],
    }


@dataclass(frozen=True, slots=True)
class VoucherOfRound:
    """A voucher as the blobs need it."""

    id: int
    state: VoucherState
    status_index: int
    public_id: bytes
    household_id: int


def vouchers(session: Session, round_id: int) -> list[VoucherOfRound]:
    rows = session.execute(
        select(
            Voucher.id, Voucher.state, Voucher.status_index, Voucher.public_id, Entitlement.household_id
        )
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .where(Voucher.round_id == round_id)
    )  # fmt: skip
    return [VoucherOfRound(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows]


def typed_rows(session: Session, round_id: int) -> list[bytes]:
    rows = session.scalars(
        select(PackRow.typed)
        .join(Voucher, Voucher.id == PackRow.voucher_id)
        .where(PackRow.round_id == round_id, Voucher.state.in_(LIVE))
    )
    return [bytes(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Untyped:
    """A voucher whose typed row is to be made: the code to type and the 100 bytes it opens."""

    voucher_id: int
    typed_code: str
    code_bytes: bytes


def untyped(session: Session, round_id: int, *, after: int = 0, limit: int) -> list[Untyped]:
    """Live vouchers without a typed row in the order of their ids, from `after` on."""
    tag = deployment_tag(session)
    rows = session.execute(
        select(
            Voucher.id, Voucher.typed_code, Voucher.key_id, Round.token_id, Voucher.public_id, Voucher.status_index,
            Profile.number, Voucher.first_day, Voucher.last_day, Voucher.signature,
        )
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Profile, Profile.id == Entitlement.profile_id)
        .join(Round, Round.id == Voucher.round_id)
        .outerjoin(PackRow, PackRow.voucher_id == Voucher.id)
        .where(Voucher.round_id == round_id, Voucher.id > after, Voucher.state.in_(LIVE), PackRow.voucher_id.is_(None))
        .order_by(Voucher.id)
        .limit(limit)
    )  # fmt: skip
    return [
        Untyped(
            row.id,
            row.typed_code,
            signing.VoucherClaims(
                key_id=row.key_id, deployment_tag=tag, round_tag=row.token_id,
                voucher_id=UUID(bytes=bytes(row.public_id)), status_index=row.status_index, profile=row.number,
                first_day=row.first_day, last_day=row.last_day,
            ).to_bytes()
            + bytes(row.signature),
        )
        for row in rows
    ]  # fmt: skip

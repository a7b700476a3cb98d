"""Where the simulation plays: places, lots, phones, families and their papers, the same for all seeds."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.distribution import signing
from aidtrack.distribution.models import Round, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Place, StockLot
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import field as phones
from tests.support import world as made
from tests.support.field import FieldPhone
from tests.support.world import World

FAMILIES = 12
RICE, OIL = 500, 200


@dataclass
class Stage:
    """Rows that stay, made once for each database."""

    world: World
    began: datetime
    places: dict[str, int]
    lots: dict[str, int]  # codes to ids
    standing: dict[str, list[str]]  # lots by place
    crew: list[FieldPhone]
    papers: list[tuple[str, int]]  # code and family
    withdrawn: dict[str, datetime]  # when papers were withdrawn, by code
    last_day: dict[int, Any]  # of each family's papers

    @property
    def actor(self) -> Actor:
        return self.world.actor()


def set_up(session: Session) -> Stage:
    """Two sites, three places, twelve phones, twelve families; three of these hold an older paper too."""
    began = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=12)
    world = made.small_centre(session, due=[("RICE", RICE), ("OIL", OIL)])
    made.add_vouchers(session, world, FAMILIES)
    places = {"P1": world.place_id, "P2": world.other_place_id}
    places["P9"] = session.execute(select(Place.id).where(Place.code == "P9")).scalar_one()
    today = local_date(utc_now())
    elsewhere = Round(
        cycle_id=world.cycle_id, place_id=places["P9"], code="R9", token_id=99, first_day=today, last_day=today,
        created_at=utc_now(), created_by="t",
    )  # fmt: skip
    session.add(elsewhere)
    session.flush()
    lots, standing = _lots(session, world, places)
    crew = [
        phones.add_phone(
            session, user_id=world.user_id, site_id=world.other_site_id if code == "P9" else world.site_id,
            round_id=elsewhere.id if code == "P9" else world.round_id, place_id=places[code],
            enrolled_at=began - timedelta(days=9),
        )
        for code in ["P1", "P9", "P2"] * 4
    ]  # fmt: skip
    papers = [(code, family) for family, code in enumerate(world.codes)]
    withdrawn = {world.codes[family]: began + timedelta(minutes=60 * (family + 1)) for family in range(3)}
    for family in range(3):
        papers.append((_reprint(session, world, family, withdrawn[world.codes[family]]), family))
    last_day = dict.fromkeys(range(FAMILIES), today + timedelta(days=5))
    for family in (3, 4):
        last_day[family] = today - timedelta(days=2)
        session.execute(
            update(Voucher).where(Voucher.id == world.voucher_ids[family]).values(last_day=last_day[family])
        )
    return Stage(world, began, places, lots, standing, crew, papers, withdrawn, last_day)


def _lots(
    session: Session, world: World, places: dict[str, int]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    plan = {"P1": [("RICE", 8 * RICE), ("OIL", 5 * OIL)], "P9": [("RICE", 2 * RICE), ("OIL", 9 * OIL)],
            "P2": [("RICE", RICE), ("OIL", 2 * OIL), ("OIL", OIL)]}  # fmt: skip
    ids: dict[str, int] = {}
    standing: dict[str, list[str]] = {}
    for place, wanted in plan.items():
        for item, units in wanted:
            lot_id = made.add_lot(session, world, item, units, place_id=places[place])
            code = session.execute(select(StockLot.code).where(StockLot.id == lot_id)).scalar_one()
            ids[code] = lot_id
            standing.setdefault(place, []).append(code)
    standing["P2"].append(standing["P1"][0])  # never stood there by the books
    return ids, standing


def _reprint(session: Session, world: World, family: int, at: datetime) -> str:
    """The family's paper becomes an older one, withdrawn at that moment; gives the new one's code."""
    old = session.get(Voucher, world.voucher_ids[family])
    assert old is not None
    claims = replace(signing.decode(world.codes[family])[0], voucher_id=uuid4(), status_index=900 + family)
    code = signing.encode(claims, world.key)  # type: ignore[arg-type]
    old.state, old.voided_at = VoucherState.VOID, at
    session.flush()
    session.add(
        Voucher(
            entitlement_id=old.entitlement_id, round_id=old.round_id, public_id=claims.voucher_id.bytes,
            typed_code=f"NEW{family}", serial=f"R1-9{family}", status_index=900 + family, key_id=1,
            first_day=old.first_day, last_day=old.last_day, signature=signing.decode(code)[1],
            state=VoucherState.ISSUED, issued_at=at, printed_at=at, replaces_id=old.id,
        )
    )  # fmt: skip
    session.flush()
    return code

"""A small centre made of bare rows, for tests and benchmarks of the counter.

Rows are written directly so that a test of handing out depends on nothing that it does not test.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.accounts import models as accounts
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.household import Sex
from aidtrack.db.vault import current_vault
from aidtrack.distribution import models as distribution
from aidtrack.distribution import signing
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.inventory import models as inventory
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import new_code
from aidtrack.kernel.quantity import BaseUnit

TAG = b"TEST"
SUPPLIER = VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER]


@dataclass
class World:
    """Ids of what was made, and the codes of the vouchers in the order they were made."""

    site_id: int
    other_site_id: int
    place_id: int
    place_code: str
    other_place_id: int
    donor_ids: dict[str, int]
    item_ids: dict[str, int]
    programme_id: int
    cycle_id: int
    round_id: int
    profile_id: int
    eligibility_rule_id: int
    user_id: int
    codes: list[str] = field(default_factory=list)
    typed_codes: list[str] = field(default_factory=list)
    voucher_ids: list[int] = field(default_factory=list)
    key: object = None

    def actor(self, role: Role = Role.WAREHOUSE, *, elsewhere: bool = False) -> Actor:
        site_id = self.other_site_id if elsewhere else self.site_id
        return Actor(
            label=f"test-{role.value}",
            role=role,
            site_ids=frozenset({site_id}),
            user_id=self.user_id,
            permissions=PERMISSIONS[role],
        )


def _add(session: Session, row: object) -> int:
    session.add(row)
    session.flush()
    return int(row.id)  # type: ignore[attr-defined]


def small_centre(session: Session, *, due: Sequence[tuple[str, int]] = (("RICE", 500),)) -> World:
    """A site with a point, two donors, the items of `due` (code, base units) and an open round for today."""
    now = utc_now()
    today = local_date(now)
    _add(session, accounts.Centre(name_uk="Центр", name_en="Centre", deployment_tag=TAG))
    site_id = _add(session, accounts.Site(code="DN", name_uk="Дніпро", name_en="Dnipro"))
    other_site_id = _add(session, accounts.Site(code="ZH", name_uk="Житомир", name_en="Zhytomyr"))
    user = accounts.UserAccount(
        login="counter", display_name="Counter", role=Role.WAREHOUSE, password_hash="-", created_at=now
    )
    user_id = _add(session, user)
    places = {
        code: _add(
            session,
            inventory.Place(
                code=code, kind=PlaceKind.POINT, site_id=site, name_uk=f"Пункт {code}", name_en=code
            ),
        )
        for code, site in (("P1", site_id), ("P2", site_id), ("P9", other_site_id))
    }
    donors = {
        code: _add(session, inventory.Donor(code=code, name_uk=code, name_en=code))
        for code in ("WFP", "MINRE")
    }
    items = {
        code: _add(session, inventory.Item(code=code, name_uk=code, name_en=code, base_unit=BaseUnit.G))
        for code, _units in due
    }
    programme_id = _add(session, inventory.Programme(code="FOOD", name_uk="Їжа", name_en="Food"))
    rule_id = _add(
        session,
        distribution.ProgrammeRule(
            programme_id=programme_id,
            version=1,
            valid_from=today,
            rule={"is": "size_between", "at_least": 1},
            created_at=now,
            created_by="t",
        ),
    )
    cycle_id = _add(
        session,
        distribution.Cycle(
            programme_id=programme_id, code="C1", name_uk="Ц", name_en="C",
            starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=30),
        ),
    )  # fmt: skip
    round_id = _add(
        session,
        distribution.Round(
            cycle_id=cycle_id, place_id=places["P1"], code="R1", token_id=77,
            first_day=today - timedelta(days=1), last_day=today + timedelta(days=5),
            state=distribution.RoundState.OPEN, created_at=now, created_by="t",
        ),
    )  # fmt: skip
    profile_id = _add(session, distribution.Profile(round_id=round_id, number=1))
    for code, units in due:
        session.add(distribution.ProfileLine(profile_id=profile_id, item_id=items[code], units=units))
    key = signing.new_private_key()
    _add(
        session,
        distribution.SigningKey(
            round_id=round_id, public_key=signing.public_key_to_bytes(key.public_key()),
            private_key=current_vault().encrypt(signing.private_key_to_pem(key), "signing_key"), created_at=now,
        ),
    )  # fmt: skip
    session.flush()
    return World(
        site_id=site_id, other_site_id=other_site_id, place_id=places["P1"], place_code="P1",
        other_place_id=places["P2"], donor_ids=donors, item_ids=items, programme_id=programme_id,
        cycle_id=cycle_id, round_id=round_id, profile_id=profile_id, eligibility_rule_id=rule_id, user_id=user_id,
        key=key,
    )  # fmt: skip


def add_lot(
    session: Session,
    world: World,
    item: str,
    units: int,
    *,
    donor: str = "WFP",
    expires_on: date | None = None,
    earmarked_for: int | None = None,
    place_id: int | None = None,
) -> int:
    """A received lot standing at the point; its id."""
    now = utc_now()
    today = local_date(now)
    donation_id = _add(
        session,
        inventory.Donation(
            number=f"D-{uuid4().hex[:12]}", state=inventory.DonationState.RECEIVED, site_id=world.site_id,
            place_id=world.place_id, donor_id=world.donor_ids[donor], arrived_on=today, recorded_at=now,
            recorded_by="test",
        ),
    )  # fmt: skip
    lot_id = _add(
        session,
        inventory.StockLot(
            code=f"L{uuid4().hex[:10]}", item_id=world.item_ids[item], donation_id=donation_id,
            donor_id=world.donor_ids[donor], expires_on=expires_on, received_on=today,
            programme_id=earmarked_for, earmarked=earmarked_for is not None,
        ),
    )  # fmt: skip
    session.add(
        inventory.DonationLine(
            donation_id=donation_id,
            item_id=world.item_ids[item],
            units=units,
            as_typed=str(units),
            lot_id=lot_id,
        )
    )
    ledger.post(
        session, kind=inventory.EntryKind.RECEIPT, document="TEST", effective_on=today, site_id=world.site_id,
        moves=[ledger.Move(lot_id, SUPPLIER, place_id or world.place_id, units)], actor=world.actor(), now=now,
    )  # fmt: skip
    return lot_id


def add_vouchers(session: Session, world: World, count: int, *, persons: int = 2) -> None:
    """That many households with an issued voucher each; codes are appended to the world."""
    now = utc_now()
    today = local_date(now)
    start = len(world.codes)
    households = insert_many(
        session,
        people.Household,
        [
            {"registration_no": f"H-{start + n:07d}", "site_id": world.site_id, "settlement": "Дніпро",
             "registered_on": today, "changed_at": now, "changed_by": "test"}
            for n in range(count)
        ],
    )  # fmt: skip
    persons_made = insert_many(
        session,
        people.Person,
        [
            {"household_id": household_id, "is_head": n == 0, "surname": "Тестенко", "given_name": "Олена",
             "sex": Sex.FEMALE, "joined_on": today}
            for household_id in households
            for n in range(persons)
        ],
    )  # fmt: skip
    eligibilities = insert_many(
        session,
        distribution.Eligibility,
        [
            {"household_id": household_id, "programme_id": world.programme_id,
             "status": distribution.EligibilityStatus.ELIGIBLE, "rule_id": world.eligibility_rule_id, "facts": "{}",
             "ground": distribution.Ground.APPLICATION, "valid_from": today, "marked_at": now}
            for household_id in households
        ],
    )  # fmt: skip
    entitlements = insert_many(
        session,
        distribution.Entitlement,
        [
            {"cycle_id": world.cycle_id, "round_id": world.round_id, "household_id": household_id,
             "profile_id": world.profile_id, "eligibility_id": eligibility_id, "persons": persons, "turn": 1}
            for household_id, eligibility_id in zip(households, eligibilities, strict=True)
        ],
    )  # fmt: skip
    session.execute(
        insert(distribution.EntitlementPerson),
        [
            {"entitlement_id": entitlement_id, "person_id": person_id}
            for index, entitlement_id in enumerate(entitlements)
            for person_id in persons_made[index * persons : (index + 1) * persons]
        ],
    )
    rows = []
    for n, entitlement_id in enumerate(entitlements):
        first, last = today - timedelta(days=1), today + timedelta(days=5)
        claims = signing.VoucherClaims(
            key_id=1, deployment_tag=int.from_bytes(TAG, "big"), round_tag=77, voucher_id=uuid4(),
            status_index=start + n, profile=1, first_day=first, last_day=last,
        )  # fmt: skip
        code = signing.encode(claims, world.key)  # type: ignore[arg-type]
        typed = new_code()
        world.codes.append(code)
        world.typed_codes.append(typed)
        rows.append(
            {"entitlement_id": entitlement_id, "round_id": world.round_id, "public_id": claims.voucher_id.bytes,
             "typed_code": typed, "serial": f"R1-{start + n:06d}", "status_index": start + n, "key_id": 1,
             "first_day": first, "last_day": last, "signature": signing.decode(code)[1],
             "state": VoucherState.ISSUED, "issued_at": now, "printed_at": now}
        )  # fmt: skip
    world.voucher_ids.extend(insert_many(session, distribution.Voucher, rows))


def insert_many(session: Session, mapping: type[Any], rows: list[dict[str, object]]) -> list[int]:
    """Insert in one go; the new ids in the order of the rows."""
    return list(session.scalars(insert(mapping).returning(mapping.id, sort_by_parameter_order=True), rows))


def handed_out(session: Session, lot_id: int) -> int:
    """Base units of a lot that people have, by the ledger."""
    return ledger.folded(session, lot_id=lot_id).get(VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT], 0)


def regular_handouts(session: Session) -> int:
    return len(
        session.scalars(
            select(distribution.Handout.id).where(
                distribution.Handout.kind == distribution.HandoutKind.REGULAR
            )
        ).all()
    )

"""A centre with stock, marked families and a planned round; nothing issued yet."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from aidtrack.accounts import models as accounts
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.household import Sex
from aidtrack.distribution import models as distribution
from aidtrack.distribution import services
from aidtrack.distribution.commands import CreateCycle, PlanRound, SetLine
from aidtrack.distribution.rations import Basis
from aidtrack.inventory import ledger
from aidtrack.inventory import models as inventory
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.ids import registration_number
from aidtrack.kernel.quantity import BaseUnit

Unit = Callable[[], AbstractContextManager[Session]]

NOW = datetime(2022, 10, 3, 9, 0, tzinfo=UTC)
TODAY = date(2022, 10, 3)
LAST = date(2022, 10, 7)
CHILD, ADULT, ELDER = date(2019, 5, 1), date(1985, 5, 1), date(1950, 5, 1)


@dataclass
class Place:
    """Ids of the centre. `marked` are the households with a standing mark, in order."""

    site: int
    other_site: int
    point: int
    elsewhere: int
    programme: int
    rule: int
    cycle: int
    round: int
    rice: int
    diapers: int
    diaper_pack: int
    first_day: date
    marked: list[int] = field(default_factory=list)

    def actor(self, role: Role = Role.CASEWORKER, *, elsewhere: bool = False) -> Actor:
        site = self.other_site if elsewhere else self.site
        return Actor(
            label=f"{role.value}@{site}", role=role, site_ids=frozenset({site}), permissions=PERMISSIONS[role]
        )


def _add(session: Session, row: object) -> int:
    session.add(row)
    session.flush()
    return int(row.id)  # type: ignore[attr-defined]


def new_id() -> str:
    return str(uuid4())


def build(session: Session, first_day: date = TODAY) -> Place:
    """Rows are written directly where another room's services would be tested by accident."""
    _add(session, accounts.Centre(name_uk="Центр", name_en="Centre", deployment_tag=b"TEST"))
    site = _add(session, accounts.Site(code="DN", name_uk="Дніпро", name_en="Dnipro"))
    other = _add(session, accounts.Site(code="ZH", name_uk="Житомир", name_en="Zhytomyr"))
    point = inventory.Place(
        code="P1", kind=PlaceKind.POINT, site_id=site, name_uk="Пункт видачі на Робочій", name_en="Point",
        address_uk="м. Дніпро, вул. Робоча, 23",
    )  # fmt: skip
    elsewhere = inventory.Place(
        code="P9", kind=PlaceKind.POINT, site_id=other, name_uk="Далеко", name_en="Far"
    )
    rice = inventory.Item(code="RICE", name_uk="рис", name_en="rice", base_unit=BaseUnit.G)
    diapers = inventory.Item(
        code="DIAPERS", name_uk="дитячі підгузки", name_en="diapers", base_unit=BaseUnit.PIECE
    )
    programme = inventory.Programme(code="FOOD", name_uk="Їжа", name_en="Food")
    ids = [_add(session, row) for row in (point, elsewhere, rice, diapers, programme)]
    pack = inventory.ItemPack(item_id=ids[3], code="pack40", name_uk="упаковка", name_en="pack", units=40)
    pack_id = _add(session, pack)
    rule = distribution.ProgrammeRule(
        programme_id=ids[4], version=1, valid_from=date(2022, 1, 1),
        rule={"is": "min_days_since_last_issue", "days": 20}, created_at=NOW, created_by="t",
    )  # fmt: skip
    rule_id = _add(session, rule)
    place = Place(
        site=site, other_site=other, point=ids[0], elsewhere=ids[1], programme=ids[4], rule=rule_id, cycle=0,
        round=0, rice=ids[2], diapers=ids[3], diaper_pack=pack_id, first_day=first_day,
    )  # fmt: skip
    worker = place.actor()
    place.cycle = services.create_cycle(
        session,
        CreateCycle(
            new_id(), place.programme, "C-1", "Цикл 1", "Cycle 1",
            first_day - timedelta(days=3), first_day + timedelta(days=28),
        ),
        actor=worker, now=NOW,
    )  # fmt: skip
    place.round = services.create_round(session, plan(place), actor=worker, now=NOW)
    return place


def plan(place: Place, code: str = "Ж-1", **changes: object) -> PlanRound:
    arguments: dict[str, object] = {
        "command_id": new_id(),
        "cycle_id": place.cycle,
        "place_id": place.point,
        "code": code,
        "first_day": place.first_day,
        "last_day": place.first_day + timedelta(days=4),
        "hours": "9:00–16:00",
        "lines": (
            SetLine(place.rice, Basis.MEMBER, 3_000),
            SetLine(place.diapers, Basis.AGE_BAND, 25, age_from=0, age_to=3, pack_id=place.diaper_pack),
        ),
        **changes,
    }
    return PlanRound(**arguments)  # type: ignore[arg-type]


def add_families(session: Session, place: Place, *families: list[date], site: int | None = None) -> list[int]:
    """A marked household for each list of birth dates; the first member is the head."""
    made = []
    for births in families:
        number = len(place.marked) + 1
        household = people.Household(
            registration_no=registration_number("DN", 2022, number), site_id=site or place.site,
            settlement="Дніпро", registered_on=TODAY, changed_at=NOW, changed_by="t",
        )  # fmt: skip
        household_id = _add(session, household)
        if births:
            session.execute(
                insert(people.Person),
                [
                    {"household_id": household_id, "is_head": n == 0, "surname": "Мороз", "given_name": "Ірина",
                     "patronymic": "Іванівна", "sex": Sex.FEMALE, "birth_date": born, "joined_on": born}
                    for n, born in enumerate(births)
                ],
            )  # fmt: skip
        session.execute(
            insert(distribution.Eligibility).values(
                household_id=household_id, programme_id=place.programme, rule_id=place.rule, facts="{}",
                status=distribution.EligibilityStatus.ELIGIBLE, ground=distribution.Ground.APPLICATION,
                valid_from=date(2022, 9, 1), marked_at=NOW,
            )
        )  # fmt: skip
        place.marked.append(household_id)
        made.append(household_id)
    return made


def add_stock(session: Session, place: Place, item: int, units: int) -> None:
    donor = inventory.Donor(code=new_id()[:8], name_uk="д", name_en="d")
    donor_id = _add(session, donor)
    donation = inventory.Donation(
        number=new_id()[:30], state=inventory.DonationState.RECEIVED, site_id=place.site, place_id=place.point,
        donor_id=donor_id, arrived_on=place.first_day, recorded_at=NOW, recorded_by="t",
    )  # fmt: skip
    lot = inventory.StockLot(
        code=new_id()[:20], item_id=item, donation_id=_add(session, donation), donor_id=donor_id,
        received_on=place.first_day, expires_on=place.first_day + timedelta(days=200),
    )  # fmt: skip
    ledger.post(
        session, kind=EntryKind.RECEIPT, document="T", effective_on=place.first_day, site_id=place.site,
        moves=[ledger.Move(_add(session, lot), VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER], place.point, units)],
        actor=place.actor(Role.WAREHOUSE), now=NOW,
    )  # fmt: skip


@pytest.fixture
def place(unit: Unit) -> Place:
    """Three families: an adult and a child of three; two adults; an elder alone."""
    with unit() as session:
        place = build(session)
        add_families(session, place, [ADULT, CHILD], [ADULT, ADULT], [ELDER])
        add_stock(session, place, place.rice, 100_000)
        add_stock(session, place, place.diapers, 400)
        return place

"""Services of the stock rooms with one small centre: of the application, only its database is used."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.models import SecondPersonRule
from aidtrack.accounts.models import Site
from aidtrack.db import db
from aidtrack.inventory.commands import ReceivedLine, ReceiveDonation
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.inventory.models import Agreement, Donor, Item, ItemPack, Place, Programme
from aidtrack.inventory.services import receive_donation
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.ids import new_uuid
from aidtrack.kernel.quantity import BaseUnit

TODAY = date(2022, 10, 3)
NOW = datetime(2022, 10, 3, 9, 0, tzinfo=UTC)
KG = 1_000

Unit = Callable[[], AbstractContextManager[Session]]


def actor(role: Role, *sites: int, donors: frozenset[int] | None = None) -> Actor:
    return Actor(
        label=role.value,
        role=role,
        site_ids=frozenset(sites),
        donor_ids=donors,
        permissions=PERMISSIONS[role],
    )


@dataclass
class Centre:
    """Two sites, two donors, three items; ids only, so that nothing stale is held."""

    site: int
    other_site: int
    warehouse: int
    point: int
    elsewhere: int
    wfp: int
    ministry: int
    agreement: int
    food: int
    winter: int
    rice: int
    oil: int
    kit: int

    def keeper(self) -> Actor:
        return actor(Role.WAREHOUSE, self.site)

    def receive(self, *lines: ReceivedLine, **changes: object) -> ReceiveDonation:
        given = {
            "command_id": str(new_uuid()), "place_id": self.warehouse, "donor_id": self.wfp,
            "arrived_on": TODAY, "lines": lines, **changes,
        }  # fmt: skip
        return ReceiveDonation(**given)  # type: ignore[arg-type]


@pytest.fixture
def unit(app: Flask) -> Unit:
    with app.app_context():
        engine = db.engine

    @contextmanager
    def open_unit() -> Iterator[Session]:
        with Session(engine, expire_on_commit=False, autoflush=False) as session:
            session.connection(execution_options={"aidtrack_writes": True})
            yield session
            session.commit()

    return open_unit


@pytest.fixture
def centre(unit: Unit) -> Centre:
    with unit() as session:
        sites = [
            Site(code=code, name_uk=name, name_en=code)
            for code, name in (("DN", "Дніпро"), ("NK", "Нікополь"))
        ]
        donors = [Donor(code=code, name_uk=code, name_en=code) for code in ("WFP", "MIN")]
        programmes = [Programme(code=code, name_uk=code, name_en=code) for code in ("FOOD", "WINTER")]
        items = [
            Item(code="RICE", name_uk="Рис", name_en="Rice", base_unit=BaseUnit.G),
            Item(code="OIL", name_uk="Олія", name_en="Oil", base_unit=BaseUnit.G, density_g_per_l=920),
            Item(code="KIT", name_uk="Комплект", name_en="Kit", base_unit=BaseUnit.PIECE),
        ]
        session.add_all([*sites, *donors, *programmes, *items])
        session.flush()
        places = [
            Place(code=code, kind=kind, site_id=site.id, name_uk=code, name_en=code)
            for code, kind, site in (
                ("W1", PlaceKind.WAREHOUSE, sites[0]), ("P1", PlaceKind.POINT, sites[0]),
                ("W2", PlaceKind.WAREHOUSE, sites[1]),
            )
        ]  # fmt: skip
        agreement = Agreement(
            donor_id=donors[0].id,
            number="WFP-1",
            signed_on=date(2022, 8, 1),
            title_uk="Угода",
            title_en="Agreement",
        )
        pack = ItemPack(
            item_id=items[0].id, code="bag25", name_uk="мішок 25 кг", name_en="bag 25 kg", units=25 * KG
        )
        session.add_all([*places, agreement, pack])
        session.flush()
        return Centre(
            site=sites[0].id, other_site=sites[1].id, warehouse=places[0].id, point=places[1].id,
            elsewhere=places[2].id, wfp=donors[0].id, ministry=donors[1].id, agreement=agreement.id,
            food=programmes[0].id, winter=programmes[1].id, rice=items[0].id, oil=items[1].id, kit=items[2].id,
        )  # fmt: skip


@pytest.fixture
def trusting(unit: Unit, centre: Centre) -> None:
    """Both sites leave losses and counts to one person, for tests of something else."""
    with unit() as session:
        session.add_all(
            SecondPersonRule(
                site_id=site, loss_percent=100, reprints_a_day=5, changed_at=NOW, changed_by="test"
            )
            for site in (centre.site, centre.other_site)
        )


def line(item_id: int, units: int, **more: object) -> ReceivedLine:
    return ReceivedLine(item_id=item_id, units=units, as_typed=str(units), **more)  # type: ignore[arg-type]


@pytest.fixture
def received(unit: Unit, centre: Centre) -> Callable[..., int]:
    """Receives lines at the warehouse today; gives the donation's id."""

    def take(*lines: ReceivedLine, **changes: object) -> int:
        with unit() as session:
            return receive_donation(
                session, centre.receive(*lines, **changes), actor=centre.keeper(), now=NOW
            )

    return take

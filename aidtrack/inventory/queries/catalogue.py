"""Reads of the catalogue: donors, agreements, programmes, items with packs, places."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.inventory.kinds import REAL_PLACES, PlaceKind
from aidtrack.inventory.models import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    Place,
    Programme,
    ProgrammeAgreement,
    StockBalance,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit, Pack


class Named:
    """Something with a name in both languages."""

    __slots__ = ()
    name_uk: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_uk if language.startswith("uk") else self.name_en


@dataclass(frozen=True, slots=True)
class DonorRow(Named):
    id: int
    code: str
    name_uk: str
    name_en: str
    edrpou: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class AgreementRow(Named):
    id: int
    donor_id: int
    donor_code: str
    number: str
    name_uk: str
    name_en: str
    signed_on: date
    valid_until: date | None
    needs_signature: bool


@dataclass(frozen=True, slots=True)
class ProgrammeRow(Named):
    id: int
    code: str
    name_uk: str
    name_en: str
    active: bool
    agreement_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PackRow(Named):
    id: int
    item_id: int
    code: str
    name_uk: str
    name_en: str
    units: int


@dataclass(frozen=True, slots=True)
class ItemRow(Named):
    id: int
    code: str
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    density_g_per_l: int | None
    kcal_per_100g: int | None
    active: bool
    packs: tuple[PackRow, ...]

    def packs_for(self, language: str) -> list[Pack]:
        """The packs as `kernel.quantity` reads and prints them."""
        return [Pack(pack.code, pack.name(language), pack.units) for pack in self.packs]


@dataclass(frozen=True, slots=True)
class PlaceRow(Named):
    id: int
    code: str
    kind: PlaceKind
    site_id: int
    site_code: str
    time_zone: str
    name_uk: str
    name_en: str
    address_uk: str | None
    katottg: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class SiteRow(Named):
    id: int
    code: str
    name_uk: str
    name_en: str


def donors(session: Session, *, active_only: bool = False) -> list[DonorRow]:
    """All donors by code; a liaison's own are chosen by the caller (`own_donors`)."""
    query = select(Donor.id, Donor.code, Donor.name_uk, Donor.name_en, Donor.edrpou, Donor.active)
    if active_only:
        query = query.where(Donor.active)
    return [DonorRow(*row) for row in session.execute(query.order_by(Donor.code))]


def own_donors(session: Session, actor: Actor) -> list[DonorRow]:
    """The donors the actor may see figures of."""
    found = donors(session)
    return found if actor.donor_ids is None else [donor for donor in found if donor.id in actor.donor_ids]


def agreements(session: Session, *, donor_id: int | None = None) -> list[AgreementRow]:
    query = (
        select(
            Agreement.id, Agreement.donor_id, Donor.code, Agreement.number, Agreement.title_uk,
            Agreement.title_en, Agreement.signed_on, Agreement.valid_until, Agreement.needs_signature,
        )
        .join(Donor, Donor.id == Agreement.donor_id)
        .order_by(Donor.code, Agreement.signed_on, Agreement.id)
    )  # fmt: skip
    if donor_id is not None:
        query = query.where(Agreement.donor_id == donor_id)
    return [AgreementRow(*row) for row in session.execute(query)]


def programmes(session: Session, *, active_only: bool = False) -> list[ProgrammeRow]:
    links: dict[int, list[int]] = {}
    for programme_id, agreement_id in session.execute(
        select(ProgrammeAgreement.programme_id, ProgrammeAgreement.agreement_id).order_by(
            ProgrammeAgreement.agreement_id
        )
    ):
        links.setdefault(programme_id, []).append(agreement_id)
    query = select(Programme.id, Programme.code, Programme.name_uk, Programme.name_en, Programme.active)
    if active_only:
        query = query.where(Programme.active)
    return [
        ProgrammeRow(*row, agreement_ids=tuple(links.get(row.id, ())))
        for row in session.execute(query.order_by(Programme.code))
    ]


def items(session: Session, ids: Iterable[int] | None = None, *, active_only: bool = False) -> list[ItemRow]:
    """Items by code, each with its packs, the smallest first."""
    query = select(
        Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit, Item.density_g_per_l,
        Item.kcal_per_100g, Item.active,
    ).order_by(Item.code)  # fmt: skip
    pack_query = select(
        ItemPack.id, ItemPack.item_id, ItemPack.code, ItemPack.name_uk, ItemPack.name_en, ItemPack.units
    ).order_by(ItemPack.units, ItemPack.id)
    if ids is not None:
        wanted = list(ids)
        query = query.where(Item.id.in_(wanted))
        pack_query = pack_query.where(ItemPack.item_id.in_(wanted))
    if active_only:
        query = query.where(Item.active)
    packs: dict[int, list[PackRow]] = {}
    for row in session.execute(pack_query):
        packs.setdefault(row.item_id, []).append(PackRow(*row))
    return [ItemRow(*row, packs=tuple(packs.get(row.id, ()))) for row in session.execute(query)]


def item(session: Session, item_id: int) -> ItemRow:
    """One item, or NotFound."""
    found = items(session, [item_id])
    if not found:
        raise NotFound
    return found[0]


def _places() -> Select[int, str, PlaceKind, int, str, str, str, str, str | None, str | None, bool]:
    return (
        select(
            Place.id, Place.code, Place.kind, Site.id, Site.code, Site.time_zone, Place.name_uk, Place.name_en,
            Place.address_uk, Place.katottg, Place.active,
        )
        .join(Site, Site.id == Place.site_id)
        .where(Place.kind.in_(REAL_PLACES))
        .order_by(Site.code, Place.code)
    )  # fmt: skip


def places(session: Session, actor: Actor, *, active_only: bool = False) -> list[PlaceRow]:
    """Warehouses, points and vans of the actor's sites."""
    query = _places().where(Place.site_id.in_(actor.site_ids))
    if active_only:
        query = query.where(Place.active)
    return [PlaceRow(*row) for row in session.execute(query)]


def place(session: Session, actor: Actor, place_id: int) -> PlaceRow:
    """One place of the actor's sites; another site's is missing like one that never was (I14)."""
    row = session.execute(
        _places().where(Place.id == place_id, Place.site_id.in_(actor.site_ids))
    ).one_or_none()
    if row is None:
        raise NotFound
    return PlaceRow(*row)


def transfer_targets(session: Session) -> list[PlaceRow]:
    """Every open place of the centre: goods may be sent to another site, which then receives them."""
    return [PlaceRow(*row) for row in session.execute(_places().where(Place.active))]


def place_holds_goods(session: Session, place_id: int) -> bool:
    held = select(func.count()).where(StockBalance.place_id == place_id, StockBalance.units > 0)
    return session.execute(held).scalar_one() > 0


def sites(session: Session, actor: Actor) -> list[SiteRow]:
    """The actor's sites."""
    query = select(Site.id, Site.code, Site.name_uk, Site.name_en).where(Site.id.in_(actor.site_ids))
    return [SiteRow(*row) for row in session.execute(query.order_by(Site.code))]

"""Whose goods and which places a statement is about, after asking whether the reader may know."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.inventory.models import Agreement, Donor, Item, Place, PlaceKind, StockLot
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.reports.figures import Reach, Side
from aidtrack.reports.periods import Period
from aidtrack.reports.reading import NO_AGREEMENT, Goods

WITHOUT_AGREEMENT = "-"  # how "goods given without an agreement" is written in an address


@dataclass(frozen=True, slots=True)
class AskForStatement:
    """One donor's statement, for all of its goods or some."""

    donor: str  # code
    start: date
    end: date
    agreement: str | None = None  # number, or WITHOUT_AGREEMENT
    item: str | None = None  # code


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a number inside, a code on paper and a name in both languages."""

    id: int
    code: str
    name_uk: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_uk if language == "uk" else self.name_en


@dataclass(frozen=True, slots=True)
class NamedPlace(Named):
    kind: PlaceKind
    site_id: int | None


@dataclass(frozen=True, slots=True)
class NamedItem(Named):
    unit: BaseUnit


@dataclass(frozen=True, slots=True)
class Scope:
    """What a statement covers. `aggregates_only` withholds small cells and single issues (DESIGN §6)."""

    donor: Named
    goods: Goods
    period: Period
    sites: tuple[Named, ...]
    reach: Reach
    places: Mapping[int, NamedPlace]
    items: Mapping[int, NamedItem]
    agreements: Mapping[int, Named]
    today: date
    aggregates_only: bool

    def side(self, place_id: int) -> Side:
        place = self.places[place_id]
        return self.reach.side(place.kind, place.site_id)

    def place_ids(self, *sides: Side) -> list[int]:
        return [place for place in self.places if self.side(place) in sides]


def donors_for(session: Session, actor: Actor) -> list[Named]:
    """The donors whose statements this reader may open."""
    actor.require(Permission.REPORT_STATEMENT)
    wanted = select(Donor.id, Donor.code, Donor.name_uk, Donor.name_en).order_by(Donor.code)
    if actor.donor_ids is not None:
        wanted = wanted.where(Donor.id.in_(actor.donor_ids))
    return [Named(*row) for row in session.execute(wanted)]


def goods_for(session: Session, donor_id: int) -> tuple[list[Named], list[NamedItem]]:
    """The agreements of a donor's goods and the items it gave: what a statement can be narrowed to."""
    given = select(StockLot.item_id).where(StockLot.donor_id == donor_id)
    agreements = select(Agreement.id, Agreement.number, Agreement.title_uk, Agreement.title_en).where(
        # goods may also come under the paper of a channel or a back donor
        or_(
            Agreement.donor_id == donor_id,
            Agreement.id.in_(select(StockLot.agreement_id).where(StockLot.donor_id == donor_id)),
        )
    )
    items = select(Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit).where(Item.id.in_(given))
    return (
        [Named(*row) for row in session.execute(agreements.order_by(Agreement.number))],
        [NamedItem(*row) for row in session.execute(items.order_by(Item.code))],
    )


def scope_for(session: Session, asked: AskForStatement, *, actor: Actor, now: datetime) -> Scope:
    """Judge the reader and look up what was asked for.

    Raises:
        Forbidden: the role reads no statements.
        NotFound: no such donor, agreement or item, or a donor that is not this reader's.
        PeriodBackwards, PeriodTooLong: what they say.
    """
    period = Period.checked(asked.start, asked.end)
    donor = next((donor for donor in donors_for(session, actor) if donor.code == asked.donor), None)
    if donor is None:
        raise NotFound(field="donor")
    agreements, items = goods_for(session, donor.id)
    sites = [
        Named(*row)
        for row in session.execute(select(Site.id, Site.code, Site.name_uk, Site.name_en).order_by(Site.code))
    ]
    own = frozenset(site.id for site in sites if actor.role is None or site.id in actor.site_ids)
    places = session.execute(
        select(Place.id, Place.code, Place.name_uk, Place.name_en, Place.kind, Place.site_id)
    )
    return Scope(
        donor=donor,
        goods=Goods(donor.id, _agreement_id(asked.agreement, agreements), _item_id(asked.item, items)),
        period=period,
        sites=tuple(site for site in sites if site.id in own),
        reach=Reach(site_ids=own, whole=len(own) == len(sites)),
        places={row[0]: NamedPlace(*row) for row in places},
        items={item.id: item for item in items},
        agreements={agreement.id: agreement for agreement in agreements},
        today=local_date(now),
        aggregates_only=actor.role is Role.DONOR_LIAISON,
    )


def _agreement_id(number: str | None, agreements: list[Named]) -> int | None:
    if not number:
        return None
    if number == WITHOUT_AGREEMENT:
        return NO_AGREEMENT
    for agreement in agreements:
        if agreement.code == number:
            return agreement.id
    raise NotFound(field="agreement")


def _item_id(code: str | None, items: list[NamedItem]) -> int | None:
    if not code:
        return None
    for item in items:
        if item.code == code:
            return item.id
    raise NotFound(field="item")

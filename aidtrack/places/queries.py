"""Reads of places: the same for everybody, since they say nothing about anybody."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded
from aidtrack.places.codifier import LIVED_IN
from aidtrack.places.models import DistrictSettlement, StarostaDistrict, Territory

# «с. Кам'янка», «смт Широке», «м.Дніпро»
_KIND_BEFORE = re.compile(r"^\s*(?:с|смт|м|сел|селище|село|місто|с-ще)\s*[.\s]\s*", re.IGNORECASE)
MOST = 20  # suggestions under one field
PORTION = 5000
KINDS = {"K": "місто", "M": "місто", "T": "смт", "X": "селище", "C": "село", "B": "район міста"}
HROMADA_DIGITS = 12  # UA + oblast 2, raion 2, hromada 3, and the settlement's own 3 after it


@dataclass(frozen=True, slots=True)
class Settlement:
    """A place somebody can live in, with what tells it from its namesakes."""

    code: str
    category: str
    name: str
    hromada: str | None
    raion: str | None
    oblast: str | None
    city: str | None = None  # of a city district
    hromada_code: str | None = None
    population: int | None = None
    apart: str | None = None  # «село UA…», where a namesake lies in the same hromada

    @property
    def where(self) -> str:
        """«Дніпровська громада, Дніпровський район»; for a district of a city the city first."""
        parts = (
            self.city,
            f"{self.hromada} громада" if self.hromada else None,
            f"{self.raion} район" if self.raion else None,
            f"{self.oblast} область" if self.oblast else None,
            self.apart,
        )
        return ", ".join(part for part in parts if part)

    @property
    def label(self) -> str:
        return f"{self.name} — {self.where}" if self.where else self.name


@dataclass(frozen=True, slots=True)
class District:
    id: int
    code: str
    name_uk: str
    name_en: str
    settlements: int = 0


def is_loaded(session: Session) -> bool:
    return session.scalar(select(Territory.code).limit(1)) is not None


def _settlements() -> Any:
    hromada, raion, oblast, city = (aliased(Territory) for _ in range(4))
    return (
        select(
            Territory.code,
            Territory.category,
            Territory.name,
            hromada.name,
            raion.name,
            oblast.name,
            city.name,
            Territory.hromada_code,
            Territory.population,
        )
        .outerjoin(hromada, hromada.code == Territory.hromada_code)
        .outerjoin(raion, raion.code == Territory.raion_code)
        .outerjoin(oblast, oblast.code == Territory.oblast_code)
        .outerjoin(city, city.code == Territory.settlement_code)
    )


def suggestions(session: Session, typed: str, *, most: int = MOST) -> list[Settlement]:
    """Settlements whose name, or a word of it, begins as typed: whole names first, then larger places.

    A code, or a name with its hromada or raion behind it («Іванівка, Широківська»), narrows the choice.
    """
    name, _comma, where = " ".join(typed.split())[:200].partition("—" if "—" in typed else ",")
    statement = _settlements()
    wanted = folded(name)
    code = "".join(typed.split()).upper().replace("А", "A")
    if code.startswith("UA") and code[2:].isdigit():
        statement = statement.where(Territory.code.startswith(code, autoescape=True))
    elif wanted:
        statement = statement.where(
            or_(
                Territory.search_name.startswith(wanted, autoescape=True),
                Territory.search_name.contains(" " + wanted, autoescape=True),
            )
        )
    else:
        return []
    order = case(
        {category: place for place, category in enumerate("KMTXCB")}, value=Territory.category, else_=9
    )
    rows = session.execute(
        statement.where(Territory.category.in_(list(LIVED_IN)))
        .order_by(case((Territory.search_name == wanted, 0), else_=1), order, Territory.name, Territory.code)
        .limit(most * 10 if where.strip() else most)
    )
    found = _told_apart([Settlement(*row) for row in rows])
    if where.strip():
        parts = [folded(part) for part in where.replace("—", ",").split(",") if part.strip()]
        stripped = [
            part.removesuffix(" громада").removesuffix(" район").removesuffix(" область") for part in parts
        ]
        found = [one for one in found if all(_matches(one, part) for part in stripped)]
    return found[:most]


def _told_apart(found: list[Settlement]) -> list[Settlement]:
    """Those that would read alike get their kind and code: a hromada may have two villages of one name."""
    alike = Counter(one.label for one in found)
    return [
        replace(one, apart=f"{KINDS.get(one.category, '')} {one.code}") if alike[one.label] > 1 else one
        for one in found
    ]


def _matches(one: Settlement, part: str) -> bool:
    return any(
        name and folded(name).startswith(part)
        for name in (one.city, one.hromada, one.raion, one.oblast, one.apart)
    )


def exactly(session: Session, typed: str) -> Settlement | None:
    """The one settlement that the typed text names whole, if there is just one; namesakes give None."""
    name = typed.partition("—" if "—" in typed else ",")[0]
    wanted = folded(name)
    found = [
        one for one in suggestions(session, typed, most=50) if folded(one.name) == wanted or one.code == typed
    ]
    return found[0] if len(found) == 1 else None


def settlement(session: Session, katottg: str | None) -> Settlement | None:
    """What a stored code stands for; None for no code, or one that is not loaded."""
    return settlements_by_code(session, [katottg]).get(katottg) if katottg else None


def settlements_by_code(session: Session, codes: Collection[str]) -> dict[str, Settlement]:
    found: dict[str, Settlement] = {}
    statement = _settlements()
    for portion in _portions(codes):
        rows = session.execute(statement.where(Territory.code.in_(portion)))
        found |= {row[0]: Settlement(*row) for row in rows}
    return found


def names_to_codes(session: Session, names: Collection[str]) -> dict[str, list[Settlement]]:
    """By folded name: every settlement that is called so. For files, where thousands of names repeat."""
    found: dict[str, list[Settlement]] = {}
    statement = _settlements()
    for portion in _portions({folded(name) for name in names}):
        rows = session.execute(
            statement.where(
                Territory.search_name.in_(portion), Territory.category.in_(list(LIVED_IN))
            ).order_by(Territory.code)
        )
        for row in rows:
            one = Settlement(*row)
            found.setdefault(folded(one.name), []).append(one)
    return found


def unique_names(session: Session) -> dict[str, str]:
    """Code by name as the codifier spells it, for names that only one settlement has."""
    rows = session.execute(
        select(Territory.name, func.min(Territory.code))
        .where(Territory.category.in_(list(LIVED_IN)))
        .group_by(Territory.name)
        .having(func.count() == 1)
    )
    found: dict[str, str] = {}
    for name, code in rows:
        found[name] = code
        found.setdefault(name.casefold(), code)
    return found


def like(session: Session, written: str, *, most: int = MOST) -> list[Settlement]:
    """What a word of a file may mean: the same but for letters and case first, then names that are nearly so."""
    plain = _KIND_BEFORE.sub("", written).strip() or written
    found = suggestions(session, plain, most=most)
    if found:
        return found
    from rapidfuzz import fuzz, process

    names = list(
        session.scalars(
            select(Territory.search_name).where(Territory.category.in_(list(LIVED_IN))).distinct()
        )
    )
    alike = process.extract(folded(plain), names, scorer=fuzz.ratio, limit=5, score_cutoff=75)
    near = names_to_codes(session, [name for name, _score, _at in alike])
    return _told_apart([one for name, _score, _at in alike for one in near.get(name, [])])[:most]


def _portions(values: Collection[str]) -> Iterator[list[str]]:
    iterator = iter(sorted(set(values)))
    while portion := list(islice(iterator, PORTION)):
        yield portion


# -- starosta districts ---------------------------------------------------------------------------------


def district_of(session: Session, katottg: str | None) -> str | None:
    """Code of the starosta district a settlement lies in; None where the centre named none."""
    if not katottg:
        return None
    return districts_of(session, [katottg]).get(katottg)


def districts_of(session: Session, katottgs: Collection[str]) -> dict[str, str]:
    """District codes by settlement code, for those that lie in one."""
    found: dict[str, str] = {}
    for portion in _portions(katottgs):
        rows = session.execute(
            select(DistrictSettlement.katottg, StarostaDistrict.code)
            .join(StarostaDistrict, StarostaDistrict.id == DistrictSettlement.district_id)
            .where(DistrictSettlement.katottg.in_(portion))
        )
        found |= {str(katottg): str(code) for katottg, code in rows}
    return found


def all_district_settlements(session: Session) -> dict[str, str]:
    """District code by settlement code, all of them: a few hundred rows, for judging a whole registry."""
    rows = session.execute(
        select(DistrictSettlement.katottg, StarostaDistrict.code).join(
            StarostaDistrict, StarostaDistrict.id == DistrictSettlement.district_id
        )
    )
    return {str(katottg): str(code) for katottg, code in rows}


def districts(session: Session) -> list[District]:
    """Every district by its code, with how many settlements it has."""
    size = (
        select(func.count())
        .select_from(DistrictSettlement)
        .where(DistrictSettlement.district_id == StarostaDistrict.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            StarostaDistrict.id,
            StarostaDistrict.code,
            StarostaDistrict.name_uk,
            StarostaDistrict.name_en,
            size,
        ).order_by(StarostaDistrict.code)
    )
    return [District(*row) for row in rows]


def district(session: Session, district_id: int) -> District:
    """One district. Raises NotFound."""
    found = next((one for one in districts(session) if one.id == district_id), None)
    if found is None:
        raise NotFound
    return found


def settlements_of(session: Session, district_id: int) -> list[Settlement]:
    """Its settlements by name; a code that is not loaded stands as itself."""
    codes = list(
        session.scalars(
            select(DistrictSettlement.katottg)
            .where(DistrictSettlement.district_id == district_id)
            .order_by(DistrictSettlement.katottg)
        )
    )
    known = settlements_by_code(session, codes)
    found = [known.get(code) or Settlement(code, "C", code, None, None, None) for code in codes]
    return sorted(found, key=lambda one: (one.name, one.code))


# -- population -----------------------------------------------------------------------------------------


def population(session: Session, codes: Collection[str]) -> dict[str, int]:
    """People by code, for the codes whose population is known."""
    found: dict[str, int] = {}
    for portion in _portions(codes):
        rows = session.execute(
            select(Territory.code, Territory.population).where(
                Territory.code.in_(portion), Territory.population.is_not(None)
            )
        )
        found |= {code: people for code, people in rows if people is not None}
    return found


def hromadas_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Hromada code by the code of a place in it (a hromada stands for itself)."""
    found: dict[str, str] = {}
    for portion in _portions(codes):
        rows = session.execute(
            select(Territory.code, Territory.category, Territory.hromada_code).where(
                Territory.code.in_(portion)
            )
        )
        for code, category, hromada in rows:
            if category == "H":
                found[code] = code
            elif hromada is not None:
                found[code] = hromada
    return found


def names_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for portion in _portions(codes):
        found |= {
            str(code): str(name)
            for code, name in session.execute(
                select(Territory.code, Territory.name).where(Territory.code.in_(portion))
            )
        }
    return found

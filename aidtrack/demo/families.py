"""The families of the centre: who belongs to whom, how old, under which categories. All by one lot."""

import random
from collections.abc import Iterable
from dataclasses import field
from datetime import date, timedelta
from enum import StrEnum

from aidtrack.beneficiaries.commands import NewCategory, NewMember, RegisterHousehold
from aidtrack.beneficiaries.household import Sex
from aidtrack.demo import names
from aidtrack.demo.centre import DNIPRO
from aidtrack.demo.days import INVASION, working_days
from aidtrack.demo.stage import command_id
from aidtrack.kernel.late import dataclass


class Kind(StrEnum):
    DISPLACED = "idp"
    SZHO = "szho"
    FOSTER = "foster_family"
    HOME = "family_type_home"
    GUARDIAN = "guardian_family"
    LARGE = "large_family"
    RELEASED = "ex_prisoner"
    SHELTERED = "gbv_survivor"
    NONE = "none"


FOSTERING = (Kind.FOSTER, Kind.HOME, Kind.GUARDIAN)
STREETS = ("Умовна", "Вигадана", "Зразкова", "Навчальна", "Прикладна", "Дослідна", "Пробна", "Показова")
# Where displaced families came from
LEFT = ("Маріуполь", "Сєвєродонецьк", "Бахмут", "Херсон", "Нікополь", "Ізюм", "Мелітополь", "Лисичанськ")


@dataclass(slots=True)
class Family:
    """One family of the demonstration and what the story has in store for it."""

    name: str
    kind: Kind
    command: RegisterHousehold
    point: str
    household_id: int = 0
    marks: set[str] = field(default_factory=set)

    @property
    def persons(self) -> int:
        return len(self.command.members)

    @property
    def registered_on(self) -> date:
        assert self.command.registered_on is not None
        return self.command.registered_on

    @property
    def has_proxy(self) -> bool:
        return self.command.proxy_name is not None


@dataclass(frozen=True, slots=True)
class Children:
    """How many children of which ages in the year of registration."""

    infants: int = 0  # born shortly before the registration, and after New Year if that was in March or later
    toddlers: int = 0  # one to three all through November and December
    older: int = 0  # four to seventeen


class Registry:
    """Makes families one after another; the same lot gives the same families."""

    def __init__(self, rng: random.Random, site_id: int, *, first_phone: int = 0) -> None:
        self.rng = rng
        self.site_id = site_id
        self._first_phone = first_phone
        self.made: list[Family] = []
        self._known: set[tuple[str, str, date]] = set()

    def family(
        self,
        name: str,
        kind: Kind,
        *,
        between: tuple[date, date],
        children: Children,
        points: Iterable[tuple[str, int]],
        site_id: int | None = None,
        alone: bool | None = None,
    ) -> Family:
        """One more family, registered on a working day of the period.

        Args:
            points: places to collect at, with weights.
            alone: one adult only; None leaves it to the lot.
        """
        rng = self.rng
        day = rng.choice(working_days(*between))
        places, weights = zip(*points, strict=True)
        surname = rng.choice(names.SURNAMES)
        members = self._adults(kind, surname, day, rng.random() < 0.5 if alone is None else alone)
        father = next((one.given_name for one in members if one.sex is Sex.MALE), rng.choice(names.MEN)[0])
        for born in self._births(children, day):
            members.append(self._child(kind, surname, father, born, day))
        self.made.append(
            Family(
                name,
                kind,
                RegisterHousehold(
                    command_id=command_id(f"family {name}"),
                    site_id=self.site_id if site_id is None else site_id,
                    settlement="Дніпро",
                    katottg=DNIPRO,
                    members=tuple(members),
                    address=f"вул. {rng.choice(STREETS)}, {rng.randint(1, 90)}, кв. {rng.randint(1, 120)}",
                    phone=names.phone(self._first_phone + len(self.made)) if rng.random() < 0.75 else None,
                    proxy_name=self._proxy() if rng.random() < 0.06 else None,
                    displaced_on=self._displaced_on(day) if kind is Kind.DISPLACED else None,
                    registered_on=day,
                    categories=_of_household(kind, day),
                ),
                rng.choices(places, weights)[0],
            )
        )
        return self.made[-1]

    def _adults(self, kind: Kind, surname: str, day: date, alone: bool) -> list[NewMember]:
        rng = self.rng
        if kind is Kind.RELEASED:
            born = self._born(day, 19, 34)
            sex = Sex.MALE if rng.random() < 0.85 else Sex.FEMALE
            released = NewCategory("ex_prisoner", day, evidence=f"довідка № {rng.randint(100, 999)}/22")
            return [self._person(sex, born, surname, head=True, categories=(released,))]
        oldest = 62 if kind is Kind.GUARDIAN else 44
        if kind is Kind.SHELTERED:
            survivor = NewCategory("gbv_survivor", day)
            return [
                self._person(Sex.FEMALE, self._born(day, 24, 44), surname, head=True, categories=(survivor,))
            ]
        head_sex = Sex.FEMALE if rng.random() < 0.78 else Sex.MALE
        status = self._statuses(kind, day, alone=alone)
        adults = [self._person(head_sex, self._born(day, 24, oldest), surname, head=True, categories=status)]
        if not alone:
            other = Sex.MALE if head_sex is Sex.FEMALE else Sex.FEMALE
            adults.append(
                self._person(other, self._born(day, 24, oldest + 3), surname, categories=self._idp(kind, day))
            )
        return adults

    def _statuses(self, kind: Kind, day: date, *, alone: bool) -> tuple[NewCategory, ...]:
        """Categories of the head. Some are proven by a paper and some only told."""
        found = list(self._idp(kind, day))
        if kind in (Kind.SZHO, Kind.DISPLACED):
            if alone and self.rng.random() < 0.5:
                found.append(NewCategory("single_parent", day))
            if self.rng.random() < 0.06:
                paper = f"довідка МСЕК № {self.rng.randint(1000, 9999)}"
                found.append(NewCategory("disability", day, evidence=paper, proven=True))
            if self.rng.random() < 0.15:
                found.append(NewCategory("low_income", day))
        return tuple(found)

    def _idp(self, kind: Kind, day: date) -> tuple[NewCategory, ...]:
        if kind is not Kind.DISPLACED:
            return ()
        paper = f"довідка ВПО № {self.rng.randint(1200, 9800)}-22"
        return (NewCategory("idp", day, evidence=paper, proven=True),)

    def _child(self, kind: Kind, surname: str, father: str, born: date, day: date) -> NewMember:
        rng = self.rng
        fostered = kind in FOSTERING
        status: tuple[NewCategory, ...] = self._idp(kind, day)
        if fostered:
            status = (
                NewCategory(
                    "orphan_or_deprived_child", day, evidence=f"рішення № {rng.randint(10, 990)}", proven=True
                ),
            )
        return self._person(
            rng.choice((Sex.FEMALE, Sex.MALE)),
            born,
            rng.choice(names.SURNAMES) if fostered else surname,
            father=None if fostered else father,
            categories=status,
        )

    def _births(self, children: Children, day: date) -> list[date]:
        rng = self.rng
        year = day.year
        births = [day - timedelta(days=rng.randint(10, 55)) for _ in range(children.infants)]
        births += [
            date(year - 3, 1, 10) + timedelta(days=rng.randint(0, 1019)) for _ in range(children.toddlers)
        ]
        births += [
            date(year - 17, 6, 1) + timedelta(days=rng.randint(0, 4860)) for _ in range(children.older)
        ]
        return sorted(births)

    def _person(
        self,
        sex: Sex,
        born: date,
        surname: str,
        *,
        father: str | None = None,
        head: bool = False,
        categories: tuple[NewCategory, ...] = (),
    ) -> NewMember:
        """Somebody whose name and birth date nobody else in the registry has: a double would be asked about."""
        while True:
            one = names.name(self.rng, sex, surname=surname, father=father)
            key = (one.surname, one.given, born)
            if key not in self._known:
                break
            born -= timedelta(days=1)
        self._known.add(key)
        return NewMember(
            one.surname, one.given, sex, one.patronymic, born, is_head=head, categories=categories
        )

    def _born(self, day: date, youngest: int, oldest: int) -> date:
        return day - timedelta(days=self.rng.randint(youngest * 366, oldest * 365))

    def _proxy(self) -> str:
        one = names.name(self.rng, Sex.FEMALE)
        return f"{one.given} {one.surname}"

    def _displaced_on(self, day: date) -> date:
        first = max(INVASION, day - timedelta(days=120))
        return first + timedelta(days=self.rng.randint(0, max(0, (day - first).days - 3)))


def _of_household(kind: Kind, day: date) -> tuple[NewCategory, ...]:
    if kind in (Kind.DISPLACED, Kind.RELEASED, Kind.NONE):
        return ()
    shown = Kind.SZHO if kind is Kind.SHELTERED else kind
    return (NewCategory(shown.value, day, evidence="особова справа", proven=True),)

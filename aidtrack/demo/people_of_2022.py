"""The families of 2022 in the numbers of the centre's report.

1 741 families got food: 77 foster families with 102 children, 11 family-type homes with 96, 227 guardians'
families with 470, and 1 426 displaced or in difficult circumstances. 1 000 displaced families have 1 075
children of one to three. 400 have a child under one. 130 persons got a kit of the city programme.
"""

from dataclasses import field
from datetime import date

from aidtrack.demo.centre import NK_POINT, POINTS
from aidtrack.demo.families import Children, Family, Kind, Registry
from aidtrack.demo.stage import Stage
from aidtrack.kernel.late import dataclass

SPRING_AND_SUMMER = (date(2022, 3, 1), date(2022, 8, 26))
AUTUMN = (date(2022, 9, 1), date(2022, 11, 4))
SPREAD = tuple(zip(POINTS, (40, 35, 25), strict=True))


@dataclass(slots=True)
class People:
    """The year's families by what they get. Some stand in several lists: totals never add up."""

    food: list[Family] = field(default_factory=list)  # reached: 1 741
    not_reached: list[Family] = field(default_factory=list)  # had a voucher and did not come, or were undone
    winter: list[Family] = field(default_factory=list)
    child_care: list[Family] = field(default_factory=list)
    released: list[Family] = field(default_factory=list)
    pairs: list[Family] = field(default_factory=list)
    others: list[Family] = field(default_factory=list)  # no category that any programme asks for
    second_site: list[Family] = field(default_factory=list)


def people_of_2022(stage: Stage) -> People:
    """Everybody, in a fixed order; nobody is registered yet."""
    registry = Registry(stage.rng, stage.sites["DN"])
    people = People()
    _fostering(registry, people)
    _difficult(registry, people)
    _displaced(registry, people)
    _child_care(registry, people)
    _city(registry, people)
    for number in range(10):
        people.others.append(
            registry.family(
                f"other {number}", Kind.NONE, between=AUTUMN, children=Children(older=1), points=SPREAD
            )
        )
    for number in range(40):
        kind = Kind.DISPLACED if number % 3 else Kind.SZHO
        people.second_site.append(
            registry.family(
                f"nk {number}", kind, between=SPRING_AND_SUMMER, children=_some(registry, 1),
                points=((NK_POINT, 1),), site_id=stage.sites["NK"],
            )
        )  # fmt: skip
    return people


def _some(registry: Registry, least: int) -> Children:
    """Older children as families have them: one often, three seldom."""
    return Children(older=registry.rng.choices((least, least + 1, least + 2), (5, 3, 1))[0])


def _fostering(registry: Registry, people: People) -> None:
    def add(name: str, kind: Kind, older: int, *, alone: bool | None) -> None:
        people.food.append(
            registry.family(
                name,
                kind,
                between=SPRING_AND_SUMMER,
                children=Children(older=older),
                points=SPREAD,
                alone=alone,
            )
        )

    for number in range(77):
        add(f"foster {number}", Kind.FOSTER, 2 if number < 25 else 1, alone=False)
    for number in range(11):
        add(f"home {number}", Kind.HOME, 8 if number < 3 else 9, alone=False)
    for number in range(227):
        add(f"guardian {number}", Kind.GUARDIAN, 3 if number < 16 else 2, alone=None)


def _difficult(registry: Registry, people: People) -> None:
    for number in range(566 + 18):
        infant = number % 7 == 0 and number < 560
        children = Children(infants=1) if infant else _some(registry, 1)
        made = registry.family(
            f"szho {number}", Kind.SZHO, between=SPRING_AND_SUMMER, children=children, points=SPREAD
        )
        (people.food if number < 566 else people.not_reached).append(made)
        if infant:
            people.child_care.append(made)


def _displaced(registry: Registry, people: People) -> None:
    """860 who got food, 32 more who did not come for it, and 320 who came for the winter clothing only."""
    for number in range(860):
        dressed, infant = number < 680, number < 200
        toddlers = (2 if number % 14 == 0 and number < 50 * 14 else 1) if dressed else 0
        children = Children(1 if infant else 0, toddlers, 0 if infant or toddlers == 2 else _older(registry))
        made = registry.family(
            f"idp {number}", Kind.DISPLACED, between=SPRING_AND_SUMMER, children=children, points=SPREAD
        )
        people.food.append(made)
        if dressed:
            people.winter.append(made)
        if infant:
            people.child_care.append(made)
    for number in range(32):
        people.not_reached.append(
            registry.family(
                f"idp-away {number}", Kind.DISPLACED, between=SPRING_AND_SUMMER, children=_some(registry, 0),
                points=SPREAD,
            )
        )  # fmt: skip
    twice = 1075 - sum(_toddlers(family) for family in people.winter) - 320
    for number in range(320):
        people.winter.append(
            registry.family(
                f"idp-winter {number}", Kind.DISPLACED, between=AUTUMN,
                children=Children(toddlers=2 if number < twice else 1, older=_older(registry)), points=SPREAD,
            )
        )  # fmt: skip


def _older(registry: Registry) -> int:
    return registry.rng.choices((0, 1, 2), (5, 4, 1))[0]


def _toddlers(family: Family) -> int:
    """Children of one to three on the days of the winter round."""
    return sum(
        1
        for member in family.command.members
        if member.birth_date is not None and date(2018, 12, 31) < member.birth_date < date(2021, 11, 1)
    )


def _child_care(registry: Registry, people: People) -> None:
    for number in range(400 - len(people.child_care)):
        people.child_care.append(
            registry.family(
                f"large {number}", Kind.LARGE, between=(date(2022, 3, 1), date(2022, 4, 8)),
                children=Children(infants=1, older=2), points=SPREAD,
            )
        )  # fmt: skip
    people.child_care.sort(key=lambda family: family.registered_on)


def _city(registry: Registry, people: People) -> None:
    between = (date(2022, 8, 1), date(2022, 10, 14))
    for number in range(70):
        people.released.append(
            registry.family(
                f"released {number}", Kind.RELEASED, between=between, children=Children(), points=SPREAD
            )
        )
    for number in range(30):
        people.pairs.append(
            registry.family(
                f"pair {number}",
                Kind.SZHO,
                between=between,
                children=Children(older=1),
                points=SPREAD,
                alone=True,
            )
        )

"""Whether two registrations are one family: names and birth dates as many hands write them, weighed by points.

Nothing here decides. What reaches the mark is put before a person with the reasons. People are compared only where
they share a block, a rough key that survives the usual slips; otherwise a registry of 300 000 would need a year.

Source: docs/rules.md#doubles
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from datetime import date
from functools import lru_cache
from itertools import combinations

from aidtrack.beneficiaries.sounds import alike, skeleton, words
from aidtrack.kernel.late import dataclass

SURE = 17  # points from which one person in both families is enough to ask
LIKELY = 13  # points that need something beside them: another member, a phone, an address
PERHAPS = 9  # points of a further member that support the first
MOST_IN_BLOCK = 400  # a rough key that so many share says nothing


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as compared. Names are words in Latin letters; `papers` are keyed hashes of documents."""

    person_id: int
    household_id: int
    surname: tuple[str, ...]
    given: tuple[str, ...]
    patronymic: tuple[str, ...]
    born: date | None
    female: bool
    papers: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Home:
    """What two families are compared by besides their people."""

    household_id: int
    phone: bytes | None = None
    address: str = ""
    settlement: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two families that may be one: how alike, and why, in codes that name nobody."""

    low_id: int
    high_id: int
    score: int
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Match:
    """Two persons: points for and against, and what was noticed."""

    points: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, points: int, reason: str | None = None) -> None:
        self.points += points
        if reason is not None:
            self.reasons.append(reason)


def profile(
    person_id: int,
    household_id: int,
    surname: str,
    given_name: str,
    patronymic: str | None,
    born: date | None,
    female: bool,
    papers: Iterable[bytes | None] = (),
) -> Profile:
    names = [words(part) for part in (surname, given_name, patronymic or "")]
    found = frozenset(one for one in papers if one is not None)
    return Profile(person_id, household_id, names[0], names[1], names[2], born, female, found)


def pair_keys(person: Profile) -> frozenset[str]:
    """Surname and given name by sound, in either order; of a double surname each half too."""
    return _pair_keys(person.surname, person.given)


@lru_cache(maxsize=50_000)
def _pair_keys(surname: tuple[str, ...], given: tuple[str, ...]) -> frozenset[str]:
    second = "".join(skeleton(word) for word in given)
    firsts = {"".join(skeleton(word) for word in surname), *map(skeleton, surname)}
    return frozenset("+".join(sorted((first, second))) for first in firsts)


def day_key(born: date) -> str:
    """A day and its exchange with the month are one."""
    low, high = sorted((born.day, born.month))
    return f"{low}.{high}"


def blocks(person: Profile) -> set[str]:
    """Rough keys: two persons are compared if they share one."""
    found: set[str] = {f"p{paper.hex()}" for paper in person.papers}
    if person.born is None:
        return found | {f"n{pair}" for pair in pair_keys(person)}
    found.add(f"d{person.born.year}.{day_key(person.born)}")
    return found | names_with_dates(person)


def names_with_dates(person: Profile) -> set[str]:
    """Names by sound with the year, and with day and month; nothing without a birth date."""
    if person.born is None:
        return set()
    year, day = person.born.year, day_key(person.born)
    return {key for pair in pair_keys(person) for key in (f"y{pair}{year}", f"m{pair}{day}")}


# -- two persons ---------------------------------------------------------------------------------------


def compare(one: Profile, other: Profile) -> Match:
    """Points for and against two registrations being one person."""
    match = Match()
    if one.papers & other.papers:
        match.add(15, "document")
    straight = _names(one.surname, one.given, other.surname, other.given, one.female and other.female)
    if straight.points < 8:
        exchanged = _names(one.surname, one.given, other.given, other.surname, False)
        if exchanged.points >= 8 and exchanged.points > straight.points:
            straight = exchanged
            straight.reasons.append("names_exchanged")
    match.add(straight.points)
    match.reasons += straight.reasons
    if one.patronymic and other.patronymic:
        likeness = alike(one.patronymic, other.patronymic)
        match.add(4 if likeness >= 95 else 3 if likeness >= 75 else -5)
    _dates(match, one.born, other.born)
    if one.female != other.female:
        match.add(-4)
    return match


def _names(
    surname: tuple[str, ...], given: tuple[str, ...], other_surname: tuple[str, ...], other_given: tuple[str, ...],
    women: bool,
) -> Match:  # fmt: skip
    match = Match()
    likeness = alike(surname, other_surname)
    if likeness == 100:
        match.add(6, "surname")
    elif likeness >= 80:
        match.add(5, "surname_alike")
    elif women:
        match.add(-3, "another_surname")  # marriage
    else:
        match.add(-8)
    likeness = alike(given, other_given)
    if likeness == 100:
        match.add(4, "given_name")
    elif likeness >= 75:
        match.add(3, "given_name_alike")
    else:
        match.add(-7)
    return match


def _dates(match: Match, one: date | None, other: date | None) -> None:
    if one is None or other is None:
        return
    if one == other:
        match.add(8, "birth_date")
    elif (one.year, one.day, one.month) == (other.year, other.month, other.day):
        match.add(7, "day_and_month_exchanged")
    elif _one_slip(one, other):
        match.add(4, "birth_date_alike")
    else:
        match.add(-9)


def _one_slip(one: date, other: date) -> bool:
    """One digit of the date as it is written, or the two digits of one part exchanged."""
    first, second = one.strftime("%d%m%Y"), other.strftime("%d%m%Y")
    different = [place for place in range(8) if first[place] != second[place]]
    if len(different) == 1:
        return True
    if len(different) == 2 and different[1] == different[0] + 1:
        low, high = different
        return first[low] == second[high] and first[high] == second[low]
    return False


# -- two families --------------------------------------------------------------------------------------


def judge(
    people: Sequence[Profile], others: Sequence[Profile], home: Home | None, other_home: Home | None
) -> Pair | None:
    """Whether two families are put before a person, by their best-matching people and what lies beside."""
    matches = sorted(
        ((compare(one, other), one.person_id, other.person_id) for one in people for other in others),
        key=lambda found: -found[0].points,
    )
    taken: set[int] = set()
    best: list[Match] = []
    for match, one_id, other_id in matches:
        if match.points < PERHAPS:
            break
        if one_id not in taken and other_id not in taken:
            taken |= {one_id, other_id}
            best.append(match)
    beside, reasons = _beside(home, other_home)
    if not best:
        return None
    first, further = best[0], len(best) - 1
    if first.points < SURE and not (first.points >= LIKELY and (further or beside >= 2)):
        return None
    reasons = [*first.reasons, *reasons, *(["several_members"] if further else [])]
    low, high = sorted((people[0].household_id, others[0].household_id))
    score = min(100, 55 + 2 * (first.points - LIKELY) + 5 * further + 3 * beside)
    return Pair(low, high, score, tuple(dict.fromkeys(reasons)))


def _beside(one: Home | None, other: Home | None) -> tuple[int, list[str]]:
    if one is None or other is None:
        return 0, []
    points = 0
    reasons: list[str] = []
    if one.phone is not None and one.phone == other.phone:
        points, reasons = points + 4, [*reasons, "phone"]
    if one.address and one.address == other.address and one.settlement == other.settlement:
        points, reasons = points + 2, [*reasons, "address"]
    return points, reasons


def find_pairs(people: Iterable[Profile], homes: dict[int, Home]) -> Iterator[Pair]:
    """All pairs of families worth a look, each once, the blocks' people compared with each other."""
    families: dict[int, list[Profile]] = defaultdict(list)
    in_block: dict[int, list[int]] = defaultdict(list)  # by the hash of the key: a third of the memory
    undated: dict[str, list[int]] = defaultdict(list)
    dated: dict[str, list[int]] = defaultdict(list)
    by_id: dict[int, Profile] = {}
    for person in people:
        families[person.household_id].append(person)
        by_id[person.person_id] = person
        for key in blocks(person):
            if key[0] == "n":
                undated[key].append(person.person_id)
            else:
                in_block[hash(key)].append(person.person_id)
    if undated:  # whoever has no birth date is compared with all of the same name
        for person in by_id.values():
            if person.born is not None:
                for key in pair_keys(person):
                    if f"n{key}" in undated:
                        dated[f"n{key}"].append(person.person_id)
    for home in homes.values():
        if home.phone is not None:
            in_block[hash(home.phone)] += [one.person_id for one in families.get(home.household_id, ())]
    seen: set[tuple[int, int]] = set()
    for first, second in _candidates(in_block, undated, dated, by_id):
        if (first, second) in seen:
            continue
        seen.add((first, second))
        pair = judge(families[first], families[second], homes.get(first), homes.get(second))
        if pair is not None:
            yield pair


def _candidates(
    in_block: dict[int, list[int]], undated: dict[str, list[int]], dated: dict[str, list[int]],
    by_id: dict[int, Profile],
) -> Iterator[tuple[int, int]]:  # fmt: skip
    """Pairs of families with two people who deserve a look: cheap tests before the judging of whole families."""

    def families(one: Profile, other: Profile) -> tuple[int, int] | None:
        if one.household_id == other.household_id or compare(one, other).points < LIKELY:
            return None
        low, high = sorted((one.household_id, other.household_id))
        return low, high

    for members in in_block.values():
        if 1 < len(members) <= MOST_IN_BLOCK:
            for first, second in combinations(members, 2):
                found = families(by_id[first], by_id[second])
                if found is not None:
                    yield found
    for key, without in undated.items():
        against = [*without, *dated.get(key, ())]
        if len(against) <= MOST_IN_BLOCK:
            for number, first in enumerate(without):
                for second in against[number + 1 :]:
                    found = families(by_id[first], by_id[second])
                    if found is not None:
                        yield found

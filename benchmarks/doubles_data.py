"""A made-up registry with families entered twice by another hand: what is double is known, so finding can be judged.

The second hand does what the centre's own papers show: passports in Latin letters, Russian spellings, three kinds of
apostrophe, a Latin letter inside a Cyrillic word, name and surname in each other's place, day and month exchanged, one
digit wrong, no patronymic, no birth date, half of a double surname, a slip of the keyboard. Beside them stand those who
only look alike: twins, brothers with one address, fathers and sons of one name, strangers with a common name.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from aidtrack.beneficiaries.likeness import Home, Profile, profile
from aidtrack.beneficiaries.matching import romanise
from aidtrack.demo.names import MEN, WOMEN
from benchmarks.register import surnames

RUSSIAN = {
    "Олена": "Елена", "Микола": "Николай", "Ганна": "Анна", "Олександр": "Александр", "Олексій": "Алексей",
    "Дмитро": "Дмитрий", "Михайло": "Михаил", "Павло": "Павел", "Петро": "Петр", "Сергій": "Сергей",
    "Андрій": "Андрей", "Василь": "Василий", "Володимир": "Владимир", "Євген": "Евгений", "Тетяна": "Татьяна",
    "Ірина": "Ирина", "Вікторія": "Виктория", "Наталія": "Наталья", "Катерина": "Екатерина", "Уляна": "Ульяна",
    "Юрій": "Юрий", "Віталій": "Виталий", "Григорій": "Григорий", "Кирило": "Кирилл", "Матвій": "Матвей",
    "Анастасія": "Анастасия", "Євгенія": "Евгения", "Марія": "Мария", "Юлія": "Юлия", "Валерія": "Валерия",
}  # fmt: skip
LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХаеіорсух", "ABEKMHOPCTXaeiopcyx")
APOSTROPHES = ("'", "’", "ʼ", "`", "")
FIRST_DAY, LAST_DAY = date(1930, 1, 1), date(2022, 12, 31)


@dataclass(frozen=True)
class Somebody:
    surname: str
    given_name: str
    patronymic: str | None
    born: date | None
    female: bool
    paper: str | None = None


@dataclass(frozen=True)
class Entered:
    """A family as entered: its number is its place in the list plus one."""

    people: tuple[Somebody, ...]
    phone: str | None
    address: str
    settlement: str


@dataclass(frozen=True)
class Known:
    families: list[Entered]
    doubles: set[tuple[int, int]]  # by number

    def profiles(self) -> list[Profile]:
        found, number = [], 0
        for household, family in enumerate(self.families, 1):
            for one in family.people:
                number += 1
                papers = [one.paper.encode()] if one.paper else []
                found.append(
                    profile(
                        number, household, one.surname, one.given_name, one.patronymic, one.born, one.female, papers
                    )
                )  # fmt: skip
        return found

    def homes(self) -> dict[int, Home]:
        return {
            number: Home(number, one.phone.encode() if one.phone else None, one.address, one.settlement)
            for number, one in enumerate(self.families, 1)
        }


def known(families: int, doubles: int, seed: int = 11) -> Known:
    """So many families, of which so many are entered once more."""
    chance = random.Random(seed)
    names = surnames(random.Random(seed))
    made = [_family(chance, names) for _ in range(families)]
    made += [_look_alike(chance, one) for one in chance.sample(made, families // 20)]
    pairs: set[tuple[int, int]] = set()
    for number in chance.sample(range(families), doubles):
        made.append(_by_another_hand(chance, made[number]))
        pairs.add((number + 1, len(made)))
    return Known(made, pairs)


def _born(chance: random.Random, youngest: int, oldest: int) -> date | None:
    if chance.random() < 0.03:
        return None
    day = FIRST_DAY + timedelta(
        days=chance.randrange((2022 - oldest - 1930) * 365, (2022 - youngest - 1930) * 365 + 1)
    )
    return day.replace(month=1, day=1) if chance.random() < 0.01 else day


def _surname(chance: random.Random, names: list[str]) -> str:
    # a few are very common
    name = names[min(int(chance.expovariate(1 / 700)), len(names) - 1)]
    if chance.random() < 0.03:
        name = f"{name}-{chance.choice(names)}"
    if chance.random() < 0.02:
        name = f"{name[:2]}’я{name[2:]}"
    return name


def _family(chance: random.Random, names: list[str]) -> Entered:
    surname = _surname(chance, names)
    father, grandfather = chance.choice(MEN), chance.choice(MEN)
    woman = Somebody(surname, chance.choice(WOMEN), grandfather[1], _born(chance, 20, 80), True)
    people = [woman]
    if chance.random() < 0.6:
        people.append(Somebody(surname, father[0], chance.choice(MEN)[2], _born(chance, 20, 80), False))
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        girl = chance.random() < 0.5
        given = chance.choice(WOMEN) if girl else chance.choice(MEN)[0]
        people.append(Somebody(surname, given, father[1 if girl else 2], _born(chance, 0, 17), girl))
    people = [replace(one, patronymic=None) if chance.random() < 0.08 else one for one in people]
    people = [
        replace(one, paper=f"AB{chance.randrange(10**6):06}") if chance.random() < 0.5 else one
        for one in people
    ]
    phone = f"+38067{chance.randrange(10**7):07}" if chance.random() < 0.8 else None
    address = f"вул. {chance.choice(names)[:-2]}а, {chance.randrange(1, 150)}"
    return Entered(tuple(people), phone, address, chance.choice(("Дніпро", "Підгородне", "Нікополь")))


def _look_alike(chance: random.Random, family: Entered) -> Entered:
    """Relatives who are not the same: a brother's family at the address, a twin, a son with his father's name."""
    one = family.people[0]
    kind = chance.randrange(3)
    if kind == 0:  # a sister under the same roof
        other = replace(one, given_name=chance.choice(WOMEN), born=_born(chance, 20, 80), paper=None)
    elif kind == 1:  # a twin
        other = replace(
            one,
            given_name=chance.choice([name for name in WOMEN if name[:2] != one.given_name[:2]]),
            paper=None,
        )
    else:  # a child who carries the whole name
        born = one.born and min(one.born + timedelta(days=chance.randrange(20 * 365, 40 * 365)), LAST_DAY)
        other = replace(one, born=born, paper=None)
    return Entered((other,), family.phone if kind == 0 else None, family.address, family.settlement)


# -- the second hand -----------------------------------------------------------------------------------


def _by_another_hand(chance: random.Random, family: Entered) -> Entered:
    """The same family once more: the head always, of the others most; each with none to two slips."""
    people = [family.people[0], *(one for one in family.people[1:] if chance.random() < 0.8)]
    slips = chance.sample(SLIPS, chance.choice((1, 1, 2)))  # one clerk makes the same slips with everybody
    entered = []
    for number, one in enumerate(people):
        for slip in slips if number == 0 or chance.random() < 0.6 else []:
            one = slip(chance, one)
        entered.append(replace(one, paper=one.paper if chance.random() < 0.3 else None))
    phone = family.phone if chance.random() < 0.5 else f"+38050{chance.randrange(10**7):07}"
    address = family.address if chance.random() < 0.4 else ""
    return Entered(tuple(entered), phone, address, family.settlement)


def in_latin(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(
        one, surname="-".join(romanise(part).capitalize() for part in one.surname.split("-")),
        given_name=romanise(one.given_name).capitalize(),
        patronymic=None,
    )  # fmt: skip


def in_russian(_chance: random.Random, one: Somebody) -> Somebody:
    surname = (
        one.surname.replace("і", "и").replace("И", "И").replace("І", "И").replace("є", "е").replace("Є", "Е")
    )
    patronymic = one.patronymic and one.patronymic.replace("і", "о").replace("ївна", "евна")
    return replace(
        one, surname=surname, given_name=RUSSIAN.get(one.given_name, one.given_name), patronymic=patronymic
    )


def exchanged_names(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, surname=one.given_name, given_name=one.surname)


def exchanged_day(_chance: random.Random, one: Somebody) -> Somebody:
    if one.born is None or one.born.day > 12:
        return one
    return replace(one, born=date(one.born.year, one.born.day, one.born.month))


def wrong_digit(chance: random.Random, one: Somebody) -> Somebody:
    if one.born is None:
        return one
    for _ in range(20):
        digits = list(one.born.strftime("%d%m%Y"))
        digits[chance.choice((0, 1, 2, 3, 6, 7))] = str(chance.randrange(10))
        text = "".join(digits)
        try:
            born = date(int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            continue
        if born != one.born and born.year <= 2022:
            return replace(one, born=born)
    return one


def keyboard(chance: random.Random, one: Somebody) -> Somebody:
    """A letter left out, doubled, or exchanged with its neighbour, in the surname or the given name."""

    def slip(word: str) -> str:
        place = chance.randrange(1, len(word) - 2)
        return chance.choice(
            (
                word[:place] + word[place + 1 :],
                word[:place] + word[place] + word[place:],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            )
        )

    if chance.random() < 0.7 and len(one.surname) > 4:
        return replace(one, surname=slip(one.surname))
    return replace(one, given_name=slip(one.given_name)) if len(one.given_name) > 4 else one


def look_alike(chance: random.Random, one: Somebody) -> Somebody:
    place = chance.randrange(len(one.surname))
    swapped = one.surname[:place] + one.surname[place:].translate(LOOK_ALIKE)
    return replace(
        one, surname=swapped, given_name=one.given_name[:1].translate(LOOK_ALIKE) + one.given_name[1:]
    )


def apostrophe(chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, surname=one.surname.replace("’", chance.choice(APOSTROPHES)))


def capitals(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, surname=f" {one.surname.upper()} ", given_name=one.given_name.upper())


def no_patronymic(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, patronymic=None)


def initial(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, patronymic=f"{one.patronymic[:1]}." if one.patronymic else None)


def no_birth_date(_chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, born=None)


def half_surname(chance: random.Random, one: Somebody) -> Somebody:
    return replace(one, surname=chance.choice(one.surname.split("-")))


SLIPS: tuple[Callable[[random.Random, Somebody], Somebody], ...] = (
    in_latin, in_russian, exchanged_names, exchanged_day, wrong_digit, keyboard, look_alike, apostrophe, capitals,
    no_patronymic, initial, no_birth_date, half_surname,
)  # fmt: skip

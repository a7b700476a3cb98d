"""Whether two registrations are one family: what points say of two people, and how well known doubles are found."""

from datetime import date

import pytest

from aidtrack.beneficiaries.likeness import LIKELY, SURE, Profile, compare, find_pairs, profile
from aidtrack.beneficiaries.sounds import skeleton
from benchmarks.doubles_data import known

BORN = date(1985, 3, 7)


def person(full: str, born: date | None = BORN, *, female: bool = True, number: int = 1) -> Profile:
    surname, given, *rest = full.split()
    return profile(number, number, surname, given, rest[0] if rest else None, born, female)


@pytest.mark.parametrize(
    "other",
    [
        person("Shevchenko Olena"),  # a passport
        person("Шевченко Елена Петровна"),  # a Russian spelling
        person("Шeвчeнкo Олeна Петрівна"),  # Latin letters inside
        person("Олена Шевченко Петрівна"),  # in each other's place
        person("Шевченко Олена Петрівна", date(1985, 7, 3)),
        person("Шевченко Олена Петрівна", date(1985, 3, 17)),
        person("Шевчеко Олена П."),
        person("Шевченко-Коваль Олена"),
    ],
)
def test_one_person_by_another_hand_is_asked_about(other: Profile) -> None:
    assert compare(person("Шевченко Олена Петрівна"), other).points >= SURE


@pytest.mark.parametrize(
    "other",
    [
        person("Шевченко Ольга Петрівна"),  # a twin
        person("Шевченко Олена Петрівна", date(2010, 3, 8)),  # a daughter of the same name
        person("Бондаренко Олена Іванівна"),
        person("Шевченко Тарас Петрович", female=False),
    ],
)
def test_relatives_and_namesakes_are_not(other: Profile) -> None:
    assert compare(person("Шевченко Олена Петрівна"), other).points < LIKELY


def test_a_woman_who_took_another_surname_is_likely_and_needs_something_beside() -> None:
    points = compare(person("Шевченко Олена Петрівна"), person("Коваль Олена Петрівна")).points
    assert LIKELY <= points < SURE


def test_consonants_sound_the_same_in_both_scripts_and_languages() -> None:
    assert skeleton("olena") == skeleton("yelena") == skeleton("elena")
    assert skeleton("hryhorii") == skeleton("grigorii")
    assert skeleton("mykola") == skeleton("nikolai")


def test_known_doubles_of_a_made_up_registry_are_found() -> None:
    made = known(1_200, 120)
    found = {(pair.low_id, pair.high_id): pair for pair in find_pairs(made.profiles(), made.homes())}
    hits = len(found.keys() & made.doubles)
    assert hits >= 0.98 * len(made.doubles)
    assert hits >= 0.90 * len(found)
    assert all(pair.reasons and 50 <= pair.score <= 100 for pair in found.values())

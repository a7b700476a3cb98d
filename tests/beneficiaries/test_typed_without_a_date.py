"""A birth date that nobody knows, at the desk or in the registry: then the whole name is asked about while typing."""

from datetime import date

from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.services import while_typing
from aidtrack.beneficiaries.services.while_typing import Typed, typed_doubles
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, member, registered

BORN = date(1985, 3, 7)
WHOLE = Typed("Вигаданенко", "Олена", "Петрівна", sex=Sex.FEMALE)


def shown(unit: Unit, actor: Actor, typed: Typed) -> list[int]:
    with unit() as session:
        return [one.household_id for one in typed_doubles(session, typed, actor=actor, now=NOW)]


def test_a_whole_name_without_a_date_is_asked_about_once_the_date_is_passed_over(
    unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    head = member(patronymic="Петрівна", birth_date=BORN)
    with unit() as session:
        own = registered(session, caseworker, head=head)
        registered(session, caseworker, head=member(patronymic="Іванівна", birth_date=BORN))
        registered(session, stranger, head=head)
    assert shown(unit, caseworker, WHOLE) == [own]
    slip = Typed("Вигаданеко", "Олена", "Петровна", sex=Sex.FEMALE)
    assert shown(unit, caseworker, slip) == [own], "a slip of the pen and a Russian patronymic"
    in_each_others_place = Typed("Олена", "Вигаданенко", "Петрівна", sex=Sex.FEMALE)
    assert shown(unit, caseworker, in_each_others_place) == [own]
    assert shown(unit, caseworker, Typed("Вигаданенко", "Олена", "Петрівна")) == [], "the date may yet come"
    assert shown(unit, caseworker, Typed("Вигаданенко", "Олена", sex=Sex.FEMALE)) == [], "half a name"


def test_somebody_with_a_date_is_told_of_namesakes_without_one_and_of_no_other(
    unit: Unit, caseworker: Actor
) -> None:
    with unit() as session:
        registered(session, caseworker, head=member(patronymic="Петрівна", birth_date=date(1950, 1, 2)))
        undated = registered(session, caseworker, head=member(patronymic="Петрівна"))
    typed = Typed("Вигаданенко", "Олена", "Петрівна", BORN, Sex.FEMALE)
    assert shown(unit, caseworker, typed) == [undated]


def test_a_name_that_more_bear_than_are_shown_says_nothing_without_a_date(
    unit: Unit, caseworker: Actor
) -> None:
    with unit() as session:
        for day in range(1, while_typing.MOST + 2):
            born = date(1960 + day, 1, day)
            registered(session, caseworker, head=member(patronymic="Петрівна", birth_date=born))
            if day == while_typing.MOST:
                assert len(typed_doubles(session, WHOLE, actor=caseworker, now=NOW)) == while_typing.MOST
    assert shown(unit, caseworker, WHOLE) == []
    typed = Typed("Вигаданенко", "Олена", "Петрівна", date(1963, 1, 3), Sex.FEMALE)
    assert len(shown(unit, caseworker, typed)) == 1, "its birth date tells one of them from the others"

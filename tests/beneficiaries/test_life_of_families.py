"""Families move, grow, part, come together; the past stays readable to whoever may read it, and to nobody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.cases import services as cases
from aidtrack.beneficiaries.cases.commands import RecordAssessment
from aidtrack.beneficiaries.commands import (
    AddCategory,
    AddCollector,
    AddMember,
    ChangeHousehold,
    EndCollector,
    JoinHouseholds,
    MemberLeaves,
    NewCategory,
    NewMember,
    SplitHousehold,
)
from aidtrack.beneficiaries.errors import FamilyEnded, HeadStays, SomebodyStays, YoungHead
from aidtrack.beneficiaries.happenings import Happening, LeftWhy
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import Person
from aidtrack.beneficiaries.proofs.commands import RecordIncome
from aidtrack.beneficiaries.proofs.services import record_income
from aidtrack.beneficiaries.queries import head_card
from aidtrack.beneficiaries.queries.files import HouseholdFile, household_file
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import Conflict, NotFound
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, TODAY, idp, member, registered
from tests.support.kinds import on_sqlite

JANUARY, MARCH, APRIL, JUNE = (date(2026, month, 1) for month in (1, 3, 4, 6))


def file_of(session: Session, household_id: int, actor: Actor) -> HouseholdFile:
    return household_file(session, household_id, actor, protected=True)


def people(session: Session, household_id: int) -> dict[str, Person]:
    session.flush()
    rows = session.scalars(
        select(Person).where(Person.household_id == household_id).execution_options(populate_existing=True)
    )
    return {one.given_name: one for one in rows}


def a_couple(session: Session, actor: Actor, **more: object) -> int:
    return registered(
        session, actor,
        member(given_name="Тарас", sex=Sex.MALE, birth_date=date(1983, 2, 3)),
        member(given_name="Софія", birth_date=date(2015, 1, 9), categories=(idp(evidence="довідка 77"),)),
        registered_on=JANUARY, **more,
    )  # fmt: skip


def split(household_id: int, version: int, *ids: int, head: int, **more: object) -> SplitHousehold:
    return SplitHousehold(uuid4(), household_id, version, ids, head, JUNE, "Нікополь", **more)  # type: ignore[arg-type]


def test_a_family_moves_and_its_old_address_stays_in_the_history(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, address="вул. Стара, 1")
        services.change_household(
            session, ChangeHousehold(household_id, 1, "Нікополь", address="вул. Нова, 2", moved_on=JUNE),
            actor=caseworker, now=NOW,
        )  # fmt: skip
        file = file_of(session, household_id, caseworker)
        moved = file.events[0]
        assert (moved.kind, moved.on, moved.who) == (Happening.MOVED, JUNE, caseworker.label)
        assert ("address", "вул. Стара, 1", "вул. Нова, 2") in moved.changes
        facts = session.scalars(select(AuditEvent.facts)).all()
        assert "Стара" not in repr(facts) and "Нова" not in repr(facts)


@on_sqlite
@pytest.mark.parametrize(
    ("code", "moved_on", "said", "arrived_on"),
    [
        ("UA18040190010057814", JUNE, MARCH, JUNE),  # another hromada: they arrived with the move
        ("UA12020010010037010", JUNE, MARCH, MARCH),  # another part of the same one
        ("UA18040190010057814", None, MARCH, MARCH),  # what was written is corrected
        ("UA18040190010057814", JUNE, APRIL, APRIL),  # somebody says another day
        (None, JUNE, MARCH, MARCH),  # where they live now is not known by code: nothing is guessed
    ],
)
def test_the_arrival_in_a_hromada_follows_a_move(
    unit: Unit, caseworker: Actor, code: str | None, moved_on: date | None, said: date, arrived_on: date
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, katottg="UA12020010000033698", arrived_on=MARCH)
        services.change_household(
            session,
            ChangeHousehold(household_id, 1, "Житомир", code, moved_on=moved_on, arrived_on=said),
            actor=caseworker,
            now=NOW,
        )
        assert file_of(session, household_id, caseworker).arrived_on == arrived_on


def test_several_may_collect_each_from_a_day_to_a_day(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, proxy_name="Вигадана Надія Іванівна")
        second = services.add_collector(
            session, AddCollector(uuid4(), household_id, 1, "Сусід Степан", JUNE), actor=caseworker, now=NOW
        )
        assert head_card(session, household_id, TODAY).collectors == (
            "Вигадана Надія Іванівна",
            "Сусід Степан",
        )
        services.end_collector(
            session, EndCollector(household_id, 2, second, date(2026, 10, 1)), actor=caseworker, now=NOW
        )
        assert head_card(session, household_id, TODAY).proxy_name == "Вигадана Надія Іванівна"
        assert "Сусід Степан" in head_card(session, household_id, date(2026, 10, 1)).collectors


def test_a_head_dies_and_another_follows_a_child_is_born(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = a_couple(session, caseworker)
        who = people(session, household_id)
        death = MemberLeaves(household_id, 1, who["Олена"].id, JUNE, LeftWhy.DIED)
        with pytest.raises(HeadStays):
            services.member_leaves(session, death, actor=caseworker, now=NOW)
        with pytest.raises(YoungHead):
            services.member_leaves(
                session, replace(death, new_head_id=who["Софія"].id), actor=caseworker, now=NOW
            )
        services.member_leaves(
            session, replace(death, new_head_id=who["Тарас"].id), actor=caseworker, now=NOW
        )
        newborn = NewMember("Вигаданенко", "Марко", Sex.MALE, birth_date=date(2026, 11, 2))
        services.add_member(
            session, AddMember(uuid4(), household_id, 2, newborn, born=True), actor=caseworker, now=NOW
        )
        file = file_of(session, household_id, caseworker)
        assert file.head is not None and file.head.given_name == "Тарас"
        dead = next(one for one in file.members if one.given_name == "Олена")
        assert (dead.left_on, dead.left_why, dead.is_head) == (JUNE, "died", False)
        assert next(one for one in file.members if one.given_name == "Марко").joined_on == date(2026, 11, 2)
        assert [one.kind for one in file.events[:3]] == [Happening.BORN, Happening.DIED, Happening.NEW_HEAD]


def test_members_found_a_family_of_their_own_and_take_what_is_theirs(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        household_id = a_couple(session, caseworker, categories=(NewCategory("large_family", TODAY),))
        who = people(session, household_id)
        going = (who["Олена"].id, who["Софія"].id)
        command = split(household_id, 1, *going, head=going[0])
        new_id = services.split_household(session, command, actor=caseworker, now=NOW)
        assert services.split_household(session, command, actor=caseworker, now=NOW) == new_id
        old, new = file_of(session, household_id, caseworker), file_of(session, new_id, caseworker)
        assert [one.given_name for one in old.members] == ["Тарас"] and old.members[0].is_head
        assert [one.kind for one in old.categories] == ["large_family"]
        assert [(one.id, one.is_head, one.joined_on) for one in new.members] == [
            (going[0], True, JUNE), (going[1], False, JUNE)
        ]  # fmt: skip
        assert new.members[1].categories[0].evidence == "довідка 77"
        assert new.key.registration_no != old.key.registration_no
        assert new.events[-1].kind is Happening.FOUNDED and new.events[-1].other_no == old.key.registration_no
        everybody = split(new_id, 1, *going, head=going[0])
        with pytest.raises(SomebodyStays):
            services.split_household(session, everybody, actor=caseworker, now=NOW)


@on_sqlite
@pytest.mark.parametrize(
    ("going", "head"),
    [
        (("Софія",), "Софія"),  # the child goes alone
        (("Олена", "Софія"), "Софія"),
        (("Олена", "Тарас"), "Олена"),  # the child stays alone, and nobody was asked who heads it
    ],
)
def test_a_child_heads_a_family_only_where_somebody_says_so(
    unit: Unit, caseworker: Actor, going: tuple[str, ...], head: str
) -> None:
    with unit() as session:
        household_id = a_couple(session, caseworker)
        who = people(session, household_id)
        command = split(household_id, 1, *(who[name].id for name in going), head=who[head].id)
        with pytest.raises(YoungHead) as asked:
            services.split_household(session, command, actor=caseworker, now=NOW)
        assert asked.value.facts == {"age": 11}
        assert services.split_household(session, replace(command, young_head=True), actor=caseworker, now=NOW)


def test_a_family_that_joined_another_leads_to_it_and_changes_no_more(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        here = registered(session, caseworker)
        there = registered(
            session,
            caseworker,
            head=member(surname="Гість", birth_date=date(1990, 1, 2)),
            registered_on=JANUARY,
        )
        guest = people(session, there)["Олена"]
        command = JoinHouseholds(here, 1, there, 1, (guest.id,), JUNE)
        services.join_households(session, command, actor=caseworker, now=NOW)
        file = file_of(session, here, caseworker)
        assert {(one.surname, one.is_head) for one in file.members} == {
            ("Вигаданенко", True),
            ("Гість", False),
        }
        gone = file_of(session, there, caseworker)
        assert gone.members == () and gone.successor is not None and gone.successor.id == here
        with pytest.raises(FamilyEnded):
            services.change_household(session, ChangeHousehold(there, 2, "Х"), actor=caseworker, now=NOW)
        found = services.search_households(session, gone.key.registration_no, actor=caseworker, now=NOW)
        assert [one.id for one in found.households] == [here]


def test_who_overtook_is_named_and_another_site_joins_nothing(
    unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    with unit() as session:
        here, there = registered(session, caseworker), registered(session, stranger)
        other = people(session, there)["Олена"].id
        for actor in (caseworker, stranger):
            with pytest.raises(NotFound):
                services.join_households(
                    session, JoinHouseholds(here, 1, there, 1, (other,), JUNE), actor=actor, now=NOW
                )
        services.change_household(session, ChangeHousehold(here, 1, "Інше"), actor=caseworker, now=NOW)
        with pytest.raises(Conflict):
            services.change_household(session, ChangeHousehold(here, 1, "Ще"), actor=caseworker, now=NOW)


def test_who_went_to_another_sites_family_is_not_found_there(
    unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    """Somebody at both sites joined them; whoever works at one site sees no name of the other."""
    both = replace(caseworker, site_ids=caseworker.site_ids | stranger.site_ids)
    with unit() as session:
        there = registered(session, stranger, head=member("Далека", "Ніна"))
        here = registered(session, caseworker, phone="067 111 22 33", go_on_reason="інша")
        [head] = household_file(session, here, caseworker, protected=True).members
        command = JoinHouseholds(there, 1, here, 1, (head.id,), TODAY)
        services.join_households(session, command, actor=both, now=NOW)
    with unit() as session:
        number = household_file(session, here, caseworker, protected=True).key.registration_no
        for typed in ("067 111 22 33", number):
            assert services.search_households(session, typed, actor=caseworker, now=NOW).households == ()
            [found] = services.search_households(session, typed, actor=both, now=NOW).households
            assert found.id == there
        assert household_file(session, here, caseworker, protected=True).successor is None
        assert household_file(session, there, stranger, protected=True).aliases == ()


def test_what_is_no_family_any_more_takes_no_papers_and_no_categories(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        staying = registered(session, caseworker)
        ending = registered(session, caseworker, go_on_reason="інша")
        [head] = household_file(session, ending, caseworker, protected=True).members
        command = JoinHouseholds(staying, 1, ending, 1, (head.id,), TODAY)
        services.join_households(session, command, actor=caseworker, now=NOW)
    acts: list[Callable[[Session], object]] = [
        lambda session: services.add_category(
            session, AddCategory(uuid4(), ending, NewCategory("large_family", TODAY)), actor=caseworker, now=NOW
        ),
        lambda session: cases.record_paper(
            session, RecordAssessment(uuid4(), ending, "1", TODAY, TODAY), actor=caseworker, now=NOW
        ),
        lambda session: record_income(
            session, RecordIncome(uuid4(), ending, 100, TODAY, None, None), actor=caseworker, now=NOW
        ),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(FamilyEnded), unit() as session:
            act(session)

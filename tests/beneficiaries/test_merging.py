"""Two registrations of one family become one by two people, and two again when it was wrong."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import ChangeHousehold, NewCategory, ProposeMerge, SamePerson, SayNotSame
from aidtrack.beneficiaries.errors import FamilyEnded, MergeOpen, MergeOutdated, MergeSettled, OwnMerge
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import HouseholdMerge, NotSame, Person
from aidtrack.beneficiaries.queries.files import HouseholdFile, household_file
from aidtrack.beneficiaries.services import merging, two_families
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, idp, member, registered

BORN = date(1985, 5, 17)
CHILD = date(2015, 1, 9)


@pytest.fixture
def second(caseworker: Actor) -> Actor:
    return replace(caseworker, label="second person", user_id=None)


def file_of(session: Session, household_id: int, actor: Actor) -> HouseholdFile:
    return household_file(session, household_id, actor, protected=True)


def seen(file: HouseholdFile) -> object:
    """What a family is, apart from who changed it when."""
    return (
        file.settlement, file.address, file.phone, file.displaced_on,
        [(one.id, one.full_name, one.is_head, one.birth_date, one.document, len(one.categories)) for one in file.members],
        [one.kind for one in file.categories], [one.name for one in file.collectors], file.successor, file.aliases,
    )  # fmt: skip


def twice(session: Session, actor: Actor) -> tuple[int, int]:
    """The same woman twice; a child only on the second registration, which has the better address."""
    staying = registered(session, actor, phone="067 111 22 33", address="вул. Стара, 1")
    ending = registered(
        session, actor,
        member(given_name="Софія", birth_date=CHILD, categories=(idp(evidence="довідка 7"),)),
        head=member("Vyhadanenko", "Olena", birth_date=BORN, document="АН 123456", categories=(idp(),)),
        address="вул. Нова, 2", proxy_name="Сусід Степан", categories=(NewCategory("large_family", CHILD),),
        go_on_reason="інша сім'я",
    )  # fmt: skip
    return staying, ending


def proposal(session: Session, staying: int, ending: int) -> ProposeMerge:
    heads = {
        one.household_id: one.id
        for one in session.scalars(
            select(Person).where(Person.household_id.in_((staying, ending)), Person.is_head)
        )
    }
    same = SamePerson(heads[ending], heads[staying], frozenset({"document"}))
    return ProposeMerge(uuid4(), staying, 1, ending, 1, "одна родина", frozenset({"address"}), (same,))


def test_one_proposes_another_approves_and_undoing_brings_both_back(
    unit: Unit, caseworker: Actor, second: Actor
) -> None:
    with unit() as session:
        staying, ending = twice(session, caseworker)
        before = seen(file_of(session, staying, caseworker)), seen(file_of(session, ending, caseworker))
        command = proposal(session, staying, ending)
        merge_id = merging.propose_merge(session, command, actor=caseworker, now=NOW)
        assert merging.propose_merge(session, command, actor=caseworker, now=NOW) == merge_id
        with pytest.raises(OwnMerge):
            merging.approve_merge(session, merge_id, actor=caseworker, now=NOW)
        assert (
            seen(file_of(session, staying, caseworker)),
            seen(file_of(session, ending, caseworker)),
        ) == before
    with unit() as session:
        merging.approve_merge(session, merge_id, actor=second, now=NOW)
    with unit() as session:
        file = file_of(session, staying, caseworker)
        assert (file.address, file.phone) == ("вул. Нова, 2", "+380671112233")
        assert [(one.given_name, one.is_head) for one in file.members] == [("Олена", True), ("Софія", False)]
        assert file.members[0].document == "АН 123456"
        assert [one.kind for one in file.members[0].categories] == ["idp"]
        assert file.members[1].categories[0].evidence == "довідка 7"
        assert [one.kind for one in file.categories] == ["large_family"]
        assert [one.name for one in file.collectors] == ["Сусід Степан"]
        assert [one.id for one in file.aliases] == list(file.merged) == [ending]
        gone = file_of(session, ending, caseworker)
        assert gone.successor is not None and gone.successor.id == staying
        for text in (gone.key.registration_no, "Vyhadanenko", "АН 123456"):
            found = services.search_households(session, text, actor=caseworker, now=NOW)
            assert [one.id for one in found.households] == [staying], text
        with pytest.raises(FamilyEnded):
            services.change_household(
                session, ChangeHousehold(ending, gone.key.version, "Х"), actor=caseworker, now=NOW
            )
    with unit() as session:
        merging.undo_merge(session, merge_id, "помилка", actor=caseworker, now=NOW)
    with unit() as session:
        after = seen(file_of(session, staying, caseworker)), seen(file_of(session, ending, caseworker))
        assert after == before
        with pytest.raises(MergeSettled):
            merging.undo_merge(session, merge_id, "ще раз", actor=caseworker, now=NOW)


def test_what_changed_since_a_merge_is_kept_when_it_is_undone(
    unit: Unit, caseworker: Actor, second: Actor
) -> None:
    with unit() as session:
        staying, ending = twice(session, caseworker)
        merge_id = merging.propose_merge(
            session, proposal(session, staying, ending), actor=caseworker, now=NOW
        )
        merging.approve_merge(session, merge_id, actor=second, now=NOW)
        services.change_household(
            session, ChangeHousehold(staying, 2, "Дніпро", address="вул. Третя, 3"), actor=caseworker, now=NOW
        )
        merging.undo_merge(session, merge_id, "помилка", actor=caseworker, now=NOW)
        assert file_of(session, staying, caseworker).address == "вул. Третя, 3"
        assert file_of(session, ending, caseworker).address == "вул. Нова, 2"


def test_a_merge_that_was_overtaken_is_proposed_anew_and_only_one_at_a_time(
    unit: Unit, caseworker: Actor, second: Actor, stranger: Actor
) -> None:
    with unit() as session:
        staying, ending = twice(session, caseworker)
        merge_id = merging.propose_merge(
            session, proposal(session, staying, ending), actor=caseworker, now=NOW
        )
        with pytest.raises(MergeOpen):
            merging.propose_merge(session, proposal(session, ending, staying), actor=second, now=NOW)
        with pytest.raises(NotFound):
            merging.approve_merge(session, merge_id, actor=stranger, now=NOW)
        services.change_household(session, ChangeHousehold(ending, 1, "Інше"), actor=caseworker, now=NOW)
        with pytest.raises(MergeOutdated):
            merging.approve_merge(session, merge_id, actor=second, now=NOW)
        merging.decline_merge(session, merge_id, actor=caseworker, now=NOW)
        assert session.scalar(select(HouseholdMerge.state)) == "withdrawn"


def test_the_database_refuses_a_checker_who_is_the_maker(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        merging.propose_merge(
            session, proposal(session, *twice(session, caseworker)), actor=caseworker, now=NOW
        )
    with pytest.raises(IntegrityError), unit() as session:
        session.execute(
            update(HouseholdMerge).values(
                state="approved", decided_by="x", decided_by_id=caseworker.user_id, decided_at=NOW
            )
        )


def test_two_families_that_are_not_the_same_are_remembered_until_it_is_taken_back(
    unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    with unit() as session:
        staying, ending = twice(session, caseworker)
        said = two_families.say_not_same(
            session, SayNotSame(ending, staying, "сестри"), actor=caseworker, now=NOW
        )
        again = SayNotSame(staying, ending, "сестри")
        assert two_families.say_not_same(session, again, actor=caseworker, now=NOW) == said
        with pytest.raises(NotFound):
            two_families.take_back_not_same(session, said, actor=stranger, now=NOW)
        two_families.take_back_not_same(session, said, actor=caseworker, now=NOW)
        row = session.scalars(select(NotSame).execution_options(populate_existing=True)).one()
        assert (row.reason, row.said_by, row.undone_by) == ("сестри", caseworker.label, caseworker.label)


def test_sex_is_a_field_like_others(unit: Unit, caseworker: Actor, second: Actor) -> None:
    with unit() as session:
        staying, ending = twice(session, caseworker)
        session.execute(update(Person).where(Person.household_id == ending).values(sex=Sex.MALE))
        command = proposal(session, staying, ending)
        same = replace(command.people[0], taken=frozenset({"sex", "surname"}))
        merge_id = merging.propose_merge(session, replace(command, people=(same,)), actor=caseworker, now=NOW)
        merging.approve_merge(session, merge_id, actor=second, now=NOW)
        head = file_of(session, staying, caseworker).members[0]
        assert (head.sex, head.surname) == (Sex.MALE, "Vyhadanenko")
        merging.undo_merge(session, merge_id, "помилка", actor=second, now=NOW)
        head = file_of(session, staying, caseworker).members[0]
        assert (head.sex, head.surname) == (Sex.FEMALE, "Вигаданенко")


def test_a_program_is_no_second_person(unit: Unit, caseworker: Actor) -> None:
    """A token has no name: it may be in the hands of whoever proposed."""
    program = replace(caseworker, label="api:register", user_id=None, token_id=7)
    with unit() as session:
        merge_id = merging.propose_merge(
            session, proposal(session, *twice(session, caseworker)), actor=caseworker, now=NOW
        )
    with pytest.raises(OwnMerge), unit() as session:
        merging.approve_merge(session, merge_id, actor=program, now=NOW)

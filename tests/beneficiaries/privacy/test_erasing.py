"""Erasing a family: a second person, nothing left to read, everything still counted."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries, services
from aidtrack.beneficiaries.cases import services as cases
from aidtrack.beneficiaries.cases.commands import IntakeKind, RecordAssessment, RecordIntake
from aidtrack.beneficiaries.commands import (
    AddCollector,
    ChangeMember,
    ProposeMerge,
    SamePerson,
    SplitHousehold,
)
from aidtrack.beneficiaries.holdings import holdings
from aidtrack.beneficiaries.models import (
    ErasureRequest,
    ErasureWhy,
    Household,
    NameToken,
    Person,
    RequestState,
)
from aidtrack.beneficiaries.privacy import erasure, reading
from aidtrack.beneficiaries.privacy.errors import AlreadyAsked, PartOfAnother, SecondPersonNeeded
from aidtrack.beneficiaries.privacy.invariants import CHECKS
from aidtrack.beneficiaries.privacy.own import band_date
from aidtrack.beneficiaries.queries.files import household_file
from aidtrack.beneficiaries.queries.merges import merges as merge_rows
from aidtrack.beneficiaries.services import merging, open_household, search_households
from aidtrack.db import Base
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import NotFound
from aidtrack.places.models import Territory
from tests.beneficiaries.families import GOOD_TAX_ID, NOW, TODAY, idp, member, registered
from tests.support.people import Somebody, add_person, sign_in

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def colleague(unit: Unit, caseworker: Actor) -> Actor:
    with unit() as session:
        return add_person(session, Role.CASEWORKER, site_ids=list(caseworker.site_ids)).actor


def asked(session: Session, household_id: int, actor: Actor) -> int:
    return erasure.ask(
        session, household_id, why=ErasureWhy.ASKED, reason="письмова заява Zqxreason", actor=actor, now=NOW
    )


def canary_family(session: Session, actor: Actor) -> int:
    head = member(
        "Зкххканарка", "Зкххголова", birth_date=date(1980, 2, 3), document="ZQX 111222", patronymic="Зкххівна",
        categories=(idp(evidence="Zqxpaper"),), tax_id=GOOD_TAX_ID,
    )  # fmt: skip
    return registered(
        session, actor, member("Зкххканарка", "Зкххдитина", birth_date=date(2015, 1, 9)), head=head,
        settlement="Зкххсело", address="вул. Зкххвулиця, 7", phone="+380507776655",
    )  # fmt: skip


def test_one_person_asks_and_another_erases(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        request = asked(session, household_id, caseworker)
    with pytest.raises(AlreadyAsked), unit() as session:
        asked(session, household_id, colleague)
    with pytest.raises(SecondPersonNeeded), unit() as session:
        erasure.decide(session, request, approve=True, actor=caseworker, now=NOW)
    with unit() as session:
        erasure.decide(session, request, approve=True, actor=colleague, now=NOW)
    with unit() as session:
        row = session.get_one(ErasureRequest, request)
        assert (row.state, row.decided_by, row.reason) == (RequestState.DONE, colleague.label, None)
        with pytest.raises(NotFound):
            open_household(session, household_id, actor=caseworker, now=NOW)
        assert search_households(session, "Зкххкан", actor=caseworker, now=NOW).households == ()
        assert session.scalars(select(NameToken.token)).all() == []
        people = session.scalars(select(Person).where(Person.household_id == household_id)).all()
        # counts stay: who they were does not
        assert [one.birth_date for one in people] == [date(1987, 1, 1), date(2017, 1, 1)]
        assert {one.surname for one in people} == {"—"}
        assert [breach for check in CHECKS for breach in check(session)] == []


def test_neither_search_keys_nor_who_collects_are_left(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    with unit() as session:
        family = canary_family(session, caseworker)
        collector = AddCollector(uuid4(), family, 1, "Зкххсусід Степан", TODAY, document="ZQX 333444")
        services.add_collector(session, collector, actor=caseworker, now=NOW)
    with unit() as session:
        assert sorted(hashes(session, family)) == ["document_hash", "phone_hash", "tax_id_hash"]
        assert rows_about(session, family, "collector") == 1
        erased(session, family, caseworker, colleague)
    with unit() as session:
        assert hashes(session, family) == []
        assert rows_about(session, family, "collector") == 0


def hashes(session: Session, household_id: int) -> list[str]:
    """The columns, of any table that has rows of families, in which something to search by stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        owner = table.c.get("id") if table.name == "household" else table.c.get("household_id")
        for column in table.c:
            if owner is not None and column.name.endswith("_hash"):
                rows = select(column).where(owner == household_id, column.is_not(None))
                found += [column.name for _row in session.execute(rows)]
    return found


def rows_about(session: Session, household_id: int, table: str) -> int:
    rows = Base.metadata.tables[table]
    return len(session.execute(select(rows.c.id).where(rows.c.household_id == household_id)).all())


def test_the_database_itself_refuses_one_person_for_both(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        request = asked(session, canary_family(session, caseworker), caseworker)
    with pytest.raises(IntegrityError), unit() as session:
        session.execute(
            text("UPDATE erasure_request SET state = 'done', decided_by = asked_by, decided_at = asked_at")
        )
    with unit() as session:
        assert session.get_one(ErasureRequest, request).state is RequestState.ASKED


def test_nothing_of_an_erased_family_is_left_in_any_table(
    app: Flask, unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    """Every cell of every table is read as it lies there, and what can be opened with any key left is opened."""
    with unit() as session:
        household_id = canary_family(session, caseworker)
        number = session.get_one(Household, household_id).registration_no
        registered(session, caseworker, head=member("Інша"))
        request = asked(session, household_id, caseworker)
        reading.what_is_held(session, household_id, language="uk", actor=caseworker, now=NOW)
    # none so short that it may stand in random bytes
    canaries = ("канарка", "зкхх", "zqxpaper", "zqxreason", "111222", "507776655")
    with unit() as session:
        assert {word for word in canaries if word in everything(session)} == set(canaries)
        erasure.decide(session, request, approve=True, actor=colleague, now=NOW)
    with unit() as session:
        left = everything(session)
        assert [word for word in canaries if word in left] == []
        # the log of registering still says the number that was on paper, and that alone
        assert session.get_one(Household, household_id).registration_no != number
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        files = [Path(path + end) for end in ("", "-wal") if Path(path + end).exists()]
        stored = b"".join(file.read_bytes() for file in files)
        for word in ("Зкхх", "Zqxpaper", "Zqxreason", "111222", "507776655"):
            assert word.encode() not in stored


def everything(session: Session) -> str:
    """All cells of all tables, opened where they can be, in small letters."""
    cells: list[str] = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            cells += [str(cell).casefold() for cell in row]
    return "\n".join(cells)


def test_a_declined_family_stays_as_it_is(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        request = asked(session, household_id, caseworker)
        erasure.decide(session, request, approve=False, actor=colleague, now=NOW)
        assert open_household(session, household_id, actor=caseworker, now=NOW).head is not None
        again = asked(session, household_id, caseworker)
        assert again != request


def merged(session: Session, actor: Actor, colleague: Actor) -> tuple[int, int, int]:
    """Two registrations, the second with the canary, made one."""
    staying = registered(session, actor, head=member("Тиха", "Ольга"), go_on_reason="інша")
    ending = canary_family(session, actor)
    heads = dict(
        session.execute(
            select(Person.household_id, Person.id).where(
                Person.household_id.in_((staying, ending)), Person.is_head
            )
        ).all()
    )
    same = SamePerson(heads[ending], heads[staying], frozenset({"surname", "document"}))
    command = ProposeMerge(
        uuid4(), staying, 1, ending, 1, "Зкххродина одна", frozenset({"address", "phone"}), (same,)
    )
    merge_id = merging.propose_merge(session, command, actor=actor, now=NOW)
    merging.approve_merge(session, merge_id, actor=colleague, now=NOW)
    return staying, ending, merge_id


def erased(session: Session, household_id: int, actor: Actor, colleague: Actor) -> None:
    request = asked(session, household_id, actor)
    erasure.decide(session, request, approve=True, actor=colleague, now=NOW)


def test_proposals_of_merges_are_listed_when_one_of_their_families_was_erased(
    app: Flask, unit: Unit, caseworker: Actor, colleague: Actor, worker: Somebody
) -> None:
    with unit() as session:
        staying, _ending, _merge_id = merged(session, caseworker, colleague)
        erased(session, staying, caseworker, colleague)
    with unit() as session:
        [left] = merge_rows(session, caseworker)
        assert left.choices == {"taken": [], "people": []}
    assert sign_in(app, worker).get("/families/merges").status_code == 200


def test_of_a_merge_that_was_undone_nothing_lies_under_the_other_familys_key(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    with unit() as session:
        staying, ending, merge_id = merged(session, caseworker, colleague)
        merging.undo_merge(session, merge_id, "Зкххпомилка", actor=caseworker, now=NOW)
    with unit() as session:
        assert "зкхх" in everything(session)
        erased(session, ending, caseworker, colleague)
    with unit() as session:
        assert [word for word in ("зкхх", "111222", "507776655") if word in everything(session)] == []
        assert household_file(session, staying, caseworker, protected=True).head is not None
        assert [row.reason for row in merge_rows(session, caseworker)] == ["—"]


def test_another_familys_history_forgets_who_moved_on_and_was_erased(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    with unit() as session:
        family = registered(session, caseworker, member("Тиха", "Софія"), head=member("Тиха", "Ольга"))
        [_head, daughter] = household_file(session, family, caseworker, protected=True).members
        change = ChangeMember(
            family, 1, daughter.id, surname="Зкххканарка", given_name="Софія", sex=daughter.sex
        )
        services.change_member(session, change, actor=caseworker, now=NOW)
        parting = SplitHousehold(uuid4(), family, 2, (daughter.id,), daughter.id, TODAY, "Нікополь")
        own = services.split_household(session, parting, actor=caseworker, now=NOW)
    with unit() as session:
        assert "зкхх" in everything(session)
        erased(session, own, caseworker, colleague)
    with unit() as session:
        assert "зкхх" not in everything(session)
        file = household_file(session, family, caseworker, protected=True)
        assert len(file.events) == 3, "what happened stays, without the names"


def test_a_family_that_became_a_part_of_another_is_erased_with_that_one_alone(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    with unit() as session:
        staying = registered(session, caseworker, head=member("Тиха", "Ольга"), go_on_reason="інша")
        ending = canary_family(session, caseworker)
        request = asked(session, ending, caseworker)
        command = ProposeMerge(uuid4(), staying, 1, ending, 1, "одна родина")
        merge_id = merging.propose_merge(session, command, actor=caseworker, now=NOW)
        merging.approve_merge(session, merge_id, actor=colleague, now=NOW)
    with pytest.raises(PartOfAnother), unit() as session:
        erasure.decide(session, request, approve=True, actor=colleague, now=NOW)
    with unit() as session:
        merging.undo_merge(session, merge_id, "помилка", actor=caseworker, now=NOW)
        assert open_household(session, ending, actor=caseworker, now=NOW).head is not None


def test_what_is_left_of_where_they_lived_is_the_hromada(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    hromada, village = "UA12080050000067784", "UA12080050020014323"
    with unit() as session:
        for code, category in ((hromada, "H"), (village, "C")):
            session.add(
                Territory(
                    code=code, category=category, name="Вигадане", search_name="вигадане",
                    hromada_code=hromada if category == "C" else None,
                )
            )  # fmt: skip
        family = registered(session, caseworker, katottg=village)
        elsewhere = registered(session, caseworker, katottg="UA12080050020099999", go_on_reason="інша")
        for one in (family, elsewhere):
            erased(session, one, caseworker, colleague)
    with unit() as session:
        assert session.get_one(Household, family).katottg == hromada
        assert session.get_one(Household, elsewhere).katottg is None, "a place nobody knows is not kept"


def test_nothing_more_is_written_about_an_erased_family(
    unit: Unit, caseworker: Actor, colleague: Actor
) -> None:
    with unit() as session:
        family = registered(session, caseworker)
        erased(session, family, caseworker, colleague)
        number = session.get_one(Household, family).registration_no
    with pytest.raises(NotFound), unit() as session:
        queries.household_by_number(session, number, caseworker)
    papers: list[RecordIntake | RecordAssessment] = [
        RecordIntake(uuid4(), family, None, IntakeKind.APPEAL, TODAY, about="слова"),
        RecordAssessment(uuid4(), family, "1", TODAY, TODAY),
    ]
    for paper in papers:
        with pytest.raises(NotFound), unit() as session:
            cases.record_paper(session, paper, actor=caseworker, now=NOW)


def test_another_sites_request_is_not_there(unit: Unit, caseworker: Actor, stranger: Actor) -> None:
    with unit() as session:
        request = asked(session, canary_family(session, caseworker), caseworker)
        with pytest.raises(NotFound):
            erasure.decide(session, request, approve=True, actor=stranger, now=NOW)
        assert erasure.requests(session, actor=stranger) == []


def test_an_erased_number_is_found_by_nobody(unit: Unit, caseworker: Actor, colleague: Actor) -> None:
    with unit() as session:
        household_id = canary_family(session, caseworker)
        erasure.decide(
            session, asked(session, household_id, caseworker), approve=True, actor=colleague, now=NOW
        )
        with pytest.raises(NotFound):
            queries.lock_household(session, household_id, caseworker)


@pytest.mark.parametrize(("years", "stands_for"), [(0, 9), (17, 9), (18, 39), (59, 39), (60, 75), (101, 75)])
def test_an_erased_birth_date_keeps_its_age_band(years: int, stands_for: int) -> None:
    today = date(2026, 11, 20)
    born = date(today.year - years, 11, 20)
    assert band_date(born, today) == date(today.year - stands_for, 1, 1)
    assert band_date(None, today) is None


# Tables that name a household or a person and are nobody's holding; and why.
NOT_HELD = {
    "identifier_export": "a file of a site, not of a family",
}


def test_every_table_about_families_is_somebodys_holding(app: Flask) -> None:
    """Whoever adds a table with a household says what is in it and how it is forgotten."""
    with app.app_context():
        spoken_for = Counter(table for one in holdings() for table in one.tables)
        assert [str(one.label) for one in holdings() if not one.tables] == []
    assert set(spoken_for.values()) == {1}, "told twice: the family would read it twice"
    about = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name in ("household", "person") for key in table.foreign_keys)
    }
    assert about - spoken_for.keys() - NOT_HELD.keys() == set()

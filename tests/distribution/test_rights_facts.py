"""Facts in bulk: the last issue comes from handouts that stand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services as families
from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.beneficiaries.eligibility import (
    AnyMember,
    ArrivedWithin,
    HouseholdCategory,
    LastIssueBefore,
    MinDaysSinceLastIssue,
    Not,
    Rule,
    meets,
)
from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.handouts import services
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.rights import queries
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import TODAY, idp, member, registered, with_grant
from tests.support import world as made
from tests.support.people import add_person, add_site

Unit = Callable[[], AbstractContextManager[Session]]


def test_the_last_issue_counts_until_it_is_undone(unit: Unit) -> None:
    today = local_date(utc_now())
    with unit() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, 2)
        made.add_lot(session, world, "RICE", 2_000)
        households = session.scalars(select(Household.id).order_by(Household.id)).all()
    with unit() as session:
        given = HandOut(client_id=uuid4(), code=world.codes[0], place_id=world.place_id)
        services.hand_out(session, given, actor=world.actor(), now=utc_now())
    with unit() as session:
        facts = queries.facts_for(session, households, today, programme_id=world.programme_id)
        assert [facts[number].last_issue_on for number in households] == [today, None]
        assert queries.last_issues(session, households, world.programme_id + 1) == {}
        # a walk over very many families gathers only what is asked for: this is
        for rule in (MinDaysSinceLastIssue(30), LastIssueBefore(today), Not(LastIssueBefore(today))):
            walked = queries.facts_for(
                session, households, today, programme_id=world.programme_id, rules=[rule]
            )
            assert [walked[number].last_issue_on for number in households] == [today, None]
    with unit() as session:
        undo = UndoHandout(uuid4(), given.client_id, "помилка сканування")
        services.undo_handout(session, undo, actor=world.actor(), now=utc_now() + timedelta(seconds=5))
    with unit() as session:
        assert queries.last_issues(session, households, world.programme_id) == {}


def test_arrival_and_papers_seen_are_gathered_for_a_walk_as_for_one_family(unit: Unit) -> None:
    with unit() as session:
        families.seed_category_kinds(session)
        worker = with_grant(add_person(session, Role.CASEWORKER, site_ids=[add_site(session)]).actor)
        paper: dict[str, Any] = {"evidence": "довідка 77", "proven": True}
        kinds = (
            (idp(**paper), NewCategory("large_family", TODAY, **paper)),
            (NewCategory("idp", TODAY), NewCategory("large_family", TODAY)),
            (NewCategory("gbv_survivor", TODAY, evidence="лист 5"), NewCategory("szho", TODAY)),
            (NewCategory("gbv_survivor", TODAY), NewCategory("szho", TODAY)),
        )
        homes = [
            registered(
                session, worker, head=member(f"Родиненко{'абвг'[number]}", birth_date=None, categories=(own,)),
                categories=(whole,), arrived_on=TODAY - timedelta(days=number), go_on_reason="тезки",
            )
            for number, (own, whole) in enumerate(kinds)
        ]  # fmt: skip
        rules: dict[Rule, list[bool]] = {
            AnyMember(frozenset({"idp"}), proven=True): [True, False, False, False],
            AnyMember(frozenset({"gbv_survivor"}), proven=True): [False, False, True, False],
            HouseholdCategory(frozenset({"large_family"}), proven=True): [True, False, False, False],
            HouseholdCategory(frozenset({"large_family"})): [True, True, False, False],
            ArrivedWithin(1): [True, True, False, False],
        }
        for rule, expected in rules.items():
            for asked in (None, [rule]):
                facts = queries.facts_for(session, homes, TODAY, rules=asked)
                assert [meets(rule, facts[home], TODAY) for home in homes] == expected


def test_facts_of_many_take_one_query_a_table(unit: Unit) -> None:
    with unit() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, 300, persons=3)
        households = session.scalars(select(Household.id)).all()
    statements: list[str] = []
    with unit() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        facts = queries.facts_for(session, households, local_date(utc_now()), programme_id=world.programme_id)
    assert len(facts) == 300
    assert all(len(one.members) == 3 for one in facts.values())
    # households, members, ends of families, categories, protected ones, incomes, districts, papers and last issues
    assert len([one for one in statements if one.lstrip().upper().startswith("SELECT")]) == 11

"""Facts in bulk: the last issue comes from handouts that stand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.handouts import services
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.rights import queries
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import world as made

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
    with unit() as session:
        undo = UndoHandout(uuid4(), given.client_id, "помилка сканування")
        services.undo_handout(session, undo, actor=world.actor(), now=utc_now() + timedelta(seconds=5))
    with unit() as session:
        assert queries.last_issues(session, households, world.programme_id) == {}


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

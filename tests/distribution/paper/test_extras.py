"""A signed row of a family that had been served elsewhere: the goods leave the book, and a person reads it."""

from datetime import timedelta

import pytest
from flask import current_app

from aidtrack.distribution.models import Choice, RowState
from aidtrack.distribution.review import queries, services
from aidtrack.distribution.review.choices import OF_EXTRA_ON_PAPER
from aidtrack.distribution.review.services import Settle
from aidtrack.inventory import ledger
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from tests.distribution.paper.conftest import TODAY, Office

YESTERDAY = TODAY - timedelta(days=1)


def rice(office: Office) -> int:
    with office.unit() as session:
        return ledger.balance(session, lot_id=office.rice, place_id=office.world.place_id)


def breaches(office: Office) -> list[str]:
    with office.unit() as session:
        checks = current_app.extensions["aidtrack_invariants"]
        return [f"{breach.code}: {breach.sentence}" for check in checks for breach in check(session)]


def served_today_and_on_paper_yesterday(office: Office) -> int:
    list_id = office.make(made_on=YESTERDAY)
    office.at_the_counter(0)
    entered = office.enter(list_id, 1, on=YESTERDAY)
    assert entered.refusal is not None and entered.refusal.code == "already_collected"
    assert entered.state is RowState.HANDED_OUT
    return list_id


def waiting(office: Office) -> list[queries.NotedRow]:
    with office.unit() as session:
        return queries.noted_rows(session, actor=office.person(Role.REVIEWER))


def settle(office: Office, list_id: int, choice: Choice) -> None:
    with office.unit() as session:
        services.settle_row(
            session, list_id, 1, Settle(choice, "з'ясовано"), actor=office.person(Role.CASEWORKER, label="other"),
            now=utc_now(),
        )  # fmt: skip


def test_what_happened_on_another_day_is_posted_as_an_extra_once_and_read(office: Office) -> None:
    list_id = served_today_and_on_paper_yesterday(office)
    assert rice(office) == 19_000 and len(office.handouts()) == 2
    again = office.enter(list_id, 1, on=YESTERDAY)
    assert again.receipt is not None and again.receipt.repeated
    assert rice(office) == 19_000
    (row,) = waiting(office)
    assert row.extra_id is not None and row.refusal == "already_collected"
    assert breaches(office) == []
    settle(office, list_id, Choice.EXPLAINED)
    assert waiting(office) == [] and rice(office) == 19_000


@pytest.mark.parametrize("choice", [Choice.POSTED_TWICE, Choice.GOODS_RETURNED])
def test_an_extra_that_was_none_or_came_back_stands_in_the_book_again(office: Office, choice: Choice) -> None:
    assert choice in OF_EXTRA_ON_PAPER
    list_id = served_today_and_on_paper_yesterday(office)
    settle(office, list_id, choice)
    assert rice(office) == 19_500 and breaches(office) == []


def test_the_same_day_at_the_same_place_may_be_one_handout_and_posts_nothing(office: Office) -> None:
    list_id = office.make()
    office.at_the_counter(0)
    assert office.enter(list_id, 1).state is RowState.NOTED
    assert rice(office) == 19_500
    assert [row.extra_id for row in waiting(office)] == [None]

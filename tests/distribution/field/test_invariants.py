"""Every promise about events is found when it is broken behind the program's back, and none when it is not."""

import pytest
from sqlalchemy import text

from aidtrack.distribution.field.invariants import CHECKS
from tests.distribution.field.conftest import Field


def breaches(place: Field) -> list[str]:
    with place.unit() as session:
        return [f"{breach.code} {breach.sentence}" for check in CHECKS for breach in check(session)]


@pytest.fixture
def day(place: Field) -> Field:
    """Six handouts, two of them beyond the book, an extra, one undone."""
    sent = [place.handout(n, at=n) for n in range(6)]
    sent.append(place.handout(0, at=9, phone=1))
    for number, one in enumerate(sent):
        place.bring(one, number // 6)
    place.bring(place.phones[0].undo(sent[2], est=place.at(10)))
    return place


def change(place: Field, *statements: str) -> None:
    with place.unit() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS field_event_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE field_event DISABLE TRIGGER USER")
        for statement in statements:
            connection.execute(text(statement))


def test_an_honest_day_has_no_breach(day: Field) -> None:
    assert breaches(day) == []
    assert day.breaches() == []


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (["DELETE FROM field_outcome WHERE outcome = 'taken_back'"], "I12"),
        (["UPDATE field_outcome SET outcome = 'late' WHERE event_id = 1"], "I13"),
        (["UPDATE field_outcome SET first = false WHERE event_id = 2"], "I13"),
        (["UPDATE field_outcome SET late = true WHERE event_id = 2"], "I13"),
        (["UPDATE field_take SET short = true WHERE event_id = 1"], "I13"),
        (["UPDATE field_take SET short = false"], "I13"),
        (["DELETE FROM review_case WHERE kind = 'extra'"], "I12"),
        (["UPDATE field_event SET body_hash = prev_hash WHERE id = 3"], "I10"),
        (["UPDATE field_event SET event_id = 'x' WHERE id = 3"], "I12"),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found(
    day: Field, statements: list[str], code: str
) -> None:
    change(day, *statements)
    assert code in {found.split()[0] for found in breaches(day)}

"""A common name: enough of its bearers are read, and none that a page must show is left out."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.queries import search
from aidtrack.db.sealing import keyring_of
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.families import NOW, member, registered

Unit = Callable[[], AbstractContextManager[Session]]


def namesakes(session: Session, caseworker: Actor) -> list[int]:
    """A family of four of one name, and two more families of it."""
    given = ("Олена", "Марія", "Ірина", "Ганна")
    return [
        registered(
            session, caseworker, *(member("Спільненко", name, birth_date=None) for name in given[1:more]),
            head=member("Спільненко", given[0], birth_date=None), go_on_reason="тезки",
        )
        for more in (4, 1, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("enough", [1, 2, 3, 200])
def test_a_family_is_found_behind_a_large_one_of_its_name(
    unit: Unit, caseworker: Actor, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    monkeypatch.setattr(search, "ENOUGH", enough)
    with unit() as session:
        made = namesakes(session, caseworker)
        found = services.search_households(session, "Спільн", actor=caseworker, now=NOW)
    assert sorted(one.id for one in found.households) == made
    assert not found.more


def test_the_keys_of_those_found_are_asked_for_in_one_question(unit: Unit, caseworker: Actor) -> None:
    with unit() as session:
        namesakes(session, caseworker)
    asked: list[str] = []
    with unit() as session:
        connection = session.connection()
        keyring_of(connection).forget()
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append(said[2]))
        found = services.search_households(session, "Спільн", actor=caseworker, now=NOW)
    assert {one.head.full_name.split()[0] for one in found.households if one.head} == {"Спільненко"}
    assert len([one for one in asked if "FROM household_key" in one and "sealed" in one]) == 1

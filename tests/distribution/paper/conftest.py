"""A round with paper lists: three families with vouchers, rice and oil at the point."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import Handout, PaperList
from aidtrack.distribution.paper import queries, services
from aidtrack.distribution.paper.commands import EnterRow, MakeList
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import world as made
from tests.support.one_day import stay_on

Unit = Callable[[], AbstractContextManager[Session]]
TODAY = local_date(utc_now())


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and sheets are of a day: it does not change while a test speaks of it."""
    stay_on(TODAY, monkeypatch)


class Office:
    """Whoever makes lists and enters them."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        with unit() as session:
            self.world = made.small_centre(session, due=[("RICE", 500), ("OIL", 920)])
            made.add_vouchers(session, self.world, 3)
            self.rice = made.add_lot(session, self.world, "RICE", 20_000)
            self.oil = made.add_lot(session, self.world, "OIL", 9_200)

    def person(
        self, role: Role = Role.WAREHOUSE, *, label: str = "counter", elsewhere: bool = False
    ) -> Actor:
        site = self.world.other_site_id if elsewhere else self.world.site_id
        return Actor(
            label=label, role=role, site_ids=frozenset({site}), user_id=self.world.user_id,
            permissions=PERMISSIONS[role],
        )  # fmt: skip

    def make(self, spare: int = 2, made_on: date | None = None, actor: Actor | None = None) -> int:
        """A new list; `made_on` lets it have lain on the table since an earlier day."""
        worker = actor or self.person(Role.CASEWORKER)
        with self.unit() as session:
            list_id = services.make_list(
                session, MakeList(str(uuid4()), self.world.round_id, spare), actor=worker, now=utc_now()
            )
            if made_on is not None:
                session.execute(update(PaperList).where(PaperList.id == list_id).values(made_on=made_on))
        return list_id

    def enter(
        self, list_id: int, row: int | None = None, code: str = "", *, on: date = TODAY, actor: Actor | None = None,
        **more: object,
    ) -> services.Entered:  # fmt: skip
        with self.unit() as session:
            command = EnterRow(list_id, on, row, code, **more)  # type: ignore[arg-type]
            return services.enter_row(session, command, actor=actor or self.person(), now=utc_now())

    def at_the_counter(self, n: int) -> None:
        with self.unit() as session:
            command = HandOut(uuid4(), self.world.codes[n], self.world.place_id)
            counter.hand_out(session, command, actor=self.person(), now=utc_now())

    def rows(self, list_id: int) -> list[queries.RowRow]:
        with self.unit() as session:
            return queries.rows(session, list_id)

    def one(self, list_id: int) -> queries.ListRow:
        with self.unit() as session:
            return queries.list_by_id(session, list_id, actor=self.person())[0]

    def handouts(self) -> list[tuple[str, date]]:
        with self.unit() as session:
            rows = session.execute(select(Handout.client_id, Handout.given_on).order_by(Handout.id))
            return [(row[0], row[1]) for row in rows]


@pytest.fixture
def office(app: Flask) -> Office:
    """Every unit has an application context of its own, so that pages asked in between forget who asked."""

    @contextmanager
    def unit() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return Office(unit)

"""An erased family stays as a count: statements give the same bytes, and every invariant holds."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit import chain, sealing
from aidtrack.beneficiaries.models import ErasureWhy, Household, Person
from aidtrack.beneficiaries.privacy import erasure
from aidtrack.beneficiaries.privacy.errors import CannotBeErasedYet
from aidtrack.cli.checking import _run_checks
from aidtrack.distribution.handouts import services as handouts
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.reports.exports import Again, write_statement
from tests.support import world as made

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def world(unit: Unit) -> made.World:
    with unit() as session:
        world = made.small_centre(session)
        made.add_lot(session, world, "RICE", 10_000)
        made.add_vouchers(session, world, 2)
    with unit() as session:
        command = HandOut(client_id=uuid4(), code=world.codes[0], place_id=world.place_id)
        handouts.hand_out(session, command, actor=world.actor(), now=utc_now())
    return world


def test_a_statement_gives_the_same_bytes_after_a_family_is_erased(
    app: Flask, unit: Unit, world: made.World
) -> None:
    now = utc_now()
    today = local_date(now)
    first, second = world.actor(Role.CASEWORKER), world.actor(Role.CASEWORKER)
    object.__setattr__(second, "label", "another")
    object.__setattr__(second, "user_id", None)

    def written(session: Session, fmt: str, again: Again | None) -> tuple[bytes, int]:
        stream = io.BytesIO()
        done = write_statement(
            session, donor_code="WFP", start=today, end=today, fmt=fmt, stream=stream,
            actor=world.actor(Role.REVIEWER), now=now, again=again,
        )  # fmt: skip
        assert done.closes
        return stream.getvalue(), done.ledger_entry_id

    with unit() as session:
        sealing.seal(session, now)
        last = sealing.last_seal(session)
        assert last is not None
        checkpoint = chain.checkpoint(last.id, last.hash)
        before = {fmt: written(session, fmt, None) for fmt in ("csv", "lines")}
        served, waiting = session.scalars(select(Household.id).order_by(Household.id)).all()
        with pytest.raises(CannotBeErasedYet) as refused:  # its voucher can still be collected on
            erasure.ask(session, waiting, why=ErasureWhy.ASKED, reason="заява", actor=first, now=now)
        assert "voucher" in refused.value.message()
        request = erasure.ask(session, served, why=ErasureWhy.ASKED, reason="заява", actor=first, now=now)
    with unit() as session:
        erasure.decide(session, request, approve=True, actor=second, now=now)
    with unit() as session:
        assert session.scalars(select(Person.surname).where(Person.household_id == served)).all() == [
            "—",
            "—",
        ]
        for fmt, (body, upto) in before.items():
            assert written(session, fmt, Again(upto, checkpoint))[0] == body
        sealing.seal(session, now)
    with app.app_context():
        assert {check.__name__: found for check, found in _run_checks(app, ()) if found} == {}

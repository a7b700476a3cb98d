"""The chain of seals finds what was changed, taken out or slipped in, and every checkpoint given out."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit import chain, sealing
from aidtrack.audit.models import AuditEvent, AuditSeal
from aidtrack.db import db, unit_of_work
from aidtrack.db.append_only import create_triggers
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.invariants import Breach
from tests.support.databases import waiting_for_locks
from tests.support.patience import until

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
WHO = Actor(label="olena", role=None, site_ids=frozenset(), user_id=7)


def act(session: Session, number: int = 0, **more: object) -> None:
    audit.record(
        session, actor=WHO, action="test.act", object_type="thing", object_id=number, site_id=1,
        reason="бо так", facts={"що": ["рис", number], "b": None}, now=NOW + timedelta(seconds=number), **more,
    )  # fmt: skip


def acts(*numbers: int) -> None:
    with unit_of_work() as session:
        for number in numbers:
            act(session, number)


def seal(most: int = 1000) -> AuditSeal | None:
    with unit_of_work() as session:
        return sealing.seal(session, NOW, most=most)


def breaches(*checkpoints: str) -> list[Breach]:
    with Session(db.engine) as session:
        return list(sealing.check_chain(session, checkpoints))


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def tamper(statement: str) -> None:
    """Change the log as somebody could who holds the database: behind the triggers' back."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
            connection.exec_driver_sql("ALTER TABLE audit_seal DISABLE TRIGGER ALL")
        else:
            for table in ("audit_event", "audit_seal"):
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        connection.exec_driver_sql(statement)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event ENABLE TRIGGER ALL")
            connection.exec_driver_sql("ALTER TABLE audit_seal ENABLE TRIGGER ALL")
        else:
            for table in ("audit_event", "audit_seal"):
                for trigger in create_triggers(table, "sqlite"):
                    connection.exec_driver_sql(trigger)


def test_an_untouched_log_has_no_breach_and_nothing_is_sealed_twice(context: None) -> None:
    assert seal() is None
    acts(1, 2, 3)
    first = seal()
    assert seal() is None
    acts(4, 5)
    second = seal()
    assert first is not None
    assert second is not None
    assert (first.events, second.events) == (3, 2)
    assert second.previous_hash == first.hash
    assert breaches() == []


def test_a_long_log_is_sealed_in_several_batches(context: None) -> None:
    acts(*range(7))
    sizes = []
    while (made := seal(most=3)) is not None:
        sizes.append(made.events)
    assert sizes == [3, 3, 1]
    assert breaches() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'інакше' WHERE object_id = 2",
        "UPDATE audit_event SET actor_label = 'ivan' WHERE object_id = 2",
        "UPDATE audit_event SET at = '2026-03-01 09:00:02.123456' WHERE object_id = 2",
        "UPDATE audit_event SET facts = '{\"b\": 1}' WHERE object_id = 2",
        "DELETE FROM audit_event WHERE object_id = 2",
        "DELETE FROM audit_event WHERE object_id = 3",
        "DELETE FROM audit_seal WHERE first_event_id = 1",
        "UPDATE audit_seal SET events = 2 WHERE first_event_id = 1",
    ],
)
def test_any_change_behind_the_triggers_is_found(context: None, statement: str) -> None:
    acts(1, 2, 3)
    seal()
    acts(4)
    seal()
    tamper(statement)
    assert breaches()
    assert {breach.code for breach in breaches()} == {"I9"}


def test_a_row_slipped_in_under_a_seal_is_found(context: None) -> None:
    acts(1, 2)
    tamper("UPDATE audit_event SET id = 9 WHERE object_id = 2")
    seal()
    with db.engine.begin() as connection:
        connection.execute(sa.insert(AuditEvent).values(id=5, at=NOW, actor_label="x", action="y.z"))
    assert [breach.sentence for breach in breaches()] == ["audit seal 1 covers 2 events, and 3 are there"]


def test_a_log_rewritten_whole_is_found_by_a_checkpoint_given_out(context: None) -> None:
    acts(1, 2)
    made = seal()
    assert made is not None
    given_out = chain.checkpoint(made.id, made.hash)
    assert breaches(given_out) == []
    tamper("DELETE FROM audit_event WHERE object_id = 2")
    tamper("DELETE FROM audit_seal")
    seal()
    assert breaches() == []
    assert [breach.code for breach in breaches(given_out)] == ["I9"]


def test_both_databases_seal_the_same_events_to_the_same_hash() -> None:
    """The expected hash was computed once; a change of the canonical line would break every checkpoint."""
    event = chain.Event(
        id=1, at=NOW, actor_label="olena", user_id=7, token_id=None, site_id=1, action="test.act",
        object_type="thing", object_id=1, reason="бо так", facts={"що": ["рис", 1], "b": None},
    )  # fmt: skip
    assert chain.line_of(event).decode() == (
        '[1,"2026-03-02T09:00:00.123456+00:00","olena",7,null,1,"test.act","thing",1,"бо так",'
        '{"b":null,"що":["рис",1]}]'
    )


def test_what_is_read_back_hashes_as_the_canonical_line_says(context: None) -> None:
    acts(0)
    made = seal()
    event = chain.Event(
        id=1, at=NOW, actor_label="olena", user_id=7, token_id=None, site_id=1, action="test.act",
        object_type="thing", object_id=0, reason="бо так", facts={"що": ["рис", 0], "b": None},
    )  # fmt: skip
    assert made is not None
    assert made.hash == chain.hash_batch(chain.BEFORE_THE_FIRST, [event]).hash


@pytest.mark.parametrize("text", ["", "12", "12:zz", "x:" + "ab" * 32, "1:" + "ab" * 31])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        chain.read_checkpoint(text)


def test_sealing_waits_for_a_writer_whose_number_is_lower(postgresql_url: str, tmp_path: object) -> None:
    """A running transaction holds number 1 while number 2 is committed: the seal must cover both."""
    engine = sa.create_engine(postgresql_url)
    sealed: list[int] = []

    def seal_it() -> None:
        with Session(engine) as session:
            made = sealing.seal(session, NOW)
            session.commit()
            sealed.append(made.events if made else 0)

    try:
        with Session(engine) as slow:
            act(slow, 1)
            with Session(engine) as quick:
                act(quick, 2)
                quick.commit()
            sealer = threading.Thread(target=seal_it)
            sealer.start()
            until(lambda: waiting_for_locks(slow), "the sealer's waiting")
            assert sealed == [], "the seal did not wait for the running writer"
            slow.commit()
        sealer.join()
        assert sealed == [2]
        with Session(engine) as session:
            assert list(sealing.check_chain(session)) == []
            assert len(session.scalars(select(AuditSeal)).all()) == 1
    finally:
        engine.dispose()

"""Another data key: everything is sealed anew, a killed run goes on, and what was found before is found again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from aidtrack.app import create_app
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Person
from aidtrack.config import load
from aidtrack.db import APPEND_ONLY, Base, EncryptedText, db, unit_of_work
from aidtrack.db.rekeying import seal_anew, sealed_columns
from aidtrack.db.vault import current_vault
from aidtrack.distribution.models import FieldEvent, Round
from aidtrack.distribution.queries.printed import open_voucher_codes
from aidtrack.feedback.commands import Receive
from aidtrack.feedback.models import Feedback
from aidtrack.feedback.services import receive
from aidtrack.kernel.clock import utc_now
from tests.cli.conftest import Run, Watched
from tests.support import world as made
from tests.support.world import World

# binary, and no secret under the site's key: hashes, public keys, signatures, sets of numbers, rows for phones
NO_SECRETS = {
    "api_token.token_hash", "audit_seal.hash", "audit_seal.previous_hash", "centre.deployment_tag",
    "command_receipt.body_hash", "day_people.households", "day_people.issues", "day_people.persons",
    "device.public_key", "device_invitation.token_hash", "feedback.reference_hash", "field_event.body_hash",
    "field_event.prev_hash", "field_event.signature", "field_quarantine.raw_hash", "field_quarantine.signature",
    "file_key.public_key", "handout.body_hash", "household.phone_hash", "import_file.content_hash",
    "import_mapping.shape_hash", "month_people.households", "month_people.issues", "month_people.persons",
    "name_token.token", "pack_row.typed", "person.document_hash", "person.tax_id_hash", "round_pack.typed_salt",
    "sign_in_attempt.subject_hash", "sign_in_session.token_hash", "signing_key.public_key",
    "supervisor_code.key_hash", "supervisor_code.salt", "voucher.public_id", "voucher.signature",
}  # fmt: skip


@contextmanager
def opened() -> Iterator[Flask]:
    """The application with the keys that the environment names now."""
    app = create_app(load())
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def world(on: str, environment: None) -> World:
    """Families, vouchers with their signing key, a message of nobody, an event of a phone."""
    with opened():
        with unit_of_work() as session:
            world = made.small_centre(session)
            made.add_vouchers(session, world, 3)
            said = Receive(
                "0b0f4f0e-0000-4000-8000-000000000001", world.site_id, "question", "коли?", None, "uk"
            )
            receive(session, said, address="10.0.0.1", now=utc_now())
        add_event()
    return world


def add_event() -> None:
    """A row of the append-only table of phones' events; what else it names is nothing to these tests."""
    table = Base.metadata.tables[FieldEvent.__tablename__]
    values: dict[str, Any] = {
        column.name: _something(column)
        for column in table.columns
        if not column.nullable and column.name != "id"
    }
    values["type"], values["entitlement_id"] = "handout", 1
    values["body"] = current_vault().encrypt('{"сказано": 1}', "field_event.body")
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        names = ", ".join(values)
        connection.execute(
            sa.text(
                f"INSERT INTO {table.name} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"
            ),
            values,
        )
        connection.commit()
    db.engine.dispose()


def _something(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    python = getattr(kind, "impl_instance", kind).python_type
    if python.__name__ in ("datetime", "date"):
        return "2022-09-01"
    return {"str": "x", "bytes": b"x", "int": 1, "bool": True, "dict": "{}"}[python.__name__]


def turn_to_next_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("keys", "next").out.splitlines()
    assert [line.partition("=")[0] for line in lines] == ["AIDTRACK_DATA_KEY", "AIDTRACK_OLD_DATA_KEY"]
    for line in lines:
        name, _mark, value = line.partition("=")
        monkeypatch.setenv(name, value)


def what_is_read() -> tuple[list[str], str | None, str, int]:
    with unit_of_work() as session:
        names = list(session.scalars(sa.select(Person.surname).order_by(Person.id)))
        said = session.scalar(sa.select(Feedback.text))
        event = session.scalars(sa.select(FieldEvent.body)).one()
        codes = len(
            list(open_voucher_codes(session, session.scalars(sa.text("SELECT code FROM round")).one()))
        )
    return names, said, event, codes


def test_everything_is_sealed_anew_and_read_and_found_again(
    run: Run, watched: Watched, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened():
        before, hashed = what_is_read(), current_vault().digest("x", "y")
    first = os.environ["AIDTRACK_DATA_KEY"]
    turn_to_next_key(run, monkeypatch)
    with opened():
        assert what_is_read() == before, "both keys at hand, nothing sealed anew yet"
        for _ in islice(seal_anew(), 8):
            pass  # and here it is killed
        assert what_is_read() == before
    watched(True)
    changed = run("keys", "change")
    watched(False)
    assert "Values sealed anew" in changed.err and "Values looked at again" in changed.err
    assert (changed.code, changed.err.endswith(" 0 left\n")) == (0, True), changed.err
    assert "field_event.body\t1 values\t1 sealed anew" in changed.out
    again = run("keys", "change")
    assert again.code == 0 and again.err == "aidtrack: 0 values sealed anew, 0 left\n"
    monkeypatch.delenv("AIDTRACK_OLD_DATA_KEY")
    assert run("keys", "check").code == 0
    with opened():
        assert what_is_read() == before and current_vault().digest("x", "y") == hashed
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), unit_of_work() as session:
            session.execute(sa.text("UPDATE field_event SET seq = 5"))
    monkeypatch.setenv("AIDTRACK_DATA_KEY", first)
    refused = run("keys", "check")
    assert refused.code == 1 and "no key opens household_key.sealed of row 1" in refused.err


def test_codes_of_a_round_are_printed_one_a_line_and_it_is_logged(run: Run, world: World) -> None:
    with opened(), unit_of_work() as session:
        code = session.scalars(sa.select(Round.code)).one()
        wanted = sorted(open_voucher_codes(session, code))
    printed = run("voucher", "codes", code)
    assert (printed.code, printed.err) == (0, "")
    assert sorted(printed.out.splitlines()) == wanted and len(wanted) == 3
    with opened(), unit_of_work() as session:
        logged = session.scalars(
            sa.select(AuditEvent.facts).where(AuditEvent.action == "read.voucher_codes")
        ).one()
        expected = {"round": code, "vouchers": 3, "form": "command line"}
        assert logged is not None and {**logged, **expected} == logged


def test_a_key_that_follows_no_other_is_refused(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "AIDTRACK_OLD_DATA_KEY is not set" in run("keys", "change").line
    old = os.environ["AIDTRACK_DATA_KEY"]
    strange = run("keys").out.splitlines()[1].partition("=")[2]
    monkeypatch.setenv("AIDTRACK_OLD_DATA_KEY", old)
    monkeypatch.setenv("AIDTRACK_DATA_KEY", strange)
    assert "does not follow" in run("keys", "change").line


def test_whatever_is_sealed_by_hand_is_sealed_anew() -> None:
    """A binary column says what it holds, or it would be forgotten when the data key changes."""
    found = {one.name for one in sealed_columns()}
    assert {
        "household_key.sealed",
        "signing_key.private_key",
        "file_key.private_key",
        "supervisor_code.key",
    } <= found
    binary = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and not isinstance(column.type, EncryptedText)
    }
    assert binary - found == NO_SECRETS
    assert "field_event" in APPEND_ONLY

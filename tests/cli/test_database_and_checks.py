"""Migrations, checks and statements from the command line; machines that are not ready."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.cli.paper import _written
from aidtrack.config import load
from aidtrack.db import vault
from aidtrack.db.append_only import create_triggers
from tests.cli.conftest import Run
from tests.support.kinds import on_sqlite


@pytest.fixture
def on_nothing(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", empty_database_url)
    return empty_database_url


# what is made and taken away is told of both kinds by tests/test_migrations.py
nothing_of_sqlite = pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)


@nothing_of_sqlite
def test_tables_are_made_and_taken_away(on_nothing: str, run: Run) -> None:
    assert "run `aidtrack db upgrade` first" in run("user", "list").line
    assert run("db", "revision").out.startswith("database empty\n")
    assert run("db", "upgrade").code == 0
    assert run("user", "list").code == 0
    assert run("db", "downgrade", "base", "--yes").code == 0
    assert run("db", "revision").out.startswith("database empty\n")


@nothing_of_sqlite
def test_migrations_need_no_secret_and_everything_else_does(
    on_nothing: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIDTRACK_SECRET_KEY")
    monkeypatch.delenv("AIDTRACK_DATA_KEY")
    assert run("db", "upgrade").code == 0
    for command in (["serve"], ["verify"], ["user", "list"]):
        refused = run(*command)
        assert refused.code == 2
        assert "set AIDTRACK_SECRET_KEY and AIDTRACK_DATA_KEY" in refused.line


def test_tables_of_a_trial_are_changed_with_the_key_it_left(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A migration that seals what stood open asks the process's vault, also where no variable names a key."""
    load(
        {"AIDTRACK_ENV": "development", "AIDTRACK_INSTANCE": str(tmp_path / "instance")}
    )  # makes and keeps it
    monkeypatch.delenv("AIDTRACK_SECRET_KEY")
    monkeypatch.delenv("AIDTRACK_DATA_KEY")
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'trial.sqlite3'}")
    monkeypatch.setattr(vault, "_current", None)
    assert run("db", "upgrade", "--revision", "0001").code == 0
    key = vault.current_vault()
    assert key.decrypt(key.encrypt("слово", "a word"), "a word") == "слово"


def test_keys_are_good_ones(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("keys").out.splitlines()
    assert lines != run("keys").out.splitlines()
    config = load(dict(line.split("=", 1) for line in lines))
    assert config.production
    assert len(config.data_key) == 32


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://x:secret@127.0.0.1:1/none", "the database does not answer"),
        ("mysql://x:secret@127.0.0.1/none", "must name a SQLite or PostgreSQL database"),
        ("not a url at all", "is not the address of a database"),
        ("sqlite:////proc/none/aidtrack.sqlite3", "the database has no tables yet"),
    ],
)
def test_an_unreachable_database_is_one_line_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", url)
    refused = run("user", "list")
    assert refused.code == 2
    assert sentence in refused.line
    assert "secret" not in refused.err


def test_an_unknown_revision_is_one_line(on: str, run: Run) -> None:
    refused = run("db", "downgrade", "nonsense", "--yes")
    assert refused.code == 2
    assert "nonsense" in refused.line


def test_verify_names_every_invariant_and_finds_a_log_that_was_changed(centre: str, run: Run) -> None:
    checkpoint = run("seal").out.strip()
    whole = run("verify", "--checkpoint", checkpoint)
    assert whole.code == 0
    lines = whole.out.splitlines()
    assert all(line.startswith("ok") for line in lines[:-1])
    assert not [line for line in lines if "_" in line]  # in words, not by a function's name
    assert lines[-1] == f"{len(lines) - 1} invariants hold"
    rewrite_the_log(centre)
    broken = run("verify", "--checkpoint", checkpoint)
    assert broken.code == 1
    assert "FAIL  I9" in broken.out
    assert "first breach: I9: an audit event" in broken.line


def rewrite_the_log(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET actor_label = 'somebody else'")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event ENABLE TRIGGER ALL")
        else:
            connection.exec_driver_sql(create_triggers("audit_event", "sqlite")[0])
    engine.dispose()


@on_sqlite
def test_a_checkpoint_that_is_none_is_refused(centre: str, run: Run) -> None:
    assert run("verify", "--checkpoint", "12:ab").line == "'12:ab' is no checkpoint"


WRONGLY_ASKED: list[tuple[dict[str, str], str]] = [
    ({"--from": "2022-13-01"}, "'2022-13-01' is no date; write 2022-09-01 or 01.09.2022"),
    ({"--to": "вчора"}, "'вчора' is no date"),
    ({"--to": "2022-08-31"}, "--to 2022-08-31 is before --from 2022-09-01"),
    ({"--entry": "7"}, "--entry and --made belong together, and --checkpoint goes with them"),
    ({"--checkpoint": "1:ab"}, "--entry and --made belong together, and --checkpoint goes with them"),
    ({"--format": "doc"}, "'doc' is not one of 'csv', 'table', 'xlsx', 'pdf'"),
    ({"--donor": "NOBODY"}, ""),
    ({"--output": "/nowhere/at/all.csv"}, "No such file or directory"),
]


@on_sqlite
def test_a_statement_asked_for_wrongly_is_one_line_and_leaves_no_file(
    centre: str, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "statement.csv"
    asked = {
        "--donor": "WFP", "--from": "01.09.2022", "--to": "2022-12-31", "--format": "csv", "--output": str(file),
    }  # fmt: skip
    for changed, sentence in WRONGLY_ASKED:
        refused = run("statement", *[part for pair in (asked | changed).items() for part in pair])
        assert refused.code == 2, changed
        assert sentence in refused.line, changed
        assert list(tmp_path.glob("*.csv*")) == [], changed
        assert list(tmp_path.glob(".statement*")) == [], changed


def test_statements_of_nothing_handed_out_have_their_heads_and_are_logged(
    centre: str, run: Run, tmp_path: Path
) -> None:
    engine = sa.create_engine(centre)
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO donor (code, name_uk, name_en, active) VALUES ('WFP', 'ВПП', 'WFP', true)")
        )
    engine.dispose()
    file = tmp_path / "table.csv"
    written = run(
        "statement", "--donor", "WFP", "--from", "2022-09-01", "--to", "2022-12-31", "--format", "table",
        "--output", str(file),
    )  # fmt: skip
    assert written.code == 0, written.err
    assert file.read_bytes().decode("utf-8-sig") == (
        "Донор;Місяць;Від;До;Код місця;Місце;Угода;Облік до запису №\r\n"
    )
    asked = ["statement", "--donor", "WFP", "--from", "2022-09-01", "--to", "2022-12-31", "--format"]
    for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        made = run(*asked, kind, "--output", str(tmp_path / f"statement.{kind}"))
        assert made.code == 0, made.err
        assert (tmp_path / f"statement.{kind}").read_bytes().startswith(begins)
    with engine.connect() as connection:
        noted = connection.execute(
            select(AuditEvent.facts, AuditEvent.actor_label)
            .where(AuditEvent.action == "reports.export")
            .order_by(AuditEvent.id)
        ).all()
    engine.dispose()
    assert [(facts or {})["format"] for facts, _who in noted] == ["table", "csv", "xlsx", "pdf"]
    assert all(who.startswith("cli:") for _facts, who in noted)


def test_a_statement_is_its_owners_to_read_unless_somebody_opened_the_file_before(tmp_path: Path) -> None:
    new, known = tmp_path / "new.csv", tmp_path / "known.csv"
    known.touch()
    known.chmod(0o640)
    for file in (new, known):
        with _written(str(file)) as stream:
            stream.write(b"figures")
    assert (new.stat().st_mode & 0o777, known.stat().st_mode & 0o777) == (0o600, 0o640)


@on_sqlite
def test_codes_of_a_round_that_is_not_there_are_refused(centre: str, run: Run) -> None:
    assert run("voucher", "codes", "R-9").line == "there is no round 'R-9'"


@pytest.mark.parametrize("command", [[], ["user"], ["token"], ["db"], ["voucher"], ["site"]])
def test_every_command_has_a_help_text(run: Run, command: list[str]) -> None:
    shown = run(*command, "--help")
    assert shown.code == 0
    assert "Usage: aidtrack" in shown.out
    for line in shown.out.partition("Commands:")[2].splitlines():
        if line.startswith("  ") and line[2] != " ":
            name, _, text = line.strip().partition("  ")
            assert text.strip(), f"{' '.join(command)} {name} has no help text"


def test_forgetting_with_nothing_to_forget_says_so(on: str, run: Run) -> None:
    forgotten = run("forget")
    assert (forgotten.code, forgotten.line) == (0, "0 messages emptied")

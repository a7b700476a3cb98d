"""`verify` runs every invariant; `seal` closes the audit log up to now."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from aidtrack.cli.plumbing import CannotGoOn, working_app
from aidtrack.cli.progress import Report, bars, waiting
from aidtrack.kernel.invariants import Breach

if TYPE_CHECKING:
    from flask import Flask

Check = Callable[..., Iterator[Breach]]
MOST_SHOWN = 5


@click.command()
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    help="A checkpoint given out earlier («12:9f86…»), to be found again.",
)
@click.pass_context
def verify(ctx: click.Context, checkpoints: tuple[str, ...]) -> None:
    """Check every invariant on the whole database; one line each.

    Names the first breach and exits with 1 when something that must always hold does not.
    """
    _read_checkpoints(checkpoints)
    with working_app() as app:
        first = None
        count = 0
        for check, breaches in _run_checks(app, checkpoints):
            click.echo(f"{'FAIL' if breaches else 'ok  '}  {_name_of(check)}")
            for breach in breaches[:MOST_SHOWN]:
                click.echo(f"      {breach.code}: {breach.sentence}")
            if breaches and first is None:
                first = breaches[0]
            count += 1
    if first is not None:
        click.echo(f"aidtrack: first breach: {first.code}: {first.sentence}", err=True)
        ctx.exit(1)
    click.echo(f"{count} invariants hold")


def _read_checkpoints(checkpoints: tuple[str, ...]) -> None:
    from aidtrack.audit.chain import read_checkpoint

    for text in checkpoints:
        try:
            read_checkpoint(text)
        except ValueError:
            raise CannotGoOn(f"{text!r} is no checkpoint") from None


def _run_checks(app: "Flask", checkpoints: tuple[str, ...]) -> Iterator[tuple[Check, list[Breach]]]:
    """Every check on one snapshot, so that handouts made meanwhile look like no breach."""
    from sqlalchemy.orm import Session

    from aidtrack.audit import INVARIANTS
    from aidtrack.audit.sealing import check_chain
    from aidtrack.db import db

    checks: list[Check] = app.extensions[INVARIANTS]
    engine = db.engine
    options: dict[str, Any] = (
        {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    )
    with engine.connect().execution_options(**options) as connection, Session(connection) as session:
        for check in checks:
            with waiting(_name_of(check)):
                found = check(session, checkpoints) if check is check_chain else check(session)
                breaches = list(itertools.islice(found, MOST_SHOWN + 1))
            yield check, breaches


def _name_of(check: Check) -> str:
    """What a check says it looks at: the first line of its docstring."""
    text = str(getattr(check, "__doc__", None) or getattr(check, "__name__", "check"))
    return text.strip().splitlines()[0].rstrip(".")


def seal_all(report: Report | None = None) -> str | None:
    """Seal everything that has happened; the newest checkpoint, None when nothing ever happened."""
    from aidtrack.audit import chain, sealing
    from aidtrack.db import read_session, unit_of_work
    from aidtrack.kernel.clock import utc_now

    now: datetime = utc_now()
    total = sealing.not_sealed(read_session()) if report is not None else 0
    done = 0
    while True:
        with unit_of_work() as session:
            made = sealing.seal(session, now)
            if made is None:
                break
            done += made.events
        if report is not None:
            report("Events sealed", done, max(done, total))
    last = sealing.last_seal(read_session())
    return chain.checkpoint(last.id, last.hash) if last is not None else None


@click.command()
def seal() -> None:
    """Seal the audit log up to now and print the checkpoint.

    Keep the checkpoint outside the centre: with `verify --checkpoint` it proves that nothing before it
    has changed. The server seals at every start; run this from a nightly job as well.
    """
    with working_app(), bars() as report:
        checkpoint = seal_all(report)
    if checkpoint is not None:
        click.echo(checkpoint)


COMMANDS = (verify, seal)

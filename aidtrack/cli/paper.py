"""`statement` and `voucher codes`: what leaves the building."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from aidtrack.cli.plumbing import DAY, CannotGoOn, operator, working_app
from aidtrack.cli.progress import bars, waiting
from aidtrack.kernel.clock import DEFAULT_TIME_ZONE, utc_now, zone


@click.command()
@click.option("--donor", required=True, help="The donor's code, WFP in the demonstration.")
@click.option("--from", "start", required=True, type=DAY, help="First day.")
@click.option("--to", "end", required=True, type=DAY, help="Last day.")
@click.option("--format", "fmt", required=True, type=click.Choice(["csv", "table", "xlsx", "pdf"]))
@click.option("--output", required=True, help="File to write, readable by its owner; - is standard output.")
@click.option("--entry", type=click.IntRange(0), help="Once more as of this ledger entry, as printed on it.")
@click.option(
    "--made", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="With --entry: when it was made, local time."
)
@click.option("--checkpoint", help="With --entry: the audit checkpoint printed on it, if any.")
def statement(
    donor: str, start: date, end: date, fmt: str, output: str, entry: int | None, made: datetime | None,
    checkpoint: str | None,
) -> None:  # fmt: skip
    """Write a donor's statement: opening, received, handed out, losses, closing, people reached. Logged.

    The format table is a CSV of what was handed out: a row for each month, place and agreement, a column for
    each item.

    With --entry and --made a statement given out before comes out again, to the same bytes as long as
    nothing was renamed and the language and the reader's rights are the same.
    """
    if end < start:
        raise CannotGoOn(f"--to {end} is before --from {start}")
    if (entry is None) != (made is None) or (checkpoint is not None and entry is None):
        raise CannotGoOn("--entry and --made belong together, and --checkpoint goes with them")
    from aidtrack.reports.delivery import note_export
    from aidtrack.reports.exports import Again, write_statement
    from aidtrack.reports.scope import AskForStatement
    from aidtrack.reports.snapshot import snapshot

    now = utc_now() if made is None else made.replace(tzinfo=zone(DEFAULT_TIME_ZONE)).astimezone(UTC)
    again = None if entry is None else Again(entry, checkpoint)
    with working_app(), _written(output) as stream:
        with snapshot() as session:
            actor = operator(session)
        with bars() as report:
            note_export(
                AskForStatement(donor, start, end), fmt=fmt, actor=actor, now=utc_now(),
                on_month=partial(report, "closing months"),
            )  # fmt: skip
        with waiting("writing the statement"), snapshot() as session:
            write_statement(
                session, donor_code=donor, start=start, end=end, fmt=fmt, stream=stream, actor=actor, now=now,
                again=again,
            )  # fmt: skip


@contextmanager
def _written(output: str) -> Iterator[BinaryIO]:
    """A stream to write to; a file appears under its name only when it is whole.

    Only its owner reads a new one: a statement names places and donors. One that is written again keeps
    the rights somebody gave it.
    """
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(output)
    if target.is_dir():
        raise CannotGoOn(f"{output} is a folder")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        if target.exists():
            Path(name).chmod(target.stat().st_mode & 0o777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@click.group()
def voucher() -> None:
    """Vouchers of a round."""


@voucher.command("codes")
@click.argument("round_code", metavar="ROUND")
def codes(round_code: str) -> None:
    """Print the codes of a round's open vouchers, one a line, for printing elsewhere. Logged."""
    from aidtrack import audit
    from aidtrack.db import unit_of_work
    from aidtrack.distribution.queries.printed import open_voucher_codes
    from aidtrack.kernel.errors import NotFound

    with working_app(), waiting("reading the vouchers"), unit_of_work() as session:
        try:
            found = list(open_voucher_codes(session, round_code))
        except NotFound:
            raise CannotGoOn(f"there is no round {round_code!r}") from None
        audit.record(
            session,
            actor=operator(),
            action="read.voucher_codes",
            object_type="round",
            facts={"round": round_code, "vouchers": len(found), "form": "command line"},
            now=utc_now(),
        )
    for code in found:  # after the commit: what is printed has been logged
        click.echo(code)


COMMANDS = (statement, voucher)

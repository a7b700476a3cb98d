"""`import`: a spreadsheet of families, items or stock, by the same steps as in the browser."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from aidtrack.cli.plumbing import CannotGoOn, operator, working_app
from aidtrack.cli.progress import Report, bars
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now

LAYOUTS = ("families", "items", "opening", "receipts")
PHASES = {"reading": "Rows read", "checking": "Compared with what is there", "bringing_in": "Brought in"}


@click.command("import")
@click.argument("layout", type=click.Choice(LAYOUTS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "site_code", required=True, help="Code of the site the table belongs to.")
@click.option("--dry-run", is_flag=True, help="Only say what would be brought in and what is wrong.")
@click.option("--good-rows", is_flag=True, help="Bring in the good rows although others are bad.")
@click.option("--column", "columns", multiple=True, help="What a column is, like D=surname; may be repeated.")
@click.option(
    "--constant",
    "constants",
    multiple=True,
    help="What holds for all rows, like place=WH-1; may be repeated.",
)
@click.option("--option", "options", multiple=True, help="A tick of the columns' page, like take_changes.")
@click.option(
    "--encoding", help="Of a text, when it is not told rightly by itself: cp1251, utf-8-sig, utf-16-le …"
)
@click.option("--sheet", help="Of a workbook, when it is not the first.")
@click.option(
    "--to-mend", type=click.Path(dir_okay=False, path_type=Path), help="Write the bad rows into this XLSX."
)
def import_table(
    layout: str, file: Path, site_code: str, dry_run: bool, good_rows: bool, columns: tuple[str, ...],
    constants: tuple[str, ...], options: tuple[str, ...], encoding: str | None, sheet: str | None,
    to_mend: Path | None,
) -> None:  # fmt: skip
    """Bring the table in FILE in as LAYOUT. Columns are known by their headings, or said with --column.

    All or nothing, unless --good-rows. The same file again adds nothing.
    """
    from aidtrack.accounts.queries import site_ids_by_code
    from aidtrack.db import read_session, unit_of_work
    from aidtrack.importing import pages, queries, runs, services
    from aidtrack.importing.api import place_of_letters
    from aidtrack.importing.commands import MapColumns, Mode, Upload
    from aidtrack.importing.errors import RowsAreBad
    from aidtrack.importing.reading import Choice

    with working_app() as app, app.test_request_context():
        now = utc_now()
        with unit_of_work() as session:
            [site_id] = site_ids_by_code(session, [site_code])
            # the table is held against that site's families alone: another's are told to nobody
            actor = replace(operator(session), site_ids=frozenset({site_id}))
            command = Upload(uuid4(), site_id, layout, file.name, file.read_bytes())
            uid = services.upload(session, command, actor=actor, now=now)
        try:
            choice = Choice(encoding, None, sheet)
            shown = pages.preview(read_session(), queries.find(read_session(), uid, actor), choice)
            said = {
                place_of_letters(letter): target for letter, target in _pairs(columns, "--column").items()
            }
            mapping = MapColumns(
                uid, {**shown.mapping, **said}, {**shown.options, **dict.fromkeys(options, True)},
                _pairs(constants, "--constant"), choice, shown.shape.header_row, shown.shape.header_rows,
            )  # fmt: skip
            with unit_of_work() as session:
                services.save_mapping(session, mapping, shown.shape, actor=actor, now=now)
            with bars() as report:
                counts = runs.try_out(uid, actor=actor, now=now, progress=told(report))
            _say(uid, counts, actor)
            held = counts["bad"] + counts["double"] + counts["loose"]
            if not dry_run and (counts["new"] + counts["changed"] or (held and not good_rows)):
                try:
                    with bars() as report:
                        mode = Mode.GOOD if good_rows else Mode.ALL
                        done = runs.bring_in(uid, mode, actor=actor, now=now, progress=told(report))
                except RowsAreBad:  # nothing came in: what stopped it is to be mended
                    _keep_to_mend(to_mend, uid, actor)
                    raise
                click.echo(
                    f"aidtrack: {done['made']} brought in, {done['changed_done']} changed, "
                    f"{done['held_back']} held back",
                    err=True,
                )
                held = done["held_back"]
            if held:
                _keep_to_mend(to_mend, uid, actor)
        finally:
            with unit_of_work() as session:  # a copy in the instance folder serves nobody after this
                services.forget(session, uid, actor=actor, now=now)


def told(report: Report) -> Callable[[str, int, int], None]:
    """The runs' progress in words."""
    return lambda phase, done, total: report(PHASES[phase], done, total)


def _pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in given:
        name, mark, value = one.partition("=")
        if not mark or not name.strip():
            raise CannotGoOn(f"{option} is written like name=value, not {one!r}")
        pairs[name.strip()] = value.strip()
    return pairs


def _keep_to_mend(file: Path | None, uid: str, actor: Actor) -> None:
    """The rows that stayed out, for whoever asked for them."""
    from aidtrack.db import read_session
    from aidtrack.importing import mending, queries

    if file is not None:
        file.touch(mode=0o600)
        file.write_bytes(mending.rows_to_mend(queries.find(read_session(), uid, actor)))


def _say(uid: str, counts: dict[str, Any], actor: Actor) -> None:
    """Counts to standard error, findings to standard output: row, column, what to do."""
    from aidtrack.db import db, read_session
    from aidtrack.importing import pages, queries
    from aidtrack.importing.reading import column_letter

    names = ("records", "new", "same", "changed", "double", "bad", "repeats")
    click.echo("aidtrack: " + ", ".join(f"{counts[name]} {name}" for name in names), err=True)
    session = read_session()
    result = pages.result_of(queries.find(session, uid, actor), most=10_000)
    db.session.remove()
    for one in result.findings:
        column = column_letter(one.column) if one.column >= 0 else "-"
        click.echo(f"{one.row}\t{column}\t{one.code}\t{pages.sentence(one)}")
    for word in result.unknown:
        click.echo(
            f"{word['row']}\t-\tunknown_word\t{word['list_name']}: {word['written']} ({word['times']})"
        )


COMMANDS = (import_table,)

"""`places`: the official codifier of settlements, and how many people live there."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from aidtrack.cli.plumbing import operator, working_app
from aidtrack.cli.progress import waiting
from aidtrack.kernel.clock import utc_now

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def places() -> None:
    """Settlements: the official codifier (KATOTTG) and the population of hromadas."""


@places.command("import")
@click.argument("file", type=FILE)
def import_codifier(file: Path) -> None:
    """Load the codifier from FILE: the XLSX or CSV as the ministry publishes it.

    May be repeated with a newer list: names are brought up to date, and no code is removed.
    """
    from aidtrack.db import unit_of_work
    from aidtrack.places import codifier, services
    from aidtrack.places.commands import LoadCodifier

    with waiting("reading the codifier"):
        rows = tuple(codifier.read_rows(rows_of(file)))
    with working_app(), waiting("writing the settlements"), unit_of_work() as session:
        new, changed = services.load_codifier(
            session, LoadCodifier(rows, file.name), actor=operator(), now=utc_now()
        )
    click.echo(f"aidtrack: {len(rows)} territories read, {new} new, {changed} changed", err=True)


@places.command("population")
@click.argument("file", type=FILE)
def import_population(file: Path) -> None:
    """Load how many people live where from FILE, a table with a column of codes and one of people."""
    from aidtrack.db import unit_of_work
    from aidtrack.places import codifier, services
    from aidtrack.places.commands import LoadPopulation

    with waiting("reading the table"):
        people = codifier.read_population(rows_of(file))
    with working_app(), waiting("writing the population"), unit_of_work() as session:
        known = services.load_population(
            session, LoadPopulation(people, file.name), actor=operator(), now=utc_now()
        )
    click.echo(f"aidtrack: population of {known} of {len(people)} places is known now", err=True)


def rows_of(file: Path) -> Iterable[Sequence[str]]:
    """The rows of a spreadsheet or of a text with separators, by the importer's own reader."""
    from aidtrack.importing import reading

    source = reading.open_file(file.read_bytes(), file.name)
    return [row for _number, row in source.rows(reading.LARGEST)]


COMMANDS = (places,)

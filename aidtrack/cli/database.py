"""`db`: migrations."""

import os
import sys

import click

from aidtrack.cli.plumbing import checked_url, environment, open_vault, revision_of
from aidtrack.cli.progress import waiting


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@click.option("--revision", default="head", show_default=True, help="Where to stop.")
def upgrade(revision: str) -> None:
    """Bring the database to this program's tables; an empty one gets all of them."""
    from aidtrack.db.migrate import upgrade as run

    url = checked_url(os.environ)
    _make_folder(url)
    open_vault(environment())
    with waiting("changing the tables"):
        run(url, revision)
    click.echo(f"aidtrack: the database is at revision {revision_of(url)}", err=True)


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take the tables back to REVISION (`base` removes everything). What those tables held is lost."""
    from aidtrack.db.migrate import downgrade as run

    url = checked_url(os.environ)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Take the tables back to {revision} and lose what they hold?", abort=True, err=True)
    open_vault(environment())
    with waiting("changing the tables"):
        run(url, revision)
    click.echo(f"aidtrack: the database is at revision {revision_of(url) or 'base'}", err=True)


@db.command()
def revision() -> None:
    """Print the database's revision and this program's."""
    from aidtrack.db.migrate import head_revision

    found = revision_of(checked_url(os.environ))
    click.echo(f"database {found or 'empty'}\nprogram {head_revision()}")


def _make_folder(url: str) -> None:
    """SQLite makes the file, not the folder it lies in."""
    from pathlib import Path

    from sqlalchemy.engine import make_url

    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database:
        Path(parts.database).parent.mkdir(parents=True, exist_ok=True)


COMMANDS = (db,)

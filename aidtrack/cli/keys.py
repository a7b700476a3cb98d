"""`keys`: the secrets of a production server, and another data key (docs/keys.md)."""

import os
import secrets
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from aidtrack.cli.plumbing import CannotGoOn, environment, operator, working_app
from aidtrack.cli.progress import bars
from aidtrack.config import DATA_KEY, OLD_DATA_KEY, SECRET_KEY, following_data_key, load, new_data_key

if TYPE_CHECKING:
    from aidtrack.db.rekeying import Found

MOST_NAMED = 5


@click.group(invoke_without_command=True)
@click.pass_context
def keys(ctx: click.Context) -> None:
    """Print good secrets for a production server's environment. Keep them as carefully as its backup."""
    if ctx.invoked_subcommand is None:
        click.echo(f"{SECRET_KEY}={secrets.token_urlsafe(48)}")
        click.echo(f"{DATA_KEY}={new_data_key()}")


@keys.command("next")
def next_key() -> None:
    """Print the data key that follows this one, with the old one beside it: two lines for the environment.

    Start the servers with both, run `aidtrack keys change`, then start them without the old one.
    """
    from aidtrack.db.vault import hash_key_of

    config = load(environment())
    if config.old_data_key is not None:
        raise CannotGoOn(
            f"the last change is not finished: run `aidtrack keys change`, then unset {OLD_DATA_KEY}"
        )
    old = os.environ.get(DATA_KEY)
    if old is None:
        raise CannotGoOn(f"name the key to be followed in {DATA_KEY}")
    click.echo(f"{DATA_KEY}={following_data_key(config.hash_key or hash_key_of(config.data_key))}")
    click.echo(f"{OLD_DATA_KEY}={old}")


@keys.command()
@click.pass_context
def change(ctx: click.Context) -> None:
    """Seal everything anew that the old data key sealed, look whether nothing is left, and say so.

    Killed and run again it goes on. Exits with 1 when something is left or no key opens it.
    """
    if not os.environ.get(OLD_DATA_KEY):
        raise CannotGoOn(f"{OLD_DATA_KEY} is not set: see `aidtrack keys next`")
    from aidtrack import audit
    from aidtrack.db import db, unit_of_work
    from aidtrack.db.engines import forget_in_files
    from aidtrack.db.rekeying import seal_anew
    from aidtrack.kernel.clock import utc_now

    with working_app() as app:
        _require_same_hashes(app.config["AIDTRACK"])
        with bars() as report:
            walk = seal_anew(progress=partial(report, "Values sealed anew"))
            changed = sum(one.changed for one in _told(walk, "sealed anew"))
        with unit_of_work() as session:
            audit.record(
                session,
                actor=operator(session),
                action="keys.change",
                facts={"values": changed},
                now=utc_now(),
            )
        forget_in_files(db.engine)
        with bars() as report:
            walk = seal_anew(write=False, progress=partial(report, "Values looked at again"))
            left = sum(one.changed + len(one.unreadable or ()) for one in walk)
    click.echo(f"aidtrack: {changed} values sealed anew, {left} left", err=True)
    if left:
        ctx.exit(1)


@keys.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Count what the data key sealed, column by column, and what it does not open. Changes nothing."""
    from aidtrack.db.rekeying import seal_anew

    with working_app(), bars() as report:
        walk = seal_anew(write=False, progress=partial(report, "Values looked at"))
        found = list(_told(walk, "under the old key"))
    unreadable = sum(len(one.unreadable or ()) for one in found)
    old = sum(one.changed for one in found)
    click.echo(f"aidtrack: {old} values under the old key, {unreadable} that no key opens", err=True)
    if unreadable or old:
        ctx.exit(1)


def _require_same_hashes(config: object) -> None:
    """With another hash key nothing typed would be found any more."""
    from aidtrack.config import Config
    from aidtrack.db.vault import hash_key_of

    assert isinstance(config, Config)
    assert config.old_data_key is not None
    old = os.environ[OLD_DATA_KEY].partition(".")[2]
    new = os.environ.get(DATA_KEY, "").partition(".")[2]
    same = new == old if old else config.hash_key == hash_key_of(config.old_data_key)
    if not same:
        raise CannotGoOn(
            f"{DATA_KEY} does not follow {OLD_DATA_KEY}: take the one that `aidtrack keys next` printed"
        )


def _told(walk: "Iterator[Found]", word: str) -> "Iterator[Found]":
    for one in walk:
        click.echo(f"{one.column.name}\t{one.values} values\t{one.changed} {word}")
        for row_id in (one.unreadable or [])[:MOST_NAMED]:
            click.echo(f"aidtrack: no key opens {one.column.name} of row {row_id}", err=True)
        yield one


COMMANDS = (keys,)

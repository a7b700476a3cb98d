"""`demo`: the Dnipro centre of 2022, and one sign-in per role."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from aidtrack.cli.plumbing import CannotGoOn, checked_url, environment, open_vault
from aidtrack.cli.progress import bars
from aidtrack.config import load
from aidtrack.kernel.actor import Role

if TYPE_CHECKING:
    from flask import Flask

    from aidtrack.accounts.passwords import NewPassword

# aidtrack.demo acts under this name; by it, its people are found again.
LABEL = "demo"


def is_empty(app: "Flask") -> bool:
    """Whether nobody has set up a centre here."""
    from aidtrack.accounts import queries
    from aidtrack.db import db, read_session

    with app.app_context():
        found = queries.centre(read_session()) is None
        db.session.remove()
    return found


def load_demonstration(app: "Flask", *, only_if_empty: bool) -> bool:
    """Load the demonstration into an empty database; False when there is something in it already."""
    if not is_empty(app):
        if only_if_empty:
            return False
        raise CannotGoOn(
            "the database already has a centre in it; the demonstration goes into an empty one only"
        )
    from aidtrack import demo as demonstration

    with bars() as report:
        demonstration.load(app, report)
    return True


def passwords_under_way() -> Callable[[], list["NewPassword"]]:
    """Begin to make a password for each role on another core; the answer waits for them.

    Hashing is slow on purpose: a start would wait half a second for it, and meanwhile loads the rooms.
    """
    from aidtrack.accounts.passwords import new_password

    pool = ThreadPoolExecutor(1)  # one: the start itself has the other core
    made = pool.submit(lambda: [new_password() for _ in Role])
    pool.shutdown(wait=False)  # its thread ends with the work, before any process is forked
    return made.result


def print_sign_ins(app: "Flask", made: "Callable[[], list[NewPassword]] | None" = None) -> None:
    """Give the demonstration's people new passwords, made at this moment, and print one per role."""
    from aidtrack.accounts import services
    from aidtrack.accounts.demonstration import people_added_by
    from aidtrack.db import db, read_session, unit_of_work
    from aidtrack.kernel.actor import system_actor
    from aidtrack.kernel.clock import utc_now

    with app.app_context():
        lines = []
        shown = people_added_by(read_session(), LABEL)  # at most one of each role
        if shown:
            new = (made or passwords_under_way())()
            with unit_of_work() as session:
                for person, password in zip(shown, new, strict=False):
                    services.give_trial_password(
                        session, person.id, password=password, actor=system_actor(LABEL), now=utc_now()
                    )
                    role = person.role.value.replace("_", " ")
                    lines.append(f"  {role:<15} {person.login:<14} {password.text}")
        db.session.remove()
    if lines:
        click.echo("aidtrack: sign in as (these passwords were made just now)")
        click.echo("\n".join(lines))


@click.command()
@click.option(
    "--if-empty", is_flag=True, help="Do nothing, and succeed, when the database has a centre already."
)
def demo(if_empty: bool) -> None:
    """Load the demonstration: the Dnipro centre of 2022, with made-up people, and an open round for today.

    Makes the tables first when the database has none. Prints one sign-in per role.
    """
    env = environment(trial=True)
    config = load(env)
    url = checked_url(env)
    from aidtrack.app import create_app
    from aidtrack.db import db
    from aidtrack.db.migrate import upgrade

    open_vault(env)
    upgrade(url)
    app = create_app(config)
    try:
        if load_demonstration(app, only_if_empty=if_empty):
            print_sign_ins(app)
        else:
            click.echo("aidtrack: the database already has a centre in it; nothing was loaded", err=True)
    finally:
        with app.app_context():
            db.engine.dispose()


COMMANDS = (demo,)

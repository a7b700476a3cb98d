"""`forget`: what the centre keeps no longer."""

import click

from aidtrack.cli.plumbing import working_app
from aidtrack.cli.progress import waiting


@click.command()
def forget() -> None:
    """Forget what has been kept long enough: closed messages, uploaded tables.

    Each new message and each upload does the same for its kind; run this from a nightly job where days pass
    without any. Families are never forgotten by a program: two people decide (page Data protection).
    """
    from aidtrack.db import unit_of_work
    from aidtrack.feedback.services import forget_old as forget_messages
    from aidtrack.importing.services import forget_old as forget_tables
    from aidtrack.kernel.clock import utc_now

    with working_app(), waiting("looking for what was kept long enough"):
        now = utc_now()
        with unit_of_work() as session:
            messages = forget_messages(session, now=now)
        with unit_of_work() as session:
            forget_tables(session, now=now)
    click.echo(f"aidtrack: {messages} messages emptied", err=True)


COMMANDS = (forget,)

"""The `aidtrack` command. Every subcommand works on whatever AIDTRACK_DATABASE_URL names.

Exit codes: 0 done, 1 `verify` found a breach, 2 bad input or a machine that is not ready (one line says
which). Results go to standard output; everything else to standard error.
"""

import os
import sys

import click

from aidtrack import __version__
from aidtrack.cli.plumbing import sentence_for
from aidtrack.kernel.collecting import no_collecting


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="aidtrack")
def cli() -> None:
    """Humanitarian aid, from the donated pallet to the family and back to the donor's statement.

    The database is named by AIDTRACK_DATABASE_URL (a SQLite file in ./instance when it is not set).
    """


def commands() -> list[click.Command]:
    """Every command and group, in the order a newcomer meets them."""
    from aidtrack.cli import (
        checking,
        database,
        demonstration,
        importing,
        keeping,
        keys,
        paper,
        people,
        places,
        serving,
        signing_keys,
        tokens,
    )
    from aidtrack.cli.lan import command as lan

    rooms = (
        serving, keys, lan, demonstration, checking, people, tokens, places, importing, paper, keeping, signing_keys, database,
    )  # fmt: skip
    return [command for room in rooms for command in room.COMMANDS]


def main(arguments: list[str] | None = None) -> None:
    """Entry of the console script: never a traceback for what a person can mend."""
    with no_collecting():
        for command in commands():
            cli.add_command(command)
    try:
        code = cli.main(arguments, prog_name="aidtrack", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # the reader of our output has had enough; let the interpreter's own flush find nothing to do
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        click.echo(f"aidtrack: {sentence}", err=True)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)

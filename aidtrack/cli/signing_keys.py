"""`signing-key`: the keys behind the vouchers, and what to do on the day one leaks (docs/keys.md)."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidtrack.cli.plumbing import CannotGoOn, operator, working_app
from aidtrack.cli.progress import Report, bars
from aidtrack.kernel.clock import utc_now

if TYPE_CHECKING:
    from aidtrack.distribution.services.reissuing import WaitingRound


@click.group("signing-key")
def signing_key() -> None:
    """Keys that sign voucher codes, one a round."""


@signing_key.command("list")
def list_keys() -> None:
    """Print every key: number, round, made, open vouchers under it, in force or withdrawn and why."""
    from aidtrack.db import read_session
    from aidtrack.distribution.queries.signing_keys import key_list

    with working_app():
        click.echo("key\tround\tmade\topen vouchers\tstate")
        for one in key_list(read_session()):
            state = "in force"
            if one.withdrawn_at is not None:
                state = f"withdrawn {one.withdrawn_at:%Y-%m-%d %H:%M} UTC: {one.withdrawn_reason}"
            click.echo(
                f"{one.id}\t{one.round_code or '-'}\t{one.created_at:%Y-%m-%d}\t{one.open_vouchers}\t{state}"
            )


@signing_key.command()
@click.argument("round_code", metavar="ROUND")
def rotate(round_code: str) -> None:
    """A new key for what is issued in ROUND from now on. Vouchers already issued stay good."""
    from aidtrack.db import unit_of_work
    from aidtrack.distribution.queries.signing_keys import round_id_of
    from aidtrack.distribution.services.rounds import locked_round
    from aidtrack.distribution.services.signing_keys import rotate_key

    with working_app(), unit_of_work() as session:
        actor = operator(session)
        round_id = round_id_of(session, round_code)
        locked_round(session, round_id, actor=actor)
        key_id = rotate_key(session, round_id, actor=actor, now=utc_now())
    click.echo(f"aidtrack: round {round_code} signs with key {key_id} from now on", err=True)


@signing_key.command()
@click.argument("key_id", metavar="KEY", type=click.IntRange(1, 65_535))
@click.option("--reason", required=True, help="What happened; kept with the key and in the log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def withdraw(key_id: int, reason: str, yes: bool) -> None:
    """Withdraw KEY after a leak: every voucher it signed is refused at once. `reissue` makes new ones."""
    from aidtrack.db import unit_of_work
    from aidtrack.distribution.services.signing_keys import withdraw_key

    if not yes:
        click.confirm(f"Refuse every voucher signed with key {key_id} from now on?", abort=True, err=True)
    with working_app(), unit_of_work() as session:
        withdraw_key(session, key_id, reason=reason, actor=operator(session), now=utc_now())
    click.echo(
        f"aidtrack: key {key_id} is withdrawn; next: aidtrack signing-key reissue --output FOLDER", err=True
    )


@signing_key.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for sheets of the new vouchers.",
)
@click.option("--language", type=click.Choice(["uk", "en"]), default="uk", show_default=True)
def reissue(output: Path | None, language: str) -> None:
    """Replace every open voucher under a withdrawn key, and print the new ones into a folder.

    Killed and run again it goes on where it stopped. Rounds that are over are named and left alone.
    """
    from aidtrack.db import read_session
    from aidtrack.distribution.services.reissuing import waiting_rounds

    if output is not None:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
    with working_app():
        found = waiting_rounds(read_session(), actor=operator(read_session()), now=utc_now())
        for one in found:
            if one.over:
                click.echo(
                    f"aidtrack: round {one.code} is over; {one.vouchers} vouchers are left as they are",
                    err=True,
                )
        with bars() if found else nullcontext(_silent) as report:
            for one in found:
                if not one.over:
                    made = _replace(one, report)
                    click.echo(f"{one.code}\t{made}")
                    if output is not None:
                        _print(one, output, language, report)


def _silent(what: str, done: int, total: int, /) -> None:
    """Nothing to report on."""


def _replace(round_: "WaitingRound", report: Report) -> int:
    from aidtrack.db import unit_of_work
    from aidtrack.distribution.services.reissuing import reissue_batch

    made = 0
    while True:
        with unit_of_work() as session:
            ids = reissue_batch(session, round_.round_id, actor=operator(session), now=utc_now())
        if not ids:
            return made
        made += len(ids)
        report(f"Reissuing {round_.code}", made, max(round_.vouchers, made))


def _print(round_: "WaitingRound", folder: Path, language: str, report: Report) -> None:
    """The unprinted vouchers of the round as A4 sheets; readable by whoever runs the command and nobody else."""
    from aidtrack.db import read_session, unit_of_work
    from aidtrack.distribution import services
    from aidtrack.distribution.printing.rounds import print_round
    from aidtrack.distribution.printing.texts import Layout
    from aidtrack.distribution.queries.printed import printable_ids
    from aidtrack.distribution.queries.rounds import round_by_id
    from aidtrack.distribution.views.printing import card_words

    file = folder / f"vouchers-{round_.code}.pdf".replace("/", "-")
    with unit_of_work() as session:
        actor = operator(session)
        row = round_by_id(session, round_.round_id, actor=actor)
        ids = printable_ids(session, round_.round_id, unprinted_only=True)
        services.mark_printed(session, row, ids, actor=actor, now=utc_now(), form="reissue")
    if not ids:
        return
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise CannotGoOn(f"{file}: {error.strerror}") from None
    from flask import current_app

    with os.fdopen(handle, "wb") as target, current_app.test_request_context():
        print_round(
            read_session(), target, row, ids, layout=Layout.SHEETS, words=card_words(language), language=language,
            progress=lambda done: report(f"Printing {round_.code}", done, len(ids)),
        )  # fmt: skip


COMMANDS = (signing_key,)

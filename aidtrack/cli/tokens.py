"""`token`: programs that call the JSON API."""

import secrets

import click

from aidtrack.cli.people import donor_ids_by_code
from aidtrack.cli.plumbing import ROLE, operator, working_app
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now


@click.group()
def token() -> None:
    """Bearer tokens of the JSON API."""


@token.command("add")
@click.option("--role", required=True, type=ROLE, help="What the program may do: a person's role.")
@click.option(
    "--site",
    "site_codes",
    required=True,
    multiple=True,
    help="Code of a site it may act at; may be repeated.",
)
@click.option(
    "--donor",
    "donor_codes",
    multiple=True,
    help="Code of a donor, for a donor liaison's token; may be repeated.",
)
@click.option("--label", help="What it is for; its acts are signed with it. Made up when left out.")
def add_token(
    role: Role, site_codes: tuple[str, ...], donor_codes: tuple[str, ...], label: str | None
) -> None:
    """Make a token and print it on standard output, this once."""
    from aidtrack.accounts import queries, services
    from aidtrack.accounts.commands import AddToken
    from aidtrack.db import unit_of_work

    with working_app(), unit_of_work() as session:
        command = AddToken(
            label=label or f"{role.value}-{'-'.join(site_codes)}-{secrets.token_hex(3)}"[:80],
            role=role,
            site_ids=queries.site_ids_by_code(session, site_codes),
            donor_ids=donor_ids_by_code(session, donor_codes),
        )
        made = services.add_token(session, command, actor=operator(), now=utc_now())
    click.echo(made.token)
    click.echo(f"aidtrack: token “{made.label}” is shown once and kept nowhere", err=True)


@token.command("revoke")
@click.argument("label")
def revoke(label: str) -> None:
    """End a token, named by its label or given whole: its next request is refused."""
    from aidtrack.accounts import services
    from aidtrack.db import unit_of_work

    with working_app(), unit_of_work() as session:
        token_id = services.token_id_by_label(session, label)
        services.revoke_token(session, token_id, actor=operator(), now=utc_now())


@token.command("list")
def list_tokens() -> None:
    """Print every token's label, role and state; never the token."""
    from aidtrack.accounts import queries
    from aidtrack.db import read_session

    with working_app():
        for one in queries.tokens(read_session(), actor=operator()):
            click.echo(f"{one.label}\t{one.role.value}\t{'revoked' if one.revoked_at else 'in force'}")


COMMANDS = (token,)

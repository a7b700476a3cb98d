"""`set-up`, `site` and `user`: whose installation this is and who signs in."""

import click

from aidtrack.cli.plumbing import ROLE, operator, working_app
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now


@click.command("set-up")
@click.option("--name-uk", required=True, help="The centre's name in Ukrainian.")
@click.option("--name-en", required=True, help="The centre's name in English.")
@click.option("--edrpou", help="The centre's EDRPOU code.")
@click.option(
    "--site", "site_code", required=True, help="Code of its first site, one to four capitals such as DN."
)
@click.option("--login", default="admin", show_default=True, help="The first administrator's login.")
def set_up(name_uk: str, name_en: str, edrpou: str | None, site_code: str, login: str) -> None:
    """Begin a new installation: the centre, its first site and its first administrator.

    Prints the administrator's password, which is changed at the first sign-in.
    """
    from aidtrack.accounts import passwords, services
    from aidtrack.accounts.commands import AddPerson, AddSite, SetUpCentre
    from aidtrack.beneficiaries.services import seed_category_kinds
    from aidtrack.db import unit_of_work

    password = passwords.new_password()
    with working_app(), unit_of_work() as session:
        actor, now = operator(), utc_now()
        services.set_up_centre(session, SetUpCentre(name_uk, name_en, edrpou), actor=actor, now=now)
        seed_category_kinds(session)  # without them no family could be marked by a ground
        site = services.add_site(session, AddSite(site_code, name_uk, name_en), actor=actor, now=now)
        made = services.create_user(
            session,
            AddPerson(
                login=login, display_name=login, role=Role.ADMINISTRATOR, site_ids=frozenset({site.id})
            ),
            password=password,
            actor=actor,
            now=now,
        )
    _print_password(made.login, made.password)


@click.group()
def site() -> None:
    """The centre's sites."""


@site.command("add")
@click.argument("code")
@click.option("--name-uk", required=True, help="The site's name in Ukrainian.")
@click.option("--name-en", required=True, help="The site's name in English.")
def add_site(code: str, name_uk: str, name_en: str) -> None:
    """Add a site. CODE has one to four capitals and begins the registration numbers of its families."""
    from aidtrack.accounts import services
    from aidtrack.accounts.commands import AddSite
    from aidtrack.db import unit_of_work

    with working_app(), unit_of_work() as session:
        services.add_site(session, AddSite(code, name_uk, name_en), actor=operator(), now=utc_now())


@site.command("list")
def list_sites() -> None:
    """Print every site's code and name."""
    from aidtrack.accounts import queries
    from aidtrack.db import read_session

    with working_app():
        for one in queries.sites(read_session()):
            click.echo(f"{one.code}\t{one.name_uk}\t{one.name_en}")


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("login")
@click.option(
    "--role",
    required=True,
    type=ROLE,
    help="administrator, caseworker, warehouse, donor-liaison or reviewer.",
)
@click.option(
    "--site",
    "site_codes",
    required=True,
    multiple=True,
    help="Code of a site the person works at; may be repeated.",
)
@click.option(
    "--donor", "donor_codes", multiple=True, help="Code of a donor a liaison serves; may be repeated."
)
@click.option("--name", help="The person's name for colleagues; the login when left out.")
@click.option("--language", type=click.Choice(["uk", "en"]), default="uk", show_default=True)
def add_user(
    login: str,
    role: Role,
    site_codes: tuple[str, ...],
    donor_codes: tuple[str, ...],
    name: str | None,
    language: str,
) -> None:
    """Add a person and print their generated password, which they change at the first sign-in."""
    from aidtrack.accounts import passwords, queries, services
    from aidtrack.accounts.commands import AddPerson
    from aidtrack.db import unit_of_work

    password = passwords.new_password()
    with working_app(), unit_of_work() as session:
        command = AddPerson(
            login=login,
            display_name=name or login,
            role=role,
            site_ids=queries.site_ids_by_code(session, site_codes),
            donor_ids=donor_ids_by_code(session, donor_codes),
            language=language,
        )
        made = services.create_user(session, command, password=password, actor=operator(), now=utc_now())
    _print_password(made.login, made.password)


@user.command("deactivate")
@click.argument("login")
def deactivate(login: str) -> None:
    """Close an account: it is signed out at once. What it did stays on record."""
    from aidtrack.accounts import queries, services
    from aidtrack.db import unit_of_work

    with working_app(), unit_of_work() as session:
        user_id = queries.user_id_by_login(session, login)
        services.deactivate_user(session, user_id, actor=operator(), now=utc_now())


@user.command("reset")
@click.argument("login")
def reset(login: str) -> None:
    """Give a person a new password and print it; opens a closed account again."""
    from aidtrack.accounts import passwords, queries, services
    from aidtrack.db import unit_of_work

    password = passwords.new_password()
    with working_app(), unit_of_work() as session:
        user_id = queries.user_id_by_login(session, login)
        actor = operator()
        closed = not queries.person(session, user_id, actor=actor).active
        give = services.reactivate_user if closed else services.reset_password
        made = give(session, user_id, password=password, actor=actor, now=utc_now())
    _print_password(made.login, made.password)


@user.command("list")
def list_users() -> None:
    """Print everybody who signs in, with role and state."""
    from aidtrack.accounts import queries
    from aidtrack.db import read_session

    with working_app():
        for person in queries.people(read_session(), actor=operator()):
            state = "active" if person.active else "closed"
            click.echo(f"{person.login}\t{person.role.value}\t{state}\t{person.display_name}")


def donor_ids_by_code(session: object, codes: tuple[str, ...]) -> frozenset[int]:
    """Raises `CannotGoOn` for the first code no donor has."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from aidtrack.cli.plumbing import CannotGoOn
    from aidtrack.inventory.models import Donor

    assert isinstance(session, Session)
    known = {code: number for number, code in session.execute(select(Donor.id, Donor.code))}
    for code in codes:
        if code not in known:
            raise CannotGoOn(f"there is no donor {code!r}")
    return frozenset(known[code] for code in codes)


def _print_password(login: str, password: str | None) -> None:
    click.echo(f"{login}\t{password}")
    click.echo("aidtrack: this password is shown once and kept nowhere", err=True)


COMMANDS = (set_up, site, user)

"""Accounts from the command line, on both databases."""

from tests.cli.conftest import Run
from tests.support.kinds import on_sqlite


def test_a_new_installation_begins_with_its_centre_site_and_administrator(on: str, run: Run) -> None:
    made = run("set-up", "--name-uk", "Центр", "--name-en", "Centre", "--site", "DN")
    assert made.code == 0
    login, password = made.out.strip().split("\t")
    assert (login, len(password)) == ("admin", 19)
    assert run("site", "list").out == "DN\tЦентр\tCentre\n"
    again = run("set-up", "--name-uk", "Центр", "--name-en", "Centre", "--site", "DN")
    assert (again.code, again.line) == (2, "This installation already has its centre.")


def test_people_are_added_listed_reset_and_deactivated(centre: str, run: Run) -> None:
    added = run("user", "add", "Olena.K", "--role", "warehouse", "--site", "dn", "--name", "Олена")
    assert added.code == 0
    assert added.out.startswith("olena.k\t")
    assert "olena.k\twarehouse\tactive\tОлена\n" in run("user", "list").out
    reset = run("user", "reset", "olena.k")
    assert reset.out != added.out
    assert run("user", "deactivate", "olena.k").code == 0
    assert "olena.k\twarehouse\tclosed" in run("user", "list").out
    assert run("user", "reset", "olena.k").code == 0
    assert "olena.k\twarehouse\tactive" in run("user", "list").out


REFUSED: list[tuple[list[str], str]] = [
    (["user", "add", "olena", "--role", "king", "--site", "DN"], "'king' is no role"),
    (["user", "add", "olena", "--role", "warehouse", "--site", "XX"], "There is no site “XX”."),
    (
        ["user", "add", "admin", "--role", "warehouse", "--site", "DN"],
        "Somebody already signs in as “admin”.",
    ),
    (["user", "add", "олена", "--role", "warehouse", "--site", "DN"], "A login has 2 to 40 characters"),
    (["user", "add", "olena", "--role", "donor-liaison", "--site", "DN"], "Choose at least one donor"),
    (
        ["user", "add", "olena", "--role", "donor-liaison", "--site", "DN", "--donor", "NO"],
        "there is no donor 'NO'",
    ),
    (["user", "add", "olena", "--site", "DN"], "Missing option '--role'"),
    (["user", "deactivate", "nobody"], "Nobody signs in as “nobody”."),
    (["user", "deactivate", "admin"], "This is the last administrator."),
    (["token", "add", "--role", "warehouse", "--site", "XX"], "There is no site “XX”."),
    (["token", "revoke", "nothing"], "There is no API token “nothing” in force."),
    (["site", "add", "DN", "--name-uk", "Я", "--name-en", "X"], "There is a site “DN” already."),
    (["user", "fly"], "No such command 'fly'"),
]


@on_sqlite
def test_bad_input_is_one_clear_line_and_exit_code_2(centre: str, run: Run) -> None:
    for arguments, sentence in REFUSED:
        refused = run(*arguments)
        assert (refused.code, refused.out) == (2, ""), arguments
        assert sentence in refused.line, arguments


def test_a_token_alone_goes_to_standard_output_and_is_revoked_by_name_or_by_itself(
    centre: str, run: Run
) -> None:
    made = run("token", "add", "--role", "warehouse", "--site", "DN", "--label", "table")
    token = made.out.strip()
    assert token.startswith("aid_")
    assert "\n" not in token
    unnamed = run("token", "add", "--role", "reviewer", "--site", "DN").out.strip()
    listed = run("token", "list").out
    assert "table\twarehouse\tin force" in listed
    assert token not in listed
    assert run("token", "revoke", "table").code == 0
    assert run("token", "revoke", unnamed).code == 0
    assert "in force" not in run("token", "list").out

"""Every command of the command line with arguments that make it speak, for whoever looks at what it says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from aidtrack.cli import commands
from tests.support.two_sites import DONOR

Line = tuple[str, ...]
STATEMENT = ("statement", "--donor", DONOR, "--from", "2022-01-01", "--to", "2022-12-31", "--output")

# What a command is called with; several lines where it writes several ways, or where its refusals speak too.
LINES: dict[str, Callable[[Path, str], list[Line]]] = {
    "statement": lambda folder, _round: [
        (*STATEMENT, str(folder / f"out.{kind}"), "--format", kind) for kind in ("csv", "table", "xlsx", "pdf")
    ],
    "voucher codes": lambda _folder, code: [("voucher", "codes", code), ("voucher", "codes", "no such round")],
    "verify": lambda _folder, _round: [("verify",)],
    "seal": lambda _folder, _round: [("seal",)],
    "forget": lambda _folder, _round: [("forget",)],
    "import": lambda folder, _round: [
        ("import", "families", str(folder / "families.csv"), "--site", "DN", "--to-mend", str(folder / "mend.xlsx"), "--dry-run"),
        ("import", "families", str(folder / "families.csv"), "--site", "DN", "--column", "A=surname"),
        ("import", "items", str(folder / "families.csv"), "--site", "DN"),
    ],
    "places import": lambda folder, _round: [("places", "import", str(folder / "families.csv"))],
    "places population": lambda folder, _round: [("places", "population", str(folder / "families.csv"))],
    "site list": lambda _folder, _round: [("site", "list")],
    "site add": lambda _folder, _round: [("site", "add", "DN", "--name-uk", "x", "--name-en", "x")],
    "user list": lambda _folder, _round: [("user", "list")],
    "user add": lambda _folder, _round: [("user", "add", "somebody.new", "--role", "warehouse", "--site", "DN")],
    "user reset": lambda _folder, _round: [("user", "reset", "nobody")],
    "user deactivate": lambda _folder, _round: [("user", "deactivate", "nobody")],
    "token list": lambda _folder, _round: [("token", "list")],
    "token add": lambda _folder, _round: [("token", "add", "--role", "caseworker", "--site", "DN")],
    "token revoke": lambda _folder, _round: [("token", "revoke", "nothing")],
    "signing-key list": lambda _folder, _round: [("signing-key", "list")],
    "signing-key rotate": lambda _folder, code: [("signing-key", "rotate", code)],
    "signing-key withdraw": lambda _folder, _round: [("signing-key", "withdraw", "1", "--reason", "a drill")],
    "signing-key reissue": lambda folder, _round: [("signing-key", "reissue", "--output", str(folder / "anew.txt"))],
    "keys check": lambda _folder, _round: [("keys", "check")],
}  # fmt: skip
# And those that speak of no row of the database; how they are tested stands in tests/cli.
SILENT = {
    "start", "serve", "demo", "lan", "set-up", "keys next", "keys change", "db upgrade", "db downgrade", "db revision",
}  # fmt: skip


def names_of_all() -> set[str]:
    """Every command, as it is typed."""
    return {name for command in commands() for name in _leaves(command, str(command.name))}


def _leaves(command: click.Command, name: str) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield name
        return
    for sub, below in command.commands.items():
        yield from _leaves(below, f"{name} {sub}")

"""Why goods were handed out otherwise or taken back is sealed under the family's key; new words in the log are too.

A sealed reason needs more room. Handouts and their entries of the ledger are sealed here; what the log says already
stays as it is, for the seals given out hold it (docs/privacy.md, Not good yet).

Revision ID: 0025
Revises: 0023
"""

import os
from typing import Any

import sqlalchemy as sa
from alembic import op

from aidtrack.config import ConfigurationError, load
from aidtrack.db.append_only import writable
from aidtrack.db.keyring import KeyDestroyed, Keyring, seal
from aidtrack.db.sealing import ERASED, WORDS_PURPOSE, sealed_bytes, words_of
from aidtrack.db.vault import Vault, current_vault, use_vault

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

LONGEST = 3 * 500 + 60
BEFORE = {"audit_event": 500, "stock_entry": 500, "handout": 300}
OF_HANDOUTS = {
    "handout": "SELECT id, household_id AS owner, reason FROM handout WHERE reason IS NOT NULL",
    "stock_entry": (
        "SELECT e.id, h.household_id AS owner, e.reason FROM stock_entry e JOIN handout h ON h.entry_id = e.id"
        " WHERE e.reason IS NOT NULL UNION SELECT e.id, h.household_id, e.reason FROM stock_entry e"
        " JOIN goods_returned g ON g.entry_id = e.id JOIN handout h ON h.id = g.handout_id WHERE e.reason IS NOT NULL"
    ),
}


def upgrade() -> None:
    for table, before in BEFORE.items():
        change_length(table, before, LONGEST)
    keyring = Keyring(op.get_bind().engine)
    for table in OF_HANDOUTS:
        write(
            table, {row.id: shut(keyring, row) for row in reasons(table) if sealed_bytes(row.reason) is None}
        )


def downgrade() -> None:
    keyring = Keyring(op.get_bind().engine)
    for table in OF_HANDOUTS:
        sealed = [
            (row.id, value) for row in reasons(table) if (value := sealed_bytes(row.reason)) is not None
        ]
        if sealed:
            the_vault()
        write(table, {number: keyring.open(value, WORDS_PURPOSE, op.get_bind()) for number, value in sealed})
    # not the log: what was sealed in it is too long for the column it had
    for table in OF_HANDOUTS:
        change_length(table, LONGEST, BEFORE[table])


def reasons(table: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(OF_HANDOUTS[table])))


def shut(keyring: Keyring, row: Any) -> str:
    the_vault()
    try:
        cipher = keyring.to_write(op.get_bind(), [row.owner])[row.owner]
    except KeyDestroyed:  # its family was erased: these words should have gone with it
        return ERASED
    return words_of(seal(cipher, row.owner, row.reason, WORDS_PURPOSE))


def write(table: str, values: dict[int, str]) -> None:
    if not values:
        return
    rows = sa.table(table, sa.column("id", sa.BigInteger), sa.column("reason", sa.String))
    changed = sa.update(rows).where(rows.c.id == sa.bindparam("row")).values(reason=sa.bindparam("words"))
    with writable(op.get_bind(), table, guarded=True):
        op.get_bind().execute(changed, [{"row": row, "words": words} for row, words in values.items()])


def change_length(table: str, before: int, after: int) -> None:
    """SQLite cannot change a column's type without making the table anew: the table's text is edited."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        if after < before:
            with writable(connection, table, guarded=True):
                connection.exec_driver_sql(
                    f"UPDATE {table} SET reason = left(reason, {after}) WHERE length(reason) > {after}"
                )
        op.execute(f"ALTER TABLE {table} ALTER COLUMN reason TYPE VARCHAR({after})")
        return
    old, new = f"reason VARCHAR({before})", f"reason VARCHAR({after})"
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (old, new, table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    text = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).scalar_one()
    if new not in text:
        raise RuntimeError(f"{table}: its column reason is not the one expected")


def the_vault() -> Vault:
    """The program's vault, or one from the environment: the command line changes tables without secrets otherwise."""
    try:
        return current_vault()
    except RuntimeError:
        pass
    try:
        use_vault(Vault.of(load(os.environ)))
    except ConfigurationError as error:
        raise RuntimeError(
            f"words about families are sealed, which needs the site's data key: {error}"
        ) from None
    return current_vault()

"""Why an exception was asked for, and what a file with names is for, are sealed: a name may stand in them.

The former goes under its family's own key, the latter under the site's. A column is emptied before it gets its new
type, so that the table PostgreSQL writes anew holds no readable word; SQLite overwrites what it lets go.

Revision ID: 0021
Revises: 0020
"""

import os
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from aidtrack.config import ConfigurationError, load
from aidtrack.db.keyring import KeyDestroyed, Keyring, seal
from aidtrack.db.vault import Vault, current_vault, use_vault

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class Words:
    """A column of words. `owner`: the column that names the household, None where it is about no family."""

    table: str
    column: str
    owner: str | None
    as_text: str
    between: str  # what stands in it while its type changes

    @property
    def purpose(self) -> str:
        return f"{self.table}.{self.column}"


COLUMNS = (
    Words("eligibility", "override_reason", "household_id", "VARCHAR(500)", "NULL"),
    Words("identifier_export", "purpose", None, "VARCHAR(300)", "''"),
)


def upgrade() -> None:
    for one in COLUMNS:
        rows = kept(one)
        sealed = shut(one, rows) if rows else {}
        change_type(one, one.as_text, "BLOB")
        write(one, sealed, sa.LargeBinary())


def downgrade() -> None:
    for one in COLUMNS:
        rows = kept(one)
        opened = opened_again(one, rows) if rows else {}
        change_type(one, "BLOB", one.as_text)
        write(one, opened, sa.String())


def kept(one: Words) -> list[Any]:
    owner = one.owner or "NULL"
    found = sa.text(
        f"SELECT id, {one.column} AS words, {owner} AS owner FROM {one.table} WHERE {one.column} IS NOT NULL"
    )
    return list(op.get_bind().execute(found))


def shut(one: Words, rows: list[Any]) -> dict[int, bytes | None]:
    connection, vault = op.get_bind(), the_vault()
    if one.owner is None:
        return {row.id: vault.encrypt(row.words, one.purpose) for row in rows}
    keyring = Keyring(connection.engine)
    sealed: dict[int, bytes | None] = {}
    for row in rows:
        try:
            cipher = keyring.to_write(connection, [row.owner])[row.owner]
        except KeyDestroyed:  # its family was erased: these words should have gone with it
            sealed[row.id] = None
        else:
            sealed[row.id] = seal(cipher, row.owner, row.words, one.purpose)
    return sealed


def opened_again(one: Words, rows: list[Any]) -> dict[int, str]:
    connection, vault = op.get_bind(), the_vault()
    if one.owner is None:
        return {row.id: vault.decrypt(bytes(row.words), one.purpose) for row in rows}
    keyring = Keyring(connection.engine)
    return {row.id: keyring.open(bytes(row.words), one.purpose, connection) for row in rows}


def write(one: Words, values: dict[int, Any], kind: sa.types.TypeEngine[Any]) -> None:
    if values:
        table = sa.table(one.table, sa.column("id", sa.BigInteger), sa.column(one.column, kind))
        changed = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("row"))
            .values({one.column: sa.bindparam("words", type_=kind)})
        )
        op.get_bind().execute(changed, [{"row": row, "words": words} for row, words in values.items()])


def change_type(one: Words, before: str, after: str) -> None:
    """SQLite cannot change a column's type without making the table anew: the table's text is edited."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        kind = {"BLOB": "BYTEA"}.get(after, after)
        op.execute(
            f"ALTER TABLE {one.table} ALTER COLUMN {one.column} TYPE {kind} USING ({one.between})::{kind}"
        )
        return
    old, new = f"{one.column} {before}", f"{one.column} {after}"
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (old, new, one.table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    text = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (one.table,)
    ).scalar_one()
    if new not in text:
        raise RuntimeError(f"{one.table}: its column {one.column} is not the one expected")


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

"""Kinds of feedback as dated data; how long messages are kept.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEPT = ("quiet", "withdrawn")
ADDED = ("feedback",)
CHECK = "ck_retention_rule_retentionkind"


def upgrade() -> None:
    op.execute("ALTER TABLE feedback_kind ADD COLUMN valid_from DATE NOT NULL DEFAULT '2022-01-01'")
    op.execute(
        "ALTER TABLE feedback_kind ADD COLUMN valid_until DATE CONSTRAINT ck_feedback_kind_dates_in_order "
        "CHECK (valid_until IS NULL OR valid_until >= valid_from)"
    )
    op.add_column("feedback_kind", sa.Column("source", sa.String(length=120), nullable=True))
    change_check("retention_rule", "kind", CHECK, KEPT, (*KEPT, *ADDED))


def downgrade() -> None:
    refuse_to_lose("retention_rule", sa.column("kind").in_(ADDED))
    refuse_to_lose("feedback_kind", sa.column("code").like("own\\_%", escape="\\"))
    refuse_to_lose("feedback_kind", sa.column("valid_until").is_not(None))
    change_check("retention_rule", "kind", CHECK, (*KEPT, *ADDED), KEPT)
    op.drop_column("feedback_kind", "source")
    op.drop_column("feedback_kind", "valid_until")
    op.drop_column("feedback_kind", "valid_from")


def refuse_to_lose(table: str, which: sa.ColumnElement[bool]) -> None:
    asked = sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
    found = op.get_bind().execute(asked).scalar_one()
    if found:
        raise RuntimeError(f"{found} rows of {table} cannot be held by an older version")


def change_check(table: str, column: str, name: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a column have other values; no row is rewritten. SQLite cannot change a CHECK: the table's text is edited."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {name}, "
            f"ADD CONSTRAINT {name} CHECK ({column} IN ({listed(after)}))"
        )
        return
    old, new = (f"CHECK ({column} IN ({listed(values)}))" for values in (before, after))
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (old, new, table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    if new not in text:
        raise RuntimeError(f"{table}: its CHECK on {column} is not the one expected")


def listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)

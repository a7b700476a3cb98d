"""A signing key for each round, so that a leak costs one round and no other.

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Callable

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


REFERENCE = (
    ", CONSTRAINT fk_signing_key_round_id FOREIGN KEY(round_id) REFERENCES round (id) ON DELETE RESTRICT"
)


def upgrade() -> None:
    # in SQL: Alembic would make SQLite's table anew under its vouchers
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signing_key ADD COLUMN round_id BIGINT")
        op.create_foreign_key(
            op.f("fk_signing_key_round_id"), "signing_key", "round", ["round_id"], ["id"], ondelete="RESTRICT"
        )
    else:
        op.execute("ALTER TABLE signing_key ADD COLUMN round_id INTEGER")
    op.execute("ALTER TABLE signing_key ADD COLUMN withdrawn_reason VARCHAR(300)")
    if op.get_bind().dialect.name == "sqlite":
        rewrite(lambda text: f"{text.rstrip().removesuffix(')')}{REFERENCE})")
    op.create_index(op.f("ix_signing_key_round_id"), "signing_key", ["round_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_signing_key_round_id"), "signing_key")
    if op.get_bind().dialect.name == "sqlite":
        rewrite(lambda text: text.replace(REFERENCE, ""))
    op.execute("ALTER TABLE signing_key DROP COLUMN withdrawn_reason")
    op.execute("ALTER TABLE signing_key DROP COLUMN round_id")


def rewrite(change: Callable[[str], str]) -> None:
    """The reference as a constraint of the table, named: SQLite itself adds only unnamed ones to a column."""
    connection = op.get_bind()
    table = "signing_key"
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = ?", (change(text), table))
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")

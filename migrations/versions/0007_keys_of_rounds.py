"""A signing key for each round, so that a leak costs one round and no other.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # in SQL: SQLite adds a column with its reference in place, Alembic would make the table anew under its vouchers
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE signing_key ADD COLUMN round_id {kind} "
        "CONSTRAINT fk_signing_key_round_id REFERENCES round (id) ON DELETE RESTRICT"
    )
    op.execute("ALTER TABLE signing_key ADD COLUMN withdrawn_reason VARCHAR(300)")
    op.create_index(op.f("ix_signing_key_round_id"), "signing_key", ["round_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_signing_key_round_id"), "signing_key")
    op.execute("ALTER TABLE signing_key DROP COLUMN withdrawn_reason")
    op.execute("ALTER TABLE signing_key DROP COLUMN round_id")

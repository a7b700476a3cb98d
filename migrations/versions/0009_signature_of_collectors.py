"""Agreements that ask for the signature of whoever collects.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # in SQL: both databases add the column in place, Alembic would make SQLite's table anew under its references
    no = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    op.execute(f"ALTER TABLE agreement ADD COLUMN needs_signature BOOLEAN DEFAULT {no} NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE agreement DROP COLUMN needs_signature")

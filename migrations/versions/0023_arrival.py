"""The day on which a family came to live in its hromada, which some programmes ask about.

Revision ID: 0023
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("household", sa.Column("arrived_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("household", "arrived_on")

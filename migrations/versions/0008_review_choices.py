"""What a person chose when they settled a review.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHOICE = sa.Enum(
    "explained",
    "goods_returned",
    "keep_an_eye",
    "count_ordered",
    "entered",
    name="choice",
    native_enum=False,
    create_constraint=True,
    length=32,
)


def upgrade() -> None:
    op.create_table(
        "review_choice",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("choice", CHOICE, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_choice_case_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_review_choice")),
    )


def downgrade() -> None:
    op.drop_table("review_choice")

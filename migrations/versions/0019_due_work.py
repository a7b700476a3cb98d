"""What is due on a caseworker's first page is found in indexes alone.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_intake_site_id_status_household_id"), "intake", ["site_id", "status", "household_id"]
    )
    op.create_index(
        op.f("ix_needs_assessment_household_id_valid_until"),
        "needs_assessment",
        ["household_id", "valid_until"],
    )
    op.drop_index(op.f("ix_needs_assessment_household_id"), table_name="needs_assessment")


def downgrade() -> None:
    op.create_index(op.f("ix_needs_assessment_household_id"), "needs_assessment", ["household_id"])
    op.drop_index(op.f("ix_needs_assessment_household_id_valid_until"), table_name="needs_assessment")
    op.drop_index(op.f("ix_intake_site_id_status_household_id"), table_name="intake")

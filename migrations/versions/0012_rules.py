"""Drafts of rules and what they were tried on; incomes; papers that prove a category.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WHO = sa.String(length=120)


def upgrade() -> None:
    op.add_column("programme_rule", sa.Column("terms", JSON, nullable=True))
    op.create_table(
        "rule_draft",
        sa.Column("id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("rule", JSON, nullable=False),
        sa.Column("terms", JSON, nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("rule_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", WHO, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", WHO, nullable=False),
        sa.CheckConstraint("state IN ('open', 'in_force', 'dropped')", name=op.f("ck_rule_draft_draftstate")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_rule_draft_programme_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["programme_rule.id"], name=op.f("fk_rule_draft_rule_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_draft")),
    )
    op.create_index(op.f("ix_rule_draft_programme_id"), "rule_draft", ["programme_id"])
    op.create_table(
        "rule_trial",
        sa.Column("id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("draft_id", BIG, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("site_ids", JSON, nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", WHO, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('draft', 'marks', 'qualify')", name=op.f("ck_rule_trial_trialpurpose")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'failed')", name=op.f("ck_rule_trial_trialstate")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_rule_trial_programme_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["rule_draft.id"], name=op.f("fk_rule_trial_draft_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_trial")),
    )
    op.create_index(op.f("ix_rule_trial_programme_id"), "rule_trial", ["programme_id"])
    op.create_table(
        "rule_trial_change",
        sa.Column("trial_id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("comes_in", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["rule_trial.id"], name=op.f("fk_rule_trial_change_trial_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_rule_trial_change_household_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("trial_id", "household_id", name=op.f("pk_rule_trial_change")),
    )  # fmt: skip
    op.create_index(op.f("ix_rule_trial_change_household_id"), "rule_trial_change", ["household_id"])
    op.create_table(
        "household_income",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("total", sa.LargeBinary(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", WHO, nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= as_of", name=op.f("ck_household_income_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_income_household_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_income")),
    )  # fmt: skip
    op.create_index(op.f("ix_household_income_household_id"), "household_income", ["household_id"])
    op.create_table(
        "evidence_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_uk", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_evidence_kind_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_evidence_kind")),
    )
    op.create_table(
        "category_kind_evidence",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind"], ["category_kind.code"], name=op.f("fk_category_kind_evidence_kind"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["evidence"], ["evidence_kind.code"], name=op.f("fk_category_kind_evidence_evidence"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "evidence", name=op.f("pk_category_kind_evidence")),
    )  # fmt: skip
    op.add_column(
        "category_kind", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    # which paper it was: open for ordinary categories, sealed where it would tell the kind
    op.add_column("category", sa.Column("evidence_kind", sa.String(length=40), nullable=True))
    op.add_column("protected_category", sa.Column("evidence_kind", sa.LargeBinary(), nullable=True))
    for drawer in ("category", "protected_category"):
        op.add_column(drawer, sa.Column("issued_on", sa.Date(), nullable=True))
        op.add_column(drawer, sa.Column("seen_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_category_valid_until"), "category", ["valid_until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_category_valid_until"), "category")
    for drawer in ("category", "protected_category"):
        for column in ("seen_on", "issued_on", "evidence_kind"):
            op.drop_column(drawer, column)
    op.drop_column("category_kind", "active")
    for table in ("category_kind_evidence", "evidence_kind", "household_income", "rule_trial_change"):
        op.drop_table(table)
    op.drop_table("rule_trial")
    op.drop_table("rule_draft")
    op.drop_column("programme_rule", "terms")

"""Settlements of the codifier with starosta districts; files being brought in and what is remembered of them.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(sa.dialects.postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "territory",
        sa.Column("code", sa.String(length=19), nullable=False),
        sa.Column("category", sa.String(length=1), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search_name", sa.String(length=120), nullable=False),
        sa.Column("oblast_code", sa.String(length=19), nullable=True),
        sa.Column("raion_code", sa.String(length=19), nullable=True),
        sa.Column("hromada_code", sa.String(length=19), nullable=True),
        sa.Column("settlement_code", sa.String(length=19), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.CheckConstraint("population IS NULL OR population >= 0", name=op.f("ck_territory_population")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_territory")),
    )
    op.create_index(op.f("ix_territory_search_name"), "territory", ["search_name"])
    op.create_index(op.f("ix_territory_hromada_code"), "territory", ["hromada_code"])
    op.create_table(
        "starosta_district",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_uk", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_starosta_district")),
        sa.UniqueConstraint("code", name=op.f("uq_starosta_district_code")),
    )
    op.create_table(
        "district_settlement",
        sa.Column("katottg", sa.String(length=19), nullable=False),
        sa.Column("district_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"],
            ["starosta_district.id"],
            name=op.f("fk_district_settlement_district_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("katottg", name=op.f("pk_district_settlement")),
    )
    op.create_index(op.f("ix_district_settlement_district_id"), "district_settlement", ["district_id"])
    op.create_table(
        "import_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("layout", sa.String(length=40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("reading", JSON, nullable=True),
        sa.Column("mapping", JSON, nullable=True),
        sa.Column("options", JSON, nullable=True),
        sa.Column("counts", JSON, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("uploaded_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_import_file_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_import_file_uid")),
    )
    op.create_index(op.f("ix_import_file_site_id"), "import_file", ["site_id"])
    op.create_table(
        "import_mapping",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("layout", sa.String(length=40), nullable=False),
        sa.Column("shape_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_import_mapping_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint(
            "site_id", "layout", "shape_hash", name=op.f("uq_import_mapping_site_id_layout_shape_hash")
        ),
    )
    op.create_table(
        "import_meaning",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("written", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=80), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_import_meaning_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_meaning")),
        sa.UniqueConstraint(
            "site_id", "list_name", "written", name=op.f("uq_import_meaning_site_id_list_name_written")
        ),
    )


def downgrade() -> None:
    for table in (
        "import_meaning", "import_mapping", "import_file", "district_settlement", "starosta_district", "territory",
    ):  # fmt: skip
        op.drop_table(table)

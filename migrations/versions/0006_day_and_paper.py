"""The close of a day at a point or van, and paper for a power cut.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CAUSE = sa.Enum(
    "transport",
    "storage",
    "spoilage",
    "infestation",
    "wetting",
    "expiry",
    "theft",
    "shelling_or_fire",
    "sampling",
    "counting",
    name="losscause",
    native_enum=False,
    create_constraint=True,
    length=32,
)


def upgrade() -> None:
    make_day_close()
    make_paper()


def downgrade() -> None:
    connection = op.get_bind()
    for table, which, what in (
        ("paper_row", sa.column("state") == "noted", "signed rows that wait for a person"),
        ("day_close", sa.true(), "acts of closed days"),
    ):
        found = connection.execute(
            sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
        ).scalar_one()
        if found:
            # a noted row is the only word of goods that a family signed for, an act of a count that was made
            raise RuntimeError(f"{table} holds {what} ({found}), and an older version cannot hold them")
    op.drop_table("paper_signature")
    op.drop_index(op.f("ix_returned_voucher_voucher_id"), table_name="returned_voucher")
    op.drop_table("returned_voucher")
    op.drop_index(op.f("ix_paper_row_voucher_id"), table_name="paper_row")
    op.drop_table("paper_row")
    op.drop_table("day_count_lot")
    op.drop_index(op.f("ix_paper_list_round_id"), table_name="paper_list")
    op.drop_table("paper_list")
    op.drop_table("day_count_line")
    op.drop_index(
        "uq_day_close_standing",
        table_name="day_close",
        sqlite_where=sa.text("state <> 'reopened'"),
        postgresql_where=sa.text("state <> 'reopened'"),
    )
    op.drop_index(op.f("ix_day_close_site_id_day"), table_name="day_close")
    op.drop_table("day_close")


def make_day_close() -> None:
    op.create_table(
        "day_close",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "counting",
                "compared",
                "waiting",
                "closed",
                "reopened",
                name="daystate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_item", sa.Boolean(), nullable=False),
        sa.Column("book_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("book_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=True),
        sa.Column("counted_by", sa.String(length=120), nullable=True),
        sa.Column("counted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_back_reason", sa.String(length=300), nullable=True),
        sa.Column("unsent_events", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.Column("reopened_at", MOMENT, nullable=True),
        sa.Column("reopened_by", sa.String(length=120), nullable=True),
        sa.Column("reopen_reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(state = 'reopened') = (reopen_reason IS NOT NULL)",
            name=op.f("ck_day_close_reopened_for_a_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR NOT second_person OR approved_by IS NOT NULL",
            name=op.f("ck_day_close_second_person_signed"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR closed_at IS NOT NULL", name=op.f("ck_day_close_closed_at_a_moment")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> counted_by", name=op.f("ck_day_close_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> counted_by_id",
            name=op.f("ck_day_close_maker_is_not_checker_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_day_close_place_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_day_close_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_close")),
        sa.UniqueConstraint("number", name=op.f("uq_day_close_number")),
    )
    op.create_index(op.f("ix_day_close_site_id_day"), "day_close", ["site_id", "day"], unique=False)
    op.create_index(
        "uq_day_close_standing",
        "day_close",
        ["place_id", "day"],
        unique=True,
        sqlite_where=sa.text("state <> 'reopened'"),
        postgresql_where=sa.text("state <> 'reopened'"),
    )
    op.create_table(
        "day_count_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("close_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("counted_units", sa.BigInteger(), nullable=True),
        sa.Column("as_typed", sa.String(length=80), nullable=True),
        sa.Column("counted_by", sa.String(length=120), nullable=True),
        sa.Column("cause", CAUSE, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "counted_units IS NULL OR counted_units BETWEEN 0 AND 1000000000000",
            name=op.f("ck_day_count_line_counted"),
        ),
        sa.ForeignKeyConstraint(
            ["close_id"], ["day_close.id"], name=op.f("fk_day_count_line_close_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_day_count_line_item_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_count_line")),
        sa.UniqueConstraint("close_id", "position", name=op.f("uq_day_count_line_close_id_position")),
    )
    op.create_table(
        "day_count_lot",
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("book_units", sa.BigInteger(), nullable=False),
        sa.Column("difference", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", BIG, nullable=True),
        sa.CheckConstraint(
            "book_units BETWEEN 0 AND 1000000000000", name=op.f("ck_day_count_lot_book_units_in_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_day_count_lot_entry_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["day_count_line.id"], name=op.f("fk_day_count_lot_line_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_day_count_lot_lot_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("line_id", "lot_id", name=op.f("pk_day_count_lot")),
    )
    op.create_table(
        "returned_voucher",
        sa.Column("close_id", BIG, nullable=False),
        sa.Column("voucher_id", BIG, nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["close_id"], ["day_close.id"], name=op.f("fk_returned_voucher_close_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["voucher.id"], name=op.f("fk_returned_voucher_voucher_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("close_id", "voucher_id", name=op.f("pk_returned_voucher")),
    )
    op.create_index(op.f("ix_returned_voucher_voucher_id"), "returned_voucher", ["voucher_id"], unique=False)


def make_paper() -> None:
    op.create_table(
        "paper_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("round_id", BIG, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_paper_list_closed_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_paper_list_place_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_paper_list_round_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_paper_list_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_list")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_list_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_paper_list_uid")),
    )
    op.create_index(op.f("ix_paper_list_round_id"), "paper_list", ["round_id"], unique=False)
    op.create_table(
        "paper_row",
        sa.Column("list_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voucher_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "handed_out",
                "noted",
                "empty",
                name="rowstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("used_voucher_id", BIG, nullable=True),
        sa.Column("client_id", sa.String(length=36), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("entered_at", MOMENT, nullable=True),
        sa.Column("entered_by", sa.String(length=120), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.Column("settlement", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(state = 'handed_out') = (client_id IS NOT NULL)", name=op.f("ck_paper_row_handout_named")
        ),
        sa.CheckConstraint(
            "state <> 'noted' OR note IS NOT NULL", name=op.f("ck_paper_row_noted_with_a_note")
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settlement IS NULL)", name=op.f("ck_paper_row_settled_with_words")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["paper_list.id"], name=op.f("fk_paper_row_list_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["used_voucher_id"],
            ["voucher.id"],
            name=op.f("fk_paper_row_used_voucher_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["voucher.id"], name=op.f("fk_paper_row_voucher_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_paper_row")),
    )
    op.create_index(op.f("ix_paper_row_voucher_id"), "paper_row", ["voucher_id"], unique=False)
    op.create_table(
        "paper_signature",
        sa.Column("handout_id", BIG, nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["handout_id"], ["handout.id"], name=op.f("fk_paper_signature_handout_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("handout_id", name=op.f("pk_paper_signature")),
    )

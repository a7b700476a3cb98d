"""What a person had taken from the book for an event that was kept, and the choices that go with it.

Revision ID: 0010
Revises: 0009

SQLite cannot change a CHECK: the table's text is edited, as in 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("explained", "goods_returned", "keep_an_eye", "count_ordered", "entered")
ADDED = ("taken_from_book", "not_handed_out")


def upgrade() -> None:
    change_check(BEFORE, (*BEFORE, *ADDED))
    op.create_table(
        "kept_posting",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("event_uid", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_kept_posting_case_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_kept_posting_entry_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_kept_posting")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_kept_posting_entry_id")),
        sa.UniqueConstraint("event_uid", name=op.f("uq_kept_posting_event_uid")),
    )


def downgrade() -> None:
    connection = op.get_bind()
    for table, which in (("kept_posting", sa.true()), ("review_choice", sa.column("choice").in_(ADDED))):
        found = connection.execute(
            sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
        ).scalar_one()
        if found:
            # the goods are with families, and these rows alone say for which event they left the book
            raise RuntimeError(f"{found} rows of {table} cannot be held by an older version")
    op.drop_table("kept_posting")
    change_check((*BEFORE, *ADDED), BEFORE)


def change_check(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let the column `choice` have other values; no row is rewritten."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE review_choice DROP CONSTRAINT ck_review_choice_choice, "
            f"ADD CONSTRAINT ck_review_choice_choice CHECK (choice IN ({listed(after)}))"
        )
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'review_choice'",
        (f"CHECK (choice IN ({listed(before)}))", f"CHECK (choice IN ({listed(after)}))"),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    text = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE name = 'review_choice'"
    ).scalar_one()
    if f"CHECK (choice IN ({listed(after)}))" not in text:
        raise RuntimeError("review_choice: its CHECK on choices is not the one of 0008")


def listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)

"""Goods brought back in part, what a kept row of a paper says was given, small losses that pass on one person's word.

What passed on one person's word before is not known here: a site's days begin to be counted with this version.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("paper_row", sa.Column("quantities", JSON, nullable=True))
    op.execute(
        "ALTER TABLE second_person_rule ADD COLUMN loss_days INTEGER DEFAULT 30 NOT NULL "
        "CONSTRAINT ck_second_person_rule_days CHECK (loss_days BETWEEN 1 AND 366)"
    )
    op.create_table(
        "goods_returned",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("handout_id", BIG, nullable=False),
        reference("goods_returned", "entry_id", "stock_entry.id"),
        reference("goods_returned", "handout_id", "handout.id"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_goods_returned")),
    )
    make_index("goods_returned", "handout_id")
    op.create_table(
        "loss_alone",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("lot_id", BIG, autoincrement=False, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("difference", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("difference <> 0", name=op.f("ck_loss_alone_differs")),
        reference("loss_alone", "entry_id", "stock_entry.id"),
        reference("loss_alone", "lot_id", "stock_lot.id"),
        reference("loss_alone", "place_id", "place.id"),
        reference("loss_alone", "item_id", "item.id"),
        sa.PrimaryKeyConstraint("entry_id", "lot_id", name=op.f("pk_loss_alone")),
    )
    make_index("loss_alone", "place_id", "item_id", "on_day")


def downgrade() -> None:
    refuse_to_lose("goods_returned", sa.true())
    # a row that says what was given, and waits for a person to accept it
    said = sa.cast(sa.column("quantities"), sa.Text()).not_in(("{}", "null"))
    refuse_to_lose("paper_row", said & (sa.column("state") == "noted"))
    op.drop_table("loss_alone")
    op.drop_table("goods_returned")
    op.execute("ALTER TABLE second_person_rule DROP COLUMN loss_days")
    op.drop_column("paper_row", "quantities")


def refuse_to_lose(table: str, which: sa.ColumnElement[bool]) -> None:
    asked = sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
    found = op.get_bind().execute(asked).scalar_one()
    if found:
        raise RuntimeError(f"{found} rows of {table} cannot be held by an older version")


def reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def make_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)

"""Closed months keep people once for a donor and place, and of each item only who did not get it.

The sums of closed months are thrown away here, up and down: they are made anew from the ledger at the next
statement (docs/adr/0005).

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    remove_sums()
    make_tables(with_base=True)


def downgrade() -> None:
    remove_sums()
    make_tables(with_base=False)


def remove_sums() -> None:
    op.drop_table("month_reached")
    op.drop_table("month_people")
    op.execute("DELETE FROM month_move")
    op.execute("DELETE FROM closed_month")


def make_tables(*, with_base: bool) -> None:
    base = [sa.Column("base_id", BIG, nullable=True)] if with_base else []
    op.create_table(
        "month_people",
        sa.Column("id", BIG, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *base,
        sa.Column("households", sa.LargeBinary(), nullable=False),
        sa.Column("persons", sa.LargeBinary(), nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        *([reference("month_people", "base_id", "month_people.id", "CASCADE")] if with_base else []),
        reference("month_people", "month", "closed_month.month", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_people")),
    )
    make_index("month_people", "month")
    if with_base:
        make_index("month_people", "base_id")
        if op.get_bind().dialect.name == "postgresql":
            for column in ("households", "persons", "issues"):
                # a statement unpacks all of them: packed by the server they take twice the time
                op.execute(f"ALTER TABLE month_people ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.create_table(
        "month_reached",
        sa.Column("id", BIG, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=True),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("people_id", BIG, nullable=False),
        reference("month_reached", "agreement_id", "agreement.id", "RESTRICT"),
        reference("month_reached", "donor_id", "donor.id", "RESTRICT"),
        reference("month_reached", "item_id", "item.id", "RESTRICT"),
        reference("month_reached", "month", "closed_month.month", "CASCADE"),
        reference("month_reached", "people_id", "month_people.id", "CASCADE"),
        reference("month_reached", "place_id", "place.id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_reached")),
    )
    make_index("month_reached", "donor_id", "month")
    make_index("month_reached", "month")
    make_index("month_reached", "people_id")


def reference(table: str, column: str, to: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete)


def make_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)

"""Days of closed months; a second person for reprints and write-offs.

The sums of closed months are thrown away here, up and down: they are made anew from the ledger at the next
statement (docs/adr/0005).

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    forget_sums()
    make_days()


def downgrade() -> None:
    op.drop_table("day_people")
    op.drop_table("day_move")
    forget_sums()


def forget_sums() -> None:
    op.execute("DELETE FROM month_reached")
    op.execute("DELETE FROM month_people")
    op.execute("DELETE FROM month_move")
    op.execute("DELETE FROM closed_month")


def make_days() -> None:
    op.create_table(
        "day_move",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("target_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        reference("day_move", "lot_id", "stock_lot.id", "RESTRICT"),
        reference("day_move", "month", "closed_month.month", "CASCADE"),
        reference("day_move", "site_id", "site.id", "RESTRICT"),
        reference("day_move", "source_id", "place.id", "RESTRICT"),
        reference("day_move", "target_id", "place.id", "RESTRICT"),
        sa.PrimaryKeyConstraint(
            "day", "lot_id", "source_id", "target_id", "site_id", "cause", name=op.f("pk_day_move")
        ),
    )
    make_index("day_move", "month")
    op.create_table(
        "day_people",
        sa.Column("id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("households", sa.LargeBinary(), nullable=False),
        sa.Column("persons", sa.LargeBinary(), nullable=False),
        sa.Column("issues", sa.LargeBinary(), nullable=False),
        reference("day_people", "donor_id", "donor.id", "RESTRICT"),
        reference("day_people", "month", "closed_month.month", "CASCADE"),
        reference("day_people", "place_id", "place.id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_people")),
    )
    make_index("day_people", "donor_id", "day")
    make_index("day_people", "month")
    if op.get_bind().dialect.name == "postgresql":
        for column in ("households", "persons", "issues"):
            # a statement reads all of them: packed by the server they take twice the time
            op.execute(f"ALTER TABLE day_people ALTER COLUMN {column} SET STORAGE EXTERNAL")


def reference(table: str, column: str, to: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete)


def make_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)

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


CHOICES = (
    "explained",
    "goods_returned",
    "keep_an_eye",
    "count_ordered",
    "entered",
    "taken_from_book",
    "not_handed_out",
)
ADDED = ("posted_twice",)


def upgrade() -> None:
    forget_sums()
    make_days()
    change_check("review_choice", "choice", CHOICES, (*CHOICES, *ADDED))


def downgrade() -> None:
    refuse_to_lose("review_choice", sa.column("choice").in_(ADDED))
    change_check("review_choice", "choice", (*CHOICES, *ADDED), CHOICES)
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


def refuse_to_lose(table: str, which: sa.ColumnElement[bool]) -> None:
    asked = sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
    found = op.get_bind().execute(asked).scalar_one()
    if found:
        raise RuntimeError(f"{found} rows of {table} cannot be held by an older version")


def change_check(table: str, column: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a column have other values; no row is rewritten. SQLite cannot change a CHECK: the table's text is edited."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        name = f"ck_{table}_{column}"
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {name}, "
            f"ADD CONSTRAINT {name} CHECK ({column} IN ({listed(after)}))"
        )
        return
    old, new = (f"CHECK ({column} IN ({listed(values)}))" for values in (before, after))
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (old, new, table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    if new not in text:
        raise RuntimeError(f"{table}: its CHECK on {column} is not the one expected")


def listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def reference(table: str, column: str, to: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete)


def make_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)

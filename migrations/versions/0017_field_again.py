"""Days of closed months; a second person for reprints and write-offs.

The sums of closed months are thrown away here, up and down: they are made anew from the ledger at the next
statement (docs/adr/0005).

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
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
    make_approvals()


def downgrade() -> None:
    refuse_to_lose("approval", sa.true())
    op.drop_table("second_person_rule")
    op.drop_table("approval")
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


def make_approvals() -> None:
    state = sa.Enum(
        "waiting", "approved", "refused", "withdrawn",
        name="approvalstate", native_enum=False, create_constraint=True, length=32,
    )  # fmt: skip
    op.create_table(
        "approval",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("command_id", sa.String(length=36), nullable=False),
        sa.Column("command", JSON, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("state", state, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("made_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_approval_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_approval_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (decided_by <> asked_by AND "
            "(decided_by_id IS NULL OR asked_by_id IS NULL OR decided_by_id <> asked_by_id))",
            name=op.f("ck_approval_two_persons"),
        ),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR decided_by = asked_by", name=op.f("ck_approval_withdrawn_by_its_maker")
        ),
        reference("approval", "site_id", "site.id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("command_id", name=op.f("uq_approval_command_id")),
    )
    make_index("approval", "site_id", "state")
    op.create_table(
        "second_person_rule",
        sa.Column("site_id", BIG, autoincrement=False, nullable=False),
        sa.Column("loss_percent", sa.Integer(), nullable=False),
        sa.Column("reprints_a_day", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("loss_percent BETWEEN 0 AND 100", name=op.f("ck_second_person_rule_percent")),
        sa.CheckConstraint("reprints_a_day BETWEEN 0 AND 1000", name=op.f("ck_second_person_rule_reprints")),
        reference("second_person_rule", "site_id", "site.id", "RESTRICT"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_second_person_rule")),
    )


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

"""Families joined and split, alternate collectors with dates, histories, doubles and merges.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    make_tables()
    # the one collector a family had, under the purpose it was encrypted for
    op.execute(
        "INSERT INTO collector (household_id, name, valid_from, added_at, added_by) "
        "SELECT id, proxy_name, registered_on, changed_at, changed_by FROM household WHERE proxy_name IS NOT NULL"
    )
    op.drop_column("household", "proxy_name")
    op.add_column("person", sa.Column("left_why", sa.String(length=16), nullable=True))


def downgrade() -> None:
    ended = op.get_bind().execute(sa.text("SELECT count(*) FROM household_end")).scalar_one()
    if ended:
        # an older version would serve them as families of their own
        raise RuntimeError(
            f"household_end: {ended} families were joined or merged, and would come back twice"
        )
    op.drop_column("person", "left_why")
    op.add_column("household", sa.Column("proxy_name", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE household SET proxy_name = (SELECT name FROM collector "
        "WHERE collector.household_id = household.id AND valid_until IS NULL ORDER BY collector.id LIMIT 1)"
    )
    drop_tables()


def make_tables() -> None:
    op.create_table(
        "doubles_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_doubles_run_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubles_run")),
    )
    op.create_index(op.f("ix_doubles_run_site_id"), "doubles_run", ["site_id"], unique=False)
    op.create_table(
        "collector",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_collector_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_collector_household_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector")),
    )
    op.create_index(op.f("ix_collector_household_id"), "collector", ["household_id"], unique=False)
    op.create_table(
        "doubles_found",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("low_id", BIG, nullable=False),
        sa.Column("high_id", BIG, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_doubles_found_each_pair_once")),
        sa.ForeignKeyConstraint(
            ["high_id"], ["household.id"], name=op.f("fk_doubles_found_high_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["household.id"], name=op.f("fk_doubles_found_low_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["doubles_run.id"], name=op.f("fk_doubles_found_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "low_id", "high_id", name=op.f("pk_doubles_found")),
    )
    op.create_index(op.f("ix_doubles_found_high_id"), "doubles_found", ["high_id"], unique=False)
    op.create_table(
        "household_end",
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column(
            "ended_as",
            sa.Enum("joined", "merged", name="endedas", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("successor_id", BIG, nullable=True),
        sa.CheckConstraint("successor_id <> household_id", name=op.f("ck_household_end_leads_elsewhere")),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_end_household_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["household.id"],
            name=op.f("fk_household_end_successor_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household_end")),
    )
    op.create_index(op.f("ix_household_end_successor_id"), "household_end", ["successor_id"], unique=False)
    op.create_table(
        "household_merge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("survivor_id", BIG, nullable=False),
        sa.Column("loser_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "declined",
                "withdrawn",
                "undone",
                name="mergestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("choices", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("effects", JSON, nullable=True),
        sa.Column("survivor_version", sa.Integer(), nullable=False),
        sa.Column("loser_version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=120), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=120), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undo_reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) OR state = 'withdrawn'",
            name=op.f("ck_household_merge_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "decided_by <> proposed_by", name=op.f("ck_household_merge_maker_is_not_checker_by_name")
        ),
        sa.CheckConstraint(
            "decided_by_id <> proposed_by_id", name=op.f("ck_household_merge_maker_is_not_checker")
        ),
        sa.CheckConstraint("survivor_id <> loser_id", name=op.f("ck_household_merge_two_families")),
        sa.ForeignKeyConstraint(
            ["loser_id"], ["household.id"], name=op.f("fk_household_merge_loser_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"],
            ["household.id"],
            name=op.f("fk_household_merge_survivor_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_merge")),
    )
    op.create_index(op.f("ix_household_merge_loser_id"), "household_merge", ["loser_id"], unique=False)
    op.create_index(op.f("ix_household_merge_survivor_id"), "household_merge", ["survivor_id"], unique=False)
    op.create_index(
        "uq_household_merge_loser",
        "household_merge",
        ["loser_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.create_table(
        "not_same",
        sa.Column("id", BIG, nullable=False),
        sa.Column("low_id", BIG, nullable=False),
        sa.Column("high_id", BIG, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("said_by", sa.String(length=120), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("undone_by", sa.String(length=120), nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_not_same_each_pair_once")),
        sa.ForeignKeyConstraint(
            ["high_id"], ["household.id"], name=op.f("fk_not_same_high_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["household.id"], name=op.f("fk_not_same_low_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_same")),
    )
    op.create_index(op.f("ix_not_same_high_id"), "not_same", ["high_id"], unique=False)
    op.create_index(
        "uq_not_same_standing",
        "not_same",
        ["low_id", "high_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "family_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("other_id", BIG, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "registered",
                "moved",
                "changed",
                "member_added",
                "born",
                "member_changed",
                "member_left",
                "died",
                "new_head",
                "came_from",
                "went_to",
                "founded",
                "split_off",
                "joined",
                "ended",
                "collector_added",
                "collector_ended",
                "merged",
                "merge_undone",
                name="happening",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_family_event_household_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["household.id"], name=op.f("fk_family_event_other_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_family_event_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_event")),
    )
    op.create_index(op.f("ix_family_event_household_id"), "family_event", ["household_id"], unique=False)
    op.create_index(op.f("ix_family_event_person_id"), "family_event", ["person_id"], unique=False)
    op.create_table(
        "person_alias",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("same_as_id", BIG, nullable=False),
        sa.CheckConstraint("same_as_id <> person_id", name=op.f("ck_person_alias_leads_elsewhere")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_alias_person_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["same_as_id"], ["person.id"], name=op.f("fk_person_alias_same_as_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_alias")),
    )
    op.create_index(op.f("ix_person_alias_same_as_id"), "person_alias", ["same_as_id"], unique=False)
    op.create_index(op.f("ix_person_birth_date"), "person", ["birth_date"], unique=False)


def drop_tables() -> None:
    op.drop_index(op.f("ix_person_birth_date"), table_name="person")
    op.drop_index(op.f("ix_person_alias_same_as_id"), table_name="person_alias")
    op.drop_table("person_alias")
    op.drop_index(op.f("ix_family_event_person_id"), table_name="family_event")
    op.drop_index(op.f("ix_family_event_household_id"), table_name="family_event")
    op.drop_table("family_event")
    op.drop_index(
        "uq_not_same_standing",
        table_name="not_same",
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_index(op.f("ix_not_same_high_id"), table_name="not_same")
    op.drop_table("not_same")
    op.drop_index(
        "uq_household_merge_loser",
        table_name="household_merge",
        sqlite_where=sa.text("state IN ('proposed', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.drop_index(op.f("ix_household_merge_survivor_id"), table_name="household_merge")
    op.drop_index(op.f("ix_household_merge_loser_id"), table_name="household_merge")
    op.drop_table("household_merge")
    op.drop_index(op.f("ix_household_end_successor_id"), table_name="household_end")
    op.drop_table("household_end")
    op.drop_index(op.f("ix_doubles_found_high_id"), table_name="doubles_found")
    op.drop_table("doubles_found")
    op.drop_index(op.f("ix_collector_household_id"), table_name="collector")
    op.drop_table("collector")
    op.drop_index(op.f("ix_doubles_run_site_id"), table_name="doubles_run")
    op.drop_table("doubles_run")

"""Bookable times, feedback and complaints.

Revision ID: 0015
Revises: 0014
"""

import datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
BEGINNING = datetime.date(2022, 1, 1)
# code, Ukrainian, English, sensitive, working days; a centre changes names and terms on its own page
KINDS = (
    (
        "complaint_order",
        "Скарга на порядок видачі: черга, час, місце",
        "Complaint about how aid is given out: queue, time, place",
        False,
        10,
    ),
    (
        "complaint_goods",
        "Скарга на набір або якість товарів",
        "Complaint about what is given or its quality",
        False,
        10,
    ),
    (
        "complaint_right",
        "Скарга на відмову або рішення про допомогу",
        "Complaint about a refusal or decision",
        False,
        10,
    ),
    ("complaint_staff", "Скарга на працівника", "Complaint about a member of staff", False, 10),
    ("question", "Запитання", "Question", False, 5),
    ("suggestion", "Пропозиція", "Suggestion", False, 20),
    ("thanks", "Подяка", "Thanks", False, 20),
    ("abuse", "Насильство, погрози або приниження", "Violence, threats or humiliation", True, 3),
    (
        "exploitation",
        "Вимагали гроші, послуги чи інтимні стосунки",
        "Money, favours or sexual acts were demanded",
        True,
        2,
    ),
    ("corruption", "Корупція або продаж допомоги", "Corruption or sale of aid", True, 5),
    ("data_leak", "Розголошення особистих даних", "Personal data given away", True, 3),
)


def upgrade() -> None:
    make_tables()
    kind = sa.table("feedback_kind", *map(sa.column, ("code", "name_uk", "name_en", "sensitive", "position")))
    op.bulk_insert(
        kind,
        [
            {"code": code, "name_uk": uk, "name_en": en, "sensitive": sensitive, "position": position}
            for position, (code, uk, en, sensitive, _days) in enumerate(KINDS, start=1)
        ],
    )
    valid_from = sa.column("valid_from", sa.Date())
    term = sa.table(
        "feedback_term", sa.column("kind"), valid_from, sa.column("working_days"), sa.column("set_by")
    )
    op.bulk_insert(
        term,
        [
            {"kind": code, "valid_from": BEGINNING, "working_days": days, "set_by": "aidtrack"}
            for code, _uk, _en, _sensitive, days in KINDS
        ],
    )
    week = sa.table(
        "working_week", sa.column("valid_from", sa.Date()), sa.column("weekdays"), sa.column("set_by")
    )
    op.bulk_insert(week, [{"valid_from": BEGINNING, "weekdays": "12345", "set_by": "aidtrack"}])


def downgrade() -> None:
    connection = op.get_bind()
    for table in ("feedback", "feedback_rating"):
        found = connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
        if found:
            # what people complained of, and what they were answered, stands nowhere else
            raise RuntimeError(f"{table} holds {found} rows, and an older version cannot hold them")
    drop_tables()


def make_tables() -> None:
    op.create_table(
        "feedback_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_uk", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_feedback_kind")),
    )
    op.create_table(
        "feedback_settings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("short_address", sa.String(length=60), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_feedback_settings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_settings")),
    )
    op.create_table(
        "special_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_special_day")),
    )
    op.create_table(
        "working_week",
        sa.Column("id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_week")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_working_week_valid_from")),
    )
    op.create_table(
        "feedback_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("granted_by_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.CheckConstraint("granted_by_id <> user_id", name=op.f("ck_feedback_grant_maker_is_not_checker")),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["user_account.id"],
            name=op.f("fk_feedback_grant_granted_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_feedback_grant_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_grant")),
    )
    op.create_index(op.f("ix_feedback_grant_user_id"), "feedback_grant", ["user_id"], unique=False)
    op.create_table(
        "feedback_term",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "working_days BETWEEN 0 AND 250", name=op.f("ck_feedback_term_working_days_in_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["kind"], ["feedback_kind.code"], name=op.f("fk_feedback_term_kind"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_term")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_feedback_term_kind_valid_from")),
    )
    op.create_table(
        "slot_day",
        sa.Column("id", BIG, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_ticket", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_slot_day_place_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_day")),
        sa.UniqueConstraint("place_id", "day", name=op.f("uq_slot_day_place_id_day")),
    )
    op.create_table(
        "slot_pause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("place_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_slot_pause_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_slot_pause_place_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_pause")),
    )
    op.create_index(op.f("ix_slot_pause_place_id_day"), "slot_pause", ["place_id", "day"], unique=False)
    op.create_index(
        "uq_slot_pause_running",
        "slot_pause",
        ["place_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("reference_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "desk",
                "phone",
                "box",
                "letter",
                "web",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("writer_name", sa.LargeBinary(), nullable=True),
        sa.Column("writer_phone", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("household_id", BIG, nullable=True),
        sa.Column("round_id", BIG, nullable=True),
        sa.Column("about_user_id", BIG, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "in_work",
                "answered",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("assigned_to_id", BIG, nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "justified",
                "partly",
                "not_justified",
                "no_finding",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("times_reopened", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("emptied_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_feedback_closed_at_a_moment")
        ),
        sa.CheckConstraint(
            "state NOT IN ('answered', 'closed') OR answered_at IS NOT NULL",
            name=op.f("ck_feedback_answered_at_a_moment"),
        ),
        sa.CheckConstraint(
            "about_user_id IS NULL OR assigned_to_id IS NULL OR about_user_id <> assigned_to_id",
            name=op.f("ck_feedback_subject_is_not_handler"),
        ),
        sa.CheckConstraint(
            "rating IS NULL OR rating BETWEEN 1 AND 5", name=op.f("ck_feedback_rating_from_1_to_5")
        ),
        sa.ForeignKeyConstraint(
            ["about_user_id"],
            ["user_account.id"],
            name=op.f("fk_feedback_about_user_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["user_account.id"],
            name=op.f("fk_feedback_assigned_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_feedback_household_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["kind"], ["feedback_kind.code"], name=op.f("fk_feedback_kind"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_feedback_round_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_feedback_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_number")),
        sa.UniqueConstraint("reference_hash", name=op.f("uq_feedback_reference_hash")),
    )
    op.create_index(op.f("ix_feedback_household_id"), "feedback", ["household_id"], unique=False)
    op.create_index(
        op.f("ix_feedback_site_id_received_on"), "feedback", ["site_id", "received_on"], unique=False
    )
    op.create_index(
        op.f("ix_feedback_site_id_state_due_on"), "feedback", ["site_id", "state", "due_on"], unique=False
    )
    op.create_table(
        "slot",
        sa.Column("id", BIG, nullable=False),
        sa.Column("round_id", BIG, nullable=False),
        sa.Column("day_id", BIG, nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("letters", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name=op.f("ck_slot_capacity_in_bounds")),
        sa.CheckConstraint(
            "starts >= 0 AND ends > starts AND ends <= 1440", name=op.f("ck_slot_within_a_day")
        ),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_slot_never_too_many")),
        sa.ForeignKeyConstraint(
            ["day_id"], ["slot_day.id"], name=op.f("fk_slot_day_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_slot_round_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint(
            "round_id",
            "day_id",
            "starts",
            "letters",
            "category",
            name=op.f("uq_slot_round_id_day_id_starts_letters_category"),
        ),
    )
    op.create_index(op.f("ix_slot_day_id"), "slot", ["day_id"], unique=False)
    op.create_table(
        "feedback_rating",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("round_id", BIG, nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "desk",
                "phone",
                "box",
                "letter",
                "web",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("feedback_id", BIG, nullable=True),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_feedback_rating_rating_from_1_to_5")),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_rating_feedback_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_feedback_rating_round_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_feedback_rating_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_rating")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_feedback_rating_feedback_id")),
    )
    op.create_index(
        op.f("ix_feedback_rating_site_id_given_on"), "feedback_rating", ["site_id", "given_on"], unique=False
    )
    op.create_table(
        "slot_booking",
        sa.Column("id", BIG, nullable=False),
        sa.Column("round_id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("slot_id", BIG, nullable=False),
        sa.Column("day_id", BIG, nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "called",
                "missed",
                "cancelled",
                name="bookingstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("booked_by", sa.String(length=120), nullable=False),
        sa.Column("called_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("moved_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["day_id"], ["slot_day.id"], name=op.f("fk_slot_booking_day_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_slot_booking_household_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_slot_booking_round_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_slot_booking_slot_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_booking")),
        sa.UniqueConstraint("day_id", "ticket", name=op.f("uq_slot_booking_day_id_ticket")),
        sa.UniqueConstraint("round_id", "household_id", name=op.f("uq_slot_booking_round_id_household_id")),
    )
    op.create_index(op.f("ix_slot_booking_household_id"), "slot_booking", ["household_id"], unique=False)
    op.create_index(op.f("ix_slot_booking_slot_id"), "slot_booking", ["slot_id"], unique=False)


def drop_tables() -> None:
    op.drop_index(op.f("ix_slot_booking_slot_id"), table_name="slot_booking")
    op.drop_index(op.f("ix_slot_booking_household_id"), table_name="slot_booking")
    op.drop_table("slot_booking")
    op.drop_index(op.f("ix_feedback_rating_site_id_given_on"), table_name="feedback_rating")
    op.drop_table("feedback_rating")
    op.drop_index(op.f("ix_slot_day_id"), table_name="slot")
    op.drop_table("slot")
    op.drop_index(op.f("ix_feedback_site_id_state_due_on"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_site_id_received_on"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_household_id"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(
        "uq_slot_pause_running",
        table_name="slot_pause",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_slot_pause_place_id_day"), table_name="slot_pause")
    op.drop_table("slot_pause")
    op.drop_table("slot_day")
    op.drop_table("feedback_term")
    op.drop_index(op.f("ix_feedback_grant_user_id"), table_name="feedback_grant")
    op.drop_table("feedback_grant")
    op.drop_table("working_week")
    op.drop_table("special_day")
    op.drop_table("feedback_settings")
    op.drop_table("feedback_kind")

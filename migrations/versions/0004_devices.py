"""Phones that hand out without a network: devices, invitations, and what their packs are made of.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("withdrawn_at IS NULL")


def reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT"
    )


def key_of(name: str, kind: sa.types.TypeEngine[int] = BIG) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    make_device()
    make_invitation()
    make_pack_tables()
    make_supervisor_code()


def make_device() -> None:
    op.create_table(
        "device",
        key_of("id"),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        key_of("user_id"),
        key_of("site_id"),
        key_of("round_id"),
        key_of("place_id"),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("enrolled_by", sa.String(length=120), nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=True),
        sa.Column("last_pack_serial", sa.String(length=40), nullable=True),
        sa.Column("last_pack_at", MOMENT, nullable=True),
        sa.Column("last_pack_rows", sa.Integer(), nullable=True),
        sa.Column("unsent_reported", sa.Integer(), nullable=True),
        sa.Column("unsent_oldest_at", MOMENT, nullable=True),
        sa.Column("last_seq_reported", sa.Integer(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_id", BIG, nullable=True),
        sa.Column("revoke_reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)", name=op.f("ck_device_revoked_for_a_reason")
        ),
        reference("device", "place_id", "place"),
        reference("device", "revoked_by_id", "user_account"),
        reference("device", "round_id", "round"),
        reference("device", "site_id", "site"),
        reference("device", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("public_id", name=op.f("uq_device_public_id")),
    )
    op.create_index(op.f("ix_device_user_id"), "device", ["user_id"])
    op.create_index(op.f("ix_device_round_id"), "device", ["round_id"])
    op.create_index(op.f("ix_device_site_id_revoked_at"), "device", ["site_id", "revoked_at"])


def make_invitation() -> None:
    op.create_table(
        "device_invitation",
        key_of("id"),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        key_of("user_id"),
        key_of("site_id"),
        key_of("round_id"),
        key_of("place_id"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("device_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(used_at IS NULL) = (device_id IS NULL)", name=op.f("ck_device_invitation_used_by_a_device")
        ),
        reference("device_invitation", "device_id", "device"),
        reference("device_invitation", "place_id", "place"),
        reference("device_invitation", "round_id", "round"),
        reference("device_invitation", "site_id", "site"),
        reference("device_invitation", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_invitation_token_hash")),
    )
    op.create_index(op.f("ix_device_invitation_site_id"), "device_invitation", ["site_id"])


def make_pack_tables() -> None:
    op.create_table(
        "round_pack",
        key_of("round_id"),
        sa.Column("typed_salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        reference("round_pack", "round_id", "round"),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_pack")),
    )
    op.create_table(
        "pack_row",
        key_of("voucher_id"),
        key_of("round_id"),
        sa.Column("typed", sa.LargeBinary(length=136), nullable=False),
        reference("pack_row", "round_id", "round"),
        reference("pack_row", "voucher_id", "voucher"),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_pack_row")),
    )
    op.create_index(op.f("ix_pack_row_round_id"), "pack_row", ["round_id"])
    op.create_table(
        "file_key",
        key_of("id"),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_file_key_public_key")),
    )


def make_supervisor_code() -> None:
    op.create_table(
        "supervisor_code",
        key_of("id"),
        key_of("user_id"),
        key_of("site_id"),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        reference("supervisor_code", "site_id", "site"),
        reference("supervisor_code", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_code")),
    )
    op.create_index(op.f("ix_supervisor_code_site_id"), "supervisor_code", ["site_id"])
    op.create_index(
        "uq_supervisor_code_live",
        "supervisor_code",
        ["user_id", "site_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    for table in (
        "supervisor_code",
        "file_key",
        "pack_row",
        "round_pack",
        "device_invitation",
        "device",
    ):
        op.drop_table(table)

"""Keys of families, grounds, requests and retention.

What identifies a family is sealed anew under a key of that family's own, up and down: this needs the site's data key,
once there is a family (docs/adr/0012).

Revision ID: 0016
Revises: 0015
"""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql

from aidtrack.config import ConfigurationError, load
from aidtrack.db.keyring import KEY_BYTES, Keyring, owner_of, seal, seal_for_site
from aidtrack.db.vault import Vault, current_vault, use_vault

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

PORTION = 2000
# table: the column that names the household, and what is sealed with its purpose
SEALED: dict[str, tuple[str, dict[str, str]]] = {
    "household": (
        "id",
        {"address": "household.address", "phone": "household.phone"},
    ),
    "person": (
        "household_id",
        {
            "surname": "person.surname",
            "given_name": "person.given_name",
            "patronymic": "person.patronymic",
            "document": "person.document",
        },
    ),
    "category": ("household_id", {"evidence": "category.evidence"}),
    "protected_category": (
        "household_id",
        {
            "kind": "protected.kind",
            "evidence": "protected.evidence",
            "evidence_kind": "protected.evidence_kind",
        },
    ),
    "household_income": ("household_id", {"total": "income.total", "evidence": "income.evidence"}),
    "intake": (
        "household_id",
        {
            "from_whom": "intake.from_whom",
            "contact": "intake.contact",
            "about": "intake.about",
            "reason": "intake.reason",
            "transferred_to": "intake.transferred_to",
        },
    ),
    "needs_assessment": ("household_id", {"notes": "needs_assessment.notes"}),
    "protected_entry": ("household_id", {"entry": "protected_entry.entry"}),
    "sitting_case": (
        "household_id",
        {
            "correction_reason": "sitting_case.correction_reason",
            "reason": "sitting_case.reason",
            "words": "sitting_case.words",
        },
    ),
    "feedback": (
        "household_id",
        {
            "text": "feedback.text",
            "writer_name": "feedback.writer_name",
            "writer_phone": "feedback.writer_phone",
            "answer": "feedback.answer",
        },
    ),
    "eligibility": ("household_id", {"facts": "eligibility.facts"}),
    "collector": ("household_id", {"name": "household.proxy", "document": "collector.document"}),
    "family_event": ("household_id", {"details": "family_event.details"}),
    "household_merge": (
        "survivor_id",
        {
            "reason": "household_merge.reason",
            "choices": "household_merge.choices",
            "before": "household_merge.before",
            "undo_reason": "household_merge.undo_reason",
        },
    ),
    "not_same": ("low_id", {"reason": "not_same.reason"}),
}


def upgrade() -> None:
    make_tables()
    make_keys()


def downgrade() -> None:
    give_back_to_the_site()
    for table in (
        "privacy_settings", "identifier_export", "erasure_request", "retention_rule", "privacy_text",
        "household_ground", "household_key",
    ):  # fmt: skip
        op.drop_table(table)


def make_tables() -> None:
    op.create_table(
        "household_key",
        sa.Column("household_id", BIG, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(sealed IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_household_key_sealed_or_destroyed")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_key_household_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household_key")),
    )
    op.create_table(
        "household_ground",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column(
            "ground",
            choice("legalground", "public_task", "vital_interest", "legal_duty", "consent"),
            nullable=False,
        ),
        sa.Column("how", choice("howtold", "signed", "oral", "notice"), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=True),
        check(
            "household_ground",
            "withdrawn_and_noted_by_somebody",
            "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)",
        ),
        check("household_ground", "dates_in_order", "withdrawn_on IS NULL OR withdrawn_on >= given_on"),
        reference("household_ground", "household_id", "household.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_ground")),
    )
    make_index("household_ground", "household_id")
    make_index("household_ground", "withdrawn_on")
    op.create_table(
        "privacy_text",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_text")),
        sa.UniqueConstraint("version", "language", name=op.f("uq_privacy_text_version_language")),
    )
    op.create_table(
        "retention_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", choice("retentionkind", "quiet", "withdrawn"), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        check("retention_rule", "months_in_bounds", "months BETWEEN 0 AND 1200"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_retention_rule_kind_valid_from")),
    )
    op.create_table(
        "erasure_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("why", choice("erasurewhy", "asked", "mistake", "retention"), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        *asked_and_decided("erasure_request"),
        reference("erasure_request", "household_id", "household.id"),
        reference("erasure_request", "site_id", "site.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    op.create_index(
        "uq_erasure_request_open", "erasure_request", ["household_id"], unique=True,
        sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"),
    )  # fmt: skip
    make_index("erasure_request", "site_id", "state")
    op.create_table(
        "identifier_export",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        *asked_and_decided("identifier_export"),
        sa.Column("valid_until", MOMENT, nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("families", sa.Integer(), nullable=True),
        check("identifier_export", "taken_once", "(state = 'done') = (taken_at IS NOT NULL)"),
        reference("identifier_export", "site_id", "site.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier_export")),
    )
    make_index("identifier_export", "site_id", "state")
    op.create_table(
        "privacy_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("opened_soft", "opened_hard", "listed_soft", "listed_hard", "export_hours")
        ),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        check("privacy_settings", "one_row", "id = 1"),
        check("privacy_settings", "opened_in_order", "opened_soft BETWEEN 1 AND opened_hard"),
        check("privacy_settings", "listed_in_order", "listed_soft BETWEEN 1 AND listed_hard"),
        check("privacy_settings", "export_hours_in_bounds", "export_hours BETWEEN 1 AND 168"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_settings")),
    )


def asked_and_decided(table: str) -> list[sa.schema.SchemaItem]:
    """One person asks, another decides."""
    return [
        sa.Column("state", choice("requeststate", "asked", "approved", "declined", "done"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        check(table, "maker_is_not_checker", "decided_by_id <> asked_by_id"),
        check(table, "maker_is_not_checker_by_name", "decided_by <> asked_by"),
        check(table, "decided_by_somebody", "(state = 'asked') = (decided_by IS NULL)"),
    ]


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def make_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def make_keys() -> None:
    connection = op.get_bind()
    families = count("household")
    if not families and not any(count(table) for table in SEALED):
        return
    vault = the_vault()
    table = sa.table(
        "household_key", sa.column("household_id", sa.BigInteger), sa.column("sealed", sa.LargeBinary)
    )
    keys: dict[int, bytes] = {}
    for ids in portions_of_ids("household"):
        rows = []
        for household_id in ids:
            keys[household_id] = os.urandom(KEY_BYTES)
            rows.append(
                {"household_id": household_id, "sealed": vault.wrap(keys[household_id], household_id)}
            )
        connection.execute(table.insert(), rows)

    def shut(value: bytes, household_id: int | None, purpose: str) -> bytes:
        text = vault.decrypt(value, purpose)
        if household_id is None:
            return seal_for_site(text, purpose)
        return seal(AESGCM(keys[household_id]), household_id, text, purpose)

    write_anew(shut)


def give_back_to_the_site() -> None:
    if not any(count(table) for table in SEALED):
        return
    connection = op.get_bind()
    erased = connection.execute(
        sa.text("SELECT count(*) FROM household_key WHERE sealed IS NULL")
    ).scalar_one()
    if erased:
        # an older version knows no erased families: it would fail on every one of their values
        raise RuntimeError(f"household_key: {erased} families were erased")
    vault, keyring = the_vault(), Keyring(connection.engine)

    def shut(value: bytes, household_id: int | None, purpose: str) -> bytes:
        assert owner_of(value) == household_id
        return vault.encrypt(keyring.open(value, purpose, connection), purpose)

    write_anew(shut)


def write_anew(shut: Callable[[bytes, int | None, str], bytes]) -> None:
    connection = op.get_bind()
    for name, (owner, purposes) in SEALED.items():
        total, done = count(name), 0
        if not total:
            continue
        columns = [sa.column("id", sa.BigInteger), *(sa.column(one, sa.LargeBinary) for one in purposes)]
        if owner != "id":
            columns.append(sa.column(owner, sa.BigInteger))
        table = sa.table(name, *columns)
        change = (
            table.update()
            .where(table.c.id == sa.bindparam("row_id"))
            .values({one: sa.bindparam(f"new_{one}") for one in purposes})
        )
        last = 0
        while True:
            rows = connection.execute(
                sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(PORTION)
            ).all()
            if not rows:
                break
            changed: list[dict[str, Any]] = []
            for row in rows:
                values = row._mapping
                household_id = values[owner]
                new = {
                    f"new_{one}": None
                    if values[one] is None
                    else shut(bytes(values[one]), household_id, purpose)
                    for one, purpose in purposes.items()
                }
                changed.append({"row_id": row.id, **new})
            connection.execute(change, changed)
            last, done = rows[-1].id, done + len(rows)
            say(name, done, total)


def portions_of_ids(name: str) -> Iterator[list[int]]:
    last = 0
    while True:
        ids = [
            row[0]
            for row in op.get_bind().execute(
                sa.text(f"SELECT id FROM {name} WHERE id > :last ORDER BY id LIMIT :most"),
                {"last": last, "most": PORTION},
            )
        ]
        if not ids:
            return
        yield ids
        last = ids[-1]


def count(name: str) -> int:
    return int(op.get_bind().execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one())


def say(name: str, done: int, total: int) -> None:
    if total > 10 * PORTION:
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\raidtrack: sealing {name} anew: {done} of {total}   {end}")


def the_vault() -> Vault:
    """The program's vault, or one from the environment: the command line changes tables without secrets otherwise."""
    try:
        return current_vault()
    except RuntimeError:
        pass
    try:
        use_vault(Vault.of(load(os.environ)))
    except ConfigurationError as error:
        raise RuntimeError(
            f"families get keys of their own, which needs the site's data key: {error}"
        ) from None
    return current_vault()

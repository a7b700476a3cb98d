"""Write migrations/versions/0001_first.py anew from the mappings: `python tools/remake_first_migration.py`.

Only as long as nothing has been released: afterwards every change of a mapping is a migration of its own.
The tables come from Alembic's own comparison of the mappings with an empty database, spelt in plain
SQLAlchemy types, so that the migration still runs when the product's types have changed.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import api
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext

import aidtrack.tables  # noqa: F401  (every mapping must be known before the comparison)
from aidtrack.db import APPEND_ONLY, Base, EncryptedText, UtcDateTime
from aidtrack.inventory.models import VIRTUAL_PLACE_IDS, PlaceKind

TARGET = Path(__file__).resolve().parent.parent / "migrations" / "versions" / "0001_first.py"

NAMES: dict[PlaceKind, tuple[str, str]] = {
    PlaceKind.SUPPLIER: ("Постачальники", "Suppliers"),
    PlaceKind.IN_TRANSIT: ("У дорозі", "In transit"),
    PlaceKind.HANDED_OUT: ("Видано людям", "Handed out to people"),
    PlaceKind.LOSS: ("Втрати", "Losses"),
    PlaceKind.SUSPENSE: ("До з’ясування", "To be counted"),
    PlaceKind.TRANSFERRED_AWAY: ("Передано іншим", "Transferred to others"),
}

FILE = '''"""The first schema: every table, the triggers that keep the records, and the virtual places.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from aidtrack.db.append_only import PG_DROP_FUNCTION, create_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Rows of these are added and never changed or deleted.
RECORDS = {records}

# The other end of a movement. Their numbers are fixed: the ledger's code knows them.
VIRTUAL_PLACES = {places}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    make_tables()
    places = sa.table("place", *map(sa.column, ("id", "code", "kind", "name_uk", "name_en", "active")))
    op.bulk_insert(
        places,
        [
            {{"id": number, "code": kind.upper(), "kind": kind, "name_uk": uk, "name_en": en, "active": True}}
            for number, kind, uk, en in VIRTUAL_PLACES
        ],
    )
    if dialect == "postgresql":
        op.execute(f"SELECT setval(pg_get_serial_sequence('place', 'id'), {{len(VIRTUAL_PLACES)}})")
    for table in RECORDS:
        for statement in create_triggers(table, dialect):
            op.execute(statement)


def downgrade() -> None:
    drop_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(PG_DROP_FUNCTION)


def make_tables() -> None:
{upgrades}


def drop_tables() -> None:
{downgrades}
'''


def plain_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """How the product's own column types are spelt in a migration."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EncryptedText):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, sa.JSON):
        return "sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')"
    return False


def main() -> int:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_item": plain_type})
        script = api.produce_migrations(context, Base.metadata)
        assert script.upgrade_ops is not None
        assert script.downgrade_ops is not None
        rendered = {
            name: api.render_python_code(
                operations,
                render_item=plain_type,
                migration_context=context,
                user_module_prefix=None,
            )
            for name, operations in (
                ("upgrades", script.upgrade_ops),
                ("downgrades", script.downgrade_ops),
            )
        }
    places = [(number, kind.value, *NAMES[kind]) for kind, number in VIRTUAL_PLACE_IDS.items()]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(
        FILE.format(
            records=repr(tuple(sorted(APPEND_ONLY))),
            places=repr(tuple(places)),
            upgrades=without_comments(rendered["upgrades"]),
            downgrades=without_comments(rendered["downgrades"]),
        ),
        encoding="utf-8",
    )
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--fix", "-q", TARGET], check=True)
    subprocess.run([*ruff, "format", "-q", TARGET], check=True)
    return 0


def without_comments(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if not line.strip().startswith("#"))


if __name__ == "__main__":
    sys.exit(main())

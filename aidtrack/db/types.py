"""Column types shared by all rooms. Nothing here is ever a float."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    String,
    Table,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from aidtrack.db.sealing import OwnerUnknown, Sealed, open_value, open_words
from aidtrack.db.vault import current_vault

MAX_UNITS = 10**12

# SQLite makes only INTEGER PRIMARY KEY the row id; PostgreSQL gets 64 bits
BigInt = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite would hand back naive values, so both engines go through here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never enters the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


SEALED_FOR = (
    "aidtrack_sealed_for"  # in the info of a binary column: what its values, sealed by hand, are bound to
)


class EncryptedText(TypeDecorator[str]):
    """Text that identifies a person, encrypted before it reaches the database.

    In a table with a household it is sealed under that household's key (`aidtrack.db.sealing`), in any other under
    the site's data key. `purpose` is bound into the ciphertext, so a value moved to another column does not decrypt.

    Args:
        owner: the column that names the household, where it is not `household_id`; "" for none.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str, owner: str | None = None) -> None:
        super().__init__()
        self.purpose = purpose
        self.owner = owner

    def process_bind_param(self, value: str | bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if self.owner:
            if not isinstance(value, Sealed):
                raise OwnerUnknown(f"{self.purpose}: written past aidtrack.db.sealing")
            return bytes(value)
        assert isinstance(value, str)
        return current_vault().encrypt(value, self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if self.owner:
            return open_value(bytes(value), self.purpose)
        return current_vault().decrypt(bytes(value), self.purpose)


class Words(TypeDecorator[str]):
    """Words that a person typed, in a row that is never changed. About a family they went through `seal_words`.

    Sealed they take three times their room in Cyrillic letters, and a line of their own.
    """

    impl = String
    cache_ok = True

    def __init__(self, longest: int) -> None:
        super().__init__(3 * longest + 60)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else open_words(value)


@event.listens_for(Table, "after_parent_attach")
def _name_owners(table: Table, _metadata: object) -> None:
    """Whose key seals a column: the household its row names, unless the mapping says otherwise."""
    usual = "id" if table.name == "household" else "household_id" if "household_id" in table.columns else None
    for column in table.columns:
        if isinstance(column.type, EncryptedText):
            if column.type.owner is None:
                column.type.owner = usual
            elif column.type.owner == "":
                column.type.owner = None


def enum_type(kind: type[StrEnum]) -> Enum:
    """A StrEnum stored by value, with a CHECK in the database."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def units_between(column: str, low: int = 1) -> CheckConstraint:
    """I1: an exact integer in the item's base unit, `low` … 10^12."""
    return CheckConstraint(f"{column} BETWEEN {low} AND {MAX_UNITS}", name=f"{column}_in_bounds")


pk = Annotated[int, mapped_column(BigInt, primary_key=True)]
units = Annotated[int, mapped_column(BigInteger)]
moment = Annotated[datetime, mapped_column(UtcDateTime)]
local_day = Annotated[date, mapped_column(Date)]
text_code = Annotated[str, mapped_column(String(64))]

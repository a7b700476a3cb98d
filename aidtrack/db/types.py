"""Column types shared by all rooms. Nothing here is ever a float."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, DateTime, Enum, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

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


class EncryptedText(TypeDecorator[str]):
    """Text that identifies a person, encrypted with the site's data key before it reaches the database.

    `purpose` is bound into the ciphertext, so a value moved to another column does not decrypt.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else current_vault().encrypt(value, self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else current_vault().decrypt(bytes(value), self.purpose)


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

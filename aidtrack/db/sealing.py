"""Values about a household are sealed under its key on their way to the database, whoever writes them.

Every statement passes here before it runs. Text on its way into an encrypted column is sealed under the key of the
household its row names; a row that moves to another household is sealed anew under that one's key. So no service can
forget to choose the key, and a value whose household cannot be told is an error and not a secret under a wrong key.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar
from weakref import ref

from cryptography.exceptions import InvalidTag
from sqlalchemy import Table, bindparam, event, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BindParameter

from aidtrack.db.base import Base
from aidtrack.db.keyring import ERASED, OF_HOUSEHOLD, KeyDestroyed, Keyring, seal, seal_for_site
from aidtrack.kernel.late import dataclass

_HANDLED = (Insert, Update)
# whose rows are being read: a column's type gets only the bytes, and keys are read over the same connection
_reading: ContextVar[tuple[Keyring, "ref[Connection]"] | None] = ContextVar("aidtrack_keyring", default=None)
_latest: list[Keyring] = []


class Owned(str):
    """Text that says itself under which household's key it is sealed."""

    __slots__ = ("household_id",)
    household_id: int


class Sealed(bytes):
    """A value ready for its column."""


class OwnerUnknown(RuntimeError):
    """Text for an encrypted column, and no household whose key could seal it. A mistake of the program."""


W = TypeVar("W", str, str | None)
WORDS = "sealed:"  # how words begin that are sealed in a column of text
WORDS_PURPOSE = "words"  # what they are bound to, beside their household

EMPTIED = Sealed(b"")  # an erased value where the column must have one


@dataclass(frozen=True, slots=True)
class Bound:
    """The columns of a table that are sealed under the key of the household in its `owner` column."""

    table: Table
    owner: str
    purposes: Mapping[str, str]


def for_household(household_id: int, text: str) -> Owned:
    """Text sealed under this household's key, wherever it is written."""
    owned = Owned(text)
    owned.household_id = household_id
    return owned


def seal_words(session: Session, household_id: int | None, words: W) -> W:
    """Words about a family for rows that are never changed: sealed as text, and with its key they are gone.

    A row of the log or of the ledger keeps what it was sealed and hashed with, and nobody reads it any more. Sealed
    once they may be passed on to every row of the act. Of an erased family nothing readable is written.
    """
    if not words or household_id is None or sealed_bytes(words) is not None:
        return words
    connection = session.connection()
    try:
        cipher = keyring_of(connection).to_write(connection, [household_id])[household_id]
    except KeyDestroyed:
        return ERASED
    return words_of(seal(cipher, household_id, words, WORDS_PURPOSE))


def open_words(words: str) -> str:
    """What `seal_words` sealed; words that nobody sealed are given as they stand."""
    value = sealed_bytes(words)
    if value is None:
        return words
    try:
        return open_value(value, WORDS_PURPOSE)
    except InvalidTag:
        return words


def words_of(sealed: bytes) -> str:
    """How a sealed value stands in a column of text."""
    return WORDS + b64encode(sealed).decode()


def sealed_bytes(words: str) -> bytes | None:
    if not words.startswith(WORDS):
        return None
    try:
        value = b64decode(words[len(WORDS) :], validate=True)
    except ValueError:
        return None
    return value if value[:1] == OF_HOUSEHOLD else None


@cache
def bound_columns(name: str) -> Bound | None:
    from aidtrack.db.types import EncryptedText

    table = Base.metadata.tables.get(name)
    if table is None:
        return None
    sealed = {
        column.name: column.type
        for column in table.columns
        if isinstance(column.type, EncryptedText) and column.type.owner is not None
    }
    if not sealed:
        return None
    [owner] = {kind.owner for kind in sealed.values()}
    return Bound(table, str(owner), {column: kind.purpose for column, kind in sealed.items()})


def bound_tables() -> list[Bound]:
    """Every table with values of households."""
    return [bound for name in sorted(Base.metadata.tables) if (bound := bound_columns(name)) is not None]


def open_value(value: bytes, purpose: str) -> str:
    """The text of a column of a household's row."""
    reading = _reading.get()
    if reading is None:
        return _latest[-1].open(value, purpose, None)
    keyring, connection = reading
    return keyring.open(value, purpose, connection())


def keyring_of(connection: Connection) -> Keyring:
    keyring: Keyring = connection.engine.dialect._aidtrack_keyring  # type: ignore[attr-defined]
    return keyring


def read_keys_ahead(session: Session, household_ids: Collection[int]) -> None:
    """Before many families' values are read: their keys in one question instead of one each."""
    connection = session.connection()
    keyring_of(connection).read_ahead(connection, household_ids)


def attach(engine: Engine) -> None:
    """Seal what this engine writes and open what it reads. Called once, with the engine's other settings."""
    keyring = Keyring(engine)
    engine.dialect._aidtrack_keyring = keyring  # type: ignore[attr-defined]  # shared by engines with options, kept by dispose()
    _latest[:] = [keyring]

    @event.listens_for(engine, "before_execute", retval=True)
    def before_execute(
        connection: Connection, statement: Any, many: Any, one: Any, _options: Any
    ) -> tuple[Any, Any, Any]:
        _reading.set((keyring, ref(connection)))
        if isinstance(statement, _HANDLED):
            bound = bound_columns(getattr(statement.table, "name", ""))
            if bound is not None:
                return _sealed(keyring, connection, bound, statement, many, one)
        return statement, many, one

    event.listen(engine, "begin", keyring.begin)
    event.listen(engine, "commit", keyring.end)
    event.listen(engine, "rollback", keyring.end)


def _sealed(
    keyring: Keyring, connection: Connection, bound: Bound, statement: Any, many: Any, one: Any
) -> tuple[Any, Any, Any]:
    if statement._multi_values:
        raise OwnerUnknown(f"give the rows of {bound.table.name} as parameters, not in the statement")
    written = {_name(key): (key, _plain(value)) for key, value in (statement._values or {}).items()}
    rows = list(many) if many else [one]
    fixed = {name: value for name, (_, value) in written.items()}
    is_update = isinstance(statement, Update)
    if is_update and (bound.owner in fixed or any(bound.owner in row for row in rows)):
        _move(keyring, connection, bound, statement, fixed, rows)
    owners = [_owner(connection, bound, statement, {**fixed, **row}, row, is_update) for row in rows]
    ciphers = keyring.to_write(connection, {one for found in owners for one in found.values() if one})

    def shut(name: str, value: str, household_id: int | None) -> Sealed:
        purpose = bound.purposes[name]
        if household_id is None:
            return Sealed(seal_for_site(value, purpose))
        return Sealed(seal(ciphers[household_id], household_id, value, purpose))

    sealed_rows = [
        {
            name: shut(name, value, found[name]) if name in found and isinstance(value, str) else value
            for name, value in row.items()
        }
        for row, found in zip(rows, owners, strict=True)
    ]
    in_statement = {
        key: shut(name, value, owners[0][name])
        for name, (key, value) in written.items()
        if name in bound.purposes and isinstance(value, str)
    }
    if in_statement:
        if len({tuple(found.items()) for found in owners}) > 1:
            raise OwnerUnknown(f"one text of {bound.table.name} for several households")
        statement = statement.values(in_statement)
    return (statement, sealed_rows, {}) if many else (statement, [], sealed_rows[0])


def _owner(
    connection: Connection, bound: Bound, statement: Any, values: dict[str, Any], row: Any, is_update: bool
) -> dict[str, int | None]:
    """By column with text to seal: whose key."""
    texts = {name: values[name] for name in bound.purposes if isinstance(values.get(name), str)}
    if not texts:
        return {}
    owners: dict[str, int | None] = {
        name: text.household_id for name, text in texts.items() if isinstance(text, Owned)
    }
    rest = texts.keys() - owners.keys()
    if not rest:
        return owners
    if bound.owner in values:
        household_id = values[bound.owner]
        if household_id is not None and not isinstance(household_id, int):
            raise OwnerUnknown(f"{bound.table.name}.{bound.owner} must be a number")
    elif is_update:
        household_id = _owner_of_rows(connection, bound, statement, row)
    elif bound.owner == "id":
        raise OwnerUnknown(f"a row of {bound.table.name} gets its number and its key from insert_returning")
    else:
        household_id = None
    return {**owners, **dict.fromkeys(rest, household_id)}


def _owner_of_rows(connection: Connection, bound: Bound, statement: Any, row: Any) -> int | None:
    asked = select(bound.table.c[bound.owner]).distinct()
    if statement.whereclause is not None:
        asked = asked.where(statement.whereclause)
    found = connection.execute(asked, row or {}).scalars().all()
    if len(found) > 1:
        raise OwnerUnknown(f"one text of {bound.table.name} for {len(found)} households")
    return found[0] if found else None


def _move(
    keyring: Keyring, connection: Connection, bound: Bound, statement: Any, fixed: dict[str, Any], rows: Any
) -> None:
    """Seal rows anew that are about to belong to another household."""
    table = bound.table
    key = list(table.primary_key)
    for row in rows:
        values = {**fixed, **row}
        to = values.get(bound.owner)
        names = [name for name in bound.purposes if name not in values]
        if not names or (to is not None and not isinstance(to, int)):
            if names:
                raise OwnerUnknown(f"{table.name}.{bound.owner} must be a number")
            continue
        asked = select(*key, *(table.c[name] for name in names))
        if statement.whereclause is not None:
            asked = asked.where(statement.whereclause)
        reseal(keyring, connection, bound, connection.execute(asked, row or {}).mappings().all(), to)


def reseal(
    keyring: Keyring, connection: Connection, bound: Bound, rows: Any, household_id: int | None
) -> None:
    """Write the columns given in rows (with the primary key) anew under a household's key."""
    table = bound.table
    key = [column.name for column in table.primary_key]
    cipher = None if household_id is None else keyring.to_write(connection, [household_id])[household_id]

    def shut(name: str, text: str | None) -> Sealed | None:
        if text is None:
            return None
        purpose = bound.purposes[name]
        if cipher is None or household_id is None:
            return Sealed(seal_for_site(text, purpose))
        return Sealed(seal(cipher, household_id, text, purpose))

    changed = [
        {f"key_{name}": row[name] for name in key}
        | {name: shut(name, row[name]) for name in bound.purposes if name in row}
        for row in rows
    ]
    if changed:
        where = [table.c[name] == bindparam(f"key_{name}") for name in key]
        connection.execute(update(table).where(*where), changed)


def _name(key: Any) -> str:
    return key if isinstance(key, str) else str(key.key)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, BindParameter) else value

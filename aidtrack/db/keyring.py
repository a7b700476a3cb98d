"""Every household's own key: made with the household, kept sealed by the site's data key, destroyed with it.

A value is sealed under its household's key and names it, so that destroying one small row makes every copy
unreadable, those in backups of the tables too (docs/adr/0012). Keys are read in blocks of neighbours: printing ten
thousand vouchers asks for some dozens of blocks and not for each name.
"""

import os
import threading
import time
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from aidtrack.db.vault import NONCE, current_vault

OF_SITE, OF_HOUSEHOLD = b"\x01", b"\x02"  # the first byte of a value: whose key opens it
_HEAD = 9  # that byte and the household's number
KEY_BYTES = 32
BLOCK = 128  # neighbouring households whose keys are read at once
MOST_BLOCKS = 512
MOST_SINGLES = 10_000
LIFE = 60.0  # seconds a key read once is kept; a destroyed one is forgotten by every process after that
_PORTION = 5000
_ADD = text("INSERT INTO household_key (household_id, sealed) VALUES (:household_id, :sealed)")
LOCAL = "aidtrack_household_keys"  # in a connection's info: keys its transaction read to write with, or made

Cipher = AESGCM | None  # None: destroyed
ERASED = "—"  # what a value reads as whose key is destroyed


class KeyDestroyed(Exception):
    """Somebody wants to write about a household that was erased."""


def seal(cipher: AESGCM, household_id: int, value: str, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    number = household_id.to_bytes(8)
    return OF_HOUSEHOLD + number + nonce + cipher.encrypt(nonce, value.encode(), _bound(purpose, number))


def seal_for_site(value: str, purpose: str) -> bytes:
    """A value of a row that is about no household."""
    return OF_SITE + current_vault().encrypt(value, purpose)


def owner_of(value: bytes) -> int | None:
    """The household whose key sealed a value, None for the site's."""
    return int.from_bytes(value[1:_HEAD]) if value[:1] == OF_HOUSEHOLD else None


def _open(cipher: AESGCM, value: bytes, purpose: str) -> str:
    nonce = value[_HEAD : _HEAD + NONCE]
    return cipher.decrypt(nonce, value[_HEAD + NONCE :], _bound(purpose, value[1:_HEAD])).decode()


def _bound(purpose: str, number: bytes) -> bytes:
    return purpose.encode() + b"\0" + number


class Keyring:
    """The keys of one database. Reads may use a key kept for a minute; writes ask in their own transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._blocks: dict[int, tuple[float, dict[int, Cipher | bytes]]] = {}
        self._singles: dict[int, tuple[float, dict[int, Cipher | bytes]]] = {}  # by household: read ahead
        self._loading = threading.Lock()

    def open(self, value: bytes, purpose: str, connection: Connection | None) -> str:
        """The text of a sealed value, `ERASED` if its key is destroyed."""
        if not value:
            return ERASED
        if value[:1] == OF_SITE:
            return current_vault().decrypt(value[1:], purpose)
        household_id = int.from_bytes(value[1:_HEAD])
        cipher = self._kept(household_id)
        if cipher is not None:
            try:
                return _open(cipher, value, purpose)
            except InvalidTag:  # a number given out again after a rollback elsewhere: its key is another
                pass
        cipher = self._fresh(household_id, connection)
        return ERASED if cipher is None else _open(cipher, value, purpose)

    def read_ahead(self, connection: Connection, household_ids: Collection[int]) -> None:
        """The keys of families about to be shown, in one question: those of a search are no neighbours."""
        now = time.monotonic()
        missing = sorted(one for one in set(household_ids) if self._loaded_for(one, now) is None)
        for portion in _portions(missing):
            keys = _read(connection, f"IN ({','.join(map(str, portion))})")
            for made_here in connection.info.get(LOCAL, ()):
                keys.pop(made_here, None)
            with self._loading:
                if len(self._singles) + len(keys) > MOST_SINGLES:
                    self._singles = {}
                self._singles.update((number, (now + LIFE, keys)) for number in keys)

    def _loaded_for(self, household_id: int, now: float) -> dict[int, Cipher | bytes] | None:
        for loaded in (self._blocks.get(household_id // BLOCK), self._singles.get(household_id)):
            if loaded is not None and loaded[0] >= now:
                return loaded[1]
        return None

    def _kept(self, household_id: int) -> Cipher:
        keys = self._loaded_for(household_id, time.monotonic())
        return None if keys is None else _cipher(keys, household_id)

    def _fresh(self, household_id: int, connection: Connection | None) -> Cipher:
        if connection is None or connection.closed or connection.invalidated:
            with self._engine.connect() as another:
                return self._loaded(household_id, another)
        local = connection.info.get(LOCAL, {})
        if household_id in local:
            found: Cipher = local[household_id]
            return found
        return self._loaded(household_id, connection)

    def _loaded(self, household_id: int, connection: Connection) -> Cipher:
        block = household_id // BLOCK
        first = block * BLOCK
        keys = _read(connection, f"BETWEEN {first} AND {first + BLOCK - 1}")
        found = _cipher(keys, household_id)
        for made_here in connection.info.get(LOCAL, ()):  # not committed yet: nobody else's business
            keys.pop(made_here, None)
        with self._loading:
            while len(self._blocks) >= MOST_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[block] = (time.monotonic() + LIFE, keys)
        return found

    def to_write(self, connection: Connection, household_ids: Collection[int]) -> dict[int, AESGCM]:
        """Ciphers for sealing, as this transaction sees them.

        Raises:
            KeyDestroyed: one of the households was erased.
        """
        local: dict[int, Cipher] = connection.info.setdefault(LOCAL, {})
        missing = sorted(set(household_ids) - local.keys())
        for portion in _portions(missing):
            keys = _read(connection, f"IN ({','.join(map(str, portion))})")
            local |= {number: _cipher(keys, number) for number in keys}
            # registered past insert_returning, as a bare row: its first value makes the key
            new = [number for number in portion if number not in keys]
            for row in self.make(connection, new):
                connection.execute(_ADD, row)
        found: dict[int, AESGCM] = {}
        for household_id in household_ids:
            cipher = local[household_id]
            if cipher is None:
                raise KeyDestroyed(household_id)
            found[household_id] = cipher
        return found

    def make(self, connection: Connection, household_ids: Collection[int]) -> list[dict[str, Any]]:
        """New keys for households about to be inserted; gives the rows to insert after them."""
        local: dict[int, Cipher] = connection.info.setdefault(LOCAL, {})
        vault, rows = current_vault(), []
        for household_id in household_ids:
            key = os.urandom(KEY_BYTES)
            local[household_id] = AESGCM(key)
            rows.append({"household_id": household_id, "sealed": vault.wrap(key, household_id)})
        return rows

    def destroyed(self, connection: Connection, household_id: int) -> None:
        """The caller emptied the key's row in this transaction: nothing more is sealed or opened with it."""
        connection.info.setdefault(LOCAL, {})[household_id] = None

    def forget(self) -> None:
        """Everything is read anew."""
        self._blocks.clear()
        self._singles = {}

    def begin(self, connection: Connection) -> None:
        connection.info.pop(LOCAL, None)

    def end(self, connection: Connection) -> None:
        """A transaction ended: what it made or destroyed is read anew."""
        if connection.invalidated:  # lost with the connection: nobody can say any more what that was
            self.forget()
            return
        for household_id in connection.info.pop(LOCAL, ()):
            self._blocks.pop(household_id // BLOCK, None)
            self._singles.pop(household_id, None)


def _cipher(keys: dict[int, Cipher | bytes], household_id: int) -> Cipher:
    """The cipher of one household; its key is unsealed when it is first asked for."""
    found = keys.get(household_id)
    if isinstance(found, bytes):
        found = keys[household_id] = AESGCM(current_vault().unwrap(found, household_id))
    return found


def _read(connection: Connection, where: str) -> dict[int, Cipher | bytes]:
    rows = connection.exec_driver_sql(
        f"SELECT household_id, sealed FROM household_key WHERE household_id {where}"  # noqa: S608  (numbers only)
    )
    return {number: None if sealed is None else bytes(sealed) for number, sealed in rows}


def _portions(numbers: list[int]) -> Iterator[list[int]]:
    iterator = iter(numbers)
    while portion := list(islice(iterator, _PORTION)):
        yield portion

"""Keys of the site: encryption of identifying fields and keyed hashes for look-up."""

import os
from hashlib import sha256
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class Keys(Protocol):
    """What the configuration says of keys; this room does not know it."""

    @property
    def data_key(self) -> bytes: ...
    @property
    def hash_key(self) -> bytes | None: ...
    @property
    def old_data_key(self) -> bytes | None: ...


class Vault:
    """AES-256-GCM for what must be read again, HMAC-SHA-256 for what is only compared.

    Both keys are derived from one 32-byte data key, which never enters the database: a stolen
    database file names nobody. A data key that followed another keeps that one's hash key, or nothing would be
    found any more; while values are sealed anew, what the former one sealed is read with the former one.
    """

    def __init__(
        self, data_key: bytes, *, hash_key: bytes | None = None, former: bytes | None = None
    ) -> None:
        if len(data_key) < 32:
            raise ValueError("the data key has at least 32 bytes")
        self._former = (
            None if former is None else AESGCM(self._derive(former, b"aidtrack field encryption v1"))
        )
        self._cipher = AESGCM(self._derive(data_key, b"aidtrack field encryption v1"))
        # HMAC by its definition, both halves begun once: a register's names ask for millions of hashes
        key = (hash_key or hash_key_of(data_key)).ljust(sha256().block_size, b"\0")
        self._inner = sha256(bytes(one ^ 0x36 for one in key))
        self._outer = sha256(bytes(one ^ 0x5C for one in key))

    @classmethod
    def of(cls, keys: Keys) -> Self:
        """With all that is configured: also in the middle of a change of the data key."""
        return cls(keys.data_key, hash_key=keys.hash_key, former=keys.old_data_key)

    @staticmethod
    def _derive(data_key: bytes, label: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(data_key)

    def encrypt(self, text: str, purpose: str) -> bytes:
        return self._seal(text.encode(), purpose.encode())

    def decrypt(self, sealed: bytes, purpose: str) -> str:
        return self._open(sealed, purpose.encode()).decode()

    def wrap(self, key: bytes, household_id: int) -> bytes:
        """A household's key as the database keeps it."""
        return self._seal(key, bound_to_household(household_id))

    def unwrap(self, sealed: bytes, household_id: int) -> bytes:
        return self._open(sealed, bound_to_household(household_id))

    def under_newest_key(self, sealed: bytes, bound_to: bytes) -> bytes | None:
        """A value of the former data key sealed under the newest one; None where it is that already.

        Raises:
            InvalidTag: neither key opens it.
        """
        try:
            self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
        except InvalidTag:
            return self._seal(self._open(sealed, bound_to), bound_to)
        return None

    def _open(self, sealed: bytes, bound_to: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
        except InvalidTag:
            if self._former is None:
                raise
            return self._former.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)

    def _seal(self, content: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, bound_to)

    def digest(self, text: str, purpose: str) -> bytes:
        """A 32-byte keyed hash: equal texts are found, and ten digits cannot be guessed without the key."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{purpose}\0{text}".encode())
        outer.update(inner.digest())
        return outer.digest()


def hash_key_of(data_key: bytes) -> bytes:
    """The key of the hashes that a data key of its own brings along; it opens nothing."""
    return Vault._derive(data_key, b"aidtrack keyed hash v1")


def bound_to_household(household_id: int) -> bytes:
    return b"household_key\0" + household_id.to_bytes(8)


_current: Vault | None = None


def use_vault(vault: Vault) -> None:
    """Set the process's vault. `create_app` calls this once, before the first query."""
    global _current
    _current = vault


def current_vault() -> Vault:
    if _current is None:
        raise RuntimeError("no data key: create the application first")
    return _current

"""Keys of the site: encryption of identifying fields and keyed hashes for look-up."""

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class Vault:
    """AES-256-GCM for what must be read again, HMAC-SHA-256 for what is only compared.

    Both keys are derived from one 32-byte data key, which never enters the database: a stolen
    database file names nobody.
    """

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) < 32:
            raise ValueError("the data key has at least 32 bytes")
        self._cipher = AESGCM(self._derive(data_key, b"aidtrack field encryption v1"))
        self._digest_key = self._derive(data_key, b"aidtrack keyed hash v1")

    @staticmethod
    def _derive(data_key: bytes, label: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(data_key)

    def encrypt(self, text: str, purpose: str) -> bytes:
        return self._seal(text.encode(), purpose.encode())

    def decrypt(self, sealed: bytes, purpose: str) -> str:
        return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], purpose.encode()).decode()

    def wrap(self, key: bytes, household_id: int) -> bytes:
        """A household's key as the database keeps it."""
        return self._seal(key, _of_household(household_id))

    def unwrap(self, sealed: bytes, household_id: int) -> bytes:
        return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _of_household(household_id))

    def _seal(self, content: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, bound_to)

    def digest(self, text: str, purpose: str) -> bytes:
        """A 32-byte keyed hash: equal texts are found, and ten digits cannot be guessed without the key."""
        return hmac.digest(self._digest_key, purpose.encode() + b"\0" + text.encode(), sha256)


def _of_household(household_id: int) -> bytes:
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

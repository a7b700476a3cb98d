"""Rows of a pack that open with the paper in hand and at no other time.

A row's name and key come from what only the voucher carries: the 128 random bits of its code, or the ten
characters to type. Nonces are made from key and content, so that an unchanged row is the same bytes again
and two contents never share a nonce.

Source: docs/sync.md#pack
"""

import hmac
import json
import unicodedata
from collections.abc import Iterable
from hashlib import pbkdf2_hmac, sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from aidtrack.kernel.late import dataclass

INFO = b"aidtrack pack row v1"
ITERATIONS = 20_000  # on top of 45 random bits; a phone six times slower than a desk spends about 0.1 s
NAME, NONCE, TAG = 8, 12, 16
PADDED = 128  # every family's row is of one length
CODE_BYTES = 100
ROW = NAME + NONCE + PADDED + TAG
TYPED_ROW = NAME + NONCE + CODE_BYTES + TAG


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens one row: the name it is found by and the key."""

    name: bytes
    key: bytes

    @classmethod
    def split(cls, derived: bytes) -> "Secret":
        return cls(derived[:NAME], derived[NAME:])


def voucher_secret(voucher_id: bytes, round_tag: int) -> Secret:
    """From the 16 bytes inside the voucher's code."""
    derived = HKDF(algorithm=SHA256(), length=NAME + 32, salt=round_tag.to_bytes(4, "big"), info=INFO)
    return Secret.split(derived.derive(voucher_id))


def typed_secret(code: str, salt: bytes, iterations: int) -> Secret:
    """From the ten characters in stored form. Slow on purpose."""
    return Secret.split(pbkdf2_hmac("sha256", code.encode("ascii"), salt, iterations, NAME + 32))


def seal(secret: Secret, content: bytes) -> bytes:
    """One row: name, nonce, ciphertext with its tag."""
    nonce = hmac.digest(secret.key, content, sha256)[:NONCE]
    return secret.name + nonce + AESGCM(secret.key).encrypt(nonce, content, secret.name)


def find(rows: bytes, name: bytes, *, size: int) -> bytes | None:
    """The row of that name among rows of `size` bytes sorted by name."""
    low, high = 0, len(rows) // size
    while low < high:
        middle = (low + high) // 2
        if rows[middle * size : middle * size + NAME] < name:
            low = middle + 1
        else:
            high = middle
    row = rows[low * size : (low + 1) * size]
    return row if row[:NAME] == name and len(row) == size else None


def unseal(secret: Secret, row: bytes) -> bytes | None:
    """The content of a row, None where the secret is not the row's."""
    try:
        return AESGCM(secret.key).decrypt(row[NAME : NAME + NONCE], row[NAME + NONCE :], row[:NAME])
    except InvalidTag:
        return None


def joined(rows: Iterable[bytes]) -> bytes:
    """The blob: rows in the order of their names, which are random."""
    return b"".join(sorted(rows))


# -- what a family's row says ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """What the phone shows when the voucher is scanned, and all it ever knows of a family."""

    name: str  # the head's, short
    persons: int
    collector: str | None = None


def family_content(row: FamilyRow) -> bytes:
    """JSON in exactly 128 bytes; the longer of two names gives way, letter by letter."""
    name, collector = row.name, row.collector
    while True:
        text = json.dumps(
            {"n": name, "s": row.persons, "c": collector}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        if len(text) <= PADDED:
            return text.ljust(PADDED)
        if collector and len(collector.encode()) > len(name.encode()):
            collector = without_last_letter(collector)
        else:
            name = without_last_letter(name)


def without_last_letter(text: str) -> str:
    """The text without its last letter and the marks that stand on it."""
    end = len(text) - 1
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]


def family_of(content: bytes) -> FamilyRow:
    said = json.loads(content)
    return FamilyRow(said["n"], said["s"], said["c"])

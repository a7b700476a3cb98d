"""A supervisor's code for handouts without a voucher: what the phone checks it by, and what it proves.

The phone holds salt and hash, so it can tell a wrong code; the server holds the key, so it can tell a proof
that was made without the code.

Source: docs/sync.md#pack
"""

import hmac
from hashlib import pbkdf2_hmac, sha256

ITERATIONS = 100_000  # typed once in a while, by one person


def key_of(code: str, salt: bytes, iterations: int) -> bytes:
    """32 bytes from the code in stored form."""
    return pbkdf2_hmac("sha256", code.encode("ascii"), salt, iterations, 32)


def hash_of(key: bytes) -> bytes:
    """What a pack carries."""
    return sha256(key).digest()


def proof(key: bytes, event_id: str) -> bytes:
    """What an event carries: the code was typed for this event."""
    return hmac.digest(key, event_id.encode(), sha256)


def proves(key: bytes, event_id: str, claimed: bytes) -> bool:
    return hmac.compare_digest(proof(key, event_id), claimed)

"""A file of unsent events: written by a phone for the centre's key, read in by hand.

Source: docs/sync.md#by-hand
"""

import json
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from aidtrack.distribution.signing import public_key_from_bytes, public_key_to_bytes

MAGIC = b"AIDFILE1"
INFO = b"aidtrack file v1"
POINT, NONCE, TAG = 65, 12, 16
LARGEST_CONTENT = 32 * 1024 * 1024  # a compressed file cannot swell beyond this


class NotOurFile(ValueError):
    """Not a file of unsent events, not for this key, or not whole."""


def _key(private_key: ec.EllipticCurvePrivateKey, other: bytes, *, ephemeral: bytes, own: bytes) -> bytes:
    shared = private_key.exchange(ec.ECDH(), public_key_from_bytes(other))
    return HKDF(algorithm=SHA256(), length=32, salt=ephemeral + own, info=INFO).derive(shared)


def read(data: bytes, private_key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """`{"device", "events"}` as the phone wrote it.

    Raises:
        NotOurFile
    """
    if not data.startswith(MAGIC) or len(data) < len(MAGIC) + POINT + NONCE + TAG:
        raise NotOurFile("not such a file")
    ephemeral = data[len(MAGIC) : len(MAGIC) + POINT]
    nonce = data[len(MAGIC) + POINT : len(MAGIC) + POINT + NONCE]
    own = public_key_to_bytes(private_key.public_key())
    try:
        key = _key(private_key, ephemeral, ephemeral=ephemeral, own=own)
        packed = AESGCM(key).decrypt(nonce, data[len(MAGIC) + POINT + NONCE :], None)
        content = _unpacked(packed)
        said = json.loads(content)
    except (ValueError, InvalidTag, zlib.error, RecursionError) as error:
        raise NotOurFile("not for this key, or not whole") from error
    if not isinstance(said, dict) or not isinstance(said.get("events"), list):
        raise NotOurFile("no events in it")
    return said


def _unpacked(packed: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=31)  # gzip
    content = inflate.decompress(packed, LARGEST_CONTENT)
    if inflate.unconsumed_tail or not inflate.eof:
        raise NotOurFile("larger than any phone's day, or cut off")
    return content


def write(
    content: dict[str, Any], file_key: bytes, *, private_key: ec.EllipticCurvePrivateKey, nonce: bytes
) -> bytes:
    """What a phone writes: for clients in Python, and for tests. `private_key` is new for every file."""
    ephemeral = public_key_to_bytes(private_key.public_key())
    key = _key(private_key, file_key, ephemeral=ephemeral, own=file_key)
    deflate = zlib.compressobj(wbits=31)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    packed = deflate.compress(text) + deflate.flush()
    return MAGIC + ephemeral + nonce + AESGCM(key).encrypt(nonce, packed, None)

"""Bytes as text, the one way the protocol writes them.

Source: docs/sync.md#encodings
"""

import base64


def b64(data: bytes) -> str:
    """base64url without padding, as everywhere in the protocol."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64(text: str) -> bytes:
    """The bytes of `b64`; ValueError for anything else."""
    if not text.isascii() or "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url without padding")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

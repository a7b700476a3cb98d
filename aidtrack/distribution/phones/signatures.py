"""What a phone signs: requests and event bodies, with the P-256 key made in its browser.

Source: docs/sync.md#signed-requests
"""

import re
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from aidtrack.distribution.phones.encoding import b64, from_b64
from aidtrack.kernel.late import dataclass

SCHEME = "Aidtrack-Device"
REQUEST_LABEL = "AID-REQ1"
EVENT_LABEL = b"AID-EVT1\n"
POINT_BYTES, SIGNATURE_BYTES, RANDOM_BYTES = 65, 64, 16
CLOCK_SKEW_MS = 10 * 60 * 1000

_MILLISECONDS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Signed:
    """The parts of an `Authorization: Aidtrack-Device` header; nothing is verified yet."""

    device: str
    milliseconds: int
    random: str
    signature: bytes

    @classmethod
    def of(cls, header: str) -> "Signed | None":
        """None for anything that is not such a header, to the letter."""
        scheme, _, rest = header.partition(" ")
        parts = rest.split(".")
        if scheme != SCHEME or len(parts) != 4 or not _MILLISECONDS.fullmatch(parts[1]):
            return None
        try:
            device, random, signature = str(UUID(parts[0])), from_b64(parts[2]), from_b64(parts[3])
        except ValueError:
            return None
        if len(random) != RANDOM_BYTES or len(signature) != SIGNATURE_BYTES or device != parts[0]:
            return None
        return cls(device, int(parts[1]), parts[2], signature)

    def text(self, method: str, path: str, body: bytes) -> bytes:
        """The bytes that were signed. The path stands as it was sent, with its query."""
        return request_text(method, path, self.milliseconds, self.random, body)


def request_text(method: str, path: str, milliseconds: int, random: str, body: bytes) -> bytes:
    digest = sha256(body).hexdigest()
    return f"{REQUEST_LABEL}\n{method}\n{path}\n{milliseconds}\n{random}\n{digest}".encode()


def is_point(data: bytes) -> bool:
    """Whether these are 65 bytes of a point on the curve: what an enrolling phone must send."""
    try:
        _public_key(data)
    except ValueError:
        return False
    return len(data) == POINT_BYTES


@lru_cache(maxsize=256)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def is_signed(point: bytes, signature: bytes, text: bytes) -> bool:
    """Whether r‖s is this key's signature over the text. Never raises, whatever was sent."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        _public_key(point).verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def event_is_signed(point: bytes, signature: bytes, body: bytes) -> bool:
    """The same for an event, whose body is the text as the phone wrote it once."""
    return is_signed(point, signature, EVENT_LABEL + body)


def sign(private_key: ec.EllipticCurvePrivateKey, text: bytes) -> bytes:
    """r‖s, as a browser makes it: for clients written in Python, and for tests."""
    r, s = decode_dss_signature(private_key.sign(text, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def authorization(
    private_key: ec.EllipticCurvePrivateKey,
    device: str,
    *,
    method: str,
    path: str,
    body: bytes,
    milliseconds: int,
    random: bytes,
) -> str:
    """The header a client sends."""
    text = request_text(method, path, milliseconds, b64(random), body)
    return f"{SCHEME} {device}.{milliseconds}.{b64(random)}.{b64(sign(private_key, text))}"

"""The voucher code: 36 bytes of claims and an ECDSA P-256 signature, as 165 characters of text.

`"AID1:" + base32(claims + signature)`, DESIGN §4. Base32 keeps the QR code in alphanumeric mode and
survives a USB scanner that types on the Ukrainian layout. Nothing in it describes a family; whoever
finds a voucher learns nothing, and a stolen phone holds only public keys.

Days are signed 16-bit counts from 2024-01-01, so that older rounds can be entered afterwards (1934 to 2113).
"""

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from aidtrack.distribution.errors import BadSignature, DamagedVoucher, ForeignVoucher, NotAVoucher, UnknownKey
from aidtrack.kernel.ids import from_ukrainian_layout
from aidtrack.kernel.late import dataclass

PREFIX = "AID1:"
CODE_CHARACTERS = 165
VERSION = 1  # fixes curve, hash and layout; there is no choice inside the token
EPOCH = date(2024, 1, 1)
DOMAIN_LABEL = b"aidtrack voucher v1\x00"  # a signature made for anything else never fits a voucher

# version, key id, deployment, round, voucher id, status index (3 bytes), profile, first day, last day
_BODY = struct.Struct(">BHII16s3sHhh")
_SIGNATURE_BYTES = 64
_BASE32 = re.compile(r"[A-Z2-7]{160}")
_SPACE = re.compile(r"\s+")
_KEYBOARD = re.compile(r"[\x20-\x7e\u0400-\u04ff]*")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_CURVE = ec.SECP256R1()
_GROUP_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# RFC 6979: the nonce comes from key and message, so a weak random source cannot leak the key
_ALGORITHM = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_VERIFY_ALGORITHM = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class VoucherClaims:
    """What a voucher says to those who hold its round's pack, and to nobody else."""

    key_id: int  # 16 bits
    deployment_tag: int  # 32 bits
    round_tag: int  # 32 bits, random
    voucher_id: UUID  # new at every print
    status_index: int  # 24 bits, place in the revocation bit list
    profile: int  # 16 bits, entitlement profile of the round
    first_day: date
    last_day: date

    def to_bytes(self) -> bytes:
        """The 36 signed bytes, network order.

        Raises:
            ValueError: a field does not fit its bytes.
        """
        if self.last_day < self.first_day:
            raise ValueError("a voucher's last day lies before its first day")
        try:
            return _BODY.pack(
                VERSION,
                self.key_id,
                self.deployment_tag,
                self.round_tag,
                self.voucher_id.bytes,
                self.status_index.to_bytes(3, "big"),
                self.profile,
                (self.first_day - EPOCH).days,
                (self.last_day - EPOCH).days,
            )
        except (struct.error, OverflowError) as error:
            raise ValueError(f"a voucher claim does not fit its bytes: {error}") from error

    @classmethod
    def from_bytes(cls, body: bytes) -> "VoucherClaims":
        """The claims in 36 bytes; DamagedVoucher for another version or days that contradict."""
        version, key_id, deployment, round_tag, voucher_id, status, profile, first, last = _BODY.unpack(body)
        if version != VERSION or last < first:
            raise DamagedVoucher
        return cls(
            key_id=key_id,
            deployment_tag=deployment,
            round_tag=round_tag,
            voucher_id=UUID(bytes=voucher_id),
            status_index=int.from_bytes(status, "big"),
            profile=profile,
            first_day=EPOCH + timedelta(days=first),
            last_day=EPOCH + timedelta(days=last),
        )


def encode(claims: VoucherClaims, private_key: ec.EllipticCurvePrivateKey) -> str:
    """The signed code, 165 characters; the same claims and key always give the same code."""
    body = claims.to_bytes()
    r, s = decode_dss_signature(private_key.sign(DOMAIN_LABEL + body, _ALGORITHM))
    s = min(s, _GROUP_ORDER - s)  # of the two valid forms the smaller one: a voucher has one code only
    return PREFIX + base64.b32encode(body + r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode("ascii")


def decode(text: str) -> tuple[VoucherClaims, bytes, bytes]:
    """Take a scanned or typed code apart: claims, signature, signed body. Nothing is verified yet.

    Lower case, line ends and a scanner on the Ukrainian layout are understood.

    Raises:
        NotAVoucher: the text does not begin like a voucher code.
        DamagedVoucher: it does, and is not whole.
    """
    # cut first: a QR code of something else can hold thousands of characters
    typed = _SPACE.sub("", text[: 4 * CODE_CHARACTERS])
    if not _KEYBOARD.fullmatch(typed):
        raise NotAVoucher
    code = from_ukrainian_layout(typed) if _CYRILLIC.search(typed) else typed.upper()
    if not code.startswith(PREFIX):
        raise NotAVoucher
    if not _BASE32.fullmatch(code, len(PREFIX)):
        raise DamagedVoucher
    try:
        token = base64.b32decode(code[len(PREFIX) :])
    except binascii.Error as error:
        raise DamagedVoucher from error
    body, signature = token[: _BODY.size], token[_BODY.size :]
    return VoucherClaims.from_bytes(body), signature, body


@dataclass(frozen=True, slots=True)
class DecodedCode:
    """A code taken apart once, so that finding its row and verifying it do not each do it again."""

    claims: VoucherClaims
    signature: bytes
    body: bytes

    @classmethod
    def of(cls, text: str) -> "DecodedCode":
        """See `decode`."""
        return cls(*decode(text))

    def verify(self, keys: Mapping[int, ec.EllipticCurvePublicKey], deployment_tag: int) -> VoucherClaims:
        """The claims of a genuine voucher of this deployment; whether it is still open is asked elsewhere.

        Raises:
            ForeignVoucher: another deployment's.
            UnknownKey: its key is not on our list.
            BadSignature: copied with a mistake, or made up.
        """
        if self.claims.deployment_tag != deployment_tag:
            raise ForeignVoucher
        public_key = keys.get(self.claims.key_id)
        if public_key is None:
            raise UnknownKey(key_id=self.claims.key_id)
        r, s = int.from_bytes(self.signature[:32], "big"), int.from_bytes(self.signature[32:], "big")
        if s > _GROUP_ORDER // 2:
            raise BadSignature
        try:
            public_key.verify(encode_dss_signature(r, s), DOMAIN_LABEL + self.body, _VERIFY_ALGORITHM)
        except InvalidSignature as error:
            raise BadSignature from error
        return self.claims


def verify(text: str, keys: Mapping[int, ec.EllipticCurvePublicKey], deployment_tag: int) -> VoucherClaims:
    """`decode` and `DecodedCode.verify` in one, with the refusals of both."""
    return DecodedCode.of(text).verify(keys, deployment_tag)


# -- keys --------------------------------------------------------------------------------------------


def new_private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(_CURVE)


def private_key_to_pem(private_key: ec.EllipticCurvePrivateKey) -> str:
    """PKCS 8, unencrypted: whoever stores it encrypts it at rest."""
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def private_key_from_pem(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 private key")
    return key


def public_key_to_bytes(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point, 65 bytes: what a browser imports as "raw"."""
    return public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def public_key_from_bytes(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)

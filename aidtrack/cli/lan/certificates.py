"""A certificate authority of the installation's own, and the server's certificate under it.

The authority may vouch for private addresses and names under `.local` only (RFC 5280 name constraints), so a
phone that trusts it has given nobody a way to pose as a bank.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from aidtrack.kernel.late import dataclass

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")))
DOMAIN = "local"
AUTHORITY_LIVES = timedelta(days=3650)
CERTIFICATE_LIVES = timedelta(
    days=390
)  # phones refuse server certificates of more than 397 (Apple) or 398 days
RENEW_BEFORE = timedelta(days=30)
CLOCKS_DIFFER = timedelta(days=1)  # a phone whose clock is behind still accepts a new certificate


class NotPrivate(ValueError):
    """An address that is not of a private network."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where the authority and the server's certificate lie; keys are readable by their owner alone."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.crt"

    @property
    def authority_key(self) -> Path:
        return self.folder / "authority.key"

    @property
    def certificate(self) -> Path:
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"


def prepare(folder: Path, addresses: Sequence[IPv4Address], host_name: str, now: datetime) -> Files:
    """The files for a server at these addresses, made or renewed where needed; the authority is kept.

    Raises:
        NotPrivate: an address outside private networks.
    """
    for address in addresses:
        if not any(address in network for network in PRIVATE):
            raise NotPrivate(str(address))
    files = Files(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = sorted({f"{host_name.split('.')[0].lower()}.{DOMAIN}", f"aidtrack.{DOMAIN}"})
    authority = _authority(files, now)
    if _still_good(files, authority, addresses, names, now):
        return files
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(now, CERTIFICATE_LIVES)
        .subject_name(_name("aidtrack"))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([*map(x509.IPAddress, addresses), *map(x509.DNSName, names)]),
            critical=False,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(authority)), critical=False)
        .sign(_read_key(files.authority_key), hashes.SHA256())
    )
    _write_key(files.key, key)
    # with the authority behind it: whoever looks at the connection sees the fingerprint to compare
    chain = (certificate, authority)
    files.certificate.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
    return files


def fingerprint(certificate: Path) -> str:
    """SHA-256 in pairs of hexadecimal digits, as phones show it."""
    return _read(certificate).fingerprint(hashes.SHA256()).hex(":").upper()


def for_phones(certificate: Path) -> bytes:
    """The certificate in DER, the form every phone installs."""
    return _read(certificate).public_bytes(serialization.Encoding.DER)


def _authority(files: Files, now: datetime) -> x509.Certificate:
    if files.authority.exists() and files.authority_key.exists():
        kept = _read(files.authority)
        if kept.not_valid_after_utc - now > CERTIFICATE_LIVES:
            return kept
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("aidtrack local network")
    constraints = x509.NameConstraints(
        permitted_subtrees=[*map(x509.IPAddress, PRIVATE), x509.DNSName(DOMAIN)], excluded_subtrees=None
    )
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(now, AUTHORITY_LIVES)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.authority_key, key)
    files.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def _still_good(
    files: Files,
    authority: x509.Certificate,
    addresses: Sequence[IPv4Address],
    names: list[str],
    now: datetime,
) -> bool:
    if not (files.certificate.exists() and files.key.exists()):
        return False
    kept = _read(files.certificate)
    said = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        kept.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False  # another authority's, or damaged
    return (
        kept.not_valid_after_utc - now > RENEW_BEFORE
        and set(said.get_values_for_type(x509.IPAddress)) == set(addresses)
        and sorted(said.get_values_for_type(x509.DNSName)) == names
    )


def _builder(now: datetime, lives: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now - CLOCKS_DIFFER + lives)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _read_key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    # PKCS 8, because the server reads no other form
    body = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(body)

"""HTTPS for phones of the local network: what is made, kept and renewed, and a phone's way in."""

import base64
import hashlib
import io
import re
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image
from playwright.sync_api import Playwright, expect

from aidtrack.cli.lan import certificates
from tests.cli.conftest import Run
from tests.support import chromium, patience
from tests.support.patience import until
from tests.support.product import free_port
from tests.support.qr import qr_codes

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HERE = [IPv4Address("192.168.77.7")]


def test_a_phone_accepts_the_form_of_both(tmp_path: Path) -> None:
    files = certificates.prepare(tmp_path / "lan", HERE, "Office-PC.example", NOW)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    server = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    server.verify_directly_issued_by(authority)
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=397)
    assert server.not_valid_before_utc < NOW < server.not_valid_after_utc
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == HERE
    assert names.get_values_for_type(x509.DNSName) == ["aidtrack.local", "office-pc.local"]
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert x509.DNSName("local") in (limits.value.permitted_subtrees or [])
    for secret in (files.key, files.authority_key):
        assert secret.stat().st_mode & 0o077 == 0
    assert files.folder.stat().st_mode & 0o077 == 0


def test_the_authority_stays_and_the_certificate_follows_address_and_time(tmp_path: Path) -> None:
    def made(addresses: list[IPv4Address], now: datetime) -> tuple[bytes, bytes]:
        files = certificates.prepare(tmp_path, addresses, "pc", now)
        return files.authority.read_bytes(), files.certificate.read_bytes()

    first = made(HERE, NOW)
    assert made(HERE, NOW + timedelta(days=300)) == first
    moved = made([IPv4Address("10.0.0.5")], NOW)
    late = made([IPv4Address("10.0.0.5")], NOW + timedelta(days=365))
    assert moved[0] == late[0] == first[0]
    assert len({first[1], moved[1], late[1]}) == 3


def test_no_certificate_for_an_address_of_the_internet(tmp_path: Path) -> None:
    with pytest.raises(certificates.NotPrivate):
        certificates.prepare(tmp_path, [IPv4Address("8.8.8.8")], "pc", NOW)
    assert not (tmp_path / "server.crt").exists()


def test_refusals_are_one_line(run: Run, centre: str) -> None:
    assert "not an address of a private network" in run("lan", "--address", "8.8.8.8").line
    assert "not an IPv4 address" in run("lan", "--address", "office").line


def spki(der: bytes) -> str:
    """How Chromium is told to trust one key, in place of a person who installs the authority."""
    key = x509.load_der_x509_certificate(der).public_key()
    point = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(point).digest()).decode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is asked of a database
def test_a_phone_at_a_lan_address_has_camera_and_offline_pages(
    centre: str, environment: None, tmp_path: Path, playwright: Playwright
) -> None:
    """A browser that resolves the private address to this machine: nothing here listens beyond it."""
    port, first = free_port(), free_port()
    command = [
        sys.executable, "-m", "aidtrack.cli", "lan", "--host", "127.0.0.1", "--address", str(HERE[0]),
        "--port", str(port), "--welcome-port", str(first),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout is not None
            said = [server.stdout.readline() for _ in range(3)]
            assert f"phones open http://{HERE[0]}:{first}/ first" in said[0]
            assert f"open https://{HERE[0]}:{port}/" in said[2]
            welcome = f"http://127.0.0.1:{first}"
            der = urllib.request.urlopen(f"{welcome}/aidtrack.crt", timeout=patience.SECONDS).read()
            page = urllib.request.urlopen(f"{welcome}/", timeout=patience.SECONDS).read().decode()
            fingerprint = said[1].split()[-1]
            assert fingerprint in page
            assert hashlib.sha256(der).hexdigest().upper() == fingerprint.replace(":", "")
            assert re.findall(r'<section lang="(..)">', page) == ["uk", "en"]
            assert (
                b".button" in urllib.request.urlopen(f"{welcome}/page.css", timeout=patience.SECONDS).read()
            )
            for path in ("/authority.key", "/../authority.key", "/instance"):
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(welcome + path, timeout=patience.SECONDS)
            _strict(der, port)
            _phone(playwright, der, port, welcome)
        finally:
            server.terminate()


def _strict(der: bytes, port: int) -> None:
    """OpenSSL with this authority alone, name constraints and all: what a phone checks that installed it."""
    trusting = ssl.create_default_context(cadata=der)
    with _connected(port) as plain, trusting.wrap_socket(plain, server_hostname=str(HERE[0])) as safe:
        assert safe.version() == "TLSv1.3"
    with _connected(port) as plain, pytest.raises(ssl.SSLCertVerificationError):
        trusting.wrap_socket(plain, server_hostname="192.168.77.8")


def _connected(port: int) -> socket.socket:
    """The address is printed a moment before the server's process listens."""

    def knock() -> socket.socket | None:
        with suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=patience.SECONDS)
        return None

    return until(knock, "the server")


def _phone(playwright: Playwright, der: bytes, port: int, welcome: str) -> None:
    flags = [
        f"--ignore-certificate-errors-spki-list={spki(der)}",
        f"--host-resolver-rules=MAP {HERE[0]} 127.0.0.1",
    ]
    browser = chromium.launch(playwright, *chromium.SPARING, *flags)
    try:
        page = browser.new_page()
        page.set_default_timeout(chromium.PATIENCE)
        page.goto(welcome)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
        codes = sorted(found.text for found in qr_codes(picture))
        first = welcome.rpartition(":")[2]
        assert codes == [f"http://{HERE[0]}:{first}/", f"https://{HERE[0]}:{port}/"]
        page.goto(f"https://{HERE[0]}:{port}/sign-in")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("isSecureContext && 'serviceWorker' in navigator && !!crypto.subtle")
        tracks = "navigator.mediaDevices.getUserMedia({video: true}).then((s) => s.getVideoTracks().length)"
        assert page.evaluate(tracks) == 1
        page.goto(f"https://{HERE[0]}:{port}/field/")
        assert page.evaluate("navigator.serviceWorker.ready.then((found) => found.active !== null)")
        page.context.set_offline(True)
        page.reload()
        expect(page.locator("main")).to_be_visible()
    finally:
        browser.close()

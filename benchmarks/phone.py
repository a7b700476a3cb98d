"""The phone's page on a slow line and a slow phone: its first load, and a voucher from code to answer.

python -m benchmarks phone

A real Chromium, its processor made six times slower and its line 50 kB a second by its own developer tools. The
load is measured in a fresh browser, over HTTPS as phones need it, until a person can do something; the voucher with an enrolled phone whose pack
holds 5 000 vouchers.
"""

import base64
import math
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import qrcode
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import unit_of_work, upgrade
from aidtrack.distribution.phones.encoding import b64
from aidtrack.kernel.actor import Role
from tests.support import chromium, people, phones
from tests.support import world as made
from tests.support.product import ROOT, environment, free_port
from tests.support.world import World

BYTES_A_SECOND = 50_000
SLOWER = 6
LATENCIES_MS = (100, 300)
VOUCHERS = 5_000
LOADS = 3
LOOKS = 20
SCANS = 40

# When a person can do something: the page shows itself after its script has run.
FIRST_SCREEN = """
() => new Promise((seen) => {
  const look = () => {
    const part = document.querySelector("[data-part=welcome]");
    if (part && part.checkVisibility()) seen(performance.now() / 1000);
    else setTimeout(look, 10);
  };
  look();
})
"""

# Verify the signature and open the family's row, as the counter does it.
LOOK = """
async ([codes, address]) => {
  const { openEngine } = await import(`${address}js/field/engine.js`);
  const { openStore } = await import(`${address}js/field/store.js`);
  const engine = await openEngine({ store: openStore(await import(`${address}vendor/idb.js`)), app: "measured" });
  await engine.status();  // as the page does before it shows where to scan: the pack is read here
  const took = [];
  for (const code of codes) {
    const began = performance.now();
    const verdict = await engine.look(code, "scanner");
    took.push(performance.now() - began);
    if (verdict.code !== "ready" || !verdict.card?.name) throw new Error(verdict.code);
  }
  return took;
}
"""

# From the moment a code is held up until its answer was drawn, ms.
ANSWER = """
(matrix) => new Promise((answered) => {
  const stage = document.querySelector("[data-part=stage]");
  const began = performance.now();
  const seen = new MutationObserver(() => {
    if (stage.dataset.tone !== "due") return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => answered(performance.now() - began)));
  });
  seen.observe(stage, { attributes: true, attributeFilter: ["data-tone"] });
  window.__show(matrix);
})
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key and certificate of a day, and the browser's flag to trust it."""

    cert: Path
    key: Path
    flag: str

    @classmethod
    def made(cls, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        cert = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        made = folder / "cert.crt", folder / "key.txt"
        made[0].write_bytes(cert.public_bytes(Encoding.PEM))
        made[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pinned = base64.b64encode(sha256(public).digest()).decode()
        return cls(*made, flag=f"--ignore-certificate-errors-spki-list={pinned}")


@contextmanager
def serving_https(url: str, certificate: Certificate) -> Iterator[int]:
    """The product as phones meet it: encrypted, so with HTTP/2."""
    port = free_port()
    with TemporaryDirectory(prefix="aidserve-") as folder, Path(folder, "log").open("wb") as log:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", "8", "--no-ws", "--ssl-certificate", str(certificate.cert),
            "--ssl-keyfile", str(certificate.key), "aidtrack.wsgi:app",
        ]  # fmt: skip
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment(url, Path(folder)), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=2):
                        break
                except OSError:
                    if time.monotonic() > deadline or server.poll() is not None:
                        raise RuntimeError(Path(folder, "log").read_text(errors="replace")) from None
                    time.sleep(0.05)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def slow_down(page: Page, latency_ms: int) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency_ms, "downloadThroughput": BYTES_A_SECOND,
         "uploadThroughput": BYTES_A_SECOND},
    )  # fmt: skip
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def first_load(browser: Browser, url: str, latency_ms: int) -> dict[str, float]:
    """One load in a browser that never saw the page, until its first screen stands."""
    context = chromium.open_context(browser, phone=True)
    page = context.new_page()
    session = slow_down(page, latency_ms)
    arrived: list[int] = []
    session.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    page.goto(f"{url}/field/uk", wait_until="commit")
    seconds: float = page.evaluate(FIRST_SCREEN)
    page.wait_for_timeout(500)  # the last files are reported after they arrived
    loaded, count = sum(arrived), len(arrived)
    context.close()
    return {"seconds": round(seconds, 2), "kB": round(loaded / 1000, 1), "files": count}


def in_view(page: Page, codes: list[str]) -> dict[str, float]:
    """From a code before the camera to its answer on the screen: reading, judging and drawing.

    Timed inside the page, so that no look of ours from outside is counted with it.
    """
    page.locator("[data-part=welcome-start]").click()
    page.locator("[data-part=camera-start]").click()
    stage = page.locator("[data-part=stage]")
    took: list[float] = []
    for code in codes:
        drawn = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
        drawn.add_data(code)
        took.append(page.evaluate(ANSWER, [list(map(bool, row)) for row in drawn.get_matrix()]))
        page.locator("[data-part=rest]").click()
        expect(stage).to_have_attribute("data-tone", "ready")
    took = sorted(took[1:])  # the first one waits for the reader to load
    return {
        "scans": len(took),
        "median_s": round(statistics.median(took) / 1000, 2),
        "p95_s": round(took[math.ceil(len(took) * 0.95) - 1] / 1000, 2),
        "slowest_s": round(took[-1] / 1000, 2),
    }


def looks(browser: Browser, url: str, link: str, codes: list[str]) -> dict[str, Any]:
    context = chromium.open_context(browser, phone=True)
    page = context.new_page()
    page.goto(link)
    expect(page.locator("[data-part=welcome-start]")).to_be_visible(timeout=120_000)
    address = page.locator("#counter").get_attribute("data-reader") or ""
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    took: list[float] = page.evaluate(LOOK, [codes[:LOOKS], url + address.partition("vendor/")[0]])
    seen = in_view(page, codes[: SCANS + 1])
    context.close()
    return {
        "first_ms": round(took[0], 1),
        "median_ms": round(statistics.median(took[1:]), 1),
        "slowest_ms": round(max(took[1:]), 1),
        "from code in view to answer": seen,
    }


def prepare(url: str, instance: Path) -> tuple[World, str]:
    """A round of 5 000 vouchers and a code to enrol one phone with."""
    upgrade(url)
    app = create_app(load(environment(url, instance)))
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        for item in ("RICE", "OIL"):
            made.add_lot(session, world, item, 10**10)
        made.add_vouchers(session, world, VOUCHERS)
        manager = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        helper = people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])
    with app.app_context(), unit_of_work() as session:
        token = phones.invitation(
            session,
            user_id=helper.user_id,
            round_id=world.round_id,
            place_id=world.place_id,
            actor=manager.actor,
        )
    return world, b64(token)


def run() -> dict[str, Any]:
    with TemporaryDirectory(prefix="aidphone-") as folder:
        database = f"sqlite:///{Path(folder, 'phone.sqlite3')}"
        world, invitation = prepare(database, Path(folder))
        certificate = Certificate.made(Path(folder))
        with serving_https(database, certificate) as port, sync_playwright() as playwright:
            url = f"https://127.0.0.1:{port}"
            browser = chromium.launch(playwright, certificate.flag)
            first_load(browser, url, LATENCIES_MS[0])  # the server compresses its files once
            loads = {
                f"{latency} ms of latency": [first_load(browser, url, latency) for _ in range(LOADS)]
                for latency in LATENCIES_MS
            }
            opened = looks(browser, url, f"{url}/field/#enrol={invitation}", world.codes)
            browser.close()
    best = {name: min(found, key=lambda load: load["seconds"]) for name, found in loads.items()}
    return {"first load, best of three": best, "verify and open one voucher": opened}

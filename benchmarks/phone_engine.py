"""The phone's own work on a round of 5 000 vouchers: verify and open one, write a handout down, send a day's events.

In node, in Chromium as it is, and in Chromium with its processor slowed six times; no network and no page, whose
figures stand in `benchmarks.phone`.

python -m benchmarks.phone_engine
"""

import functools
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from playwright.sync_api import sync_playwright

from aidtrack.distribution import signing
from aidtrack.distribution.phones.encoding import b64
from aidtrack.scanner.pack import layout, rows
from tests.support import chromium

ROOT = Path(__file__).resolve().parents[1]
VOUCHERS, HANDED_OUT, SLOWDOWN = 5_000, 400, 6
TAG, ROUND_TAG = 169_672_705, 1_592_590_337

NODE = """
import { readFileSync } from "node:fs";
import { measure } from "%(root)s/benchmarks/phone_engine.mjs";
import * as engine from "%(root)s/aidtrack/static/js/field/engine.js";
import { memoryStore } from "%(root)s/aidtrack/static/js/field/memory.js";
const pack = new Uint8Array(readFileSync("%(pack)s"));
const codes = JSON.parse(readFileSync("%(codes)s", "utf8"));
console.log(JSON.stringify(await measure(engine, memoryStore(), pack, codes)));
"""
BROWSER = """
async ({codes}) => {
  const [{measure}, engine, {openStore}, idb] = await Promise.all([
    import("/benchmarks/phone_engine.mjs"), import("/aidtrack/static/js/field/engine.js"),
    import("/aidtrack/static/js/field/store.js"), import("/aidtrack/static/vendor/idb.js"),
  ]);
  const pack = new Uint8Array(await (await fetch("/pack")).arrayBuffer());
  return measure(engine, openStore(idb), pack, codes);
}
"""


def make_pack() -> tuple[bytes, list[str]]:
    """The bytes a phone fetches, and the codes of the vouchers that will be scanned."""
    random = Random(5)
    key = signing.new_private_key()
    today = datetime.now(UTC).date()
    records: list[bytes] = []
    codes: list[str] = []
    for number in range(VOUCHERS):
        voucher_id = UUID(int=random.getrandbits(128))
        family = rows.FamilyRow(f"Родина {number}", 1 + number % 7)
        records.append(
            rows.seal(rows.voucher_secret(voucher_id.bytes, ROUND_TAG), rows.family_content(family))
        )
        if number % (VOUCHERS // HANDED_OUT) == 0 and len(codes) < HANDED_OUT:
            claims = signing.VoucherClaims(
                1, TAG, ROUND_TAG, voucher_id, number, 1, today - timedelta(days=1), today + timedelta(days=5)
            )
            codes.append(signing.encode(claims, key))
    bits = layout.bit_list([], largest=VOUCHERS)
    # the rows of typed codes are as long as real ones; nobody types here
    typed = rows.joined(random.randbytes(rows.TYPED_ROW) for _ in range(VOUCHERS))
    lot = {
        "donor": "WFP", "expires_on": None, "received_on": "2026-10-01", "earmarked": False, "programme": "free",
        "usable": True, "units": 10**10,
    }  # fmt: skip
    head = {
        "v": 1, "serial": "bench", "device": "bench", "issued_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "good_for_s": layout.GOOD_FOR_S, "deployment": TAG, "site": {"code": "DN", "time_zone": "Europe/Kyiv"},
        "place": {"id": 2, "code": "V", "name_uk": "Бус", "name_en": "Van"},
        "round": {"id": 3, "code": "R", "tag": ROUND_TAG, "first_day": "", "last_day": "", "programme_uk": "",
                  "programme_en": "", "needs_signature": False},
        "keys": [{"id": 1, "key": b64(signing.public_key_to_bytes(key.public_key())), "withdrawn": False}],
        "profiles": [{"number": 1, "lines": [{"item": f"I{n}", "units": 5000} for n in range(6)]}],
        "items": [{"code": f"I{n}", "name_uk": "Рис", "name_en": "Rice", "unit": "g", "packs": [1000]} for n in range(6)],
        "lots": [{"code": f"L-{n}", "item": f"I{n % 6}", **lot} for n in range(60)],
        "typed": {"salt": b64(bytes(16)), "iterations": rows.ITERATIONS, "missing": 0}, "file_key": "", "supervisors": [],
        "undo_s": 600,
    }  # fmt: skip
    blobs = {"void": bits, "collected": bits, "rows": rows.joined(records), "typed": typed}
    return layout.assemble(head, blobs), codes


@contextmanager
def _served(pack: bytes) -> Iterator[str]:
    """The repository's files and the pack, for a browser on this machine."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/pack":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Length", str(len(pack)))
            self.end_headers()
            self.wfile.write(pack)
            return None

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    Handler.extensions_map[".mjs"] = "text/javascript"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(ROOT))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def in_node(pack: bytes, codes: list[str]) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None, "node is needed"
    with tempfile.TemporaryDirectory(prefix="aidphone-") as folder:
        files = {"root": ROOT, "pack": Path(folder, "pack"), "codes": Path(folder, "codes.json")}
        files["pack"].write_bytes(pack)
        files["codes"].write_text(json.dumps(codes))
        script = Path(folder, "measure.mjs")
        script.write_text(NODE % files)
        done = subprocess.run([node, str(script)], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def in_chromium(pack: bytes, codes: list[str], *, slowdown: int) -> dict[str, Any]:
    with sync_playwright() as playwright, _served(pack) as url:
        browser = chromium.launch(playwright)
        page = browser.new_page()
        page.goto(f"{url}/aidtrack/static/icon.svg")
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        found: dict[str, Any] = page.evaluate(BROWSER, {"codes": codes})
        browser.close()
    return found


def run() -> dict[str, Any]:
    pack, codes = make_pack()
    return {
        "node": in_node(pack, codes),
        "chromium": in_chromium(pack, codes, slowdown=1),
        f"chromium_{SLOWDOWN}_times_slower": in_chromium(pack, codes, slowdown=SLOWDOWN),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))

"""`tests/vectors/pack.json`: a small pack, requests, an event and a file under fixed keys, for every client.

Written anew by `python -m tests.scanner.pack.vectors`; a test compares the file with what this makes.
"""

import base64
import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from aidtrack.distribution import signing as vouchers
from aidtrack.distribution.phones import signatures, supervisors
from aidtrack.distribution.phones.encoding import b64, from_b64
from aidtrack.kernel.ids import check_character
from aidtrack.scanner.devices import files
from aidtrack.scanner.pack import rows
from aidtrack.scanner.pack.layout import GOOD_FOR_S, assemble, bit_list

FILE = Path(__file__).parents[2] / "vectors" / "pack.json"

CENTRE = ec.derive_private_key(int.from_bytes(b"aidtrack test key one", "big"), ec.SECP256R1())
PHONE = ec.derive_private_key(int.from_bytes(b"aidtrack test phone", "big"), ec.SECP256R1())
FILES = ec.derive_private_key(int.from_bytes(b"aidtrack test file key", "big"), ec.SECP256R1())
ONCE = ec.derive_private_key(int.from_bytes(b"aidtrack test ephemeral", "big"), ec.SECP256R1())
DEVICE = "3f0e6c1a-52d7-4d0e-9a43-0c5f2a7e1b01"
DEPLOYMENT, ROUND_TAG, KEY_ID = 169672705, 1592590337, 1
SALT = bytes(range(16))
SUPERVISOR_SALT = bytes(range(16, 32))
SERIAL = "R3P2-5e1f0a9c7b42"

# (voucher id, status index, profile, characters to type, what the row says)
FAMILIES = (
    ("12345678-90ab-cdef-1234-567890abcdf0", 7001, 1, "7K2MQ9XT4", rows.FamilyRow("Олена Ш.", 3)),
    ("12345678-90ab-cdef-1234-567890abcdf1", 5, 2, "0000AAAA1", rows.FamilyRow("Іван Ґ.", 1, "Марко П.")),
    (
        "a0000000-0000-4000-8000-000000000001",
        131072,
        1,
        "ZZ9876543",
        rows.FamilyRow("Максиміліан-Олександр Перебийніс-Загребельний", 12, "Є. " * 30),
    ),
)
VOID_PLACES, COLLECTED_PLACES = (9, 262143), (5,)


def private_hex(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_numbers().private_value.to_bytes(32, "big").hex()


def public_b64(key: ec.EllipticCurvePrivateKey) -> str:
    return b64(vouchers.public_key_to_bytes(key.public_key()))


def head() -> dict[str, Any]:
    return {
        "v": 1,
        "serial": SERIAL,
        "device": DEVICE,
        "issued_at": "2026-11-21T06:30:00.000Z",
        "good_for_s": GOOD_FOR_S,
        "deployment": DEPLOYMENT,
        "site": {"code": "DN", "time_zone": "Europe/Kyiv"},
        "place": {"id": 2, "code": "VAN-1", "name_uk": "Бус 1", "name_en": "Van 1"},
        "round": {
            "id": 3,
            "code": "R-2026-11",
            "tag": ROUND_TAG,
            "first_day": "2026-11-20",
            "last_day": "2026-11-27",
            "programme_uk": "Продуктові набори",
            "programme_en": "Food parcels",
            "needs_signature": False,
        },
        "keys": [{"id": KEY_ID, "key": public_b64(CENTRE), "withdrawn": False}],
        "profiles": [
            {"number": 1, "lines": [{"item": "RICE", "units": 15000}, {"item": "OIL", "units": 920}]},
            {"number": 2, "lines": [{"item": "RICE", "units": 5000}]},
        ],
        "items": [
            {"code": "OIL", "name_uk": "Олія", "name_en": "Oil", "unit": "ml", "packs": [920]},
            {"code": "RICE", "name_uk": "Рис", "name_en": "Rice", "unit": "g", "packs": [1000, 25000]},
        ],
        "lots": [
            {
                "code": "L-1", "item": "RICE", "donor": "WFP", "expires_on": "2026-12-31",
                "received_on": "2026-10-01", "earmarked": True, "programme": "ours", "usable": True,
                "units": 400000,
            },
            {
                "code": "L-2", "item": "OIL", "donor": "UMH", "expires_on": None, "received_on": "2026-10-02",
                "earmarked": False, "programme": "free", "usable": True, "units": 9200,
            },
        ],
        "typed": {"salt": b64(SALT), "iterations": rows.ITERATIONS, "missing": 0},
        "file_key": public_b64(FILES),
        "supervisors": [supervisor()["in_pack"]],
        "undo_s": 600,
    }  # fmt: skip


def supervisor() -> dict[str, Any]:
    code = "5SVPERV1S" + check_character("5SVPERV1S")
    key = supervisors.key_of(code, SUPERVISOR_SALT, supervisors.ITERATIONS)
    event = "0c5f2a7e-1111-4222-8333-444455556666"
    return {
        "code": code,
        "key_hex": key.hex(),
        "event_id": event,
        "code_proof": b64(supervisors.proof(key, event)),
        "in_pack": {
            "id": 7,
            "name": "Керівниця Пункту",
            "salt": b64(SUPERVISOR_SALT),
            "iterations": supervisors.ITERATIONS,
            "hash": b64(supervisors.hash_of(key)),
        },
    }


def voucher(number: int) -> dict[str, Any]:
    voucher_id, place, profile, typed, said = FAMILIES[number]
    claims = vouchers.VoucherClaims(
        key_id=KEY_ID, deployment_tag=DEPLOYMENT, round_tag=ROUND_TAG, voucher_id=UUID(voucher_id),
        status_index=place, profile=profile, first_day=date(2026, 11, 20), last_day=date(2026, 11, 27),
    )  # fmt: skip
    code = vouchers.encode(claims, CENTRE)
    full = typed + check_character(typed)
    secret, by_hand = (
        rows.voucher_secret(claims.voucher_id.bytes, ROUND_TAG),
        rows.typed_secret(full, SALT, rows.ITERATIONS),
    )
    content = rows.family_content(said)
    return {
        "code": code,
        "voucher_id_hex": claims.voucher_id.bytes.hex(),
        "status_index": place,
        "profile": profile,
        "name_hex": secret.name.hex(),
        "key_hex": secret.key.hex(),
        "row": json.loads(content),
        "row_bytes": b64(rows.seal(secret, content)),
        "typed_code": full,
        "typed_name_hex": by_hand.name.hex(),
        "typed_key_hex": by_hand.key.hex(),
        "typed_bytes": b64(rows.seal(by_hand, token_bytes(code))),
    }


def token_bytes(code: str) -> bytes:
    return base64.b32decode(code.removeprefix(vouchers.PREFIX))


def requests() -> list[dict[str, Any]]:
    made = []
    for method, path, body, milliseconds in (
        ("GET", "/sync/v1/pack", "", 1763706600000),
        ("GET", "/sync/v1/pack?have=abc,def", "", 1763706600001),
        ("POST", "/sync/v1/events", '{"app":"0.2.0","unsent":1,"events":[],"note":"Ґанок"}', 1763706600002),
    ):
        random = sha256(path.encode()).digest()[:16]
        raw = body.encode()
        text = signatures.request_text(method, path, milliseconds, b64(random), raw)
        header = signatures.authorization(
            PHONE, DEVICE, method=method, path=path, body=raw, milliseconds=milliseconds, random=random
        )
        made.append(
            {"method": method, "path": path, "body": body, "milliseconds": milliseconds, "random": b64(random),
             "signed_text": text.decode(), "signature": header.rsplit(".", 1)[1], "authorization": header}
        )  # fmt: skip
    return made


def event() -> dict[str, Any]:
    body = json.dumps(
        {"v": 1, "id": "11111111-2222-4333-8444-555555555555", "type": "handout", "device": DEVICE, "seq": 1,
         "prev": None, "round": 3, "place": 2, "pack": SERIAL, "app": "0.2.0",
         "wall": "2026-11-21T08:00:00.000Z", "mono": 5400000.5, "boot": "99999999-8888-4777-8666-555555555555",
         "est": "2026-11-21T08:00:00.500Z", "token": voucher(0)["code"], "entered": "camera",
         "lines": [{"item": "RICE", "due": 15000, "units": 15000, "lots": [{"lot": "L-1", "units": 15000}]},
                   {"item": "OIL", "due": 920, "units": 920, "lots": [{"lot": "L-2", "units": 920}]}],
         "collector": "head", "reason": None, "ink": None}, ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    return {
        "body": body,
        "hash": b64(sha256(body.encode()).digest()),
        "sig": b64(signatures.sign(PHONE, signatures.EVENT_LABEL + body.encode())),
    }


def file() -> dict[str, Any]:
    content: dict[str, Any] = {"device": DEVICE, "events": [{"body": event()["body"], "sig": event()["sig"]}]}
    nonce = bytes(range(12))
    data = files.write(
        content, vouchers.public_key_to_bytes(FILES.public_key()), private_key=ONCE, nonce=nonce
    )
    return {
        "content": content,
        "file_private_scalar_hex": private_hex(FILES),
        "ephemeral_private_scalar_hex": private_hex(ONCE),
        "nonce": b64(nonce),
        "file": b64(data),
    }


def make() -> dict[str, Any]:
    known = [voucher(number) for number in range(len(FAMILIES))]

    def blob(name: str) -> bytes:
        return rows.joined(from_b64(one[name]) for one in known)

    blobs = {
        "void": bit_list(VOID_PLACES, largest=262143),
        "collected": bit_list(COLLECTED_PLACES, largest=262143),
        "rows": blob("row_bytes"),
        "typed": blob("typed_bytes"),
    }
    # the bit lists are nearly all zeros; what is kept here is what they say and the whole pack's hash
    pack = assemble(head(), blobs)
    small = assemble(head(), {"rows": blobs["rows"], "typed": blobs["typed"]})
    return {
        "about": "A pack, signed requests, an event and a file under fixed test keys (all private scalars are "
        "public: never real keys). `pack_small` is `head` with the blobs rows and typed alone; the whole "
        "pack has void and collected before them, 32768 bytes each, with the bits of `void` and "
        "`collected` set, and the SHA-256 `pack_sha256`.",
        "head": head(),
        "void": list(VOID_PLACES),
        "collected": list(COLLECTED_PLACES),
        "pack_small": b64(small),
        "pack_sha256": sha256(pack).hexdigest(),
        "pack_bytes": len(pack),
        "vouchers": known,
        "supervisor": supervisor(),
        "device_private_scalar_hex": private_hex(PHONE),
        "device_public_key": public_b64(PHONE),
        "requests": requests(),
        "event": event(),
        "file": file(),
    }


def text() -> str:
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")

"""The head of a pack, for the API's description; the bytes around it are told in docs/sync.md."""

from aidtrack.kernel.quantity import BaseUnit
from aidtrack.scanner.formats import DAY, MOMENT, NUMBER, TEXT, UNITS, UUID, Schema, b64, or_null, some, whole

_YES_NO = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_CODE = {**TEXT, "minLength": 1}

_BLOB = whole(name={"enum": ["void", "collected", "rows", "typed"]}, bytes=_COUNT, hash=b64(32))
_BLOB["properties"]["kept"] = {"const": True, "description": "left out: the phone has it"}

HEAD: Schema = whole(
    v={"const": 1},
    serial=_CODE,
    device=UUID,
    issued_at=MOMENT,
    good_for_s=NUMBER,
    deployment=_COUNT,
    site=whole(code=_CODE, time_zone=_CODE),
    place=whole(id=NUMBER, code=_CODE, name_uk=TEXT, name_en=TEXT),
    round=whole(
        id=NUMBER, code=_CODE, tag=_COUNT, first_day=DAY, last_day=DAY, programme_uk=TEXT, programme_en=TEXT,
        needs_signature=_YES_NO,
    ),
    keys=some(whole(id=NUMBER, key=b64(65), withdrawn=_YES_NO)),
    profiles=some(whole(number=NUMBER, lines=some(whole(item=_CODE, units=UNITS)))),
    items=some(
        whole(code=_CODE, name_uk=TEXT, name_en=TEXT, unit={"enum": [unit.value for unit in BaseUnit]}, packs=some(UNITS))
    ),
    lots=some(
        whole(
            code=_CODE, item=_CODE, donor=_CODE, expires_on=or_null(DAY), received_on=DAY, earmarked=_YES_NO,
            programme={"enum": ["ours", "free"]}, usable=_YES_NO, units=UNITS,
        )
    ),
    typed=whole(salt=b64(), iterations=NUMBER, missing=_COUNT),
    file_key=b64(65),
    supervisors=some(whole(id=NUMBER, name=TEXT, salt=b64(), iterations=NUMBER, hash=b64(32))),
    undo_s=NUMBER,
    blobs=some(_BLOB),
)  # fmt: skip
PACK: Schema = {
    "type": "string",
    "format": "binary",
    "description": "4 bytes (big-endian) length of the head, the head (x-head), the blobs in its order",
    "x-head": HEAD,
}
HEADERS: Schema = {
    "ETag": {"description": "the pack's serial, in quotes", "schema": TEXT, "required": True},
    "Aidtrack-Issued-At": {
        "description": "the pack lives from this moment on", "schema": MOMENT, "required": True,
    },
}  # fmt: skip

"""What `POST /sync/v1/events` takes and gives, for the API's description; an event's own text too."""

from typing import Any

from aidtrack.distribution.field.events import (
    HANDOUT,
    LARGEST,
    LONGEST_INK,
    MAX_UNITS,
    MOST_LINES,
    MOST_PARTS,
    UNDO,
    VERSION,
    WITHOUT_VOUCHER,
)
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.scanner.formats import MOMENT, NUMBER, TEXT, UNITS, UUID, Schema, b64, or_null, some, whole

MOST_EVENTS = 500
# why an event is kept: what its text says of itself, what it names, and what became of it here
REASONS = (
    "too_long", "not_json", "other_version", "incomplete", "contradiction", "nothing_given",
    "not_a_voucher", "damaged_voucher", "foreign_voucher", "unknown_key", "bad_signature", "unknown_voucher",
    "unknown_item", "unknown_lot", "unknown_device", "unsigned", "after_revocation", "other_body", "without_voucher",
    "failure",
)  # fmt: skip

_LINE = whole(
    item={**TEXT, "maxLength": 40},
    due=UNITS,
    units=UNITS,
    lots=some(whole(lot={**TEXT, "maxLength": 40}, units={**NUMBER, "maximum": MAX_UNITS}), most=MOST_PARTS),
)
_LINES = {**some(_LINE, most=MOST_LINES), "minItems": 1}
_COLLECTOR = {"enum": ["head", "proxy"]}
_REASON = {**TEXT, "minLength": 1}
_COMMON: Schema = {
    "v": {"const": VERSION},
    "id": UUID,
    "device": UUID,
    "seq": {**NUMBER, "maximum": LARGEST},
    "prev": or_null(b64(32, "SHA-256 of the body before this one; null for the first")),
    "round": NUMBER,
    "place": NUMBER,
    "wall": MOMENT,
    "est": {**MOMENT, "description": "trusted moment"},
    "pack": TEXT,
    "app": TEXT,
    "mono": {"type": "number"},
    "boot": TEXT,
}
_UNREAD = {"pack", "app", "mono", "boot"}  # for whoever looks for a fault


def _event(kind: str, required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "required": ["type", *(name for name in _COMMON if name not in _UNREAD), *required],
        "properties": {"type": {"const": kind}, **_COMMON, **required, **(optional or {})},
    }


EVENT: Schema = {
    "oneOf": [
        _event(
            HANDOUT,
            {"token": {**TEXT, "pattern": "^AID1:"}, "lines": _LINES, "collector": _COLLECTOR},
            {
                "entered": {"enum": ["camera", "scanner", "typed"]},
                "reason": or_null(_REASON),
                "ink": or_null({**TEXT, "maxLength": LONGEST_INK, "description": "path of an SVG"}),
            },
        ),
        _event(UNDO, {"of": {**UUID, "description": "id of the handout's event"}, "reason": _REASON}),
        _event(
            WITHOUT_VOUCHER,
            {
                "supervisor": NUMBER,
                "code_proof": b64(32),
                "lines": _LINES,
                "reason": _REASON,
                "family": {"type": "object", "properties": {"name": TEXT, "paper": TEXT}},
                "collector": _COLLECTOR,
            },
        ),
    ]
}
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["events"],
                "properties": {
                    "app": TEXT,
                    "unsent": {**UNITS, "description": "events held now, those sent here included"},
                    "oldest": or_null({**MOMENT, "description": "moment of the oldest event held"}),
                    "now": {**MOMENT, "description": "moment by the phone's clock"},
                    "mono": {"type": "number"},
                    "boot": TEXT,
                    "events": some(
                        {
                            "type": "object",
                            "required": ["body", "sig"],
                            "properties": {
                                "body": {
                                    **TEXT,
                                    "description": "the event exactly as it was signed",
                                    "contentMediaType": "application/json",
                                    "contentSchema": EVENT,
                                },
                                "sig": b64(64, "ECDSA r, s over AID-EVT1 LF body"),
                            },
                        },
                        most=MOST_EVENTS,
                    ),
                },
            }
        }
    },
}
ANSWER = whole(
    receipts=some(
        whole(
            id=or_null({**UUID, "description": "null where the event's own could not be read"}),
            hash=b64(32, "SHA-256 of the body: with the id it says which event this is of"),
            outcome={"enum": [outcome.value for outcome in Outcome]},
            at={**MOMENT, "description": "when it came the first time"},
            title=TEXT,
            text=TEXT,
            reason={"enum": [None, *REASONS], "description": "why it is kept for a person"},
            notes=some(TEXT),
        ),
        most=MOST_EVENTS,
    ),
    server_time=MOMENT,
    revoked={"type": "boolean"},
)

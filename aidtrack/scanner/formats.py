"""The small forms of which the sync protocol's descriptions are made (docs/sync.md, Encodings)."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
UUID: Schema = {"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
MOMENT: Schema = {
    "type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$",
    "description": "RFC 3339 in UTC; written with milliseconds",
}  # fmt: skip
UNITS: Schema = {"type": "integer", "minimum": 0, "description": "base units: g, ml or pieces"}
NUMBER: Schema = {"type": "integer", "minimum": 1}


def b64(length: int | None = None, about: str | None = None) -> Schema:
    """base64url without padding, of so many bytes."""
    signs = "*" if length is None else f"{{{-(-length * 4 // 3)}}}"
    found: Schema = {"type": "string", "pattern": f"^[A-Za-z0-9_-]{signs}$"}
    return found if about is None else {**found, "description": about}


def or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def whole(**properties: Schema) -> Schema:
    """An object with all of these and nothing else."""
    return {
        "type": "object", "required": list(properties), "properties": properties, "additionalProperties": False,
    }  # fmt: skip


def some(schema: Schema, *, most: int | None = None) -> Schema:
    return {"type": "array", "items": schema} | ({} if most is None else {"maxItems": most})

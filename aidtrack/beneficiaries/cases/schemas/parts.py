"""What the bodies of cases share. They are described in /api/v1/openapi.json."""

from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

NUMBER = validate.Length(min=1, max=40)
ROW_ID = validate.Range(min=1, max=2**53)


def one_of(kind: type[StrEnum], **more: Any) -> fields.Enum[Any]:
    return fields.Enum(kind, by_value=True, **more)


def text(most: int, *, required: bool = False) -> fields.String:
    if required:
        return fields.String(required=True, validate=validate.Length(min=1, max=most))
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=most))


class CasePageQuery(ma.Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))


class CasePaperOut(ma.Schema):
    id = fields.Integer(required=True)

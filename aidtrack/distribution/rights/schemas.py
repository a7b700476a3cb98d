"""Rules, drafts and trials as programs send and read them."""

from marshmallow import Schema, fields, validate

RULE = {"description": "a tree of conditions; docs/rules.md#eligibility names them"}
TERMS = {"description": "scope, caps, quota, first come, proxy; what is as usual is left out"}
FIGURE = {"description": "families; null where it is small and the reader works with no families"}


class RuleOut(Schema):
    version = fields.Int(required=True)
    valid_from = fields.Date(required=True)
    rule = fields.Dict(required=True, metadata=RULE)
    terms = fields.Dict(required=True, metadata=TERMS)
    note = fields.Str(allow_none=True)
    reads = fields.List(fields.Str(), required=True, metadata={"description": "in plain words"})


class RulesOut(Schema):
    programme_id = fields.Int(required=True)
    versions = fields.List(fields.Nested(RuleOut), required=True, metadata={"description": "newest first"})


class DraftBody(Schema):
    title = fields.Str(required=True, validate=validate.Length(1, 120))
    rule = fields.Dict(required=True, metadata=RULE)
    terms = fields.Dict(load_default=None, allow_none=True, metadata=TERMS)
    note = fields.Str(load_default=None, allow_none=True)
    version = fields.Int(
        load_default=None,
        strict=True,
        metadata={"description": "of the draft that is changed; none for a new one"},
    )


class DraftOut(Schema):
    id = fields.Int(required=True)
    programme_id = fields.Int(required=True)
    title = fields.Str(required=True)
    rule = fields.Dict(required=True, metadata=RULE)
    terms = fields.Dict(required=True, metadata=TERMS)
    note = fields.Str(allow_none=True)
    state = fields.Str(required=True, validate=validate.OneOf(["open", "in_force", "dropped"]))
    version = fields.Int(required=True)
    reads = fields.List(fields.Str(), required=True)


class TrialBody(Schema):
    on = fields.Date(required=True, metadata={"description": "the day families are judged by"})


class InForceBody(Schema):
    id = fields.UUID(required=True)
    version = fields.Int(required=True, strict=True)
    valid_from = fields.Date(required=True)
    sure = fields.Bool(
        load_default=False, metadata={"description": "nobody or everybody meets it, and it is meant"}
    )


class InForceOut(Schema):
    rule_id = fields.Int(required=True)


class ReasonOut(Schema):
    code = fields.Str(required=True)
    alternatives = fields.List(
        fields.List(fields.Str()),
        required=True,
        metadata={
            "description": "of `no_alternative`: the codes of each way that would do, the nearest first"
        },
    )
    families = fields.Int(allow_none=True, metadata=FIGURE)


class TrialOut(Schema):
    id = fields.Int(required=True)
    state = fields.Str(required=True, validate=validate.OneOf(["running", "finished", "failed"]))
    done = fields.Int(required=True)
    total = fields.Int(required=True)
    families = fields.Int(allow_none=True, metadata=FIGURE)
    now = fields.Int(allow_none=True, metadata=FIGURE)
    under = fields.Int(allow_none=True, metadata=FIGURE)
    falls_out = fields.Int(allow_none=True, metadata=FIGURE)
    comes_in = fields.Int(allow_none=True, metadata=FIGURE)
    refused = fields.List(fields.Nested(ReasonOut), metadata={"description": "by first reason, most first"})


class TrialFamilyOut(Schema):
    household_id = fields.Int(required=True)
    registration_no = fields.Str(required=True)
    reason = fields.Str(allow_none=True, metadata={"description": "code of the first reason"})


class TrialFamiliesQuery(Schema):
    way = fields.Str(required=True, validate=validate.OneOf(["in", "out"]))
    page = fields.Int(load_default=1, validate=validate.Range(1, 100_000))


class TrialFamiliesOut(Schema):
    total = fields.Int(required=True)
    families = fields.List(
        fields.Nested(TrialFamilyOut), required=True, metadata={"description": "25 a page"}
    )

"""What programs send and receive about families."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from aidtrack.beneficiaries.happenings import LeftWhy
from aidtrack.beneficiaries.household import Sex

_text: dict[str, Any] = {"validate": validate.Length(max=300)}


class PersonFields(ma.Schema):
    surname = ma.fields.String(required=True, **_text)
    given_name = ma.fields.String(required=True, **_text)
    patronymic = ma.fields.String(load_default=None, allow_none=True, **_text)
    sex = ma.fields.Enum(Sex, by_value=True, required=True)
    birth_date = ma.fields.Date(load_default=None, allow_none=True)
    document = ma.fields.String(load_default=None, allow_none=True, **_text)
    tax_id = ma.fields.String(load_default=None, allow_none=True, load_only=True, **_text)


class HomeFields(ma.Schema):
    settlement = ma.fields.String(required=True, **_text)
    katottg = ma.fields.String(load_default=None, allow_none=True, **_text)
    address = ma.fields.String(load_default=None, allow_none=True, **_text)
    phone = ma.fields.String(load_default=None, allow_none=True, **_text)
    displaced_on = ma.fields.Date(load_default=None, allow_none=True)
    arrived_on = ma.fields.Date(
        load_default=None, allow_none=True, metadata={"description": "in the hromada where they live now"}
    )


class NewHousehold(HomeFields):
    id = ma.fields.UUID(required=True, metadata={"description": "the client's: repeated, it has one effect"})
    site_id = ma.fields.Integer(required=True)
    registered_on = ma.fields.Date(load_default=None, allow_none=True)
    members = ma.fields.List(
        ma.fields.Nested(PersonFields), required=True, validate=validate.Length(min=1, max=40),
        metadata={"description": "the head first"},
    )  # fmt: skip
    collector = ma.fields.String(load_default=None, allow_none=True, **_text)
    go_on_reason = ma.fields.String(load_default=None, allow_none=True, **_text)


class ChangedHousehold(HomeFields):
    version = ma.fields.Integer(required=True)
    moved_on = ma.fields.Date(load_default=None, allow_none=True)


class NewMemberBody(PersonFields):
    id = ma.fields.UUID(required=True)
    version = ma.fields.Integer(required=True)
    joined_on = ma.fields.Date(load_default=None, allow_none=True)
    born = ma.fields.Boolean(load_default=False)
    go_on_reason = ma.fields.String(load_default=None, allow_none=True, **_text)


class LeaveBody(ma.Schema):
    version = ma.fields.Integer(required=True)
    left_on = ma.fields.Date(required=True)
    why = ma.fields.Enum(LeftWhy, by_value=True, load_default=LeftWhy.MOVED)
    new_head_id = ma.fields.Integer(load_default=None, allow_none=True)
    young_head = ma.fields.Boolean(
        load_default=False, metadata={"description": "yes, somebody under 18 heads a family"}
    )


class CollectorBody(ma.Schema):
    id = ma.fields.UUID(required=True)
    version = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True, **_text)
    document = ma.fields.String(load_default=None, allow_none=True, **_text)
    valid_from = ma.fields.Date(required=True)
    valid_until = ma.fields.Date(load_default=None, allow_none=True)


class SplitBody(HomeFields):
    id = ma.fields.UUID(required=True)
    version = ma.fields.Integer(required=True)
    person_ids = ma.fields.List(ma.fields.Integer(), required=True)
    head_id = ma.fields.Integer(required=True)
    on = ma.fields.Date(required=True)
    keep_papers = ma.fields.Boolean(load_default=False)
    new_head_id = ma.fields.Integer(load_default=None, allow_none=True)
    young_head = ma.fields.Boolean(
        load_default=False, metadata={"description": "yes, somebody under 18 heads a family"}
    )


class JoinBody(ma.Schema):
    version = ma.fields.Integer(required=True)
    from_id = ma.fields.Integer(required=True)
    from_version = ma.fields.Integer(required=True)
    person_ids = ma.fields.List(ma.fields.Integer(), required=True)
    on = ma.fields.Date(required=True)
    new_head_id = ma.fields.Integer(load_default=None, allow_none=True)
    young_head = ma.fields.Boolean(
        load_default=False, metadata={"description": "yes, somebody under 18 heads a family"}
    )


class Made(ma.Schema):
    id = ma.fields.Integer(required=True)


class SearchBody(ma.Schema):
    q = ma.fields.String(required=True, validate=validate.Length(max=120))


class FoundOut(ma.Schema):
    id = ma.fields.Integer()
    registration_no = ma.fields.String()
    settlement = ma.fields.String()
    members = ma.fields.Integer()
    head = ma.fields.String(allow_none=True)


class SearchOut(ma.Schema):
    by = ma.fields.String()
    more = ma.fields.Boolean()
    households = ma.fields.List(ma.fields.Nested(FoundOut))


class MemberOut(PersonFields):
    id = ma.fields.Integer()
    is_head = ma.fields.Boolean()
    has_tax_id = ma.fields.Boolean()
    joined_on = ma.fields.Date()
    left_on = ma.fields.Date(allow_none=True)
    left_why = ma.fields.String(allow_none=True)
    categories = ma.fields.List(ma.fields.String())


class CollectorOut(ma.Schema):
    id = ma.fields.Integer()
    name = ma.fields.String()
    document = ma.fields.String(allow_none=True)
    valid_from = ma.fields.Date()
    valid_until = ma.fields.Date(allow_none=True)


class CategoryOut(ma.Schema):
    """An ordinary category with what was shown for it; without `proven` nobody saw a paper."""

    id = ma.fields.Integer()
    kind = ma.fields.String()
    person_id = ma.fields.Integer(allow_none=True, metadata={"description": "null: of the whole family"})
    valid_from = ma.fields.Date()
    valid_until = ma.fields.Date(allow_none=True)
    proven = ma.fields.Boolean()
    evidence_kind = ma.fields.String(allow_none=True, attribute="paper")
    evidence = ma.fields.String(allow_none=True, metadata={"description": "the paper's number"})
    issued_on = ma.fields.Date(allow_none=True)
    seen_on = ma.fields.Date(allow_none=True)
    seen_by = ma.fields.String()


class HouseholdOut(HomeFields):
    id = ma.fields.Integer()
    registration_no = ma.fields.String()
    version = ma.fields.Integer()
    registered_on = ma.fields.Date()
    members = ma.fields.List(ma.fields.Nested(MemberOut))
    collectors = ma.fields.List(ma.fields.Nested(CollectorOut))
    categories = ma.fields.List(ma.fields.String())
    category_papers = ma.fields.List(ma.fields.Nested(CategoryOut))
    successor_id = ma.fields.Integer(allow_none=True)


class TypedBody(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    surname = ma.fields.String(load_default="", **_text)
    given_name = ma.fields.String(load_default="", **_text)
    patronymic = ma.fields.String(load_default="", **_text)
    birth_date = ma.fields.Date(load_default=None, allow_none=True)
    sex = ma.fields.Enum(Sex, by_value=True, load_default=None, allow_none=True)
    document = ma.fields.String(load_default="", **_text)
    tax_id = ma.fields.String(load_default="", **_text)
    phone = ma.fields.String(load_default="", **_text)


class AlikeOut(ma.Schema):
    household_id = ma.fields.Integer()
    registration_no = ma.fields.String()
    reasons = ma.fields.List(ma.fields.String())


class SamePersonBody(ma.Schema):
    ending_id = ma.fields.Integer(required=True)
    staying_id = ma.fields.Integer(required=True)
    taken = ma.fields.List(ma.fields.String(**_text), load_default=list)


class MergeBody(ma.Schema):
    id = ma.fields.UUID(required=True)
    household_id = ma.fields.Integer(required=True, metadata={"description": "the registration that goes on"})
    version = ma.fields.Integer(required=True)
    ending_id = ma.fields.Integer(required=True)
    ending_version = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))
    taken = ma.fields.List(ma.fields.String(**_text), load_default=list)
    people = ma.fields.List(ma.fields.Nested(SamePersonBody), load_default=list)


class MergeOut(ma.Schema):
    id = ma.fields.Integer()
    staying_id = ma.fields.Integer()
    ending_id = ma.fields.Integer()
    state = ma.fields.String()
    proposed_by = ma.fields.String()
    decided_by = ma.fields.String(allow_none=True)


class DecisionBody(ma.Schema):
    approve = ma.fields.Boolean(required=True)


class ReasonBody(ma.Schema):
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))

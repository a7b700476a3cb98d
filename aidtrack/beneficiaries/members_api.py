"""`/api/v1/families/…/members`, `/head`, `/categories`, `/collectors`: what changes in a family, for programs."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from aidtrack.beneficiaries import commands, schemas, services
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import api_blueprint, current_actor, requires

READ, WRITE = Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE
bp = api_blueprint(
    "members", __name__, description="Members, heads, categories and collectors of a family", url_prefix="/families"
)  # fmt: skip
_text: dict[str, Any] = {"validate": ma.validate.Length(max=300)}


class ChangedMemberBody(schemas.PersonFields):
    version = ma.fields.Integer(required=True, metadata={"description": "of the family, as it was read"})
    forget_tax_id = ma.fields.Boolean(load_default=False)
    go_on_reason = ma.fields.String(load_default=None, allow_none=True, **_text)


class HeadBody(ma.Schema):
    version = ma.fields.Integer(required=True)
    person_id = ma.fields.Integer(required=True)
    since = ma.fields.Date(required=True)
    young_head = ma.fields.Boolean(load_default=False, metadata={"description": "yes, somebody under 18"})


class CategoryBody(ma.Schema):
    id = ma.fields.UUID(required=True, metadata={"description": "the client's: repeated, it has one effect"})
    kind = ma.fields.String(required=True, validate=ma.validate.Length(max=40))
    person_id = ma.fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "null: of the whole family"}
    )
    valid_from = ma.fields.Date(required=True)
    valid_until = ma.fields.Date(load_default=None, allow_none=True)
    evidence_kind = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=40))
    evidence = ma.fields.String(
        load_default=None, allow_none=True, metadata={"description": "the paper's number"}, **_text
    )
    issued_on = ma.fields.Date(load_default=None, allow_none=True)
    proven = ma.fields.Boolean(load_default=False, metadata={"description": "the paper was seen"})


class LastDayBody(ma.Schema):
    valid_until = ma.fields.Date(required=True, metadata={"description": "the last day that counts"})


class EndCollectorBody(LastDayBody):
    version = ma.fields.Integer(required=True)


def _done(service: Callable[..., Any], command: object) -> Any:
    """The act in a transaction of its own, by whose token it is."""
    with unit_of_work() as session:
        return service(session, command, actor=current_actor(), now=utc_now())


@bp.route("/<int:household_id>/members/<int:person_id>")
class Member(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(ChangedMemberBody)
    @bp.response(204)
    def put(self, body: dict[str, Any], household_id: int, person_id: int) -> None:
        """A member's own data as a whole. The taxpayer number stays as it is where none is sent."""
        command = commands.ChangeMember(household_id, person_id=person_id, tax_id_confirmed=True, **body)
        _done(services.change_member, command)


@bp.route("/<int:household_id>/head")
class Head(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(HeadBody)
    @bp.response(204)
    def put(self, body: dict[str, Any], household_id: int) -> None:
        """Another member heads the family from a day on."""
        command = commands.NameHead(household_id, **body)
        _done(services.name_head, command)


@bp.route("/<int:household_id>/categories")
class Categories(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(CategoryBody)
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any], household_id: int) -> dict[str, int]:
        """An ordinary category of a member or of the family. A protected one asks for a person with a grant."""
        command_id, person_id = body.pop("id"), body.pop("person_id")
        command = commands.AddCategory(command_id, household_id, commands.NewCategory(**body), person_id)
        return {"id": _done(services.add_category, command)}


@bp.route("/<int:household_id>/categories/<int:category_id>/end")
class EndOfCategory(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(LastDayBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], household_id: int, category_id: int) -> None:
        """An ordinary category counts through a day and no longer."""
        command = commands.EndCategory(household_id, category_id, body["valid_until"])
        _done(services.end_category, command)


@bp.route("/<int:household_id>/collectors/<int:collector_id>/end")
class EndOfCollector(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(EndCollectorBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], household_id: int, collector_id: int) -> None:
        """Somebody collects through a day and no longer."""
        command = commands.EndCollector(household_id, collector_id=collector_id, **body)
        _done(services.end_collector, command)

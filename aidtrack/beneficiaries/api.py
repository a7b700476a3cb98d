"""`/api/v1/families` and `/api/v1/merges`: what the pages do, for programs, with the same visibility."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from aidtrack.beneficiaries import commands, schemas, services
from aidtrack.beneficiaries.queries import merges as merge_queries
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.services import merging, two_families
from aidtrack.beneficiaries.services.while_typing import Typed
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import api_blueprint, current_actor, requires

READ, WRITE = Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE
bp = api_blueprint("families", __name__, description="Families, their members, doubles, merges")


def _member(body: dict[str, Any], *, is_head: bool = False) -> commands.NewMember:
    return commands.NewMember(
        surname=body["surname"], given_name=body["given_name"], sex=body["sex"], patronymic=body["patronymic"],
        birth_date=body["birth_date"], document=body["document"], tax_id=body["tax_id"], tax_id_confirmed=True,
        is_head=is_head,
    )  # fmt: skip


@bp.route("/families")
class Households(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.NewHousehold)
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any]) -> dict[str, int]:
        """Register a family. A possible double is refused until a reason to go on is given."""
        command = commands.RegisterHousehold(
            command_id=body["id"], site_id=body["site_id"], settlement=body["settlement"], katottg=body["katottg"],
            address=body["address"], phone=body["phone"], proxy_name=body["collector"],
            displaced_on=body["displaced_on"], arrived_on=body["arrived_on"], registered_on=body["registered_on"],
            go_on_reason=body["go_on_reason"],
            members=tuple(_member(one, is_head=place == 0) for place, one in enumerate(body["members"])),
        )  # fmt: skip
        with unit_of_work() as session:
            return {"id": services.register_household(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/families/search")
class Search(MethodView):
    @requires(READ)
    @bp.arguments(schemas.SearchBody)
    @bp.response(200, schemas.SearchOut)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """At most 25 families by part of a name, or by a number in full. Posted, so that no address names anybody."""
        with unit_of_work() as session:
            found = services.search_households(session, body["q"], actor=current_actor(), now=utc_now())
        shown = [
            {
                "id": one.id, "registration_no": one.registration_no, "settlement": one.settlement,
                "members": one.members, "head": one.head.full_name if one.head else None,
            }
            for one in found.households
        ]  # fmt: skip
        return {"by": found.by, "more": found.more, "households": shown}


@bp.route("/families/doubles")
class Doubles(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.TypedBody)
    @bp.response(200, schemas.AlikeOut(many=True))
    def post(self, body: dict[str, Any]) -> Any:
        """Families of the token's sites that may be this one: numbers and reasons."""
        with unit_of_work() as session:
            found = services.typed_doubles(session, Typed(**body), actor=current_actor(), now=utc_now())
        return [asdict(one) for one in found]


@bp.route("/families/<int:household_id>")
class Household(MethodView):
    @requires(READ)
    @bp.response(200, schemas.HouseholdOut)
    def get(self, household_id: int) -> dict[str, Any]:
        """One family's file. Reading it is logged."""
        with unit_of_work() as session:
            file = services.open_household(
                session, household_id, actor=current_actor(), now=utc_now(), purpose="api"
            )
        return _shown(file)

    @requires(WRITE, READ)
    @bp.arguments(schemas.ChangedHousehold)
    @bp.response(204)
    def put(self, body: dict[str, Any], household_id: int) -> None:
        """Address and phone. With `moved_on` the family moved, without it what was written is corrected."""
        with unit_of_work() as session:
            command = commands.ChangeHousehold(household_id, **body)
            services.change_household(session, command, actor=current_actor(), now=utc_now())


def _shown(file: HouseholdFile) -> dict[str, Any]:
    members = [
        {
            **{name: getattr(one, name) for name in _MEMBER}, "categories": [kind.kind for kind in one.categories],
        }
        for one in file.members
    ]  # fmt: skip
    return {
        "id": file.key.id, "registration_no": file.key.registration_no, "version": file.key.version,
        "settlement": file.settlement, "katottg": file.katottg, "address": file.address, "phone": file.phone,
        "displaced_on": file.displaced_on, "arrived_on": file.arrived_on, "registered_on": file.registered_on,
        "members": members,
        "collectors": [asdict(one) for one in file.collectors],
        "categories": [one.kind for one in file.categories],
        "category_papers": [
            one
            for one in (*file.categories, *(of for member in file.members for of in member.categories))
            if not one.protected
        ],
        "successor_id": file.successor.id if file.successor else None,
    }  # fmt: skip


_MEMBER = (
    "id", "is_head", "surname", "given_name", "patronymic", "sex", "birth_date", "document", "has_tax_id", "joined_on",
    "left_on", "left_why",
)  # fmt: skip


@bp.route("/families/<int:household_id>/members")
class Members(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.NewMemberBody)
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any], household_id: int) -> dict[str, int]:
        """A person joins the family, or is born into it."""
        command = commands.AddMember(
            command_id=body["id"], household_id=household_id, version=body["version"], member=_member(body),
            joined_on=body["joined_on"], born=body["born"], go_on_reason=body["go_on_reason"],
        )  # fmt: skip
        with unit_of_work() as session:
            return {"id": services.add_member(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/families/<int:household_id>/members/<int:person_id>/leave")
class Leave(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.LeaveBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], household_id: int, person_id: int) -> None:
        """A member moved away or died; who follows a head is said at once."""
        command = commands.MemberLeaves(household_id, person_id=person_id, **body)
        with unit_of_work() as session:
            services.member_leaves(session, command, actor=current_actor(), now=utc_now())


@bp.route("/families/<int:household_id>/collectors")
class Collectors(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.CollectorBody)
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any], household_id: int) -> dict[str, int]:
        """Somebody besides the head may collect, from one day to another."""
        command = commands.AddCollector(body.pop("id"), household_id, **body)
        with unit_of_work() as session:
            return {"id": services.add_collector(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/families/<int:household_id>/split")
class Split(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.SplitBody(exclude=("displaced_on", "arrived_on")))
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any], household_id: int) -> dict[str, int]:
        """Some members found a family of their own; gives its id."""
        people = tuple(body.pop("person_ids"))
        command = commands.SplitHousehold(body.pop("id"), household_id, person_ids=people, **body)
        with unit_of_work() as session:
            return {"id": services.split_household(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/families/<int:household_id>/join")
class Join(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.JoinBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], household_id: int) -> None:
        """People of another family come to live with this one."""
        people = tuple(body.pop("person_ids"))
        command = commands.JoinHouseholds(household_id, person_ids=people, **body)
        with unit_of_work() as session:
            services.join_households(session, command, actor=current_actor(), now=utc_now())


@bp.route("/merges")
class Merges(MethodView):
    @requires(WRITE, READ)
    @bp.response(200, schemas.MergeOut(many=True))
    def get(self) -> Any:
        """Proposals that wait, then what was decided, newest first; 25 at most."""
        return merge_queries.merges(read_session(), current_actor())

    @requires(WRITE, READ)
    @bp.arguments(schemas.MergeBody)
    @bp.response(201, schemas.Made)
    def post(self, body: dict[str, Any]) -> dict[str, int]:
        """Propose that two registrations are one family. Another person approves it."""
        people = tuple(
            commands.SamePerson(one["ending_id"], one["staying_id"], frozenset(one["taken"]))
            for one in body.pop("people")
        )
        taken = frozenset(body.pop("taken"))
        command = commands.ProposeMerge(body.pop("id"), taken=taken, people=people, **body)
        with unit_of_work() as session:
            return {"id": merging.propose_merge(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/merges/<int:merge_id>/decision")
class MergeDecision(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.DecisionBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], merge_id: int) -> None:
        """Decline, or withdraw what one proposed. A person signed in approves; a program does not, nor who proposed."""
        act = merging.approve_merge if body["approve"] else merging.decline_merge
        with unit_of_work() as session:
            act(session, merge_id, actor=current_actor(), now=utc_now())


@bp.route("/merges/<int:merge_id>/undo")
class MergeUndo(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.ReasonBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], merge_id: int) -> None:
        """Bring both registrations back as they were."""
        with unit_of_work() as session:
            merging.undo_merge(session, merge_id, body["reason"], actor=current_actor(), now=utc_now())


@bp.route("/families/<int:household_id>/not-same/<int:other_id>")
class NotTheSame(MethodView):
    @requires(WRITE, READ)
    @bp.arguments(schemas.ReasonBody)
    @bp.response(201, schemas.Made)
    def put(self, body: dict[str, Any], household_id: int, other_id: int) -> dict[str, int]:
        """Remember that these are two families."""
        command = commands.SayNotSame(household_id, other_id, body["reason"])
        with unit_of_work() as session:
            return {"id": two_families.say_not_same(session, command, actor=current_actor(), now=utc_now())}

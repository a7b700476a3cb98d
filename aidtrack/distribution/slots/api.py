"""`/api/v1/slots`: a round's times, a family's time, a point's queue by number."""

from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.queries import find_household
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.slots import queries, services
from aidtrack.distribution.slots.arrivals import USUAL, shares
from aidtrack.distribution.slots.commands import Book, MakeTimes
from aidtrack.distribution.slots.schemas import (
    CalledOut,
    CapacityBody,
    MadeTimesOut,
    QueueOut,
    RoundSlotsOut,
    SlotBookingBody,
    SlotBookingOut,
    TimesBody,
)
from aidtrack.distribution.slots.windows import Window
from aidtrack.inventory.queries.catalogue import place
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import NotFound
from aidtrack.web import api_blueprint, current_actor, requires

bp = api_blueprint("slots", __name__, description="Bookable times and the queue", url_prefix="/slots")


@bp.route("/rounds/<int:round_id>")
class RoundView(MethodView):
    @requires(Permission.ROUND_READ)
    @bp.response(200, RoundSlotsOut)
    def get(self, round_id: int) -> dict[str, Any]:
        """A round's times with how many are booked, and the share of families who came in time."""
        session, now = read_session(), utc_now()
        round_by_id(session, round_id, actor=current_actor())
        counted = shares(queries.arrivals(session, round_id, now=now), tolerance=USUAL)
        return {
            "times": [
                {
                    "id": slot.id, "day": slot.day, "starts": slot.starts, "ends": slot.ends, "capacity": slot.capacity,
                    "taken": slot.taken, "letters": slot.letters or None, "category": slot.category or None,
                }
                for slot in queries.slots_of_round(session, round_id)
            ],
            "shares": {
                "tolerance_minutes": USUAL, "booked": counted.booked, "issues_with_a_time": counted.issues,
                "due": counted.due, "in_time": counted.in_time, "at_another_time": counted.at_another_time,
                "not_come": counted.not_come, "percent": counted.percent,
            },
        }  # fmt: skip


@bp.route("/rounds/<int:round_id>/times/<uuid:command_id>")
class TimesView(MethodView):
    @requires(Permission.SLOTS_PLAN)
    @bp.arguments(TimesBody)
    @bp.response(201, MadeTimesOut)
    def put(self, body: dict[str, Any], round_id: int, command_id: UUID) -> dict[str, int]:
        """Make a day's times. The id is the client's: repeated, it has one effect."""
        window = Window(body.pop("letters"), body.pop("category"))
        rest = (body.pop("pause_starts"), body.pop("pause_ends"))
        pause = rest if None not in rest else None
        command = MakeTimes(str(command_id), round_id, pause=pause, window=window, **body)
        with unit_of_work() as session:
            return {"made": services.make_times(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/times/<int:slot_id>")
class TimeView(MethodView):
    @requires(Permission.SLOTS_PLAN)
    @bp.arguments(CapacityBody)
    @bp.response(204)
    def put(self, body: dict[str, Any], slot_id: int) -> ResponseReturnValue:
        """How many families may come at a time, never fewer than are booked."""
        with unit_of_work() as session:
            services.change_capacity(session, slot_id, body["capacity"], actor=current_actor(), now=utc_now())
        return ""

    @requires(Permission.SLOTS_PLAN)
    @bp.response(204)
    def delete(self, slot_id: int) -> ResponseReturnValue:
        """Take a time away that nobody is booked at."""
        with unit_of_work() as session:
            services.remove_slot(session, slot_id, actor=current_actor(), now=utc_now())
        return ""


@bp.route("/rounds/<int:round_id>/families/<int:household_id>")
class FamilyView(MethodView):
    @requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
    @bp.response(200, SlotBookingOut)
    def get(self, round_id: int, household_id: int) -> dict[str, Any]:
        """The family's time in the round."""
        session, actor = read_session(), current_actor()
        round_by_id(session, round_id, actor=actor)
        find_household(session, household_id, actor)
        return _booking(session, round_id, household_id)

    @requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
    @bp.arguments(SlotBookingBody)
    @bp.response(200, SlotBookingOut)
    def put(self, body: dict[str, Any], round_id: int, household_id: int) -> dict[str, Any]:
        """Book a family, or move it to another time. The same request again changes nothing."""
        with unit_of_work() as session:
            command = Book(round_id, household_id, body["slot"])
            services.book(session, command, actor=current_actor(), now=utc_now())
            return _booking(session, round_id, household_id)

    @requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
    @bp.response(204)
    def delete(self, round_id: int, household_id: int) -> ResponseReturnValue:
        """Cancel the family's time."""
        with unit_of_work() as session:
            services.cancel(session, round_id, household_id, actor=current_actor(), now=utc_now())
        return ""


def _booking(session: Session, round_id: int, household_id: int) -> dict[str, Any]:
    row = queries.booking_of(session, round_id, household_id)
    if row is None:
        raise NotFound
    return {
        "slot": row.slot_id,
        "day": row.day,
        "starts": row.starts,
        "ends": row.ends,
        "number": row.ticket,
    }


@bp.route("/places/<int:place_id>/queue")
class QueueView(MethodView):
    @requires(Permission.SLOTS_RUN)
    @bp.response(200, QueueOut)
    def get(self, place_id: int) -> dict[str, Any]:
        """Today's numbers in the order of their times."""
        session = read_session()
        found = place(session, current_actor(), place_id)
        today = local_date(utc_now(), found.time_zone)
        return {
            "day": today,
            "paused": queries.running_pause(session, place_id) is not None,
            "numbers": [
                {"number": row.ticket, "starts": row.starts, "ends": row.ends, "standing": row.standing}
                for row in queries.queue(session, place_id, today)
            ],
        }


@bp.route("/places/<int:place_id>/queue/next")
class NextView(MethodView):
    @requires(Permission.SLOTS_RUN)
    @bp.response(200, CalledOut)
    def post(self, place_id: int) -> dict[str, Any]:
        """Call the next number. Every request calls one."""
        with unit_of_work() as session:
            ticket = services.call_next(session, place_id, actor=current_actor(), now=utc_now())
        return {"number": ticket}


@bp.route("/places/<int:place_id>/queue/pause")
class PauseView(MethodView):
    @requires(Permission.SLOTS_RUN)
    @bp.response(204)
    def put(self, place_id: int) -> ResponseReturnValue:
        """Air alert: stop calling numbers."""
        with unit_of_work() as session:
            services.pause(session, place_id, actor=current_actor(), now=utc_now())
        return ""

    @requires(Permission.SLOTS_RUN)
    @bp.response(204)
    def delete(self, place_id: int) -> ResponseReturnValue:
        """Go on calling numbers."""
        with unit_of_work() as session:
            services.resume(session, place_id, actor=current_actor(), now=utc_now())
        return ""

"""`/api/v1/feedback`: the register, one entry, its answer, figures of a period."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from aidtrack.db import read_session, unit_of_work
from aidtrack.feedback import queries, services
from aidtrack.feedback.commands import Answer, Assign, Record
from aidtrack.feedback.figures import figures, marks
from aidtrack.feedback.schemas import (
    FeedbackAnswerBody,
    FeedbackAssignBody,
    FeedbackBody,
    FeedbackEntryOut,
    FeedbackFiguresOut,
    FeedbackPeriodArgs,
    FeedbackRecordedOut,
    FeedbackRegisterOut,
)
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import spaced_code
from aidtrack.web import api_blueprint, bounds, current_actor, page_number, requires

bp = api_blueprint("feedback", __name__, description="Feedback and complaints", url_prefix="/feedback")


@bp.route("")
class RegisterView(MethodView):
    @requires(Permission.FEEDBACK_READ)
    @bp.response(200, FeedbackRegisterOut)
    def get(self) -> dict[str, Any]:
        """A page of 25 of the register (`?page=`), what is due first first."""
        limit, offset = bounds(page_number())
        rows, total = queries.register(read_session(), current_actor(), limit=limit, offset=offset)
        return {
            "total": total,
            "entries": [
                {
                    "id": row.id, "number": row.number, "site": row.site_code, "channel": row.channel, "kind": row.kind,
                    "received_on": row.received_on, "due_on": row.due_on, "state": row.state,
                    "answered_on": row.answered_on, "outcome": row.outcome, "rating": row.rating, "round": row.round_code,
                }
                for row in rows
            ],
        }  # fmt: skip

    @requires(Permission.FEEDBACK_HANDLE)
    @bp.arguments(FeedbackBody)
    @bp.response(201, FeedbackRecordedOut)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Enter a message that came to a desk, by phone, in the box or by letter."""
        command = Record(
            command_id=str(body["id"]), site_id=body["site"], channel=body["channel"], kind=body["kind"],
            received_on=body["received_on"], text=body["text"], name=body["name"], phone=body["phone"],
            rating=body["rating"],
        )  # fmt: skip
        with unit_of_work() as session:
            made = services.record(session, command, actor=current_actor(), now=utc_now())
        return {"id": made.feedback_id, "reference": spaced_code(made.reference or "")}


@bp.route("/<int:feedback_id>")
class EntryView(MethodView):
    @requires(Permission.FEEDBACK_HANDLE)
    @bp.response(200, FeedbackEntryOut)
    def get(self, feedback_id: int) -> dict[str, Any]:
        """One entry with its text; the look is logged."""
        with unit_of_work() as session:
            row = services.open_entry(session, feedback_id, actor=current_actor(), now=utc_now())
        return {
            "id": row.id, "number": row.number, "channel": row.channel, "kind": row.kind, "text": row.text,
            "name": row.writer_name, "phone": row.writer_phone, "received_on": row.received_on, "due_on": row.due_on,
            "state": row.state, "answer": row.answer, "answered_on": row.answered_on,
        }  # fmt: skip


@bp.route("/<int:feedback_id>/answer")
class AnswerView(MethodView):
    @requires(Permission.FEEDBACK_HANDLE)
    @bp.arguments(FeedbackAnswerBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], feedback_id: int) -> ResponseReturnValue:
        """Answer an open entry; it is closed with it where `close` says so."""
        command = Answer(feedback_id, body["text"], body["outcome"], close=body["close"])
        with unit_of_work() as session:
            services.answer(session, command, actor=current_actor(), now=utc_now())
        return ""


@bp.route("/<int:feedback_id>/assignment")
class AssignmentView(MethodView):
    @requires(Permission.FEEDBACK_HANDLE)
    @bp.arguments(FeedbackAssignBody)
    @bp.response(204)
    def put(self, body: dict[str, Any], feedback_id: int) -> ResponseReturnValue:
        """Who handles the entry."""
        with unit_of_work() as session:
            services.assign(session, Assign(feedback_id, body["user"]), actor=current_actor(), now=utc_now())
        return ""


@bp.route("/<int:feedback_id>/closing")
class ClosingView(MethodView):
    @requires(Permission.FEEDBACK_HANDLE)
    @bp.response(204)
    def put(self, feedback_id: int) -> ResponseReturnValue:
        """Nothing is left to do."""
        with unit_of_work() as session:
            services.close(session, feedback_id, actor=current_actor(), now=utc_now())
        return ""

    @requires(Permission.FEEDBACK_HANDLE)
    @bp.response(204)
    def delete(self, feedback_id: int) -> ResponseReturnValue:
        """Something is left after all: open again."""
        with unit_of_work() as session:
            services.reopen(session, feedback_id, actor=current_actor(), now=utc_now())
        return ""


@bp.route("/figures")
class FiguresView(MethodView):
    @requires(Permission.FEEDBACK_READ)
    @bp.arguments(FeedbackPeriodArgs, location="query")
    @bp.response(200, FeedbackFiguresOut)
    def get(self, args: dict[str, Any]) -> dict[str, Any]:
        """What came in a period: dealt with in time, how long it took, by kind and channel, and marks."""
        session, actor = read_session(), current_actor()
        counted = figures(
            queries.counted(session, actor, args["start"], args["end"]), today=local_date(utc_now())
        )
        given = marks(queries.ratings(session, actor, args["start"], args["end"]))
        return {
            "start": args["start"], "end": args["end"], "received": counted.received, "due": counted.due,
            "in_time": counted.in_time, "overdue": counted.overdue, "answered": counted.answered,
            "mean_working_days_tenths": counted.mean_tenths, "by_kind": counted.by_kind,
            "by_channel": counted.by_channel, "marks": {str(mark): count for mark, count in given.counts.items()},
            "mean_mark_tenths": given.mean_tenths,
        }  # fmt: skip

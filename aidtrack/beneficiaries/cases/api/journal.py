"""The journal of appeals and notices, and what came of them in figures."""

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.api.parts import READ, WRITE, bp, carry_out, made, site_of
from aidtrack.beneficiaries.cases.commands import CloseIntake, RecordIntake, TransferIntake
from aidtrack.beneficiaries.cases.queries.figures import figures
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter, JournalRow
from aidtrack.beneficiaries.cases.schemas import journal as schemas
from aidtrack.beneficiaries.cases.schemas.parts import CasePaperOut
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from aidtrack.web import current_actor, requires


def _entry(row: JournalRow) -> dict[str, Any]:
    return {
        "id": row.id, "site": row.site_code, "number": row.number, "kind": row.kind, "channel": row.channel,
        "sender": row.sender, "received_on": row.received_on, "family": row.registration_no, "status": row.status,
        "outcome": row.outcome, "closed_on": row.closed_on, "from_whom": row.from_whom,
    }  # fmt: skip


@bp.route("/journal")
class JournalView(MethodView):
    @requires(READ)
    @bp.arguments(schemas.JournalQuery, location="query")
    @bp.response(200, schemas.JournalOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A page of the journal, the newest entry first, at most 25 at once."""
        page = asked.pop("page")
        with unit_of_work() as session:
            rows, total = services.open_journal(
                session, JournalFilter(**asked), page, actor=current_actor(), now=utc_now()
            )
        return {"total": total, "entries": [_entry(row) for row in rows]}


@bp.route("/journal/<uuid:client_id>")
class NewIntakeView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.IntakeBody)
    @bp.response(201, CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, int]:
        """Record an entry. The id is the client's: repeated, it has one effect."""
        number, site = body.pop("family"), body.pop("site")

        def command(session: Session, actor: Actor) -> RecordIntake:
            if number:
                household_id = household_by_number(session, number.strip().upper(), actor)
                return RecordIntake(client_id, household_id, **body)
            return RecordIntake(client_id, None, site_id=site_of(session, site, actor), **body)

        return made(services.record_paper, command)


@bp.route("/journal/entries/<int:intake_id>")
class IntakeView(MethodView):
    @requires(READ)
    @bp.response(200, schemas.IntakeFileOut)
    def get(self, intake_id: int) -> dict[str, Any]:
        """One entry with what was said; the reading is logged."""
        with unit_of_work() as session:
            file = services.open_intake(session, intake_id, actor=current_actor(), now=utc_now())
        return {
            **_entry(file.row), "contact": file.contact, "about": file.about, "reason": file.reason,
            "transferred_to": file.transferred_to,
        }  # fmt: skip


@bp.route("/journal/entries/<int:intake_id>/closing")
class ClosingView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.IntakeClosingBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], intake_id: int) -> None:
        """Close an open entry with its outcome."""
        carry_out(services.close_intake, lambda *_: CloseIntake(intake_id, **body))


@bp.route("/journal/entries/<int:intake_id>/transfer")
class TransferView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.IntakeTransferBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], intake_id: int) -> None:
        """Hand an open entry on to whom it concerns."""
        carry_out(services.transfer_intake, lambda *_: TransferIntake(intake_id, **body))


@bp.route("/statistics")
class StatisticsView(MethodView):
    @requires(READ)
    @bp.arguments(schemas.CasePeriodQuery, location="query")
    @bp.response(200, schemas.CaseStatisticsOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """From the appeal to the decision: papers, and different families beside them."""
        found = figures(read_session(), current_actor(), asked["first"], asked["last"])
        steps = {
            name: {
                "papers": step.papers, "households": step.households, "percent_of_step_before": step.of_before
            }
            for name, step in (
                ("appeals", found.appeals), ("acts", found.acts), ("decided", found.decided), ("granted", found.granted)
            )
        }  # fmt: skip
        return {**steps, "sittings": found.sittings, "unknown_families": found.unknown_families}

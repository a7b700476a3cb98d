"""What cases hold about a family, and how they forget: the words go, the counts and the journal's order stay."""

from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.commands import IntakeStatus, SittingState
from aidtrack.beneficiaries.cases.words import (
    BODY_WORDS,
    CHANNEL_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    RESULT_WORDS,
    SENDER_WORDS,
    STATUS_WORDS,
    period_text,
)
from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.beneficiaries.models import (
    AssessmentEntry,
    CaseDecision,
    CaseListEntry,
    EligibilityDecision,
    Intake,
    NeedsAssessment,
    ProtectedEntry,
    Sitting,
    SittingCase,
)
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import N_
from aidtrack.web.filters import day

FORGOTTEN = "—"


def _facts(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in pairs if value)


def read_appeals(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(
        select(Intake).where(Intake.household_id == household_id).order_by(Intake.received_on, Intake.id)
    )
    return [
        Held(
            f"{KIND_WORDS[one.kind]} {one.number}",
            _facts(
                (_("Came on"), day(one.received_on, language)),
                (_("How it came"), str(CHANNEL_WORDS[one.channel]) if one.channel else None),
                (_("Who turned to us"), str(SENDER_WORDS[one.sender]) if one.sender else None),
                (_("From whom"), one.from_whom),
                (_("Phone or address for the answer"), one.contact),
                (_("What it is about"), one.about),
                (_("State"), str(STATUS_WORDS[one.status])),
                (_("Outcome"), str(OUTCOME_WORDS[one.outcome]) if one.outcome else None),
                (_("Transferred to"), one.transferred_to),
                (_("Reason"), one.reason),
            ),
        )
        for one in rows
    ]


def read_acts(session: Session, household_id: int, language: str) -> list[Held]:
    """With every tick, for nobody in particular."""
    return _acts(session, household_id, language, protected=True)


def read_acts_as(session: Session, household_id: int, language: str, actor: Actor) -> list[Held]:
    """Protected ticks only under a live grant."""
    return _acts(session, household_id, language, protected=actor.can(Permission.CATEGORY_PROTECTED))


def _acts(session: Session, household_id: int, language: str, *, protected: bool) -> list[Held]:
    names = {
        entry.id: entry.name_en if language == "en" else entry.name_uk
        for entry in session.scalars(select(CaseListEntry))
    }
    found = []
    for act in session.scalars(
        select(NeedsAssessment)
        .where(NeedsAssessment.household_id == household_id)
        .order_by(NeedsAssessment.made_on, NeedsAssessment.id)
    ).all():
        ticks = list(
            session.scalars(select(AssessmentEntry.entry_id).where(AssessmentEntry.assessment_id == act.id))
        )
        if protected:
            closed = select(ProtectedEntry.entry).where(ProtectedEntry.assessment_id == act.id)
            ticks += [int(one) for one in session.scalars(closed) if one.isdigit()]
        found.append(
            Held(
                _("Act No. %(number)s", number=act.act_number),
                _facts(
                    (_("Made on"), day(act.made_on, language)),
                    (_("Valid until"), day(act.valid_until, language)),
                    (_("Where it was made"), _("home visit") if act.at_home else _("in the office")),
                    (_("Ticked"), "; ".join(names.get(one, "—") for one in ticks)),
                    (_("In the caseworker's words"), act.notes),
                ),
            )
        )
    return found


def read_decisions(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.execute(
        select(SittingCase, Sitting)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.household_id == household_id)
        .order_by(Sitting.held_on, SittingCase.id)
    ).all()
    found = [
        Held(
            _("Sitting of the %(body)s, %(day)s", body=BODY_WORDS[sitting.body], day=day(sitting.held_on, language)),
            _facts(
                (_("Minutes"), sitting.minutes_number),
                (_("Decided"), str(RESULT_WORDS[case.result]) if case.result else None),
                (_("Valid"), period_text(case.valid_from, case.valid_until, language) if case.valid_from else None),
                (_("Grants"), case.words),
                (_("Reason"), case.reason),
                (_("Decided anew because"), case.correction_reason),
            ),
        )
        for case, sitting in rows
    ]  # fmt: skip
    decisions = session.scalars(
        select(EligibilityDecision)
        .where(EligibilityDecision.household_id == household_id)
        .order_by(EligibilityDecision.decided_on, EligibilityDecision.id)
    )
    return found + [
        Held(
            _("Decision of the %(body)s No. %(number)s", body=BODY_WORDS[one.body], number=one.number),
            _facts(
                (_("Decided on"), day(one.decided_on, language)),
                (_("Valid"), period_text(one.valid_from, one.valid_until, language)),
            ),
        )
        for one in decisions
    ]


def erase_appeals(session: Session, household_id: int, now: datetime) -> int:
    """What was said goes; that somebody came on a day, and how it ended, stays to be counted."""
    of_family = Intake.household_id == household_id
    session.execute(
        update(Intake)
        .where(of_family)
        .values(from_whom=None, contact=None, about=None, reason=None, transferred_to=None)
    )
    session.execute(update(Intake).where(of_family, Intake.serial.is_(None)).values(number=FORGOTTEN))
    return _count(session, Intake, household_id)


def erase_acts(session: Session, household_id: int, now: datetime) -> int:
    of_family = select(NeedsAssessment.id).where(NeedsAssessment.household_id == household_id)
    session.execute(delete(ProtectedEntry).where(ProtectedEntry.household_id == household_id))
    session.execute(delete(AssessmentEntry).where(AssessmentEntry.assessment_id.in_(of_family)))
    session.execute(
        update(NeedsAssessment)
        .where(NeedsAssessment.household_id == household_id)
        .values(act_number=FORGOTTEN, notes=None)
    )
    return _count(session, NeedsAssessment, household_id)


def erase_decisions(session: Session, household_id: int, now: datetime) -> int:
    """Numbers of minutes stay: they are the sitting's. Those typed from a paper of the family alone go."""
    session.execute(
        update(SittingCase)
        .where(SittingCase.household_id == household_id)
        .values(reason=None, words=None, correction_reason=None)
    )
    session.execute(
        update(EligibilityDecision)
        .where(
            EligibilityDecision.household_id == household_id,
            EligibilityDecision.id.not_in(select(CaseDecision.decision_id)),
        )
        .values(number=FORGOTTEN)
    )
    return _count(session, SittingCase, household_id) + _count(session, EligibilityDecision, household_id)


def _count(
    session: Session,
    model: type[Intake | NeedsAssessment | SittingCase | EligibilityDecision],
    household_id: int,
) -> int:
    return len(session.scalars(select(model.id).where(model.household_id == household_id)).all())


def obstacles(session: Session, household_id: int) -> list[str]:
    """Whoever waits for an answer is not forgotten before it."""
    found = []
    if session.scalar(
        select(Intake.id)
        .where(Intake.household_id == household_id, Intake.status == IntakeStatus.OPEN)
        .limit(1)
    ):
        found.append(N_("An appeal of this family is open. Close it first."))
    if session.scalar(
        select(SittingCase.id)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.household_id == household_id, Sitting.state == SittingState.PLANNED)
        .limit(1)
    ):
        found.append(N_("The family's case is on the agenda of a sitting. Take it off first."))
    return found


def lively(session: Session, household_ids: list[int], since: date) -> set[int]:
    """With whom an appeal, an act or a decision had to do since a day."""
    asked = [
        select(Intake.household_id).where(
            Intake.household_id.in_(household_ids),
            or_(Intake.received_on >= since, Intake.closed_on >= since, Intake.status == IntakeStatus.OPEN),
        ),
        select(NeedsAssessment.household_id).where(
            NeedsAssessment.household_id.in_(household_ids), NeedsAssessment.valid_until >= since
        ),
        select(EligibilityDecision.household_id).where(
            EligibilityDecision.household_id.in_(household_ids),
            or_(EligibilityDecision.valid_until.is_(None), EligibilityDecision.valid_until >= since),
        ),
        select(SittingCase.household_id)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.household_id.in_(household_ids), Sitting.held_on >= since),
    ]
    return {one for statement in asked for one in session.scalars(statement) if one is not None}


HOLDINGS = (
    Holding(N_("Appeals and notifications"), read_appeals, erase_appeals, 30, frozenset({"intake"})),
    Holding(
        N_("Acts"),
        read_acts,
        erase_acts,
        31,
        frozenset({"needs_assessment", "protected_entry"}),
        read_as=read_acts_as,
    ),
    Holding(
        N_("Decisions"),
        read_decisions,
        erase_decisions,
        32,
        frozenset({"sitting_case", "eligibility_decision"}),
    ),
)

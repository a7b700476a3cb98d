"""What a person should read: opened and closed as outcomes change, settled by a person with a reason."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack.distribution.field import statements
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.models import CaseKind, Settlement
from aidtrack.kernel.actor import Actor

_OF_OUTCOME = {
    Outcome.EXTRA: CaseKind.EXTRA,
    Outcome.WITHDRAWN: CaseKind.WITHDRAWN,
    Outcome.LATE: CaseKind.LATE,
    Outcome.COUNT_NEEDED: CaseKind.COUNT_NEEDED,
    Outcome.KEPT: CaseKind.KEPT,
}
# what is noted with an event and is worth reading even when all else is in order
WORTH_READING = frozenset(
    {
        "before_enrolment",
        "early",
        "expired_lot",
        "future",
        "not_due",
        "other_programme",
        "other_round",
        "posted_by_hand",
        "raised",
    }
)
# an undo that changes what a person had settled, or takes back what only a person can
UNDO_WORTH_READING = frozenset({"after_settlement", "of_kept"})


def kind_of(outcome: Outcome, notes: list[str]) -> CaseKind | None:
    """What kind of case an event is, if it is one."""
    kind = _OF_OUTCOME.get(outcome)
    if kind is None and outcome is Outcome.RECORDED and WORTH_READING.intersection(notes):
        return CaseKind.NOTED
    if outcome is Outcome.TAKEN_BACK and UNDO_WORTH_READING.intersection(notes):
        return CaseKind.NOTED
    return kind


def of_event(
    session: Session,
    event_id: int,
    kind: CaseKind | None,
    *,
    site_id: int,
    on: date,
    now: datetime,
    new: bool = False,
) -> None:
    """Open, change or close the case of an event. One that a person settled stays settled while its kind does."""
    found = None if new else statements.CASE_OF_EVENT.row(session, of_id=event_id)
    _bring_about(session, found, kind, about={"event_id": event_id}, site_id=site_id, on=on, now=now)


def of_kept(session: Session, quarantine_id: int, *, site_id: int, on: date, now: datetime) -> None:
    found = statements.CASE_OF_KEPT.row(session, of_id=quarantine_id)
    about = {"quarantine_id": quarantine_id}
    _bring_about(session, found, CaseKind.KEPT, about=about, site_id=site_id, on=on, now=now)


def of_gap(session: Session, device_id: int, *, gap: bool, site_id: int, on: date, now: datetime) -> None:
    found = statements.CASE_OF_GAP.row(session, of_id=device_id)
    kind = CaseKind.GAP if gap else None
    _bring_about(session, found, kind, about={"device_id": device_id}, site_id=site_id, on=on, now=now)


def _bring_about(
    session: Session,
    found: Any,
    kind: CaseKind | None,
    *,
    about: dict[str, int],
    site_id: int,
    on: date,
    now: datetime,
) -> None:
    if found is None:
        if kind is not None:
            nothing = {"event_id": None, "quarantine_id": None, "device_id": None}
            statements.ADD_CASE.run(
                session, kind=kind.value, site_id=site_id, happened_on=on, opened_at=now, settled_at=None,
                settled_by=None, settled_by_id=None, how=None, reason=None, **{**nothing, **about},
            )  # fmt: skip
        return
    case_id, before, how = found[0], CaseKind(found[1]), found[2]
    if kind is None:
        if how is None:
            _set(session, case_id, before, at=now, by="—", by_id=None, how=Settlement.BY_ITSELF, reason=None)
    elif kind is not before or how == Settlement.BY_ITSELF.value:
        _set(session, case_id, kind, at=None, by=None, by_id=None, how=None, reason=None)


def _set(
    session: Session, case_id: int, kind: CaseKind, *, at: datetime | None, by: str | None, by_id: int | None,
    how: Settlement | None, reason: str | None,
) -> None:  # fmt: skip
    statements.SET_CASE.run(
        session, case_id=case_id, new_kind=kind.value, at=at, by=by, by_id=by_id,
        new_how=how.value if how else None, new_reason=reason,
    )  # fmt: skip


def settle(
    session: Session,
    case_id: int,
    kind: CaseKind,
    *,
    how: Settlement,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    _set(session, case_id, kind, at=now, by=actor.label, by_id=actor.user_id, how=how, reason=reason)

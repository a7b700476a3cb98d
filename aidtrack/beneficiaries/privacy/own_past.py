"""What the registry holds about a family's past: collectors, what happened, doubles and merges."""

import json
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.happenings import MergeState
from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.beneficiaries.models import (
    Collector,
    DoublesFound,
    FamilyEvent,
    HouseholdMerge,
    NotSame,
    Person,
)
from aidtrack.beneficiaries.views.words import column_word
from aidtrack.db.sealing import EMPTIED
from aidtrack.kernel.errors import N_
from aidtrack.web.filters import day

OPEN_MERGE = N_("This family waits to be merged with another registration. Decide on that first.")


def _collectors(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(
        select(Collector).where(Collector.household_id == household_id).order_by(Collector.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                one.name,
                _pairs(
                    (_("Document"), one.document),
                    (_("Valid from"), day(one.valid_from, language)),
                    (_("Valid until"), day(one.valid_until, language) if one.valid_until else None),
                ),
            )
            for one in rows
        ]


def _events(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(
        select(FamilyEvent).where(FamilyEvent.household_id == household_id).order_by(FamilyEvent.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                _(one.kind.label),
                _pairs(
                    (_("On"), day(one.on_day, language)),
                    (_("Recorded by"), one.who),
                    (_("Before"), _before(one.details)),
                ),
            )
            for one in rows
        ]


def _before(details: str | None) -> str | None:
    """What stood there, as people read it: what was changed, and from what to what."""
    try:
        changes = json.loads(details)["fields"] if details else {}
    except (ValueError, KeyError, TypeError):
        return details
    return "; ".join(
        f"{column_word(column)}: {change[0] or '—'} → {change[-1] or '—'}"
        if isinstance(change, list) and change
        else f"{column_word(column)}: {change}"
        for column, change in changes.items()
    )


def _doubles(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(select(NotSame).where(_either(NotSame, household_id)).order_by(NotSame.id)).all()
    merges = session.scalars(
        select(HouseholdMerge)
        .where(or_(HouseholdMerge.survivor_id == household_id, HouseholdMerge.loser_id == household_id))
        .order_by(HouseholdMerge.id)
    ).all()
    with force_locale(language):
        return [
            *(
                Held(
                    _("Compared with another family: not the same"),
                    _pairs((_("When"), day(one.said_at.date(), language)), (_("Who"), one.said_by)),
                )
                for one in rows
            ),
            *(
                Held(
                    _("Two registrations, one family"),
                    _pairs(
                        (_("When"), day(one.proposed_at.date(), language)),
                        (_("Who"), one.proposed_by),
                        (_("Reason"), one.reason),
                    ),
                )
                for one in merges
            ),
        ]


def _either(table: Any, household_id: int) -> Any:
    return or_(table.low_id == household_id, table.high_id == household_id)


def _forget(table: Any) -> Any:
    def erase(session: Session, household_id: int, _now: datetime) -> int:
        gone = session.execute(delete(table).where(table.household_id == household_id))
        return int(gone.rowcount or 0)  # type: ignore[attr-defined]

    return erase


def _forget_events(session: Session, household_id: int, now: datetime) -> int:
    """Its own history, and what other families' histories say of people who are members here now."""
    people = select(Person.id).where(Person.household_id == household_id)
    elsewhere = session.execute(
        update(FamilyEvent)
        .where(FamilyEvent.household_id != household_id, FamilyEvent.person_id.in_(people))
        .values(details=None)
        .execution_options(synchronize_session=False)
    )
    own: int = _forget(FamilyEvent)(session, household_id, now)
    return own + int(elsewhere.rowcount or 0)  # type: ignore[attr-defined]


def _forget_doubles(session: Session, household_id: int, _now: datetime) -> int:
    """Merges stay as numbers of rows: the two handouts of one family are told from two families' by them."""
    # what was noted of this family when it was about to go on in another one lies under that one's key
    noted = session.execute(
        update(HouseholdMerge)
        .where(HouseholdMerge.loser_id == household_id)
        .values(reason=EMPTIED, choices=EMPTIED, before=None, undo_reason=None)
        .execution_options(synchronize_session=False)
    )
    count = int(noted.rowcount or 0)  # type: ignore[attr-defined]
    for table in (NotSame, DoublesFound):
        gone = session.execute(delete(table).where(_either(table, household_id)))
        count += int(gone.rowcount or 0)  # type: ignore[attr-defined]
    return count


def obstacles(session: Session, household_id: int) -> list[str]:
    waits = select(HouseholdMerge.id).where(
        or_(HouseholdMerge.survivor_id == household_id, HouseholdMerge.loser_id == household_id),
        HouseholdMerge.state == MergeState.PROPOSED,
    )
    return [OPEN_MERGE] if session.scalar(waits.limit(1)) is not None else []


def _pairs(*pairs: tuple[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), str(value)) for label, value in pairs if value)


HOLDINGS = (
    Holding(N_("Who else may collect"), _collectors, _forget(Collector), 20, frozenset({"collector"})),
    Holding(N_("What happened"), _events, _forget_events, 24, frozenset({"family_event"})),
    Holding(
        N_("Compared with other registrations"), _doubles, _forget_doubles, 26,
        frozenset({"not_same", "doubles_found", "household_merge", "household_end", "person_alias"}),
    ),
)  # fmt: skip

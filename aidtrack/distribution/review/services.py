"""Settling what a person has read: with a choice and a reason, and without any effect on the family's next round."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import seal_words
from aidtrack.distribution.field import reviews
from aidtrack.distribution.field.errors import AlreadySettled
from aidtrack.distribution.handouts.extra import take_back
from aidtrack.distribution.models import (
    CaseKind,
    Choice,
    PaperList,
    PaperRow,
    ReviewCase,
    ReviewChoice,
    RowState,
)
from aidtrack.distribution.queries.vouchers import household_with
from aidtrack.distribution.review import kept, posting, queries
from aidtrack.distribution.review.choices import HOW, of_paper, offered
from aidtrack.distribution.review.errors import NothingToSettle, OwnHandout, ReasonTooShort
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.late import dataclass

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Settle:
    """What was found out, and what follows.

    `back`: units by lot, where goods were brought back and not all of them; a lot not named came back whole.
    """

    choice: Choice
    reason: str
    back: Mapping[int, int] | None = None


def settle_case(session: Session, case_id: int, command: Settle, *, actor: Actor, now: datetime) -> None:
    """Settle one case. Families stay as they are, and goods and vouchers too but for three choices.

    A kept event's goods leave the book where they were handed out. They stand at their place again where they were
    brought back, or where one handout had left the book twice. A handout of which everything came back is undone;
    where it was the family's own its valid paper is open again.

    Raises:
        NothingToTake, TakenBefore: see `posting.take_from_book`.
        MoreThanGiven, NothingCameBack: see `posting.judge_back`.
        AlreadySettled: somebody was quicker.
        OwnHandout: the actor's own phone made it.
        InvalidValue: the choice is not one for this kind of case.
        ReasonTooShort, NotFound.
    """
    actor.require(Permission.REVIEW_SETTLE)
    if command.choice in (Choice.POSTED_TWICE, Choice.GOODS_RETURNED):
        posting.hold_family(session, case_id)  # before the case, as phones' events take them
    held = session.execute(
        select(ReviewCase)
        .where(ReviewCase.id == case_id, ReviewCase.site_id.in_(actor.site_ids))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held.settled_at is not None:
        raise AlreadySettled
    case = queries.case_by_id(session, case_id, actor=actor)
    story = kept.story(session, held, site_ids=frozenset({held.site_id}))
    if actor.user_id is not None and actor.user_id in (case.person_id, story.person_id if story else None):
        raise OwnHandout
    if command.choice not in offered(case.kind, case.notes or (), twin=twin_of(session, case) is not None):
        raise InvalidValue(field="choice", value=command.choice.value)
    reason = _reason(command.reason)
    words = seal_words(session, household_with(session, case.voucher_id), reason)
    facts: dict[str, object] = {"kind": case.kind.value, "choice": command.choice.value}
    entry_id = None
    if command.choice is Choice.TAKEN_FROM_BOOK:
        entry_id = posting.take_from_book(session, held, actor=actor, now=now)
    elif command.choice is Choice.GOODS_RETURNED:
        entry_id = posting.come_back(session, held, case, command.back, reason=words, actor=actor, now=now)
    elif command.choice is Choice.POSTED_TWICE and "posted_by_hand" not in (case.notes or ()):
        posting.take_back_extra(session, case, reason=words, actor=actor, now=now)
    elif command.choice is Choice.POSTED_TWICE:
        entry_id = posting.take_back_by_hand(session, held, reason=words, actor=actor, now=now)
    if entry_id is not None:
        facts["entry"] = entry_id
    reviews.settle(session, case_id, case.kind, how=HOW[command.choice], reason=reason, actor=actor, now=now)
    session.execute(delete(ReviewChoice).where(ReviewChoice.case_id == case_id))
    session.execute(insert(ReviewChoice).values(case_id=case_id, choice=command.choice))
    session.expire_all()  # the case was set by a prepared statement
    audit.record(
        session, actor=actor, action="field.settle", object_type="review_case", object_id=case_id,
        site_id=case.site_id, reason=words, now=now, facts=facts,
    )  # fmt: skip


def twin_of(session: Session, case: queries.CaseRow) -> queries.FamilyHandout | None:
    """What an extra is most likely a second record of."""
    if case.kind is not CaseKind.EXTRA or case.entitlement_id is None:
        return None
    handouts = queries.family_handouts(session, case.entitlement_id)
    return queries.probably_the_same(
        handouts, place_id=case.place_id, on=case.happened_on, but=case.handout_id
    )


def settle_row(
    session: Session, list_id: int, row: int, command: Settle, *, actor: Actor, now: datetime
) -> None:
    """Settle a signed row of a paper list that could not be recorded; the row stays as it was written.

    Where nothing was posted because it might be a handout recorded before, and it turned out to be another one, its
    goods leave the book now as an extra.

    Raises:
        NotEnoughStock: the book does not hold them any more.
        OwnHandout: the actor entered it.
        NothingToSettle, InvalidValue, ReasonTooShort, NotFound.
    """
    actor.require(Permission.REVIEW_SETTLE)
    found = session.execute(
        select(PaperRow)
        .join(PaperList, PaperList.id == PaperRow.list_id)
        .where(PaperRow.list_id == list_id, PaperRow.number == row, PaperList.site_id.in_(actor.site_ids))
        .with_for_update(of=PaperRow)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    extra = found.client_id if found.refusal is not None else None
    if (found.state is not RowState.NOTED and extra is None) or found.settled_at is not None:
        raise NothingToSettle
    if found.entered_by == actor.label:
        raise OwnHandout
    if command.choice not in of_paper(extra=extra is not None, whole=queries.says_all(found)):
        raise InvalidValue(field="choice", value=command.choice.value)
    found.settlement = _reason(command.reason)
    if command.choice is Choice.TAKEN_FROM_BOOK:
        posting.take_row(session, found, actor=actor, now=now)
    if extra is not None and command.choice is Choice.POSTED_TWICE:
        take_back(session, extra, reason=found.settlement, actor=actor, now=now)
    if extra is not None and command.choice is Choice.GOODS_RETURNED:
        posting.row_comes_back(session, found, command.back, actor=actor, now=now)
    found.settled_at, found.settled_by = now, actor.label
    session.flush()
    site_id = session.execute(select(PaperList.site_id).where(PaperList.id == list_id)).scalar_one()
    family = household_with(session, found.used_voucher_id or found.voucher_id)
    audit.record(
        session, actor=actor, action="paper.settle", object_type="paper_list", object_id=list_id, site_id=site_id,
        reason=seal_words(session, family, found.settlement), facts={"row": row, "choice": command.choice.value}, now=now,
    )  # fmt: skip


def record_reading(session: Session, case_id: int, *, actor: Actor, now: datetime) -> None:
    """Log that somebody read what a family without a voucher had said of itself."""
    case = queries.case_by_id(session, case_id, actor=actor)
    audit.record(
        session, actor=actor, action="read.field_family", object_type="review_case", object_id=case_id,
        site_id=case.site_id, now=now,
    )  # fmt: skip


def read_kept(session: Session, case_id: int, *, actor: Actor, now: datetime) -> kept.KeptStory | None:
    """Open the text of a kept event for whoever may settle it, and log that; None for a case of another kind."""
    actor.require(Permission.REVIEW_SETTLE)
    case = session.execute(
        select(ReviewCase).where(ReviewCase.id == case_id, ReviewCase.site_id.in_(actor.site_ids))
    ).scalar_one_or_none()
    if case is None:
        raise NotFound
    if case.quarantine_id is None and case.kind is not CaseKind.KEPT:
        return None
    audit.record(
        session, actor=actor, action="read.field_kept", object_type="review_case", object_id=case_id,
        site_id=case.site_id, now=now,
    )  # fmt: skip
    return kept.story(session, case, site_ids=frozenset({case.site_id}))


def _reason(text: str) -> str:
    reason = text.strip()
    if len(reason) < 3:
        raise ReasonTooShort
    return reason[:LONGEST]

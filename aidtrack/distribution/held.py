"""What this room holds about a family, how it forgets it, and what keeps a family from being erased.

Entitlements, vouchers and handouts stay: they say how much of which lot went out, on numbers of rows alone. What
explained them (facts, reasons, papers) goes.
"""

from datetime import date, datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.models import Approval
from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.db.sealing import EMPTIED
from aidtrack.distribution.field.returning import items_back
from aidtrack.distribution.models import (
    Eligibility,
    EligibilityStatus,
    Entitlement,
    FieldEvent,
    Handout,
    HandoutLine,
    PaperList,
    PaperRow,
    ReviewCase,
    Round,
    RowState,
    Voucher,
)
from aidtrack.distribution.models.rules import RuleTrialChange
from aidtrack.distribution.services.vouchers import REPRINT_OF_TWO
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.distribution.words import VOUCHER_STATES
from aidtrack.inventory.models import Item, Place, Programme
from aidtrack.kernel.errors import N_
from aidtrack.kernel.quantity import show
from aidtrack.web.filters import day

OPEN_VOUCHER = N_(
    "A voucher of this family can still be collected on. Void it, or wait until it is handed out or has expired."
)
OPEN_REVIEW = N_("A handout of this family waits in the review list. Settle it first.")
OPEN_ROW = N_("A signed row of a paper list with this family's voucher waits to be read. Settle it first.")
FORGOTTEN = "—"  # where words stood that anybody who reads the table could read
STATUS = {
    EligibilityStatus.ELIGIBLE: N_("eligible"),
    EligibilityStatus.REFUSED: N_("refused"),
    EligibilityStatus.ENDED: N_("ended"),
}


def _marks(session: Session, household_id: int, language: str) -> list[Held]:
    name = Programme.name_en if language == "en" else Programme.name_uk
    rows = session.execute(
        select(
            Eligibility.status, Eligibility.valid_from, Eligibility.valid_until, Eligibility.marked_at,
            Eligibility.override_reason, name,
        )
        .join(Programme, Programme.id == Eligibility.programme_id)
        .where(Eligibility.household_id == household_id)
        .order_by(Eligibility.id)
    ).all()  # fmt: skip
    with force_locale(language):
        return [
            Held(
                title,
                _pairs(
                    (_("Judged"), _(STATUS[status])),
                    (_("On"), day(marked_at.date(), language)),
                    (_("Valid from"), day(start, language)),
                    (_("Valid until"), day(end, language) if end else None),
                    (_("Why an exception is right"), exception),
                ),
            )
            for status, start, end, marked_at, exception, title in rows
        ]


def _forget_marks(session: Session, household_id: int, _now: datetime) -> int:
    """Marks that an entitlement rests on stay without facts; the others go."""
    used = select(Entitlement.eligibility_id).where(Entitlement.household_id == household_id)
    mine = Eligibility.household_id == household_id
    session.execute(delete(RuleTrialChange).where(RuleTrialChange.household_id == household_id))
    gone = session.execute(
        delete(Eligibility)
        .where(mine, Eligibility.id.not_in(used))
        .execution_options(synchronize_session=False)
    )
    kept = session.execute(
        update(Eligibility)
        .where(mine)
        .values(
            status=EligibilityStatus.ENDED, facts=EMPTIED, reasons=None, override_reason=None, assessment_id=None,
            decision_id=None,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return _count(gone) + _count(kept)


def _vouchers(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.execute(
        select(Voucher.serial, Voucher.state, Voucher.first_day, Voucher.last_day, Round.code)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Round, Round.id == Voucher.round_id)
        .where(Entitlement.household_id == household_id)
        .order_by(Voucher.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                _("Voucher %(serial)s", serial=serial),
                _pairs(
                    (_("Round"), code),
                    (_("State"), _(VOUCHER_STATES[state][0])),
                    (_("Valid"), f"{day(first, language)} – {day(last, language)}"),
                ),
            )
            for serial, state, first, last, code in rows
        ]


def _handouts(session: Session, household_id: int, language: str) -> list[Held]:
    english = language == "en"
    rows = session.execute(
        select(
            Handout.id, Handout.given_on, Handout.reverses_id, Handout.actor_label,
            Place.name_en if english else Place.name_uk, Item.name_en if english else Item.name_uk, Item.base_unit,
            HandoutLine.units, Item.id,
        )
        .join(Place, Place.id == Handout.place_id)
        .outerjoin(HandoutLine, HandoutLine.handout_id == Handout.id)
        .outerjoin(Item, Item.id == HandoutLine.item_id)
        .where(Handout.household_id == household_id)
        .order_by(Handout.id)
    ).all()  # fmt: skip
    back = items_back(session, {row[0] for row in rows})
    with force_locale(language):
        found: dict[int, tuple[str, list[tuple[str, str]]]] = {}
        for number, given_on, reverses, who, place, item, unit, units, item_id in rows:
            word = _("Taken back") if reverses else _("Handed out")
            _title, pairs = found.setdefault(
                number, (f"{word}: {day(given_on, language)}, {place}", [(_("By"), who)])
            )
            if item is not None:
                pairs.append((item, show(units, unit, language)))
                if came_back := back.get((number, item_id)):
                    pairs.append((_("Brought back: %(item)s", item=item), show(came_back, unit, language)))
        return [Held(title, tuple(pairs)) for title, pairs in found.values()]


def _forget_words(session: Session, household_id: int, _now: datetime) -> int:
    """What colleagues wrote about its vouchers, about rows of lists with them and about what phones brought."""
    mine = select(Entitlement.id).where(Entitlement.household_id == household_id)
    vouchers = select(Voucher.id).where(Voucher.entitlement_id.in_(mine))
    on_paper = or_(PaperRow.voucher_id.in_(vouchers), PaperRow.used_voucher_id.in_(vouchers))
    events = select(FieldEvent.id).where(FieldEvent.entitlement_id.in_(mine))
    count = 0
    for table, column, where in (
        (Voucher, Voucher.void_reason, Voucher.entitlement_id.in_(mine)),
        (PaperRow, PaperRow.note, on_paper),
        (PaperRow, PaperRow.settlement, on_paper),
        (ReviewCase, ReviewCase.reason, ReviewCase.event_id.in_(events)),
    ):
        emptied = update(table).where(where, column.is_not(None)).values({column.key: FORGOTTEN})
        count += _count(session.execute(emptied.execution_options(synchronize_session=False)))
    ids = list(session.scalars(vouchers))
    reprint = (Approval.kind == REPRINT_OF_TWO) & Approval.command["voucher_id"].as_integer().in_(ids)
    for act_id, command in session.execute(select(Approval.id, Approval.command).where(reprint)).all():
        session.execute(
            update(Approval)
            .where(Approval.id == act_id)
            .values(
                reason=FORGOTTEN, command=command | {"reason": FORGOTTEN},
                answer=case((Approval.answer.is_not(None), FORGOTTEN)),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        count += 1
    return count


def _keep(_session: Session, _household_id: int, _now: datetime) -> int:
    return 0


def obstacles(session: Session, household_id: int) -> list[str]:
    """Open things of a family that erasing would leave hanging."""
    mine = select(Entitlement.id).where(Entitlement.household_id == household_id)
    found: list[str] = []
    voucher = select(Voucher.id).where(Voucher.entitlement_id.in_(mine), Voucher.state == VoucherState.ISSUED)
    if session.scalar(voucher.limit(1)) is not None:
        found.append(OPEN_VOUCHER)
    event = (
        select(ReviewCase.id)
        .join(FieldEvent, FieldEvent.id == ReviewCase.event_id)
        .where(FieldEvent.entitlement_id.in_(mine), ReviewCase.settled_at.is_(None))
    )
    if session.scalar(event.limit(1)) is not None:
        found.append(OPEN_REVIEW)
    row = (
        select(PaperRow.number)
        .join(PaperList, PaperList.id == PaperRow.list_id)
        .join(Voucher, Voucher.id == PaperRow.voucher_id)
        .where(
            Voucher.entitlement_id.in_(mine), PaperRow.state == RowState.NOTED, PaperRow.settled_at.is_(None)
        )
    )
    if session.execute(row.limit(1)).first() is not None:
        found.append(OPEN_ROW)
    return found


def lively(session: Session, household_ids: list[int], since: date) -> set[int]:
    """Families that were handed something, or have a right, since that day."""
    served = select(Handout.household_id).where(
        Handout.household_id.in_(household_ids), Handout.given_on >= since
    )
    entitled = select(Eligibility.household_id).where(
        Eligibility.household_id.in_(household_ids),
        Eligibility.status == EligibilityStatus.ELIGIBLE,
        (Eligibility.valid_until.is_(None)) | (Eligibility.valid_until >= since),
    )
    return set(session.scalars(served)) | set(session.scalars(entitled))


def _pairs(*pairs: tuple[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), str(value)) for label, value in pairs if value)


def _count(result: Any) -> int:
    return int(result.rowcount or 0)


HOLDINGS = (
    Holding(
        N_("Programmes the family was judged for"), _marks, _forget_marks, 40,
        frozenset({"eligibility", "rule_trial_change"}),
    ),
    Holding(N_("Vouchers"), _vouchers, _forget_words, 42, frozenset({"entitlement", "entitlement_person"})),
    Holding(N_("Handouts"), _handouts, _keep, 44, frozenset({"handout"})),
)  # fmt: skip

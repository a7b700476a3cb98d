"""A voucher's life, what is refused at the counter, and the count that must always close.

Source: docs/rules.md#vouchers (DESIGN §4)
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from aidtrack.distribution.errors import (
    AlreadyCollected,
    ExpiredVoucher,
    NotIssued,
    NotPossibleNow,
    NotYetValid,
    VoidVoucher,
    WrongPlace,
)
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass


class VoucherState(StrEnum):
    PLANNED = "planned"
    ISSUED = "issued"  # open: in a family's hands, nothing collected
    REDEEMED = "redeemed"
    PARTLY_REDEEMED = "partly_redeemed"
    EXPIRED = "expired"
    VOID = "void"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


_STATE_LABELS = {
    VoucherState.PLANNED: N_("planned"),
    VoucherState.ISSUED: N_("open"),
    VoucherState.REDEEMED: N_("redeemed"),
    VoucherState.PARTLY_REDEEMED: N_("partly redeemed"),
    VoucherState.EXPIRED: N_("expired"),
    VoucherState.VOID: N_("withdrawn"),
}


class VoucherEvent(StrEnum):
    ISSUE = "issue"
    REDEEM = "redeem"
    REDEEM_PARTLY = "redeem_partly"
    UNDO = "undo"  # the handout was reversed
    EXPIRE = "expire"
    REVIVE = "revive"  # a paper that comes in later says that goods were collected in time
    VOID = "void"  # a reprint voids the old voucher and issues a new one


_S, _E = VoucherState, VoucherEvent
_NEXT: dict[tuple[VoucherState, VoucherEvent], VoucherState] = {
    (_S.PLANNED, _E.ISSUE): _S.ISSUED,
    (_S.PLANNED, _E.VOID): _S.VOID,
    (_S.ISSUED, _E.REDEEM): _S.REDEEMED,
    (_S.ISSUED, _E.REDEEM_PARTLY): _S.PARTLY_REDEEMED,
    (_S.ISSUED, _E.EXPIRE): _S.EXPIRED,
    (_S.ISSUED, _E.VOID): _S.VOID,
    (_S.EXPIRED, _E.REVIVE): _S.ISSUED,
    (_S.REDEEMED, _E.UNDO): _S.ISSUED,
    (_S.PARTLY_REDEEMED, _E.UNDO): _S.ISSUED,
    # a paper that expired can be withdrawn, so that a reprint for a longer round leaves one live voucher
    (_S.EXPIRED, _E.VOID): _S.VOID,
}


def next_state(state: VoucherState, event: VoucherEvent) -> VoucherState:
    """The state after the event; NotPossibleNow where the voucher's life has no such step."""
    following = _NEXT.get((state, event))
    if following is None:
        raise NotPossibleNow(state=state.value, event=event.value)
    return following


@dataclass(frozen=True, slots=True)
class PresentedVoucher:
    """A known voucher as it lies on the counter."""

    state: VoucherState
    first_day: date
    last_day: date
    place_id: int  # of its round
    place: str
    collected_at: datetime | None = None
    collected_place: str | None = None


def require_redeemable(voucher: PresentedVoucher, *, on: date, place_id: int) -> None:
    """Let a voucher through, or refuse it by the one reason that matters most at the counter.

    Withdrawn comes before collected, because its reprint may still be open; collected before every
    question of day and place, because nothing else can make it right.

    Args:
        on: local date at the place.
    """
    if voucher.state is VoucherState.VOID:
        raise VoidVoucher
    if voucher.state is VoucherState.PLANNED:
        raise NotIssued
    if voucher.state in (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED):
        at = voucher.collected_at
        raise AlreadyCollected(at=at.isoformat() if at else "", place=voucher.collected_place or "")
    if voucher.state is VoucherState.EXPIRED or on > voucher.last_day:
        raise ExpiredVoucher(last_day=voucher.last_day.isoformat())
    if on < voucher.first_day:
        raise NotYetValid(first_day=voucher.first_day.isoformat())
    if voucher.place_id != place_id:
        raise WrongPlace(place=voucher.place)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """printed = issued + void, and issued = redeemed + partly redeemed + expired + open."""

    printed: int  # vouchers ever made for the round, counted apart from their states
    void: int
    redeemed: int
    partly_redeemed: int
    expired: int
    open: int

    @property
    def issued(self) -> int:
        return self.redeemed + self.partly_redeemed + self.expired + self.open

    @property
    def gap(self) -> int:
        """Vouchers printed that no state accounts for; below zero, states without a printed voucher."""
        return self.printed - self.issued - self.void

    @property
    def closes(self) -> bool:
        return self.gap == 0


def reconcile(counts: Mapping[VoucherState, int], *, printed: int) -> Reconciliation:
    """Set the states of a round's vouchers against the number printed.

    Planned vouchers are on no paper and stand outside; one that was voided before printing is counted by
    neither side if the caller leaves it out of both.
    """
    return Reconciliation(
        printed=printed,
        void=counts.get(VoucherState.VOID, 0),
        redeemed=counts.get(VoucherState.REDEEMED, 0),
        partly_redeemed=counts.get(VoucherState.PARTLY_REDEEMED, 0),
        expired=counts.get(VoucherState.EXPIRED, 0),
        open=counts.get(VoucherState.ISSUED, 0),
    )

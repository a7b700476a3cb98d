"""What must hold of entitlements and vouchers after every commit (DESIGN §2, I5).

The database's own constraints say most of this; here it is counted again, because a restored dump or a hand
at the console may have met neither.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.models import HouseholdEnd
from aidtrack.distribution.models import (
    Entitlement,
    FieldOutcome,
    Handout,
    HandoutKind,
    Profile,
    Round,
    Voucher,
)
from aidtrack.distribution.queries.rounds import reconciliations
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.invariants import Breach

CODE = "I5"
Rows = Select[*tuple[Any, ...]]
LIVE = (VoucherState.ISSUED, VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)
COLLECTED = (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)


def one_live_voucher(session: Session) -> Iterator[Breach]:
    """An entitlement has at most one voucher that opens it or opened it."""
    doubled: Rows = (
        select(Voucher.entitlement_id, func.count())
        .where(Voucher.state.in_(LIVE))
        .group_by(Voucher.entitlement_id)
        .having(func.count() > 1)
        .order_by(Voucher.entitlement_id)
    )
    for entitlement_id, count in session.execute(doubled):
        yield Breach(CODE, f"entitlement {entitlement_id} has {count} live vouchers")


def one_entitlement(session: Session) -> Iterator[Breach]:
    """One household is entitled once in a cycle."""
    doubled: Rows = (
        select(Entitlement.cycle_id, Entitlement.household_id, func.count())
        .group_by(Entitlement.cycle_id, Entitlement.household_id)
        .having(func.count() > 1)
        .order_by(Entitlement.cycle_id, Entitlement.household_id)
    )
    for cycle_id, household_id, count in session.execute(doubled):
        yield Breach(CODE, f"household {household_id} is entitled {count} times in cycle {cycle_id}")


def merged_families_served_once(session: Session) -> Iterator[Breach]:
    """Registrations of one merged family hold at most one open voucher in a cycle."""
    family = func.coalesce(HouseholdEnd.successor_id, Entitlement.household_id)
    merged = (HouseholdEnd.household_id == Entitlement.household_id) & (
        HouseholdEnd.ended_as == EndedAs.MERGED
    )
    doubled: Rows = (
        select(Entitlement.cycle_id, family, func.count())
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .outerjoin(HouseholdEnd, merged)
        .where(Voucher.state == VoucherState.ISSUED)
        .group_by(Entitlement.cycle_id, family)
        .having(func.count() > 1)
        .order_by(Entitlement.cycle_id, family)
    )
    for cycle_id, household_id, count in session.execute(doubled):
        yield Breach(
            CODE, f"household {household_id} has {count} open vouchers in cycle {cycle_id}, as merged"
        )


def same_cycle(session: Session) -> Iterator[Breach]:
    """An entitlement's round belongs to its cycle, and its profile and vouchers to its round."""
    strays: Rows = (
        select(Entitlement.id)
        .join(Round, Round.id == Entitlement.round_id)
        .join(Profile, Profile.id == Entitlement.profile_id)
        .where((Round.cycle_id != Entitlement.cycle_id) | (Profile.round_id != Entitlement.round_id))
        .order_by(Entitlement.id)
    )
    for (entitlement_id,) in session.execute(strays):
        yield Breach(CODE, f"entitlement {entitlement_id} mixes the round of one cycle with another's")
    vouchers: Rows = (
        select(Voucher.id)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .where(Entitlement.round_id != Voucher.round_id)
        .order_by(Voucher.id)
    )
    for (voucher_id,) in session.execute(vouchers):
        yield Breach(CODE, f"voucher {voucher_id} belongs to another round than its entitlement")


def status_places_unique(session: Session) -> Iterator[Breach]:
    """A place in the revocation bit list belongs to one voucher of the round."""
    doubled: Rows = (
        select(Voucher.round_id, Voucher.status_index)
        .group_by(Voucher.round_id, Voucher.status_index)
        .having(func.count() > 1)
        .order_by(Voucher.round_id, Voucher.status_index)
    )
    for round_id, place in session.execute(doubled):
        yield Breach(CODE, f"round {round_id} gave place {place} of its bit list to several vouchers")


def round_counts_close(session: Session) -> Iterator[Breach]:
    """printed = issued + void, in every round."""
    ids = list(session.execute(select(Round.id).order_by(Round.id)).scalars())
    for round_id, count in reconciliations(session, ids).items():
        if not count.closes:
            yield Breach(
                CODE,
                f"round {round_id}: {count.printed} vouchers printed, but {count.issued} issued "
                f"and {count.void} void",
            )


def states_follow_handouts(session: Session) -> Iterator[Breach]:
    """A voucher is collected exactly when a handout of its entitlement stands.

    That is a regular one of the entitlement's present turn on this very voucher, or one made in the field that
    is the family's first, also under an older paper.
    """
    online = (
        select(Handout.voucher_id)
        .join(Entitlement, Entitlement.id == Handout.entitlement_id)
        .where(Handout.kind == HandoutKind.REGULAR, Handout.turn == Entitlement.turn)
    )
    in_the_field = select(FieldOutcome.entitlement_id).where(FieldOutcome.first)
    standing = or_(Voucher.id.in_(online), Voucher.entitlement_id.in_(in_the_field))
    without: Rows = select(Voucher.id).where(Voucher.state.in_(COLLECTED), ~standing).order_by(Voucher.id)
    for (voucher_id,) in session.execute(without):
        yield Breach(CODE, f"voucher {voucher_id} counts as collected, but no handout on it stands")
    # an older paper keeps its state; of the papers that could be collected on, only one can be
    against: Rows = (
        select(Voucher.id)
        .where(Voucher.state.not_in((*COLLECTED, VoucherState.VOID)), standing)
        .order_by(Voucher.id)
    )
    for (voucher_id,) in session.execute(against):
        yield Breach(CODE, f"a handout on voucher {voucher_id} stands, but the voucher is not collected")
    void: Rows = (
        select(Voucher.id)
        .where(Voucher.state == VoucherState.VOID, Voucher.id.in_(online))
        .order_by(Voucher.id)
    )
    for (voucher_id,) in session.execute(void):
        yield Breach(CODE, f"a handout on voucher {voucher_id} stands, but the voucher is void")


CHECKS: tuple[Callable[[Session], Iterator[Breach]], ...] = (
    one_live_voucher,
    one_entitlement,
    merged_families_served_once,
    same_cycle,
    status_places_unique,
    round_counts_close,
    states_follow_handouts,
)

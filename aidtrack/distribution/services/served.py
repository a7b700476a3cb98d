"""How often a programme has served families and persons, as far back as its caps look.

Source: docs/rules.md#terms
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.models import HouseholdEnd, PersonAlias
from aidtrack.beneficiaries.queries import portions
from aidtrack.db.among import among
from aidtrack.distribution.models import (
    Cycle,
    Entitlement,
    EntitlementPerson,
    Handout,
    HandoutKind,
    Voucher,
)
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.rights.terms import Terms
from aidtrack.distribution.vouchers import VoucherState

# an entitlement whose paper expired or was withdrawn gave nothing and leaves its place to others
COUNTS = (VoucherState.ISSUED, VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)


def live() -> Any:
    """A voucher of an entitlement that gave something or still can."""
    return select(Voucher.entitlement_id).where(
        Voucher.entitlement_id == Entitlement.id, Voucher.state.in_(COUNTS)
    )


def _of_programme(round_: RoundRow, terms: Terms, on: date) -> list[Any]:
    """Entitlements under the programme that count, as far back as the caps look.

    What was handed out counts from its day, as waiting does; an open voucher can be collected on and counts until then.
    """
    where = [Cycle.programme_id == round_.programme_id, live().exists()]
    if terms.cap_days is not None:
        undone = aliased(Handout)
        handed_out = select(Handout.id).where(
            Handout.household_id == Entitlement.household_id,
            Handout.entitlement_id == Entitlement.id,
            Handout.given_on > on - timedelta(days=terms.cap_days),
            Handout.kind != HandoutKind.REVERSAL,
            ~select(undone.id).where(undone.reverses_id == Handout.id).exists(),
        )
        still_open = select(Voucher.entitlement_id).where(
            Voucher.entitlement_id == Entitlement.id, Voucher.state == VoucherState.ISSUED
        )
        where.append(or_(still_open.exists(), handed_out.exists()))
    return where


def served_families(
    session: Session, round_: RoundRow, terms: Terms, household_ids: Iterable[int], on: date
) -> Counter[int]:
    served: Counter[int] = Counter()
    if terms.cap_household is None:
        return served
    statement = (
        select(Entitlement.household_id, func.count())
        .join(Cycle, Cycle.id == Entitlement.cycle_id)
        .where(*_of_programme(round_, terms, on))
        .group_by(Entitlement.household_id)
    )
    for portion in portions(household_ids):
        # a second registration that was merged into this one was served too
        merged = select(HouseholdEnd.household_id, HouseholdEnd.successor_id).where(
            among(HouseholdEnd.successor_id, portion), HouseholdEnd.ended_as == EndedAs.MERGED
        )
        same: dict[int, int] = {before: now for before, now in session.execute(merged) if now is not None}
        rows = session.execute(statement.where(among(Entitlement.household_id, [*portion, *same])))
        for household_id, count in rows:
            served[same.get(household_id, household_id)] += count
    return served


def counted_persons(
    session: Session, round_: RoundRow, terms: Terms, person_ids: Iterable[int], on: date
) -> Counter[int]:
    counted: Counter[int] = Counter()
    if terms.cap_member is None:
        return counted
    statement = (
        select(EntitlementPerson.person_id, func.count())
        .join(Entitlement, Entitlement.id == EntitlementPerson.entitlement_id)
        .join(Cycle, Cycle.id == Entitlement.cycle_id)
        .where(*_of_programme(round_, terms, on))
        .group_by(EntitlementPerson.person_id)
    )
    for portion in portions(person_ids):
        twice = select(PersonAlias.person_id, PersonAlias.same_as_id).where(
            among(PersonAlias.same_as_id, portion)
        )
        same: dict[int, int] = dict(session.execute(twice).all())
        rows = session.execute(statement.where(among(EntitlementPerson.person_id, [*portion, *same])))
        for person_id, count in rows:
            counted[same.get(person_id, person_id)] += count
    return counted

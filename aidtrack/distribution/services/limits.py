"""What a programme's terms leave of the families that were marked: whom, how many, on which day.

Judged where vouchers are made, with the cycle's row held, so that two runs never fill the same place twice. Caps look
past the cycle: where there are any, the programme's row is held as well (`hold_caps`).
The counter then has nothing to count: a voucher is good on its day or it is not.

Source: docs/rules.md#terms
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import (
    All,
    LastIssueBefore,
    MinDaysSinceLastIssue,
    Rule,
    Scope,
    entitled_members,
    meets,
)
from aidtrack.beneficiaries.happenings import Happening
from aidtrack.beneficiaries.household import HouseholdFacts
from aidtrack.beneficiaries.models import FamilyEvent
from aidtrack.beneficiaries.queries import portions
from aidtrack.db.among import among
from aidtrack.distribution.models import (
    Eligibility,
    Entitlement,
    EntitlementPerson,
    Voucher,
)
from aidtrack.distribution.queries.planning import Candidate
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.rights import queries as rights
from aidtrack.distribution.rights.errors import (
    CapReached,
    CountedElsewhere,
    DaysAreFull,
    NobodyFits,
    OthersCameFirst,
    ServedTooSoon,
)
from aidtrack.distribution.rights.queries import RuleRow
from aidtrack.distribution.rights.terms import Terms
from aidtrack.distribution.services.served import COUNTS, counted_persons, live, served_families
from aidtrack.inventory.models import Programme
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass


class Left(StrEnum):
    """Why a marked family gets no voucher now."""

    COUNTED = "counted"  # everybody in it had their share of the cycle with the family they came from
    TOO_SOON = "too_soon"  # served a short while ago
    UNFIT = "unfit"  # no member meets the conditions themselves any more
    CAPPED = "capped"  # the family, or everybody in it, was served as often as the rule allows
    OVER_LIMIT = "over_limit"  # others came first
    OVER_QUOTA = "over_quota"  # no day of the round has a place left


# why a late-comer gets none and a withdrawn voucher stays so, by what the rule leaves
REFUSALS: dict[Left, type[DomainError]] = {
    Left.COUNTED: CountedElsewhere,
    Left.TOO_SOON: ServedTooSoon,
    Left.UNFIT: NobodyFits,
    Left.CAPPED: CapReached,
    Left.OVER_LIMIT: OthersCameFirst,
    Left.OVER_QUOTA: DaysAreFull,
}


@dataclass(slots=True)
class Places:
    """What is left of the first-come limit and of each day's quota. Taking one makes the next scarcer."""

    first_come: int | None = None
    quota: int | None = None
    taken: Counter[date] = field(default_factory=Counter)
    days: tuple[date, ...] = ()

    def take(self) -> tuple[Left | None, date | None]:
        """A place and its day; or why there is none."""
        if self.first_come is not None and self.first_come <= 0:
            return Left.OVER_LIMIT, None
        day: date | None = None
        if self.quota is not None:
            day = self.take_day()
            if day is None:
                return Left.OVER_QUOTA, None
        if self.first_come is not None:
            self.first_come -= 1
        return None, day

    def take_day(self) -> date | None:
        """A place on the first day that has one."""
        day = next((one for one in self.days if self.quota is None or self.taken[one] < self.quota), None)
        if day is not None:
            self.taken[day] += 1
        return day


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with the members who count, or the reason why there is no voucher for it."""

    candidate: Candidate
    left: Left | None


def hold_caps(session: Session, round_: RoundRow, *, on: date) -> None:
    """Wait until nobody else issues in the programme, if its rule caps how often somebody is served.

    The programme and not the family: people go from one family to another, and a merge holds its families before it
    asks for the cycles. Taken after the cycle's and the round's rows; whoever counts afterwards sees what was made.
    """
    rule = rights.rule_on(session, round_.programme_id, on)
    if rule is not None and (rule.terms.cap_household is not None or rule.terms.cap_member is not None):
        held = select(Programme.id).where(Programme.id == round_.programme_id)
        session.execute(held.with_for_update(key_share=True))


def left_for_a_withdrawn_one(
    session: Session, round_: RoundRow, entitlement_id: int, *, on: date
) -> Left | None:
    """Why a withdrawn voucher's entitlement cannot live again: what it left free has gone to others since, or this
    family, or one of the people counted in it, was served elsewhere as often as the rule allows."""
    hold_caps(session, round_, on=on)
    places = places_left(session, round_, on=on)
    if places.first_come is not None and places.first_come <= 0:
        return Left.OVER_LIMIT
    rule = rights.rule_on(session, round_.programme_id, on)
    household_id, exception = session.execute(
        select(Entitlement.household_id, Eligibility.approved_by_id)
        .join(Eligibility, Eligibility.id == Entitlement.eligibility_id)
        .where(Entitlement.id == entitlement_id)
    ).one()
    if rule is None or exception is not None:
        return None
    people = session.scalars(
        select(EntitlementPerson.person_id).where(EntitlementPerson.entitlement_id == entitlement_id)
    ).all()
    terms = rule.terms
    served = served_families(session, round_, terms, [household_id], on)
    counted = counted_persons(session, round_, terms, people, on)
    too_often = (terms.cap_household is not None and served[household_id] >= terms.cap_household) or (
        terms.cap_member is not None and any(counted[one] >= terms.cap_member for one in people)
    )
    return Left.CAPPED if too_often else None


def judge_candidates(
    session: Session, round_: RoundRow, found: Sequence[Candidate], *, on: date
) -> list[Judged]:
    """Every candidate: nobody counted twice in a cycle; then the programme's rule in force: waiting, scope and caps.

    An approved exception stands against the rule by two people's word and is not asked about these.
    """
    found, again = _without_those_counted(session, round_, found)
    rule = rights.rule_on(session, round_.programme_id, on)
    if rule is None or not found:
        return [
            Judged(candidate, Left.COUNTED if candidate.household_id in again else None)
            for candidate in found
        ]
    asked = [candidate for candidate in found if not candidate.exception]
    waiting = _too_soon(session, round_, rule, asked, on)
    served = served_families(session, round_, rule.terms, [one.household_id for one in asked], on)
    present = [member.person_id for one in asked for member in one.members]
    counted = counted_persons(session, round_, rule.terms, present, on)
    fitting = _fitting(session, rule, asked, on)
    judged: list[Judged] = []
    for candidate in found:
        if candidate.exception:
            judged.append(Judged(candidate, None))
            continue
        if candidate.household_id in again:
            judged.append(Judged(candidate, Left.COUNTED))
            continue
        if candidate.household_id in waiting:
            judged.append(Judged(candidate, Left.TOO_SOON))
            continue
        judged.append(_by_terms(candidate, rule.terms, served, counted, fitting))
    return judged


def _without_those_counted(
    session: Session, round_: RoundRow, found: Sequence[Candidate]
) -> tuple[list[Candidate], frozenset[int]]:
    """Candidates without members who were counted in another family's entitlement of the cycle, before they came.

    And the families of which nobody is left so: they part from what they were in the next cycle only.
    """
    counted: set[tuple[int, int]] = set()
    asked = [candidate.household_id for candidate in found if not candidate.exception]
    for portion in portions(asked):
        came = (
            select(FamilyEvent.person_id, FamilyEvent.household_id)
            .where(among(FamilyEvent.household_id, portion), FamilyEvent.kind == Happening.CAME_FROM)
            .subquery()
        )
        rows = session.execute(
            select(came.c.person_id, came.c.household_id)
            .join(FamilyEvent, FamilyEvent.person_id == came.c.person_id)  # also what lies further back
            .join(Entitlement, Entitlement.household_id == FamilyEvent.other_id)
            .join(
                EntitlementPerson,
                (EntitlementPerson.entitlement_id == Entitlement.id)
                & (EntitlementPerson.person_id == came.c.person_id),
            )
            .where(
                FamilyEvent.kind == Happening.CAME_FROM,
                Entitlement.cycle_id == round_.cycle_id,
                Entitlement.household_id != came.c.household_id,
                live().exists(),
            )
        )
        counted |= {(household_id, person_id) for person_id, household_id in rows}
    if not counted:
        return list(found), frozenset()
    again: set[int] = set()
    left: list[Candidate] = []
    for candidate in found:
        members = tuple(
            one for one in candidate.members if (candidate.household_id, one.person_id) not in counted
        )
        if not members and candidate.members:
            again.add(candidate.household_id)
        else:
            candidate = replace(candidate, members=members)
        left.append(candidate)
    return left, frozenset(again)


def _by_terms(
    candidate: Candidate,
    terms: Terms,
    served: Counter[int],
    counted: Counter[int],
    fitting: dict[int, frozenset[int]] | None,
) -> Judged:
    members = candidate.members
    if fitting is not None:
        members = tuple(one for one in members if one.person_id in fitting[candidate.household_id])
        if not members and candidate.members:
            return Judged(candidate, Left.UNFIT)
    if terms.cap_household is not None and served[candidate.household_id] >= terms.cap_household:
        return Judged(candidate, Left.CAPPED)
    if terms.cap_member is not None and members:
        members = tuple(one for one in members if counted[one.person_id] < terms.cap_member)
        if not members:
            return Judged(candidate, Left.CAPPED)
    return Judged(replace(candidate, members=members), None)


def _too_soon(
    session: Session, round_: RoundRow, rule: RuleRow, asked: Iterable[Candidate], on: date
) -> frozenset[int]:
    """A mark stands for all that was judged when it was made; only being served can change since."""
    waits = All(tuple(_waits(rule.rule)))
    if not waits.of:
        return frozenset()
    last = rights.last_issues(session, [one.household_id for one in asked], round_.programme_id)
    return frozenset(
        household
        for household, day in last.items()
        if not meets(waits, HouseholdFacts((), last_issue_on=day), on)
    )


def _waits(rule: Rule) -> Iterator[Rule]:
    """What a rule asks of the last issue on its main branch; alternatives and negations do not bind everyone."""
    if isinstance(rule, MinDaysSinceLastIssue | LastIssueBefore):
        yield rule
    elif isinstance(rule, All):
        for part in rule.of:
            yield from _waits(part)


def _fitting(
    session: Session, rule: RuleRow, asked: Sequence[Candidate], on: date
) -> dict[int, frozenset[int]] | None:
    """Of a rule that serves persons: who meets it, by family. Waiting was judged apart from it."""
    if rule.terms.scope is not Scope.PERSON:
        return None
    facts = rights.facts_for(
        session, [one.household_id for one in asked], on, programme_id=rule.programme_id, rules=[rule.rule]
    )
    return {
        household_id: frozenset(
            member.person_id for member in entitled_members(rule.rule, one, on, scope=Scope.PERSON)
        )
        for household_id, one in facts.items()
    }


def places_left(session: Session, round_: RoundRow, *, on: date) -> Places:
    """What the terms leave of the cycle and of the round's days from a day on. The cycle's row is held."""
    rule = rights.rule_on(session, round_.programme_id, on)
    terms = rule.terms if rule is not None else Terms()
    places = Places()
    if terms.first_come is not None:
        given = session.scalar(
            select(func.count(func.distinct(Entitlement.id)))
            .join(Voucher, Voucher.entitlement_id == Entitlement.id)
            .where(Entitlement.cycle_id == round_.cycle_id, Voucher.state.in_(COUNTS))
        )
        places.first_come = terms.first_come - (given or 0)
    if terms.quota_per_day is not None:
        places.quota = terms.quota_per_day
        first = max(on, round_.first_day)
        places.days = tuple(
            first + timedelta(days=number) for number in range((round_.last_day - first).days + 1)
        )
        rows = session.execute(
            select(Voucher.first_day, func.count())
            .where(Voucher.round_id == round_.id, Voucher.state.in_(COUNTS))
            .group_by(Voucher.first_day)
        )
        places.taken.update(dict(rows.all()))
    return places

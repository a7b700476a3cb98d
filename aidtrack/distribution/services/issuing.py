"""Issuing vouchers: to all eligible households of a round in batches, or to one late-comer.

A household is served once in a cycle: the cycle's row is held while a batch is made, and the unique
`(cycle_id, household_id)` is the second line. A batch looks only for households that have nothing yet, so
a run that was killed goes on where it stopped, and a run repeated does nothing.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, exists, func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import Household
from aidtrack.db.vault import current_vault
from aidtrack.distribution.commands import IssueOne, IssueRound
from aidtrack.distribution.errors import (
    AlreadyEntitled,
    EmptyHousehold,
    NoSuchFamily,
    NotEligible,
    NothingDue,
    RoundClosed,
    RoundIsOver,
    ServedTooSoon,
    ShortOfStock,
    TooManyProfiles,
)
from aidtrack.distribution.models import (
    Entitlement,
    EntitlementPerson,
    Profile,
    ProfileLine,
    Round,
    RoundState,
    Voucher,
)
from aidtrack.distribution.queries.planning import Candidate, candidates, profiles, waiting_count
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.distribution.rations import RationLine, ration_for
from aidtrack.distribution.services.planning import plan_round, rules_of, served_too_soon
from aidtrack.distribution.services.rounds import SYSTEM_RANDOM, locked_round
from aidtrack.distribution.services.signing_keys import Signer, current_signer
from aidtrack.distribution.status_index import status_places
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.ids import new_code

BATCH = 500  # households in one unit of work of a long run
LARGEST_PROFILE = 65_535

Composition = tuple[tuple[int, int], ...]  # (item, base units), by item
Progress = Callable[[int, int], None]  # households done, households in all


def _table(mapping: type[Any]) -> Table:
    table = mapping.__table__
    assert isinstance(table, Table)
    return table


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did. `last_household_id` is where the next one begins; None when nobody is left."""

    issued: int
    skipped: int
    last_household_id: int | None


@dataclass(frozen=True, slots=True)
class Issued:
    """What a run did: vouchers made, and households to whom nothing was due or of whom nobody is present."""

    vouchers: int
    skipped: int


def issue_round(
    session: Session,
    command: IssueRound,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
    rng: random.Random = SYSTEM_RANDOM,
) -> Issued:
    """Issue to every eligible household in one transaction; `aidtrack.distribution.runs` has the resumable run."""
    total = start_issue(session, command, actor=actor, now=now)
    issued = skipped = 0
    after: int | None = 0
    while after is not None:
        batch = issue_batch(session, command, actor=actor, now=now, after=after, rng=rng)
        issued, skipped, after = issued + batch.issued, skipped + batch.skipped, batch.last_household_id
        if progress is not None:
            progress(issued + skipped, total)
    return Issued(issued, skipped)


def start_issue(session: Session, command: IssueRound, *, actor: Actor, now: datetime) -> int:
    """Judge the plan before the first voucher; returns how many households a run will look at.

    Raises:
        NothingDue, RoundClosed, RoundIsOver: the round cannot be issued.
        ShortOfStock: the plan needs more than there is and `accept_shortage` was not said.
    """
    round_ = round_by_id(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    on = _require_issuable(round_, now)
    if not command.accept_shortage:
        plan = plan_round(session, round_.id, on=on, actor=actor, household_ids=command.household_ids)
        if not plan.covered:
            raise ShortOfStock(items=[line.item_code for line in plan.shortages])
    return waiting_count(session, round_, on=on, household_ids=command.household_ids)


def issue_batch(
    session: Session,
    command: IssueRound,
    *,
    actor: Actor,
    now: datetime,
    after: int = 0,
    limit: int = BATCH,
    rng: random.Random = SYSTEM_RANDOM,
) -> Batch:
    """Issue to the next households in order of their id, the first after household `after`."""
    round_ = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    on = _require_issuable(round_, now)
    found = candidates(session, round_, on=on, household_ids=command.household_ids, after=after, limit=limit)
    press = _Press.open(session, round_, actor=actor, now=now, rng=rng)
    waiting = served_too_soon(session, round_, found, on=on)
    dues: list[tuple[Candidate, Composition]] = []
    for candidate in found:
        if candidate.household_id in waiting:
            continue
        try:
            due = ration_for(candidate.members, press.rules, on=on)
        except EmptyHousehold:
            continue
        if due:
            dues.append((candidate, tuple(sorted(due.items()))))
    press.issue(dues)
    if dues:
        audit.record(
            session, actor=actor, action="voucher.issue", object_type="round", object_id=round_.id,
            site_id=round_.site_id, now=now, facts={"vouchers": len(dues)},
        )  # fmt: skip
    return Batch(len(dues), len(found) - len(dues), found[-1].household_id if found else None)


def issue_one(
    session: Session, command: IssueOne, *, actor: Actor, now: datetime, rng: random.Random = SYSTEM_RANDOM
) -> int:
    """A voucher for one late-comer; returns its id.

    Raises:
        NoSuchFamily: not at the round's site.
        AlreadyEntitled, NotEligible, ServedTooSoon, EmptyHousehold, NothingDue: why this family gets none.
    """
    round_ = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    body = asdict(command)
    before = audit.already_done(session, command_id=command.command_id, kind="voucher.issue", body=body)
    if before is not None and before.object_id is not None:
        return before.object_id
    on = _require_issuable(round_, now)
    household_id = session.execute(
        select(Household.id).where(
            Household.registration_no == command.registration_no, Household.site_id == round_.site_id
        )
    ).scalar()
    if household_id is None:
        raise NoSuchFamily
    entitled = exists().where(
        Entitlement.cycle_id == round_.cycle_id, Entitlement.household_id == household_id
    )
    if session.execute(select(entitled)).scalar():
        raise AlreadyEntitled
    found = candidates(session, round_, on=on, household_ids=frozenset({household_id}))
    if not found:
        raise NotEligible
    if served_too_soon(session, round_, found, on=on):
        raise ServedTooSoon
    press = _Press.open(session, round_, actor=actor, now=now, rng=rng)
    due = ration_for(found[0].members, press.rules, on=on)
    if not due:
        raise NothingDue(field="registration_no")
    voucher_id = press.issue([(found[0], tuple(sorted(due.items())))])[0]
    audit.record(
        session, actor=actor, action="voucher.issue", object_type="voucher", object_id=voucher_id,
        site_id=round_.site_id, now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=command.command_id, kind="voucher.issue", body=body, object_id=voucher_id, actor=actor,
        now=now,
    )  # fmt: skip
    return voucher_id


def _require_issuable(round_: RoundRow, now: datetime) -> date:
    """The day a household is judged by: the round's first, or today for late-comers."""
    if round_.state is RoundState.CLOSED:
        raise RoundClosed
    today = local_date(now, round_.time_zone)
    if today > round_.last_day:
        raise RoundIsOver(last_day=round_.last_day.isoformat())
    return max(today, round_.first_day)


@dataclass(slots=True)
class _Press:
    """Makes entitlements and vouchers of one round inside one unit of work, in bulk."""

    session: Session
    round_: RoundRow
    rules: Sequence[RationLine]
    signer: Signer
    now: datetime
    rng: random.Random
    made_before: int
    profile_ids: dict[Composition, tuple[int, int]] = field(default_factory=dict)  # id, number

    @classmethod
    def open(
        cls, session: Session, round_: RoundRow, *, actor: Actor, now: datetime, rng: random.Random
    ) -> "_Press":
        """Call while the round's row is held: numbers go on from what is there."""
        made = session.execute(select(func.count()).where(Voucher.round_id == round_.id)).scalar_one()
        return cls(
            session=session,
            round_=round_,
            rules=rules_of(session, round_.id),
            signer=current_signer(session, actor=actor, now=now),
            now=now,
            rng=rng,
            made_before=made,
            profile_ids={lines: (id_, number) for id_, number, lines in profiles(session, round_.id)},
        )

    def issue(self, dues: Sequence[tuple[Candidate, Composition]]) -> list[int]:
        """Entitle the households and print them a voucher each; voucher ids in the same order."""
        if not dues:
            return []
        profile_of = [self._profile(composition) for _, composition in dues]
        entitlement_ids = self._ids(
            Entitlement,
            [
                {
                    "cycle_id": self.round_.cycle_id,
                    "round_id": self.round_.id,
                    "household_id": candidate.household_id,
                    "profile_id": profile_id,
                    "eligibility_id": candidate.eligibility_id,
                    "persons": len(candidate.members),
                    "turn": 1,
                }
                for (candidate, _), (profile_id, _number) in zip(dues, profile_of, strict=True)
            ],
        )
        self.session.connection().execute(
            insert(_table(EntitlementPerson)),
            [
                {"entitlement_id": entitlement_id, "person_id": member.person_id}
                for entitlement_id, (candidate, _) in zip(entitlement_ids, dues, strict=True)
                for member in candidate.members
            ],
        )
        numbers = [number for _, number in profile_of]
        voucher_ids = self.print_for(list(zip(entitlement_ids, numbers, [None] * len(dues), strict=True)))
        self.session.execute(
            update(Round)
            .where(Round.id == self.round_.id, Round.state == RoundState.PLANNED)
            .values(state=RoundState.OPEN)
        )
        return voucher_ids

    def print_for(self, entitlements: Sequence[tuple[int, int, int | None]]) -> list[int]:
        """A new voucher for each (entitlement id, profile number, id of the voucher it replaces)."""
        round_ = self.round_
        key = current_vault().digest(f"{round_.id}:{round_.tag}", "voucher.status_index")
        place = status_places(key)
        codes = self._free_codes(len(entitlements))
        rows = []
        for ordinal, (entitlement_id, number, replaces_id) in enumerate(entitlements, start=self.made_before):
            public_id = self.rng.randbytes(16)
            status_index = place(ordinal)
            signature = self.signer.sign(
                round_tag=round_.tag, public_id=public_id, status_index=status_index, profile=number,
                first_day=round_.first_day, last_day=round_.last_day,
            )  # fmt: skip
            rows.append(
                {
                    "entitlement_id": entitlement_id,
                    "round_id": round_.id,
                    "public_id": public_id,
                    "typed_code": codes.pop(),
                    "serial": f"{round_.code}-{ordinal + 1:05}",
                    "status_index": status_index,
                    "key_id": self.signer.key_id,
                    "first_day": round_.first_day,
                    "last_day": round_.last_day,
                    "signature": signature,
                    "state": VoucherState.ISSUED,
                    "issued_at": self.now,
                    "replaces_id": replaces_id,
                }
            )
        self.made_before += len(rows)
        return self._ids(Voucher, rows)

    def _free_codes(self, count: int) -> list[str]:
        """Typed codes nobody holds, in the order they were drawn: sorted, one would hint at the next."""
        codes: dict[str, None] = {}
        while len(codes) < count:
            fresh = [new_code(choose=self.rng.choice) for _ in range(count - len(codes))]
            asked = select(Voucher.typed_code).where(Voucher.typed_code.in_(fresh))
            taken = set(self.session.execute(asked).scalars())
            codes.update(dict.fromkeys(code for code in fresh if code not in taken))
        return list(codes)

    def _profile(self, composition: Composition) -> tuple[int, int]:
        known = self.profile_ids.get(composition)
        if known is not None:
            return known
        number = len(self.profile_ids) + 1
        if number > LARGEST_PROFILE:
            raise TooManyProfiles
        (profile_id,) = self._ids(Profile, [{"round_id": self.round_.id, "number": number}])
        self.session.execute(
            insert(ProfileLine),
            [
                {"profile_id": profile_id, "item_id": item_id, "units": units}
                for item_id, units in composition
            ],
        )
        self.profile_ids[composition] = (profile_id, number)
        return profile_id, number

    def _ids(self, mapping: type[Any], rows: list[dict[str, Any]]) -> list[int]:
        table = _table(mapping)
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        # the connection's own execute: the unit of work's bulk path costs twice as much
        return list(self.session.connection().execute(statement, rows).scalars())


def press_for(
    session: Session, round_: RoundRow, *, actor: Actor, now: datetime, rng: random.Random
) -> Callable[[int, int, int], int]:
    """How a reprint makes its voucher: (entitlement id, profile number, replaced voucher's id) → new id."""
    press = _Press.open(session, round_, actor=actor, now=now, rng=rng)

    def reprint(entitlement_id: int, number: int, replaces_id: int) -> int:
        return press.print_for([(entitlement_id, number, replaces_id)])[0]

    return reprint

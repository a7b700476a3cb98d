"""The press: entitlements and vouchers of one round written in bulk, for those who judged who gets what."""

import random
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.queries import insert_many, insert_returning, portions
from aidtrack.db.among import among
from aidtrack.db.vault import current_vault
from aidtrack.distribution.errors import TooManyProfiles
from aidtrack.distribution.models import (
    Entitlement,
    EntitlementPerson,
    Profile,
    ProfileLine,
    Round,
    RoundState,
    Voucher,
)
from aidtrack.distribution.queries.planning import Candidate, profiles
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.rations import RationLine
from aidtrack.distribution.rights.errors import DaysAreFull
from aidtrack.distribution.services.limits import places_left
from aidtrack.distribution.services.planning import rules_of
from aidtrack.distribution.services.signing_keys import Signer, signer_of
from aidtrack.distribution.status_index import status_places
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.ids import new_code
from aidtrack.kernel.late import dataclass

LARGEST_PROFILE = 65_535

Composition = tuple[tuple[int, int], ...]  # (item, base units), by item


@dataclass(slots=True)
class Press:
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
    ) -> "Press":
        """Call while the round's row is held: numbers go on from what is there."""
        made = session.execute(select(func.count()).where(Voucher.round_id == round_.id)).scalar_one()
        return cls(
            session=session,
            round_=round_,
            rules=rules_of(session, round_.id),
            signer=signer_of(session, round_.id, actor=actor, now=now),
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
        entitlement_ids = insert_returning(
            self.session,
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
        insert_many(
            self.session,
            EntitlementPerson,
            [
                {"entitlement_id": entitlement_id, "person_id": member.person_id}
                for entitlement_id, (candidate, _) in zip(entitlement_ids, dues, strict=True)
                for member in candidate.members
            ],
        )
        numbers = [number for _, number in profile_of]
        voucher_ids = self.print_for(
            list(zip(entitlement_ids, numbers, [None] * len(dues), strict=True)),
            days=[candidate.day for candidate, _ in dues],
        )
        self.session.execute(
            update(Round)
            .where(Round.id == self.round_.id, Round.state == RoundState.PLANNED)
            .values(state=RoundState.OPEN)
        )
        return voucher_ids

    def print_for(
        self, entitlements: Sequence[tuple[int, int, int | None]], *, days: Sequence[date | None] = ()
    ) -> list[int]:
        """A new voucher for each (entitlement id, profile number, id of the voucher it replaces).

        Args:
            days: the one day each is good on, None for all days of the round; a replaced one gives its own.
        """
        round_ = self.round_
        good_on = list(days) or self.days_replaced([replaced for _, _, replaced in entitlements])
        key = current_vault().digest(f"{round_.id}:{round_.tag}", "voucher.status_index")
        place = status_places(key)
        codes = self._free_codes(len(entitlements))
        rows = []
        for ordinal, (entitlement_id, number, replaces_id) in enumerate(entitlements, start=self.made_before):
            day = good_on[ordinal - self.made_before]
            first_day, last_day = (round_.first_day, round_.last_day) if day is None else (day, day)
            public_id = self.rng.randbytes(16)
            status_index = place(ordinal)
            signature = self.signer.sign(
                round_tag=round_.tag, public_id=public_id, status_index=status_index, profile=number,
                first_day=first_day, last_day=last_day,
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
                    "first_day": first_day,
                    "last_day": last_day,
                    "signature": signature,
                    "state": VoucherState.ISSUED,
                    "issued_at": self.now,
                    "replaces_id": replaces_id,
                }
            )
        self.made_before += len(rows)
        return insert_returning(self.session, Voucher, rows)

    def days_replaced(self, replaced: Sequence[int | None]) -> list[date | None]:
        """The day of each replaced voucher that had one; of a missed one the next day with a place.

        Where every day is full it stays the missed one, and the new paper is worth what the old one was.
        """
        asked = [voucher_id for voucher_id in replaced if voucher_id is not None]
        today = local_date(self.now, self.round_.time_zone)
        own: dict[int, date | None] = {}
        for portion in portions(asked):
            rows = self.session.execute(
                select(Voucher.id, Voucher.first_day).where(
                    among(Voucher.id, portion), Voucher.first_day == Voucher.last_day
                )
            )
            own |= dict(rows.all())
        missed = sorted(
            (day, voucher_id) for voucher_id, day in own.items() if day is not None and day < today
        )
        if missed:
            places = places_left(self.session, self.round_, on=today)
            for day, voucher_id in missed:
                own[voucher_id] = None if places.quota is None else places.take_day() or day
        return [own.get(voucher_id) if voucher_id is not None else None for voucher_id in replaced]

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
        (profile_id,) = insert_returning(
            self.session, Profile, [{"round_id": self.round_.id, "number": number}]
        )
        self.session.execute(
            insert(ProfileLine),
            [
                {"profile_id": profile_id, "item_id": item_id, "units": units}
                for item_id, units in composition
            ],
        )
        self.profile_ids[composition] = (profile_id, number)
        return profile_id, number


def press_for(
    session: Session, round_: RoundRow, *, actor: Actor, now: datetime, rng: random.Random
) -> Callable[[int, int, int], int]:
    """How a reprint makes its voucher: (entitlement id, profile number, replaced voucher's id) → new id."""
    press = Press.open(session, round_, actor=actor, now=now, rng=rng)

    def reprint(entitlement_id: int, number: int, replaces_id: int) -> int:
        days = press.days_replaced([replaces_id])
        if days[0] is not None and days[0] < local_date(now, round_.time_zone):
            raise DaysAreFull(field=None)
        return press.print_for([(entitlement_id, number, replaces_id)], days=days)[0]

    return reprint

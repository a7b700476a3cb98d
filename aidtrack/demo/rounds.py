"""A round from its plan to its close, through the services that the pages call."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from aidtrack.db import read_session, unit_of_work
from aidtrack.demo import stock
from aidtrack.demo.centre import WAREHOUSE, acting
from aidtrack.demo.families import Family
from aidtrack.demo.stage import Stage, at, command_id
from aidtrack.distribution import services
from aidtrack.distribution.commands import (
    CreateCycle,
    IssueRound,
    PlanRound,
    ReprintVoucher,
    SetLine,
    VoidVoucher,
)
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.services import hand_out, undo_handout
from aidtrack.distribution.models import Collector, Entitlement, Ground, Voucher
from aidtrack.distribution.queries.printed import printable_ids
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.rights.commands import MarkMany
from aidtrack.distribution.rights.services import mark_many
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

IN_ONE_UNIT = 100  # handouts; each is judged and booked on its own, they only share the commit
UNDONE_AFTER = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class Ration:
    """A line of an entitlement set: of which item, for whom, how much as people say it."""

    item: str
    typed: str
    basis: Basis = Basis.HOUSEHOLD
    ages: tuple[int | None, int | None] = (None, None)
    pack: str | None = None


@dataclass(slots=True)
class Round:
    """One round and what happens in it: who stays away, whose handout is undone, who gets less."""

    code: str
    cycle: str
    programme: str
    place: str
    first_day: date
    last_day: date
    rations: tuple[Ration, ...]
    families: list[Family]
    caseworker: str = "caseworker"
    warehouse: tuple[str, ...] = ("warehouse", "warehouse2")
    absent: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    undone_and_served: set[str] = field(default_factory=set)
    short_of: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # item, base units given, reason
    reprinted: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    sheets_printed: bool = True  # False leaves the printing to whoever tries the product
    id: int = 0

    @property
    def household_ids(self) -> frozenset[int]:
        return frozenset(family.household_id for family in self.families)


def open_cycle(
    stage: Stage,
    programme: str,
    code: str,
    name_uk: str,
    name_en: str,
    days: tuple[date, date],
    now: datetime,
) -> None:
    command = CreateCycle(
        str(command_id(f"cycle {programme} {code}")),
        stage.programmes[programme],
        code,
        name_uk,
        name_en,
        *days,
    )
    with unit_of_work() as session:
        stage.cycles[code] = services.create_cycle(
            session, command, actor=stage.actors["caseworker"], now=now
        )


def mark(
    stage: Stage,
    programme: str,
    families: Iterable[Family],
    ground: Ground,
    days: tuple[date, date | None],
    now: datetime,
    *,
    by: str = "caseworker",
) -> None:
    """Mark families as eligible. Everybody named here meets the rule; that is checked."""
    ids = tuple(family.household_id for family in families)
    command = MarkMany(stage.programmes[programme], ids, ground, *days)
    actor = acting(stage, by, now)
    with unit_of_work() as session:
        found = mark_many(session, command, actor=actor, now=now)
    assert len(found.marked) == len(ids), (programme, ground, found.refused, found.without_paper)


def plan(stage: Stage, round_: Round, now: datetime) -> None:
    """The caseworker plans the round; nothing is issued yet."""
    lines = []
    for ration in round_.rations:
        goods = stage.goods[ration.item]
        pack_id = goods.pack_ids[ration.pack] if ration.pack else None
        units = stock.units_of(stage, ration.item, ration.typed)
        lines.append(SetLine(goods.id, ration.basis, units, *ration.ages, pack_id=pack_id))
    command = PlanRound(
        str(command_id(f"round {round_.code}")), stage.cycles[round_.cycle], stage.places[round_.place],
        round_.code, round_.first_day, round_.last_day, "9:00–16:00", tuple(lines),
    )  # fmt: skip
    with unit_of_work() as session:
        round_.id = services.create_round(
            session, command, actor=stage.actors[round_.caseworker], now=now, rng=stage.rng
        )


def supply(stage: Stage, round_: Round, now: datetime, *, missing: stock.Missing | None = None) -> None:
    """Bring to the point what the plan says is short there; of bulk goods whole bags, and one to spare."""
    shown = services.plan_round(
        read_session(),
        round_.id,
        on=round_.first_day,
        actor=stage.actors[round_.caseworker],
        household_ids=round_.household_ids,
    )
    wanted = {}
    for line in shown.lines:
        goods = stage.goods[line.item_code]
        if line.short and goods.unit is BaseUnit.PIECE:
            wanted[line.item_code] = line.short
        elif line.short:
            bag = max(pack.units for pack in goods.packs)
            at_hand = sum(lot.units for lot in stock.standing(stage, WAREHOUSE, line.item_code))
            wanted[line.item_code] = min((line.short // bag + 2) * bag, at_hand)
    if wanted:
        stock.send(
            stage, f"for {round_.code}", wanted, now, target=round_.place, programme=round_.programme,
            missing=missing,
        )  # fmt: skip


def issue(stage: Stage, round_: Round, now: datetime) -> None:
    """Issue to the round's families, print the sheets unless the newcomer shall, and settle what went wrong with single papers."""
    actor = stage.actors[round_.caseworker]
    command = IssueRound(round_.id, household_ids=round_.household_ids)
    made = issue_in_batches(command, actor=actor, now=now, rng=stage.rng)
    assert made.vouchers == len(round_.families), (round_.code, made)
    if round_.sheets_printed:
        with unit_of_work() as session:
            row = round_by_id(session, round_.id, actor=actor)
            ids = printable_ids(session, round_.id)
            services.mark_printed(session, row, ids, actor=actor, now=now, form="sheets")
    if round_.reprinted or round_.withdrawn:
        _settle(stage, round_, now + timedelta(hours=3))


def _settle(stage: Stage, round_: Round, now: datetime) -> None:
    actor = stage.actors[round_.caseworker]
    by_household = {family.household_id: family for family in round_.families}
    with unit_of_work() as session:
        rows = session.execute(
            select(Voucher.id, Entitlement.household_id)
            .select_from(Voucher)
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .where(Voucher.round_id == round_.id)
            .order_by(Voucher.id)
        ).all()
        for voucher_id, household_id in rows:
            name = by_household[household_id].name
            if name in round_.reprinted:
                command = ReprintVoucher(
                    str(command_id(f"reprint {round_.code} {name}")), voucher_id, "Сім’я загубила ваучер"
                )
                services.reprint_voucher(session, command, actor=actor, now=now, rng=stage.rng)
            elif name in round_.withdrawn:
                services.void_voucher(
                    session, VoidVoucher(voucher_id, "Сім’я виїхала з міста"), actor=actor, now=now
                )


def visits(stage: Stage, round_: Round, days: Sequence[date]) -> dict[date, list[Family]]:
    """Who comes on which day, by lot; the absent and the withdrawn do not."""
    coming: dict[date, list[Family]] = defaultdict(list)
    for family in round_.families:
        if family.name not in round_.absent and family.name not in round_.withdrawn:
            coming[stage.rng.choice(days)].append(family)
    return coming


def serve(stage: Stage, round_: Round, families: Sequence[Family], moments: Sequence[datetime]) -> None:
    """Hand out to these families, each at its moment."""
    codes = _codes(round_, families)
    waiting = list(zip(families, moments, strict=True))
    actor = stage.actors[round_.warehouse[moments[0].day % len(round_.warehouse)]] if moments else None
    for start in range(0, len(waiting), IN_ONE_UNIT):
        with unit_of_work() as session:
            for family, now in waiting[start : start + IN_ONE_UNIT]:
                assert actor is not None
                client_id = command_id(f"handout {round_.code} {family.name}")
                hand_out(
                    session, _command(stage, round_, family, codes[family.household_id]), actor=actor, now=now
                )
                if family.name in round_.undone | round_.undone_and_served:
                    undo = UndoHandout(command_id(f"undo {client_id}"), client_id, "Видано не тій сім’ї")
                    undo_handout(session, undo, actor=actor, now=now + UNDONE_AFTER)
                if family.name in round_.undone_and_served:
                    again = HandOut(
                        command_id(f"again {client_id}"),
                        codes[family.household_id],
                        stage.places[round_.place],
                    )
                    hand_out(session, again, actor=actor, now=now + 2 * UNDONE_AFTER)


def _command(stage: Stage, round_: Round, family: Family, code: str) -> HandOut:
    quantities, reason = {}, None
    if family.name in round_.short_of:
        item, units, reason = round_.short_of[family.name]
        quantities[stage.goods[item].id] = units
    return HandOut(
        client_id=command_id(f"handout {round_.code} {family.name}"),
        code=code,
        place_id=stage.places[round_.place],
        quantities=quantities,
        reason=reason,
        collector=Collector.PROXY if family.has_proxy else Collector.HEAD,
    )


def _codes(round_: Round, families: Sequence[Family]) -> dict[int, str]:
    """The short codes on the papers that these families bring, by household."""
    rows = read_session().execute(
        select(Entitlement.household_id, Voucher.typed_code)
        .select_from(Voucher)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .where(
            Voucher.round_id == round_.id,
            Voucher.state == VoucherState.ISSUED,
            Entitlement.household_id.in_([family.household_id for family in families]),
        )
    )
    return dict(rows.all())


def day_at_the_point(stage: Stage, day: date, visitors: int) -> list[datetime]:
    """When the visitors of a day are served, between nine and four."""
    opened = at(day, 9)
    return sorted(opened + timedelta(seconds=stage.rng.randint(60, 7 * 3600 - 900)) for _ in range(visitors))


def close(stage: Stage, round_: Round, now: datetime) -> None:
    """Nothing more is issued; the papers nobody came with expire."""
    with unit_of_work() as session:
        services.close_round(session, round_.id, actor=stage.actors[round_.caseworker], now=now)

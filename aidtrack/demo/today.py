"""The present: goods and families of the last weeks, and a round that is open, so that anybody can scan."""

import random
from datetime import date, datetime, timedelta
from functools import partial

from aidtrack.db import unit_of_work
from aidtrack.demo import centre, registering, rounds, stock, voices
from aidtrack.demo.centre import NK_POINT, WAREHOUSE
from aidtrack.demo.families import Children, Family, Kind, Registry
from aidtrack.demo.rounds import Ration, Round
from aidtrack.demo.stage import SEED, Stage, command_id
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.rights.commands import MarkEligible, SettleOverride
from aidtrack.distribution.rights.services import mark_eligible, settle_override
from aidtrack.inventory import services as inventory
from aidtrack.inventory.commands import DispatchTransfer, LotUnits, SetLotStatus
from aidtrack.inventory.kinds import LotStatus
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass

POINT = "DN-P1"
OPEN_FOR = timedelta(days=60)  # a trial started again weeks later still finds its round open
KINDS = (Kind.SZHO, Kind.DISPLACED, Kind.GUARDIAN, Kind.SZHO, Kind.DISPLACED, Kind.LARGE)
SERVED, UNDONE = 6, 1
RATIONS = (
    Ration("FOOD-KIT", "1 шт."),
    Ration("HYGIENE-KIT", "1 шт."),
    Ration("RICE", "2 кг", Basis.MEMBER),
    Ration("BLANKET", "1 шт."),
)


@dataclass(frozen=True, slots=True)
class _Days:
    """Days counted back from the present one."""

    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now)

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def moment(self, days: int, minutes: int = 0) -> datetime:
        """That many days before the present moment, so always in the past."""
        return self.now - timedelta(days=days) + timedelta(minutes=minutes)


def put_on_agenda(stage: Stage) -> Round:
    """Everything of the last weeks; gives the round that is open at the main site."""
    days = _Days(stage.now)
    # a lot of its own, so that 2022 is the same whatever day it is
    rng = random.Random(SEED + 1)  # noqa: S311
    registry = Registry(rng, stage.sites["DN"], first_phone=5000)
    families = [_family(registry, f"now {number}", KINDS[number % len(KINDS)], days) for number in range(46)]
    waiting = [_family(registry, f"asks {number}", Kind.NONE, days) for number in range(4)]
    elsewhere = [
        _family(registry, f"nk-now {number}", Kind.SZHO, days, site_id=stage.sites["NK"], point=NK_POINT)
        for number in range(8)
    ]
    registering.add_to_agenda(stage, families + waiting, before=days.moment(24), by="caseworker")
    registering.add_to_agenda(stage, elsewhere, before=days.moment(24), by="nk-caseworker")
    stage.agenda.add(days.moment(100), lambda now: centre.grant(stage, "caseworker2", 180, now))
    sheltered = [_family(registry, f"shelter {number}", Kind.SHELTERED, days) for number in range(3)]
    registering.add_to_agenda(stage, sheltered, before=days.moment(24), by="caseworker2")
    for delivery in _deliveries(days):
        stage.agenda.add(days.moment(22), partial(stock.receive, stage, delivery))
    stage.agenda.add(days.moment(20), lambda now: _hold_back(stage, now))
    stage.agenda.add(days.moment(12), lambda now: _mark(stage, families, elsewhere, waiting, days, now))
    _open_round(stage, families, days)
    round_ = _main_round(stage, families, days)
    voices.put_on_agenda(stage, round_)
    _second_site(stage, elsewhere, days)
    _next_round(stage, days)
    stage.agenda.add(days.moment(1), lambda now: _on_the_way(stage, now))
    return round_


def _family(
    registry: Registry, name: str, kind: Kind, days: _Days, *, site_id: int | None = None, point: str = POINT
) -> Family:
    older = registry.rng.choices((1, 2, 3), (5, 3, 1))[0]
    made = registry.family(
        name, kind, between=(days.ago(90), days.ago(26)), children=Children(older=older), points=((point, 1),),
        site_id=site_id,
    )  # fmt: skip
    if kind is not Kind.NONE:
        made.marks.add("assessed")
    return made


def _deliveries(days: _Days) -> tuple[stock.Delivery, ...]:
    day, soon, later = days.ago(22), days.today + timedelta(days=20), days.today + timedelta(days=300)
    return (
        stock.Delivery(
            "kits of this season", day, "NADIIA",
            (
                ("FOOD-KIT", "3 ящики", None, "НЖД-1", soon),
                ("FOOD-KIT", "20 ящиків", "21 ящик", "НЖД-2", later),
                ("HYGIENE-KIT", "9 ящиків", None, "НЖД-3", None),
                ("RICE", "16 мішків", None, "НЖД-4", later),
                ("RICE", "50 кг", None, "НЖД-5", later),
            ),
            agreement="NADIIA", programme="FAMILY",
        ),
        stock.Delivery(
            "blankets", day, "AUD", (("BLANKET", "120 шт.", None, "П-1", None),), agreement="GIZ",
            programme="FAMILY", earmarked=True, channel="GIZ", back_donor="BMZ",
            note="Співфінансує ЄС",
        ),
        stock.Delivery(
            "dignity kits", day, "UNFPA", (("DIGNITY-KIT", "60 шт.", None, "Г-1", None),), agreement="UNFPA",
            place=NK_POINT, by="nk-warehouse",
        ),
    )  # fmt: skip


def _hold_back(stage: Stage, now: datetime) -> None:
    """A lot of rice looks damp: nobody hands it out until somebody has looked."""
    lot = min(stock.standing(stage, WAREHOUSE, "RICE"), key=lambda lot: lot.units)
    command = SetLotStatus(lot.lot_id, LotStatus.QUARANTINED, "Підозра на вологість, чекає на огляд")
    with unit_of_work() as session:
        inventory.set_lot_status(session, command, actor=stage.actors["warehouse"], now=now)


def _mark(
    stage: Stage,
    families: list[Family],
    elsewhere: list[Family],
    waiting: list[Family],
    days: _Days,
    now: datetime,
) -> None:
    """Most are entitled; of four who are not, one is granted an exception and one waits for a second person."""
    since = (local_date(now), None)
    rounds.mark(stage, "FAMILY", families, Ground.NEEDS_ASSESSMENT, since, now)
    rounds.mark(stage, "FAMILY", elsewhere, Ground.NEEDS_ASSESSMENT, since, now, by="nk-caseworker")
    for number, family in enumerate(waiting):
        why = "Житло зруйноване, документи в роботі" if number < 2 else None
        command = MarkEligible(
            command_id(f"mark {family.name}"), family.household_id, stage.programmes["FAMILY"], Ground.APPLICATION,
            override_reason=why, record_refusal=why is None,
        )  # fmt: skip
        with unit_of_work() as session:
            marked = mark_eligible(session, command, actor=stage.actors["caseworker"], now=now)
        if number == 0:
            with unit_of_work() as session:
                settle_override(
                    session,
                    SettleOverride(marked.eligibility_id, True, "Сім’ю відвідано вдома, підтверджую"),
                    actor=stage.actors["caseworker2"],
                    now=now + timedelta(hours=1),
                )


def _cycle(days: _Days) -> str:
    return f"FAMILY-{days.today:%Y-%m-%d}"


def _open_round(stage: Stage, families: list[Family], days: _Days) -> None:
    stage.agenda.add(
        days.moment(9),
        lambda now: rounds.open_cycle(
            stage, "FAMILY", _cycle(days), f"Підтримка сімей, {days.today:%m.%Y}",
            f"Support of families, {days.today:%m/%Y}", (days.ago(9), days.today + OPEN_FOR), now,
        ),
    )  # fmt: skip


def _main_round(stage: Stage, families: list[Family], days: _Days) -> Round:
    """Issued four days ago and begun two days ago: a few were served yesterday, the others may come."""
    round_ = Round(
        f"FAMILY-{days.today:%y%m}-P1", _cycle(days), "FAMILY", POINT, days.ago(2), days.today + OPEN_FOR, RATIONS,
        families, warehouse=("warehouse",), sheets_printed=False,
    )  # fmt: skip
    came = families[:SERVED]
    round_.undone.add(came[-1].name)
    round_.reprinted.add(families[10].name)
    round_.withdrawn.add(families[11].name)
    first = next(family for family in came if family.persons > 2)
    round_.short_of[first.name] = ("RICE", 2_000 * (first.persons - 1), "Забрали, скільки змогли донести")
    moments = [days.moment(1, 7 * number) for number in range(len(came))]
    add = stage.agenda.add
    add(days.moment(8), lambda now: rounds.plan(stage, round_, now))
    add(days.moment(6), lambda now: rounds.supply(stage, round_, now))
    add(days.moment(4), lambda now: rounds.issue(stage, round_, now))
    add(moments[0], lambda _: rounds.serve(stage, round_, came, moments))
    return round_


def _second_site(stage: Stage, families: list[Family], days: _Days) -> None:
    round_ = Round(
        f"FAMILY-{days.today:%y%m}-NK", _cycle(days), "FAMILY", NK_POINT, days.ago(2), days.today + OPEN_FOR,
        (Ration("DIGNITY-KIT", "1 шт."),), families, caseworker="nk-caseworker", warehouse=("nk-warehouse",),
    )  # fmt: skip
    moments = [days.moment(1, 11 * number) for number in range(2)]
    stage.agenda.add(days.moment(8), lambda now: rounds.plan(stage, round_, now))
    stage.agenda.add(days.moment(4), lambda now: rounds.issue(stage, round_, now))
    stage.agenda.add(moments[0], lambda _: rounds.serve(stage, round_, families[:2], moments))


def _next_round(stage: Stage, days: _Days) -> None:
    """A round that is only planned, at a point whose stock does not cover it: the plan shows what is short."""
    round_ = Round(
        f"FAMILY-{days.today:%y%m}-P2", _cycle(days), "FAMILY", "DN-P2", days.today + timedelta(days=7),
        days.today + timedelta(days=14), RATIONS, [],
    )  # fmt: skip
    stage.agenda.add(days.moment(2), lambda now: rounds.plan(stage, round_, now))


def _on_the_way(stage: Stage, now: datetime) -> None:
    """A transfer that nobody has received yet."""
    picks = stock.picked(
        stage, WAREHOUSE, {"HYGIENE-KIT": 10, "BLANKET": 10}, on=local_date(now), programme="FAMILY"
    )
    command = DispatchTransfer(
        str(command_id("on the way")), stage.places[WAREHOUSE], stage.places["DN-P2"],
        tuple(LotUnits(line.lot_id, line.units) for _, line in picks),
    )  # fmt: skip
    with unit_of_work() as session:
        inventory.dispatch_transfer(session, command, actor=stage.actors["warehouse"], now=now)

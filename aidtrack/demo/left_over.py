"""What was lost, who was refused, and where the rest went after New Year."""

from datetime import date, datetime

from aidtrack.db import unit_of_work
from aidtrack.demo import stock
from aidtrack.demo.centre import POINTS, WAREHOUSE
from aidtrack.demo.people_of_2022 import People
from aidtrack.demo.stage import Stage, at, command_id
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rights.commands import MarkEligible
from aidtrack.distribution.rights.services import mark_eligible
from aidtrack.inventory.kinds import LossCause


def put_on_agenda(stage: Stage, people: People) -> None:
    _losses(stage)
    _refusals(stage, people)
    _new_year(stage)


def _losses(stage: Stage) -> None:
    add = stage.agenda.add
    add(
        at(date(2022, 10, 26), 15),
        lambda now: stock.write_off(
            stage,
            "torn bags",
            "RICE",
            18_000,
            now,
            LossCause.STORAGE,
            "Розірвані мішки, рис змішано з піском",
        ),
    )
    add(
        at(date(2022, 11, 23), 15),
        lambda now: stock.write_off(
            stage, "leaking bottles", "OIL", 2_760, now, LossCause.SPOILAGE, "Три пляшки протекли"
        ),
    )
    add(at(date(2022, 12, 20), 10), lambda now: stock.count(stage, "RICE", 400, now))


def _refusals(stage: Stage, people: People) -> None:
    def refuse(now: datetime) -> None:
        for family in people.others:
            command = MarkEligible(
                command_id(f"refuse {family.name}"), family.household_id, stage.programmes["WFP-FOOD"],
                Ground.APPLICATION, record_refusal=True,
            )  # fmt: skip
            with unit_of_work() as session:
                mark_eligible(session, command, actor=stage.actors["caseworker"], now=now)

    stage.agenda.add(at(date(2022, 11, 9), 15), refuse)


def _new_year(stage: Stage) -> None:
    """In January what is left comes back from the points and goes, by a paper, to the children's centre."""
    food = ("RICE", "FLOUR", "OIL")

    def bring_back(now: datetime) -> None:
        for point in POINTS:
            left = {item: sum(lot.units for lot in stock.standing(stage, point, item)) for item in food}
            wanted = {item: units for item, units in left.items() if units}
            if wanted:
                stock.send(
                    stage, f"back from {point}", wanted, now, source=point, target=WAREHOUSE,
                    programme="WFP-FOOD",
                )  # fmt: skip

    def give(now: datetime) -> None:
        stock.give_away(
            stage, "to the children's centre", food,
            "Центр соціальної підтримки дітей і сімей «Мамине щастя»", now,
        )  # fmt: skip

    def expire(now: datetime) -> None:
        for place in (WAREHOUSE, *POINTS):
            for item in ("FORMULA", "PUREE"):
                for lot in stock.standing(stage, place, item):
                    stock.write_off(
                        stage, f"expired {place} {lot.lot_id}", item, lot.units, now, LossCause.EXPIRY,
                        "Термін придатності минув", place=place, lot_id=lot.lot_id,
                    )  # fmt: skip

    stage.agenda.add(at(date(2023, 1, 16), 10), bring_back)
    stage.agenda.add(at(date(2023, 1, 20), 10), give)
    stage.agenda.add(at(date(2023, 12, 4), 10), expire)

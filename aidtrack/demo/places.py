"""Dnipro and its neighbours in the codifier, and two districts of the centre's own making.

Source: KATOTTG, the state codifier of territories, as of 16.05.2025 (a public register; four hromadas of it in
`dnipro.csv`); population of 2022 by kse-ua/KSE-Loc-Data-Hub (MIT).
"""

import csv
from pathlib import Path

from aidtrack.db import unit_of_work
from aidtrack.demo.days import OPENED
from aidtrack.demo.stage import LABEL, Stage, at, command_id
from aidtrack.kernel.actor import system_actor
from aidtrack.places import services
from aidtrack.places.codifier import read_rows
from aidtrack.places.commands import LoadCodifier, LoadPopulation, SaveDistrict

CODES = Path(__file__).with_name("dnipro.csv")
POPULATION = {
    "UA12020010000033698": 971_078,
    "UA12020130000022909": 10_497,
    "UA12020210000032285": 23_142,
    "UA12020250000010438": 23_854,
}
DISTRICTS = (
    ("LEFT", "Лівобережний округ", "Left-bank district", ("UA12020010010114149", "UA12020010010231764", "UA12020010010475293")),
    ("RIGHT", "Правобережний округ", "Right-bank district", ("UA12020010010350200", "UA12020010010757287")),
)  # fmt: skip


def open_places(stage: Stage) -> None:
    """Load the settlements, so that a form can offer them."""
    actor, now = system_actor(LABEL), at(OPENED, 9)
    with CODES.open(encoding="utf-8", newline="") as stream, unit_of_work() as session:
        rows = tuple(read_rows(csv.reader(stream, delimiter=";")))
        services.load_codifier(session, LoadCodifier(rows, CODES.name), actor=actor, now=now)
        services.load_population(session, LoadPopulation(POPULATION, "KSE 2022"), actor=actor, now=now)
        for code, name_uk, name_en, settlements in DISTRICTS:
            command = SaveDistrict(command_id(f"district {code}"), code, name_uk, name_en, settlements)
            services.save_district(session, command, actor=actor, now=now)

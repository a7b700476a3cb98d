"""Families come to the centre: registered month by month, with the papers of their cases."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from aidtrack.beneficiaries.cases.commands import (
    Channel,
    CloseIntake,
    DecisionBody,
    IntakeKind,
    Outcome,
    RecordAssessment,
    RecordDecision,
    RecordIntake,
)
from aidtrack.beneficiaries.cases.services.journal import close_intakes
from aidtrack.beneficiaries.cases.services.recording import Paper, record_papers
from aidtrack.beneficiaries.services import register_many
from aidtrack.db import unit_of_work
from aidtrack.demo.centre import acting
from aidtrack.demo.days import working_days
from aidtrack.demo.families import FOSTERING, Family, Kind
from aidtrack.demo.stage import Stage, at, command_id

ASSESSED = (Kind.SZHO, Kind.LARGE, Kind.SHELTERED)


def add_to_agenda(stage: Stage, families: Iterable[Family], *, before: datetime, by: str) -> None:
    """The families of each month are entered on its last working day, or at `before` at the latest."""
    months: dict[tuple[int, int], list[Family]] = defaultdict(list)
    for family in families:
        months[family.registered_on.year, family.registered_on.month].append(family)
    for _month, members in sorted(months.items()):
        first = members[0].registered_on.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        moment = min(at(working_days(first, last)[-1], 16), before)
        ordered = sorted(members, key=lambda family: family.registered_on)
        stage.agenda.add(moment, partial(register, stage, ordered, by=by))


def register(stage: Stage, families: Sequence[Family], now: datetime, *, by: str) -> None:
    """One working day at the registry: the families with their intakes, acts and decisions."""
    actor = acting(stage, by, now)
    with unit_of_work() as session:
        ids = register_many(session, [family.command for family in families], actor=actor, now=now)
        for family, household_id in zip(families, ids, strict=True):
            family.household_id = household_id
        papers = [paper for family in families for paper in _papers(family)]
        ids = record_papers(session, papers, actor=actor, now=now)
        answered = decided(papers)
        # the day's appeals were answered that day; those of a decision it has answered itself
        closed = [
            CloseIntake(paper_id, Outcome.GRANTED)
            for paper, paper_id in zip(papers, ids, strict=True)
            if isinstance(paper, RecordIntake) and paper.household_id not in answered
        ]
        close_intakes(session, closed, actor=actor, now=now)


def decided(papers: Sequence[Paper]) -> set[int]:
    return {paper.household_id for paper in papers if isinstance(paper, RecordDecision)}


def _papers(family: Family) -> list[Paper]:
    day = family.registered_on
    number = family.name.rpartition(" ")[2]
    papers: list[Paper] = [
        RecordIntake(
            command_id(f"intake {family.name}"), family.household_id, None,
            IntakeKind.NOTIFICATION if family.kind is Kind.SZHO else IntakeKind.APPEAL, day,
            channel=Channel.INSTITUTION if family.kind is Kind.SZHO else Channel.IN_PERSON,
        )
    ]  # fmt: skip
    if family.kind in ASSESSED or "assessed" in family.marks:
        papers.append(
            RecordAssessment(
                command_id(f"act {family.name}"), family.household_id, f"АОП-{number}/{day:%y}", day,
                day + timedelta(days=365), at_home=True,
            )
        )  # fmt: skip
    if family.kind in FOSTERING:
        papers.append(
            RecordDecision(
                command_id(f"decision {family.name}"), family.household_id, DecisionBody.DEPARTMENT,
                f"Р-{number}/{day:%y}", day, day,
            )
        )  # fmt: skip
    return papers

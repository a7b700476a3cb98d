"""Cases under way: open appeals, acts that are due, a sitting whose minutes are closed and one being prepared."""

import random
from datetime import date, datetime, timedelta
from functools import partial

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    CaseResult,
    Channel,
    CloseMinutes,
    DecisionBody,
    IntakeKind,
    PlanSitting,
    RecordAssessment,
    RecordIntake,
    RecordResults,
    Result,
    Sender,
)
from aidtrack.beneficiaries.cases.queries.lists import entries
from aidtrack.beneficiaries.cases.queries.sittings import sitting_file
from aidtrack.beneficiaries.cases.rules import GRANT_MONTHS, months_later
from aidtrack.beneficiaries.services import register_many
from aidtrack.db import unit_of_work
from aidtrack.demo.families import Children, Family, Kind, Registry
from aidtrack.demo.stage import SEED, Stage, command_id
from aidtrack.kernel.clock import local_date

DECIDED, WAITING, UNSEEN = 5, 4, 2  # families before the sitting, waiting for one, and without an act
ENDING = (-20, 6, 19)  # days from today to the end of an act
PLACE = "зала засідань департаменту"
# Who called and is not registered: days ago, channel, who, about what.
CALLERS = (
    (41, Channel.LETTER, Sender.INSTITUTION, "Школа № 999", "Дитина приходить без теплого одягу"),
    (9, Channel.HOTLINE, Sender.OTHER_PERSON, None, "Літня сусідка живе сама, продуктів не має"),
    (
        3,
        Channel.PHONE,
        Sender.FAMILY,
        "Зразкова Марія Петрівна",
        "Після обстрілу немає вікон, потрібні ковдри",
    ),
    (1, Channel.IN_PERSON, Sender.FAMILY, "Прикладний Іван Іванович", "Питає про продуктові набори"),
)


def put_on_agenda(stage: Stage) -> None:
    """The last weeks of the caseworker's desk."""
    # a lot of its own, so that all other families are the same whether this is here or not
    rng = random.Random(SEED + 3)  # noqa: S311
    registry = Registry(rng, stage.sites["DN"], first_phone=8000)
    today = local_date(stage.now)

    def families(name: str, count: int) -> list[Family]:
        return [
            registry.family(
                f"{name} {number}", Kind.SZHO, between=(today - timedelta(80), today - timedelta(50)),
                children=Children(older=1 + number % 3), points=(("DN-P1", 1),),
            )
            for number in range(count)
        ]  # fmt: skip

    decided, waiting = families("heard", DECIDED), families("waits", WAITING)
    unseen, ending = families("unseen", UNSEEN), families("ending", len(ENDING))
    everybody = [*decided, *waiting, *unseen, *ending]
    add, now = stage.agenda.add, stage.now
    add(now - timedelta(49), partial(_register, stage, everybody))
    add(now - timedelta(45), partial(_papers, stage, decided, 30))
    add(now - timedelta(30), partial(_sit, stage))
    add(now - timedelta(29), partial(_papers, stage, waiting, 20))
    add(now - timedelta(28), partial(_appeals, stage, unseen))
    for family, days in zip(ending, ENDING, strict=True):
        add(now - timedelta(27), partial(_ending_act, stage, family, today + timedelta(days)))
    add(now - timedelta(minutes=90), partial(_plan_next, stage))
    for number, (ago, channel, sender, who, about) in enumerate(CALLERS):
        add(now - timedelta(ago, minutes=30), partial(_call, stage, number, channel, sender, who, about))


def _register(stage: Stage, families: list[Family], now: datetime) -> None:
    with unit_of_work() as session:
        ids = register_many(
            session, [family.command for family in families], actor=stage.actors["caseworker"], now=now
        )
    for family, household_id in zip(families, ids, strict=True):
        family.household_id = household_id


def _intake(family: Family, day: date, worker: int | None) -> RecordIntake:
    return RecordIntake(
        command_id(f"appeal {family.name}"), family.household_id, None, IntakeKind.APPEAL, day,
        channel=Channel.IN_PERSON, sender=Sender.FAMILY, about="Просить допомогти сім’ї", assigned_to_id=worker,
    )  # fmt: skip


def _act(family: Family, day: date, until: date, ticks: tuple[int, ...] = ()) -> RecordAssessment:
    return RecordAssessment(
        command_id(f"act {family.name}"), family.household_id, f"АОП-{family.household_id}", day, until,
        at_home=True, entry_ids=ticks,
    )  # fmt: skip


def _papers(stage: Stage, families: list[Family], months: int, now: datetime) -> None:
    """An appeal of the day and an act with its ticks for each."""
    actor, day = stage.actors["caseworker"], local_date(now)
    with unit_of_work() as session:
        known = [entry.id for entry in entries(session, on=day, protected=False)]
        ticks = (known[4], known[-1], known[-3])
        papers = [_intake(family, day, actor.user_id) for family in families]
        acts = [_act(family, day, day + timedelta(months * 10), ticks) for family in families]
        services.record_papers(session, [*papers, *acts], actor=actor, now=now)


def _appeals(stage: Stage, families: list[Family], now: datetime) -> None:
    actor = stage.actors["caseworker"]
    with unit_of_work() as session:
        papers = [_intake(family, local_date(now), actor.user_id) for family in families]
        services.record_papers(session, papers, actor=actor, now=now)


def _ending_act(stage: Stage, family: Family, until: date, now: datetime) -> None:
    with unit_of_work() as session:
        act = _act(family, until - timedelta(180), until)
        services.record_paper(session, act, actor=stage.actors["caseworker"], now=now)


def _plan(stage: Stage, name: str, day: date, now: datetime) -> int:
    command = PlanSitting(
        command_id(name), stage.sites["DN"], DecisionBody.COUNCIL, day, PLACE, day,
        months_later(day, GRANT_MONTHS),
    )  # fmt: skip
    with unit_of_work() as session:
        return services.plan_sitting(session, command, actor=stage.actors["caseworker"], now=now)


def _sit(stage: Stage, now: datetime) -> None:
    """Three are granted, one is refused, one is postponed to the next sitting."""
    actor, day = stage.actors["caseworker"], local_date(now)
    sitting = _plan(stage, "sitting held", day, now)
    until = months_later(day, GRANT_MONTHS)
    with unit_of_work() as session:
        services.add_cases(session, AddCases(sitting), actor=actor, now=now)
        file = sitting_file(session, sitting, actor)
        results = []
        for place, case in enumerate(file.cases):
            one = CaseResult(
                case.id, Result.GRANTED, None, day, until, programme_ids=(stage.programmes["FAMILY"],)
            )
            if place == 1:
                one = CaseResult(case.id, Result.REFUSED, "Дохід сім’ї вищий за межу програми")
            elif place == 3:
                one = CaseResult(case.id, Result.POSTPONED, "Бракує довідки про склад сім’ї")
            results.append(one)
        version = file.sitting.version
        services.record_results(
            session, RecordResults(sitting, version, tuple(results)), actor=actor, now=now
        )
        closing = CloseMinutes(sitting, version + 1, "11", day)
        services.close_minutes(session, closing, actor=actor, now=now)


def _plan_next(stage: Stage, now: datetime) -> None:
    _plan(stage, "sitting ahead", local_date(now) + timedelta(3), now)


def _call(
    stage: Stage,
    number: int,
    channel: Channel,
    sender: Sender,
    who: str | None,
    about: str,
    now: datetime,
) -> None:
    actor = stage.actors["caseworker"]
    kind = IntakeKind.NOTIFICATION if sender is not Sender.FAMILY else IntakeKind.APPEAL
    command = RecordIntake(
        command_id(f"call {number}"), None, None, kind, local_date(now), site_id=stage.sites["DN"], channel=channel,
        sender=sender, from_whom=who, about=about, assigned_to_id=actor.user_id if number % 2 == 0 else None,
    )  # fmt: skip
    with unit_of_work() as session:
        services.record_paper(session, command, actor=actor, now=now)

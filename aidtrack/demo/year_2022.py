"""What happened in 2022, put on the agenda: food each month, winter clothing, the city's kits, child care."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from aidtrack.demo import centre, left_over, registering, rounds, stock
from aidtrack.demo.centre import POINTS
from aidtrack.demo.days import CHILD_CARE, CITY, FOOD_MONTHS, WINTER, working_days
from aidtrack.demo.families import FOSTERING, Family, Kind
from aidtrack.demo.people_of_2022 import People, people_of_2022
from aidtrack.demo.rounds import Ration, Round
from aidtrack.demo.stage import Stage, at
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rations import Basis
from aidtrack.inventory.kinds import LossCause
from aidtrack.kernel.clock import local_date

NEW_YEARS_EVE = date(2022, 12, 31)
FOOD = (
    Ration("RICE", "4 кг", Basis.MEMBER),
    Ration("FLOUR", "4 кг", Basis.MEMBER),
    Ration("OIL", "1 пляшка", Basis.MEMBER, pack="BOTTLE"),
)
CHILD_RATIONS = (
    Ration("DIAPER", "1 упаковка", Basis.AGE_BAND, (0, 2), pack="PACK"),
    Ration("FORMULA", "1 банка", Basis.AGE_BAND, (0, 0), pack="TIN"),
    Ration("PUREE", "6 шт.", Basis.AGE_BAND, (0, 2)),
)
# how many families come for the first time in each month, and how many of which earlier month come again
FIRST_TIME = (500, 480, 430, 331)
AGAIN = ((), (), ((0, 150),), ((0, 120), (1, 130)))
MONTHS_UK = ("вересень", "жовтень", "листопад", "грудень")
MONTHS_EN = ("September", "October", "November", "December")


def put_on_agenda(stage: Stage) -> People:
    """Everything of the year; the families are made now and registered in their months."""
    people = people_of_2022(stage)
    everybody = [*people.food, *people.not_reached, *people.winter, *people.child_care, *people.others]
    unique = list({family.name: family for family in everybody}.values())
    end = at(date(2022, 11, 4), 16)
    registering.add_to_agenda(stage, unique, before=end, by="caseworker")
    stage.agenda.add(at(date(2022, 8, 1), 9), lambda now: centre.grant(stage, "caseworker2", 120, now))
    registering.add_to_agenda(
        stage, people.released + people.pairs, before=at(date(2022, 10, 17), 16), by="caseworker2"
    )
    registering.add_to_agenda(stage, people.second_site, before=end, by="nk-caseworker")
    for delivery in stock.DELIVERIES:
        stage.agenda.add(at(delivery.day, 11), partial(stock.receive, stage, delivery))
    _food(stage, people)
    _winter(stage, people)
    _city(stage, people)
    _child_care(stage, people)
    left_over.put_on_agenda(stage, people)
    return people


# -- one round on the agenda ---------------------------------------------------------------------------


def schedule(stage: Stage, round_: Round, *, hour: int = 9, missing: stock.Missing | None = None) -> None:
    """Plan, supply, issue, serve day by day, close. Rounds at one point are supplied at different hours."""
    first, last = round_.first_day, round_.last_day
    add = stage.agenda.add
    add(at(first - timedelta(days=5), 10), lambda now: rounds.plan(stage, round_, now))
    add(at(first - timedelta(days=4), hour), lambda now: rounds.supply(stage, round_, now, missing=missing))
    add(at(first - timedelta(days=4), hour, 40), lambda now: rounds.issue(stage, round_, now))
    for day, families in sorted(rounds.visits(stage, round_, working_days(first, last)).items()):
        moments = rounds.day_at_the_point(stage, day, len(families))
        add(moments[0], _served(stage, round_, families, moments))
    add(at(last, 17), lambda now: rounds.close(stage, round_, now))


def _served(
    stage: Stage, round_: Round, families: list[Family], moments: list[datetime]
) -> Callable[[datetime], None]:
    return lambda _: rounds.serve(stage, round_, families, moments)


def _by_point(families: list[Family]) -> dict[str, list[Family]]:
    return {point: [family for family in families if family.point == point] for point in POINTS}


# -- food ----------------------------------------------------------------------------------------------


def _food(stage: Stage, people: People) -> None:
    reached = list(people.food)
    stage.rng.shuffle(reached)
    months: list[list[Family]] = []
    for number in FIRST_TIME:
        months.append(reached[:number])
        reached = reached[number:]
    assert not reached
    stage.agenda.add(at(date(2022, 9, 1), 11), lambda now: _mark_for_food(stage, people, now))
    missed = [people.not_reached[start::4] for start in range(4)]
    for month, (first, last) in enumerate(FOOD_MONTHS):
        code = f"{first:%Y-%m}"
        coming = list(months[month])
        for earlier, count in AGAIN[month]:
            # a month's first families come again in November, the next ones in December
            start = 150 if (month, earlier) == (3, 0) else 0
            coming += months[earlier][start : start + count]
        _food_month(stage, month, code, coming, missed[month], (first, last))


def _food_month(
    stage: Stage, month: int, code: str, coming: list[Family], missed: list[Family], days: tuple[date, date]
) -> None:
    first, last = days
    stage.agenda.add(
        at(first - timedelta(days=6), 9),
        lambda now: rounds.open_cycle(
            stage, "WFP-FOOD", code, f"ВПП ООН, {MONTHS_UK[month]} 2022", f"WFP, {MONTHS_EN[month]} 2022",
            (first.replace(day=1), max(last, first.replace(day=28))), now,
        ),
    )  # fmt: skip
    for point, families in _by_point(coming).items():
        away = [family for family in missed if family.point == point]
        round_ = Round(
            f"WFP-{first:%y%m}-{point[-2:]}", code, "WFP-FOOD", point, first, last, FOOD, families + away,
            absent={family.name for family in away},
        )  # fmt: skip
        _accidents(round_, families, away, month)
        wet = stock.Missing("FLOUR", 12_500, LossCause.WETTING, "Мішок намок під час перевезення")
        schedule(stage, round_, missing=wet if (month, point) == (1, "DN-P2") else None)


def _accidents(round_: Round, families: list[Family], away: list[Family], month: int) -> None:
    """A few things go wrong, as they do. Whose handout stays undone is not reached, nor whose paper is void."""
    large = [family for family in families if family.persons >= 3]
    if round_.place == "DN-P1":
        one = large[month]
        round_.short_of[one.name] = ("OIL", 920 * (one.persons - 1), "Одна пляшка розбита")
        round_.reprinted.add(families[5].name)
    if round_.place == "DN-P2":
        round_.undone_and_served.add(families[7].name)
    if round_.place == "DN-P3" and away:
        round_.withdrawn.add(away[0].name)
    if month == 0 and away and round_.place == "DN-P1":
        round_.absent.discard(away[0].name)
        round_.undone.add(away[0].name)


def _mark_for_food(stage: Stage, people: People, now: datetime) -> None:
    days = (date(2022, 9, 1), NEW_YEARS_EVE)
    everybody = [*people.food, *people.not_reached]
    for ground, kinds in (
        (Ground.DEPARTMENT_DECISION, FOSTERING),
        (Ground.NEEDS_ASSESSMENT, (Kind.SZHO,)),
        (Ground.APPLICATION, (Kind.DISPLACED,)),
    ):
        rounds.mark(stage, "WFP-FOOD", [one for one in everybody if one.kind in kinds], ground, days, now)


# -- clothing, kits, child care ------------------------------------------------------------------------


def _winter(stage: Stage, people: People) -> None:
    first, last = WINTER

    def prepare(now: datetime) -> None:
        rounds.open_cycle(
            stage, "WINTER-KIDS", "WINTER-2022", "Зимовий одяг 2022", "Winter clothing 2022",
            (date(2022, 11, 1), NEW_YEARS_EVE), now,
        )  # fmt: skip
        rounds.mark(
            stage, "WINTER-KIDS", people.winter, Ground.APPLICATION, (local_date(now), NEW_YEARS_EVE), now
        )

    stage.agenda.add(at(date(2022, 11, 15), 10), prepare)
    kits = (Ration("WINTER-1-3", "1 шт.", Basis.AGE_BAND, (1, 3)),)
    for point, families in _by_point(people.winter).items():
        schedule(
            stage,
            Round(
                f"WINTER-22-{point[-2:]}", "WINTER-2022", "WINTER-KIDS", point, first, last, kits, families
            ),
        )


def _city(stage: Stage, people: People) -> None:
    first, last = CITY

    def prepare(now: datetime) -> None:
        days = (local_date(now), NEW_YEARS_EVE)
        rounds.open_cycle(
            stage, "CITY-2226", "CITY-2022", "Комплексна програма, 2022", "City programme, 2022",
            (date(2022, 1, 1), NEW_YEARS_EVE), now,
        )  # fmt: skip
        rounds.mark(stage, "CITY-2226", people.released, Ground.APPLICATION, days, now, by="caseworker2")
        rounds.mark(stage, "CITY-2226", people.pairs, Ground.NEEDS_ASSESSMENT, days, now, by="caseworker2")

    stage.agenda.add(at(date(2022, 10, 18), 9), prepare)
    food, hygiene = Ration("FOOD-KIT", "1 шт."), Ration("HYGIENE-KIT", "1 шт.")
    for hour, letter, rations, families in (
        (9, "F", (food,), people.released[:35]),
        (11, "H", (hygiene,), people.released[35:]),
        (13, "B", (food, hygiene), people.pairs),
    ):
        schedule(
            stage,
            Round(
                f"CITY-22-{letter}", "CITY-2022", "CITY-2226", "DN-P1", first, last, rations, families,
                caseworker="caseworker2",
            ),
            hour=hour,
        )  # fmt: skip


def _child_care(stage: Stage, people: People) -> None:
    stage.agenda.add(
        at(date(2022, 4, 1), 9),
        lambda now: rounds.open_cycle(
            stage, "CHILD-CARE", "KIDS-2022", "Підгузки та харчування, 2022", "Diapers and infant food, 2022",
            (date(2022, 4, 1), NEW_YEARS_EVE), now,
        ),
    )  # fmt: skip
    for number, (first, last) in enumerate(CHILD_CARE):
        families = people.child_care[100 * number : 100 * (number + 1)]
        stage.agenda.add(at(first - timedelta(days=5), 9), _marked_for_child_care(stage, families, first))
        schedule(
            stage,
            Round(
                f"KIDS-{first:%y%m}", "KIDS-2022", "CHILD-CARE", POINTS[number % 2], first, last, CHILD_RATIONS,
                families,
            ),
        )  # fmt: skip


def _marked_for_child_care(stage: Stage, families: list[Family], first: date) -> Callable[[datetime], None]:
    days = (first - timedelta(days=5), NEW_YEARS_EVE)
    return lambda now: rounds.mark(stage, "CHILD-CARE", families, Ground.APPLICATION, days, now)

"""Booked times of today's round, and what people told the centre lately."""

from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from aidtrack.db import unit_of_work
from aidtrack.demo.rounds import Round
from aidtrack.demo.stage import Stage, command_id
from aidtrack.distribution import models
from aidtrack.distribution.slots import services as times
from aidtrack.distribution.slots.commands import MakeTimes
from aidtrack.distribution.slots.windows import EVERYBODY, Window
from aidtrack.feedback import services as feedback
from aidtrack.feedback.commands import Answer, Channel, Grant, Outcome, Receive, Record
from aidtrack.kernel.clock import local_date

NINE, THREE, BREAK = 9 * 60, 15 * 60, (12 * 60 + 30, 13 * 60)
# days ago, kind, words, mark
SAID = (
    (16, "complaint_order", "Чекали понад годину надворі, хоча були записані на ранок.", 2),
    (8, "thanks", "Дякуємо, усе видали швидко й привітно.", 5),
    (2, "suggestion", "Добре було б видавати також у суботу: у будні ми на роботі.", 4),
    (1, "corruption", "У чаті продають набори з такими самими наліпками.", None),
)
MARKS = (5, 4, 5, 3, 4)


def put_on_agenda(stage: Stage, round_: Round) -> None:
    """Times for today and tomorrow with today's booked; messages, one of them answered and one overdue."""
    add, now = stage.agenda.add, stage.now
    add(now - timedelta(days=3), partial(_book, stage, round_))
    for number, said in enumerate(SAID):
        add(now - timedelta(days=said[0]), partial(_say, stage, number))
    add(now - timedelta(days=7), partial(_mark, stage))
    add(now - timedelta(days=6), partial(_phone, stage))
    add(now - timedelta(days=5), partial(_name_colleague, stage))


def _book(stage: Stage, round_: Round, now: datetime) -> None:
    """Families are spread over today; tomorrow's times, by the letters of surnames, are still empty."""
    actor, today = stage.actors["caseworker"], local_date(stage.now)
    tomorrow = today + timedelta(days=1)

    def make(day: date, capacity: int, window: Window) -> None:
        command = MakeTimes(
            str(command_id(f"times {day} {window.letters}")), round_id, day, NINE, THREE, 30, capacity, BREAK, window,
        )  # fmt: skip
        times.make_times(session, command, actor=actor, now=now)

    with unit_of_work() as session:
        round_id = session.execute(
            select(models.Round.id).where(models.Round.code == round_.code)
        ).scalar_one()
        make(today, 4, EVERYBODY)
        times.spread_holders(session, round_id, actor=actor, now=now)
        for letters in ("АК", "ЛЯ"):
            make(tomorrow, 3, Window(letters))


def _say(stage: Stage, number: int, now: datetime) -> None:
    _days, kind, words, mark = SAID[number]
    command = Receive(str(command_id(f"said {number}")), stage.sites["DN"], kind, words, mark, "uk")
    with unit_of_work() as session:
        feedback.receive(session, command, address="demonstration", now=now)


def _mark(stage: Stage, now: datetime) -> None:
    with unit_of_work() as session:
        for number, mark in enumerate(MARKS):
            command = Receive(str(command_id(f"mark {number}")), stage.sites["DN"], None, "", mark, "uk")
            feedback.receive(session, command, address="demonstration", now=now)


def _phone(stage: Stage, now: datetime) -> None:
    """A question by phone, answered at once."""
    actor = stage.actors["caseworker"]
    with unit_of_work() as session:
        asked = feedback.record(
            session,
            Record(
                str(command_id("asked by phone")), stage.sites["DN"], Channel.PHONE, "question", local_date(now),
                "Чи може набір отримати сусідка, якщо мама не ходить?",
            ),
            actor=actor,
            now=now,
        )  # fmt: skip
        assert asked.feedback_id is not None
        words = "Так, якщо її внесено до картки як довірену особу. Для цього зателефонуйте нам."
        feedback.answer(
            session, Answer(asked.feedback_id, words, Outcome.NO_FINDING, close=True), actor=actor, now=now
        )


def _name_colleague(stage: Stage, now: datetime) -> None:
    """One colleague may read sensitive messages; the other caseworker does not see that there are any."""
    user_id = stage.actors["caseworker2"].user_id
    assert user_id is not None
    with unit_of_work() as session:
        feedback.grant(
            session,
            Grant(user_id, 180, "Відповідає за захист отримувачів"),
            actor=stage.actors["admin"],
            now=now,
        )

"""Messages received, handled and answered, and who sees which of them; on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Household, RetentionKind
from aidtrack.beneficiaries.privacy import retention
from aidtrack.db import db, unit_of_work
from aidtrack.db.dated import EntryExists, EntryInUse
from aidtrack.feedback import held, queries, services
from aidtrack.feedback.commands import (
    AddKind,
    Answer,
    Assign,
    Change,
    Channel,
    EndKind,
    Grant,
    Outcome,
    Receive,
    Record,
    ReplaceKind,
    SetTerm,
    State,
)
from aidtrack.feedback.errors import (
    CannotHandle,
    FutureDay,
    KindMissing,
    LastKind,
    NothingSaid,
    NotToOneself,
    SensitiveWithoutRight,
    SubjectCannotHandle,
    TooManyMessages,
    UnknownReference,
    UnknownRound,
)
from aidtrack.feedback.figures import figures
from aidtrack.feedback.models import Feedback, FeedbackRating
from aidtrack.feedback.queries import PublicRow
from aidtrack.feedback.queries.rounds import FEWEST_FAMILIES
from aidtrack.feedback.services.receiving import MOST_LOOKS, MOST_MESSAGES
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import Forbidden, NotFound
from tests.support import people
from tests.support import world as made
from tests.support.people import Somebody
from tests.support.world import World


@dataclass
class Desk:
    """A site with two caseworkers and an administrator."""

    world: World
    anna: Somebody
    borys: Somebody
    admin: Somebody
    now: datetime

    def named(self, who: Somebody) -> Actor:
        """That person with the live right to sensitive messages."""
        return replace(who.actor, permissions=who.actor.permissions | {Permission.FEEDBACK_SENSITIVE})

    def says(
        self, text: str, kind: str = "complaint_order", *, rating: int | None = None, address: str = "10.0.0.1",
        command_id: str | None = None, round_code: str | None = None,
    ) -> services.Received:  # fmt: skip
        with unit_of_work() as session:
            return services.receive(
                session, Receive(command_id or str(uuid4()), self.world.site_id, kind, text, rating, "uk", round_code),
                address=address, now=self.now,
            )  # fmt: skip

    def record(self, **given: object) -> int:
        values: dict[str, object] = {
            "command_id": str(uuid4()), "site_id": self.world.site_id, "channel": Channel.PHONE, "kind": "complaint_staff",
            "received_on": local_date(self.now), "text": "кричали на нас",
        }  # fmt: skip
        with unit_of_work() as session:
            received = services.record(
                session, Record(**(values | given)), actor=self.anna.actor, now=self.now  # type: ignore[arg-type]
            )  # fmt: skip
        assert received.feedback_id is not None
        return received.feedback_id

    def looks(self, code: str) -> PublicRow | None:
        with unit_of_work() as session:
            return services.look_up(session, code, address="10.0.0.2", now=self.now)

    def sees(self, actor: Actor) -> set[int]:
        with unit_of_work() as session:
            return {row.id for row in queries.register(session, actor)[0]}


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    with app.app_context():
        with unit_of_work() as session:
            world = made.small_centre(session)
            made.add_vouchers(session, world, 1)
            anna, borys = (
                people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id]) for _ in range(2)
            )
            admin = people.add_person(session, Role.ADMINISTRATOR, site_ids=[world.site_id])
        yield Desk(world, anna, borys, admin, utc_now())


def test_a_message_without_a_name_is_answered_under_its_code_and_opened_again(desk: Desk) -> None:
    sent = str(uuid4())
    received = desk.says("Чекали дві години", rating=2, command_id=sent)
    assert received.reference is not None
    again = desk.says("Чекали дві години", rating=2, command_id=sent)
    assert again.reference == received.reference, "sent twice, received once"
    row = desk.looks(received.reference.lower())
    assert row is not None
    assert (row.state, row.answer) == (State.NEW, None)
    with unit_of_work() as session:
        services.answer(
            session, Answer(row.id, "Перепрошуємо, додали пункт.", Outcome.JUSTIFIED, close=True), actor=desk.anna.actor,
            now=desk.now,
        )  # fmt: skip
    row = desk.looks(received.reference)
    assert row is not None
    assert (row.state, row.answer) == (State.CLOSED, "Перепрошуємо, додали пункт.")
    with unit_of_work() as session:
        assert services.reopen_by_writer(
            session, received.reference, "Так само було сьогодні", address="10.0.0.2", now=desk.now
        )
        full = queries.entry(session, row.id, actor=desk.anna.actor)
        assert session.scalar(sa.select(sa.func.count()).select_from(FeedbackRating)) == 1
    assert (full.state, full.times_reopened, full.answered_on) == (State.IN_WORK, 1, None)
    assert full.text is not None
    assert full.text.endswith("Так само було сьогодні")
    assert full.anonymous


def test_a_mark_alone_needs_no_words_and_nothing_at_all_is_refused(desk: Desk) -> None:
    sent = str(uuid4())
    assert desk.says("", rating=5, command_id=sent).reference is None
    desk.says("", rating=5, command_id=sent)
    with unit_of_work() as session:
        assert queries.ratings(session, desk.anna.actor, local_date(desk.now), local_date(desk.now)) == [5]
    with pytest.raises(NothingSaid):
        desk.says("  ")


def test_a_mark_tells_its_distribution_and_never_whose_voucher_it_was(desk: Desk) -> None:
    code = "r1"
    desk.says("", rating=1, round_code=code)  # nine families and one: it could point at somebody
    with unit_of_work() as session:
        made.add_vouchers(session, desk.world, FEWEST_FAMILIES - 1)
    for rating in (5, 4, 4, 5):
        desk.says("", rating=rating, round_code=code)
    today = local_date(desk.now)
    with unit_of_work() as session:
        assert queries.marks_by_round(session, desk.anna.actor, today, today) == [], "four could be matched"
    said = desk.says("Чекали під дощем", rating=2, round_code=f" {code} ")
    with unit_of_work() as session:
        [(name, given)] = queries.marks_by_round(session, desk.anna.actor, today, today)
        assert (name, given.total, given.mean_tenths) == ("R1", 5, 40)
        assert session.get_one(Feedback, said.feedback_id).round_id == desk.world.round_id
        assert not {"household_id", "voucher_id", "handout_id"} & set(FeedbackRating.__table__.columns.keys())
    with pytest.raises(UnknownRound):
        desk.says("", rating=5, round_code="немає")


def test_guessing_names_of_distributions_is_slowed_down(
    desk: Desk, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()
    sent = {"site_id": str(desk.world.site_id), "rating": "5", "round_code": "Ж-77"}
    db.session.remove()
    statuses = [client.post("/feedback", data=sent).status_code for _ in range(MOST_LOOKS + 1)]
    assert statuses == [UnknownRound.status] * MOST_LOOKS + [TooManyMessages.status]


def test_what_came_over_every_channel_stands_in_the_register_and_is_counted_by_it(desk: Desk) -> None:
    by_hand = (Channel.DESK, Channel.PHONE, Channel.BOX, Channel.LETTER)
    day = local_date(desk.now) - timedelta(days=3)  # the box is emptied later
    entries = {desk.record(channel=channel, received_on=day, rating=3): channel for channel in by_hand}
    entries[desk.says("Дякую", "thanks").feedback_id or 0] = Channel.WEB
    with unit_of_work() as session:
        rows, _total = queries.register(session, desk.anna.actor)
        assert {row.id: row.channel for row in rows} == entries
        counted = queries.counted(session, desk.anna.actor, day, local_date(desk.now))
        assert figures(counted, today=local_date(desk.now)).by_channel == dict.fromkeys(Channel, 1)
        kept = session.scalars(sa.select(FeedbackRating.channel).order_by(FeedbackRating.id)).all()
        assert kept == list(by_hand)
        anonymous = session.execute(sa.select(Feedback.writer_name, Feedback.household_id)).all()
        assert set(map(tuple, anonymous)) == {(None, None)}


def test_one_address_is_slowed_down_and_others_are_not(desk: Desk) -> None:
    for _ in range(MOST_MESSAGES):
        desk.says("", rating=1)
    with pytest.raises(TooManyMessages) as refused:
        desk.says("", rating=1)
    assert refused.value.facts["retry_after_s"] > 0
    assert desk.says("Дякую", "thanks", address="10.0.0.9").reference is not None


def test_guessing_codes_is_slowed_down_on_the_page_that_opens_a_message_again(
    desk: Desk, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client = app.test_client()

    def guess() -> int:
        data = {"code": "0000 0000 00", "text": "усе ще ні"}
        return client.post("/feedback/again", data=data, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code

    db.session.remove()
    answers = [guess() for _ in range(MOST_MESSAGES + 1)]
    assert set(answers[:-1]) == {UnknownReference.status} and answers[-1] == TooManyMessages.status


def test_sensitive_messages_are_seen_only_by_those_named_for_them(desk: Desk) -> None:
    ordinary = desk.says("Дякую", "thanks").feedback_id
    sensitive = desk.says("Вимагали гроші", "exploitation").feedback_id
    assert ordinary is not None
    assert sensitive is not None
    assert desk.sees(desk.anna.actor) == {ordinary}
    today = local_date(desk.now)
    with unit_of_work() as session:
        with pytest.raises(NotFound):
            services.open_entry(session, sensitive, actor=desk.anna.actor, now=desk.now)
        assert len(queries.counted(session, desk.anna.actor, today, today)) == 1
        assert queries.nobody_reads_sensitive(session, desk.admin.actor, desk.now)
        with pytest.raises(NotToOneself):
            services.grant(session, Grant(desk.admin.user_id, 30, "x"), actor=desk.admin.actor, now=desk.now)
        services.grant(
            session, Grant(desk.borys.user_id, 30, "керівник"), actor=desk.admin.actor, now=desk.now
        )
        assert services.extra_permissions(session, desk.borys.user_id, desk.now) == {
            Permission.FEEDBACK_SENSITIVE
        }
        later = desk.now + timedelta(days=31)
        assert services.extra_permissions(session, desk.borys.user_id, later) == set()
        assert not queries.nobody_reads_sensitive(session, desk.admin.actor, desk.now)
        with pytest.raises(CannotHandle):
            services.assign(
                session, Assign(sensitive, desk.anna.user_id), actor=desk.named(desk.borys), now=desk.now
            )
        services.assign(
            session, Assign(sensitive, desk.borys.user_id), actor=desk.named(desk.borys), now=desk.now
        )
    assert desk.sees(desk.named(desk.borys)) == {ordinary, sensitive}


def test_whom_a_complaint_is_about_neither_sees_nor_handles_it(desk: Desk) -> None:
    about = desk.record(about_user_id=desk.borys.user_id)
    assert about not in desk.sees(desk.named(desk.borys))
    with unit_of_work() as session:
        with pytest.raises(NotFound):
            services.answer(
                session,
                Answer(about, "усе добре", Outcome.NOT_JUSTIFIED),
                actor=desk.borys.actor,
                now=desk.now,
            )
        with pytest.raises(SubjectCannotHandle):
            services.assign(session, Assign(about, desk.borys.user_id), actor=desk.anna.actor, now=desk.now)
        services.assign(session, Assign(about, desk.anna.user_id), actor=desk.anna.actor, now=desk.now)
        able = queries.handlers(
            session, desk.world.site_id, sensitive=False, but=desk.borys.user_id, now=desk.now
        )
        assert [user_id for user_id, _name in able] == [desk.anna.user_id]
        services.change(
            session,
            Change(about, "complaint_staff", False, desk.anna.user_id),
            actor=desk.anna.actor,
            now=desk.now,
        )
        row = session.get_one(Feedback, about)
        assert (row.assigned_to_id, row.state) == (None, State.NEW), "its handler was the one it is about"


def test_a_message_marked_as_sensitive_leaves_the_ordinary_list_for_good(desk: Desk) -> None:
    entry = desk.record(kind="question", text="про насильство")
    with unit_of_work() as session:
        services.change(session, Change(entry, "abuse", False, None), actor=desk.anna.actor, now=desk.now)
    assert desk.sees(desk.anna.actor) == set()
    with unit_of_work() as session, pytest.raises((SensitiveWithoutRight, NotFound)):
        services.change(session, Change(entry, "question", False, None), actor=desk.anna.actor, now=desk.now)


def test_the_last_day_follows_the_term_of_the_day_of_receipt(desk: Desk) -> None:
    today = local_date(desk.now)
    with unit_of_work() as session:
        services.set_term(session, SetTerm("question", today, 0), actor=desk.admin.actor, now=desk.now)
        calendar = queries.calendar(session)
    new, old = (
        desk.record(kind="question"),
        desk.record(kind="question", received_on=today - timedelta(days=20)),
    )
    with unit_of_work() as session:
        due = {row.id: row.due_on for row in queries.register(session, desk.anna.actor)[0]}
        overdue, unassigned, _own = queries.due_counts(session, desk.anna.actor, today)
    assert calendar.works(due[new])
    assert due[new] - today < timedelta(days=3)
    assert due[old] < today
    assert (overdue, unassigned) == (1, 2)
    with pytest.raises(FutureDay):
        desk.record(received_on=today + timedelta(days=1))


def test_what_a_family_said_is_shown_to_it_and_forgotten_without_losing_the_count(desk: Desk) -> None:
    with unit_of_work() as session:
        household_id = session.scalars(sa.select(Household.id)).first()
    assert household_id is not None
    entry = desk.record(household_id=household_id, name="Тест", phone="+380501112233")
    today = local_date(desk.now)
    with unit_of_work() as session:
        [shown] = held.read(session, household_id, "uk")
        assert "кричали на нас" in [value for _label, value in shown.facts]
        assert held.erase(session, household_id, desk.now) == 1
    with unit_of_work() as session:
        assert held.read(session, household_id, "uk") == []
        full = queries.entry(session, entry, actor=desk.anna.actor)
        assert (full.text, full.writer_name, full.writer_phone, full.household_id) == (None, None, None, None)
        assert len(queries.counted(session, desk.anna.actor, today, today)) == 1


def test_closed_messages_are_emptied_when_their_time_is_over_by_the_next_one(desk: Desk) -> None:
    entry = desk.record()
    with unit_of_work() as session:
        services.answer(
            session, Answer(entry, "виправили", Outcome.JUSTIFIED, close=True), actor=desk.anna.actor, now=desk.now
        )  # fmt: skip
        assert services.forget_old(session, now=desk.now + timedelta(days=5 * 365 - 10)) == 0
    desk.now += timedelta(days=5 * 366 + 2)
    waiting = desk.record(received_on=local_date(desk.now))
    with unit_of_work() as session:
        emptied = queries.entry(session, entry, actor=desk.anna.actor)
        assert (emptied.text, emptied.answer) == (None, None)
        assert queries.entry(session, waiting, actor=desk.anna.actor).text == "кричали на нас"
        assert services.forget_old(session, now=desk.now) == 0
        retention.set_rule(
            session, RetentionKind.FEEDBACK, 0, local_date(desk.now), "наказ", now=desk.now,
            actor=replace(desk.admin.actor, permissions=desk.admin.actor.permissions | {Permission.PRIVACY_MANAGE}),
        )  # fmt: skip
        services.answer(
            session, Answer(waiting, "виправили", Outcome.JUSTIFIED, close=True), actor=desk.anna.actor, now=desk.now
        )  # fmt: skip
        assert services.forget_old(session, now=desk.now + timedelta(days=1)) == 1


def test_kinds_are_added_renamed_and_ended_and_messages_keep_theirs(desk: Desk) -> None:
    today = local_date(desk.now)
    tomorrow, admin = today + timedelta(days=1), desk.admin.actor
    old = desk.record(kind="suggestion")
    add = AddKind(
        str(uuid4()), "Прокат візків", "Wheelchairs", False, today - timedelta(days=2), 7, "наказ 12"
    )
    with unit_of_work() as session:
        code = services.add_kind(session, add, actor=admin, now=desk.now)
        assert services.add_kind(session, add, actor=admin, now=desk.now) == code
        with pytest.raises(EntryExists):
            services.add_kind(session, replace(add, command_id=str(uuid4())), actor=admin, now=desk.now)
        with pytest.raises(Forbidden):
            services.add_kind(
                session, replace(add, command_id=str(uuid4())), actor=desk.anna.actor, now=desk.now
            )
    new = desk.record(kind=code)
    with unit_of_work() as session:
        assert queries.entry(session, new, actor=desk.anna.actor).due_on > today
        words = ReplaceKind(str(uuid4()), "suggestion", "Думка", "Opinion", today)
        with pytest.raises(EntryInUse):
            services.replace_kind(session, words, actor=admin, now=desk.now)
        following = services.replace_kind(
            session, replace(words, valid_from=tomorrow), actor=admin, now=desk.now
        )
        assert "suggestion" in queries.kinds_on(session, today)
        later = queries.kinds_on(session, tomorrow)
        assert "suggestion" not in later and later[following].name_uk == "Думка"
        assert queries.terms(session, following) == [(tomorrow, 20)]
        with pytest.raises(EntryInUse):
            services.end_kind(session, EndKind(code, today - timedelta(days=1)), actor=admin, now=desk.now)
        services.end_kind(session, EndKind(code, today), actor=admin, now=desk.now)
        assert queries.entry(session, old, actor=desk.anna.actor).kind == "suggestion"
    desk.now += timedelta(days=2)
    with pytest.raises(KindMissing):
        desk.record(kind=code, received_on=today)
    assert desk.record(kind=following)


def test_the_last_kind_cannot_be_ended(desk: Desk) -> None:
    with unit_of_work() as session:
        *others, last = queries.kinds(session)
        day = local_date(desk.now) + timedelta(days=1)
        for code in others:
            services.end_kind(session, EndKind(code, day), actor=desk.admin.actor, now=desk.now)
        with pytest.raises(LastKind):
            services.end_kind(session, EndKind(last, day), actor=desk.admin.actor, now=desk.now)
        services.end_kind(session, EndKind(others[0], None), actor=desk.admin.actor, now=desk.now)
        services.end_kind(session, EndKind(last, day), actor=desk.admin.actor, now=desk.now)


def test_of_another_site_nothing_is_seen(desk: Desk) -> None:
    entry = desk.record()
    elsewhere = replace(desk.anna.actor, site_ids=frozenset({desk.world.other_site_id}))
    assert desk.sees(elsewhere) == set()
    with unit_of_work() as session, pytest.raises(NotFound):
        services.open_entry(session, entry, actor=elsewhere, now=desk.now)


def sealed(session: Session) -> str:
    row = session.execute(sa.text("SELECT * FROM feedback")).one()
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])


def test_the_database_holds_neither_words_nor_names_nor_the_code(desk: Desk) -> None:
    received = desk.says("Zqxsecretwords")
    with unit_of_work() as session:
        stored = sealed(session)
    assert "Zqxsecretwords" not in stored
    assert received.reference is not None
    assert received.reference not in stored

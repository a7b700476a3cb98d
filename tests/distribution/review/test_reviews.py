"""What a person should read: found, told in innocent words, settled once with a reason, by somebody else."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.distribution.field import services as field
from aidtrack.distribution.field.devices import device_by
from aidtrack.distribution.field.errors import AlreadySettled
from aidtrack.distribution.models import CaseKind, Choice, Entitlement, PaperRow, RowState, Settlement
from aidtrack.distribution.paper import services as paper
from aidtrack.distribution.paper import sheet as sheets
from aidtrack.distribution.paper.commands import EnterRow, MakeList
from aidtrack.distribution.paper.sheet import Signed
from aidtrack.distribution.review import details, queries, services
from aidtrack.distribution.review.choices import OFFERED
from aidtrack.distribution.review.errors import NothingToSettle, OwnHandout, ReasonTooShort
from aidtrack.distribution.review.queries import CaseRow
from aidtrack.distribution.review.services import Settle
from aidtrack.distribution.review.stories import EXPLANATIONS
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import Forbidden, InvalidValue, NotFound
from tests.distribution.field.conftest import Field
from tests.support.one_day import stay_on
from tests.support.people import add_person, sign_in

ROOT = Path(__file__).resolve().parents[3]
ACCUSING = re.compile(
    r"fraud|fake|duplicate|cheat|suspic|шахра|підробл|фальш|дублік|обман|підозр", re.IGNORECASE
)
FOUND_OUT = Settle(Choice.EXPLAINED, "прийшли двоє з родини")


def reader(place: Field, role: Role = Role.REVIEWER, *, elsewhere: bool = False, user_id: int = 777) -> Actor:
    site = place.world.other_site_id if elsewhere else place.world.site_id
    return Actor(
        label=f"reader-{user_id}", role=role, site_ids=frozenset({site}), user_id=user_id,
        permissions=PERMISSIONS[role],
    )  # fmt: skip


def open_cases(place: Field, actor: Actor | None = None, **more: object) -> list[CaseRow]:
    with place.unit() as session:
        return queries.cases(session, actor=actor or reader(place), limit=50, **more)[0]  # type: ignore[arg-type]


def settle(place: Field, case_id: int, command: Settle = FOUND_OUT, actor: Actor | None = None) -> None:
    with place.unit() as session:
        services.settle_case(session, case_id, command, actor=actor or reader(place), now=utc_now())


def extra(place: Field) -> CaseRow:
    """A family served by two phones: the later one is the extra."""
    place.bring(place.handout(0, phone=0, at=0), 0)
    place.bring(place.handout(0, phone=1, at=10), 1)
    (case,) = open_cases(place)
    return case


def test_an_extra_shows_both_handouts_of_the_family_and_which_one_is_meant(place: Field) -> None:
    case = extra(place)
    assert (case.kind, case.serial, case.device_label, case.person) == (
        CaseKind.EXTRA,
        "R1-000000",
        "phone",
        "Counter",
    )
    assert case.entitlement_id is not None
    with place.unit() as session:
        rows = queries.family_handouts(session, case.entitlement_id)
    assert [(row.id == case.handout_id, row.device_label, row.goods[0].units) for row in rows] == [
        (False, "phone", 500), (True, "phone", 500),
    ]  # fmt: skip


def test_it_is_settled_once_with_a_choice_and_a_reason(place: Field) -> None:
    case = extra(place)
    with pytest.raises(ReasonTooShort):
        settle(place, case.id, Settle(Choice.EXPLAINED, " . "))
    with pytest.raises(InvalidValue):
        settle(place, case.id, Settle(Choice.COUNT_ORDERED, "не те"))
    settle(place, case.id, Settle(Choice.GOODS_RETURNED, "родина повернула рис"))
    with pytest.raises(AlreadySettled):
        settle(place, case.id)
    assert open_cases(place) == []
    (settled,) = open_cases(place, open_only=False)
    assert (settled.choice, settled.how, settled.reason, settled.settled_by) == (
        Choice.GOODS_RETURNED, Settlement.ACTED, "родина повернула рис", "reader-777",
    )  # fmt: skip
    with place.unit() as session:
        log = session.execute(
            select(AuditEvent.facts, AuditEvent.reason).where(AuditEvent.action == "field.settle")
        ).all()
    assert [(row.facts, row.reason) for row in log] == [
        ({"kind": "extra", "choice": "goods_returned"}, "родина повернула рис")
    ]


def test_the_familys_right_is_untouched_by_it(place: Field) -> None:
    case = extra(place)

    def rights() -> list[tuple[object, ...]]:
        with place.unit() as session:
            return [
                tuple(row)
                for row in session.execute(select(Entitlement.id, Entitlement.turn, Entitlement.profile_id))
            ]

    before = rights()
    settle(place, case.id, Settle(Choice.KEEP_AN_EYE, "не з’ясовано"))
    assert rights() == before


def test_whose_phone_it_was_does_not_settle_it(place: Field) -> None:
    case = extra(place)
    with pytest.raises(OwnHandout):
        settle(place, case.id, actor=reader(place, Role.WAREHOUSE, user_id=place.world.user_id))


def test_another_sites_manager_finds_no_case_here(place: Field) -> None:
    case = extra(place)
    stranger = reader(place, Role.WAREHOUSE, elsewhere=True)
    assert open_cases(place, stranger) == []
    acts: list[Callable[[Session], object]] = [
        lambda s: queries.case_by_id(s, case.id, actor=stranger),
        lambda s: services.settle_case(s, case.id, FOUND_OUT, actor=stranger, now=utc_now()),
        lambda s: services.record_reading(s, case.id, actor=stranger, now=utc_now()),
        lambda s: queries.noted_row(s, 1, 1, actor=stranger),
        lambda s: services.settle_row(s, 1, 1, FOUND_OUT, actor=stranger, now=utc_now()),
    ]
    for act in acts:
        with pytest.raises(NotFound), place.unit() as session:
            act(session)
    with pytest.raises(Forbidden):
        settle(place, case.id, actor=reader(place, Role.ADMINISTRATOR))


def test_late_count_needed_and_unreadable_ones_are_there_too(place: Field) -> None:
    place.bring(place.handout(1, at=60 * 24 * 7), now=place.at(60 * 24 * 8))
    place.bring(place.handout(2, lines=place.rice(1_800, due=1_800)))
    place.bring(place.phones[0].write({"type": "handout", "token": "AID1:X", "est": "никли", "lines": []}))
    kinds = {case.kind for case in open_cases(place)}
    assert {CaseKind.LATE, CaseKind.KEPT} <= kinds
    needed = [case for case in open_cases(place) if case.kind is CaseKind.COUNT_NEEDED]
    for case in needed:
        assert case.event_id is not None
        with place.unit() as session:
            assert details.short_lots(session, case.event_id)


def test_numbers_that_did_not_come_are_named(place: Field) -> None:
    first, lost, last = place.handout(0), place.handout(1), place.handout(2)
    place.bring(first)
    place.bring(last)
    with place.unit() as session:
        device = device_by(session, place.phones[0].device)
        assert device is not None
        assert field.note_sequence(session, device, now=utc_now()) is False
    (case,) = open_cases(place, kind=CaseKind.GAP)
    assert case.device_id is not None
    with place.unit() as session:
        assert details.missing_numbers(session, case.device_id) == [2]
    settle(place, case.id)
    place.bring(lost)
    with place.unit() as session:
        assert details.missing_numbers(session, case.device_id) == []


def test_what_a_family_without_a_voucher_said_is_read_under_log(place: Field, app: Flask) -> None:
    place.bring(place.phones[0].without_voucher(place.rice(), est=place.at(0)))
    (case,) = open_cases(place)
    client = page_client(app, place)
    plain = client.get(f"/reviews/{case.id}")
    assert "Тестенко" not in plain.text
    shown = client.get(f"/reviews/{case.id}?family=1")
    assert "Тестенко О." in shown.text
    with place.unit() as session:
        read = session.scalars(
            select(AuditEvent.object_id).where(AuditEvent.action == "read.field_family")
        ).all()
    assert read == [case.id]


def page_client(app: Flask, place: Field, role: Role = Role.REVIEWER) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    with place.unit() as session:
        who = add_person(session, role, site_ids=[place.world.site_id])
    return sign_in(app, who)


def test_the_pages_tell_the_story_and_take_the_settlement(place: Field, app: Flask) -> None:
    case = extra(place)
    client = page_client(app, place)
    assert "R1-000000" in client.get("/reviews").text
    page = client.get(f"/reviews/{case.id}").text
    assert page.index("Сім’я могла прийти двічі") < page.index("Що відомо")
    assert "На розгляд" in client.get("/").text
    assert client.post(f"/reviews/{case.id}", data={"choice": "explained", "reason": ""}).status_code == 422
    done = client.post(f"/reviews/{case.id}", data={"choice": "explained", "reason": "прийшли двоє"})
    assert done.status_code == 303
    assert "прийшли двоє" in client.get(f"/reviews/{case.id}").text
    assert "R1-000000" in client.get("/reviews?settled=1").text


def test_a_row_of_a_paper_list_is_settled_with_its_reason(
    place: Field, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, today = place.world, local_date(place.noon)
    now = stay_on(today, monkeypatch)  # a list is of a day: it does not change while the test speaks of it
    place.bring(place.handout(0))
    with place.unit() as session:
        maker = reader(place, Role.CASEWORKER)
        list_id = paper.make_list(
            session,
            MakeList("0b4a3f62-7f6e-4a57-9d6b-2f1f8a1f0001", world.round_id, 1),
            actor=maker,
            now=now,
        )
        serial = "R1-000000"
        row = session.scalars(
            select(PaperRow).where(PaperRow.list_id == list_id, PaperRow.voucher_id.is_(None))
        ).one()
        number = row.number
    with place.unit() as session:
        entered = paper.enter_row(
            session, EnterRow(list_id, today, number, serial), actor=world.actor(), now=now
        )
    assert entered.state is RowState.NOTED
    with place.unit() as session:
        (waiting,) = queries.noted_rows(session, actor=reader(place))
    assert (waiting.serial, waiting.refusal) == (serial, "already_collected")
    client = page_client(app, place)
    address = f"/reviews/paper/{list_id}?row={number}"
    assert serial in client.get(address).text
    assert (
        client.post(
            address, data={"choice": "explained", "reason": "телефон записав ту саму видачу"}
        ).status_code
        == 303
    )
    with place.unit() as session:
        assert queries.noted_count(session, actor=reader(place)) == 0
    with pytest.raises(NothingToSettle), place.unit() as session:
        services.settle_row(session, list_id, number, FOUND_OUT, actor=reader(place), now=now)


def test_every_kind_has_its_innocent_words_and_its_choices() -> None:
    assert set(EXPLANATIONS) == set(OFFERED) == set(CaseKind)
    assert all(EXPLANATIONS[kind] and OFFERED[kind] for kind in CaseKind)


def test_no_accusing_word_stands_in_what_people_read() -> None:
    spoken = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "aidtrack/distribution/review").glob("*.py")]
    spoken += [
        ROOT / f"aidtrack/translations/uk/LC_MESSAGES/{room}.po"
        for room in ("review", "paper", "dayclose", "scanner")
    ]
    found = {path.name: ACCUSING.findall(path.read_text("utf-8")) for path in spoken}
    assert {name: words for name, words in found.items() if words} == {}


def test_such_a_word_would_be_found() -> None:
    assert ACCUSING.search("possible Fraud")
    assert ACCUSING.search("Дублікат особи")


def test_a_signature_drawn_on_the_phone_is_marked_on_the_issue_sheet(place: Field) -> None:
    sent = place.handout(0, ink="M0 0 L10 10")
    place.bring(sent)
    place.bring(place.handout(1))
    with place.unit() as session:
        days = sheets.days(session, place.world.round_id)
        rows = sheets.sheet(session, place.world.round_id, days[0].day).rows
    assert [row.signed for row in rows] == [Signed.SCREEN, None]

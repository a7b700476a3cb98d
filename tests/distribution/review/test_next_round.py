"""Whatever waits for a person about a family's handout, its next round is issued to it and collected as ever.

SQLite alone: what is asked of the database here is asked of both elsewhere.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from aidtrack.beneficiaries.models import Household
from aidtrack.distribution import services as rounds
from aidtrack.distribution.commands import CreateCycle, IssueRound, PlanRound, SetLine
from aidtrack.distribution.field import services as field
from aidtrack.distribution.field.devices import device_by
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import (
    CaseKind,
    Choice,
    Device,
    Handout,
    HandoutKind,
    ReviewCase,
    Settlement,
    SigningKey,
    Voucher,
)
from aidtrack.distribution.queries.printed import open_voucher_codes
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.review import services
from aidtrack.distribution.review.services import Settle
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import open_cases, reader, settle
from tests.support import world as made

NEXT_MONTH = utc_now() + timedelta(days=40)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def extra(place: Field) -> None:
    place.bring(place.handout(at=0))
    place.bring(place.handout(phone=1, at=10), 1)


def late(place: Field) -> None:
    place.bring(place.handout(at=60 * 24 * 7), now=place.at(60 * 24 * 8))


def withdrawn_voucher(place: Field) -> None:
    with place.unit() as session:
        void = {"state": VoucherState.VOID, "voided_at": place.at(-5)}
        session.execute(update(Voucher).where(Voucher.id == place.world.voucher_ids[0]).values(void))
    place.bring(place.handout())


def withdrawn_key(place: Field) -> None:
    with place.unit() as session:
        session.execute(update(SigningKey).values(withdrawn_at=place.at(-5)))
    place.bring(place.handout())


def withdrawn_phone(place: Field) -> None:
    with place.unit() as session:
        lost = {"revoked_at": place.at(-5), "revoke_reason": "lost"}
        session.execute(update(Device).where(Device.public_id == place.phones[0].device).values(lost))
    assert place.bring(place.handout()).reason == "after_revocation"


def count_needed(place: Field) -> None:
    place.bring(place.handout(lines=place.rice(2_500, due=2_500)))


def unreadable(place: Field) -> None:
    place.bring(place.phones[0].write({"type": "handout", "token": place.world.codes[0], "est": "никли"}))


def without_voucher(place: Field) -> None:
    place.bring(place.phones[0].without_voucher(place.rice(), est=place.at(0)))


def noted(place: Field) -> None:
    place.bring(place.handout(lines=place.rice(600, due=600)))


def gap(place: Field) -> None:
    place.handout(1)  # never comes
    place.bring(place.handout())
    with place.unit() as session:
        device = device_by(session, place.phones[0].device)
        assert device is not None
        field.note_sequence(session, device, now=utc_now())


HAPPENED: dict[Callable[[Field], None], CaseKind] = {
    extra: CaseKind.EXTRA,
    late: CaseKind.LATE,
    withdrawn_voucher: CaseKind.WITHDRAWN,
    withdrawn_key: CaseKind.WITHDRAWN,
    withdrawn_phone: CaseKind.KEPT,
    count_needed: CaseKind.COUNT_NEEDED,
    unreadable: CaseKind.KEPT,
    without_voucher: CaseKind.KEPT,
    noted: CaseKind.NOTED,
    gap: CaseKind.GAP,
}


def test_every_kind_of_case_is_asked_about() -> None:
    assert set(HAPPENED.values()) == set(CaseKind)


@pytest.mark.parametrize(
    ("happened", "settled"),
    [*((one, False) for one in HAPPENED), (extra, True), (withdrawn_voucher, True), (withdrawn_phone, True)],
    ids=lambda said: {True: "settled", False: "waiting"}[said] if isinstance(said, bool) else said.__name__,
)
def test_the_familys_next_round_is_issued_to_it(
    place: Field, happened: Callable[[Field], None], settled: bool
) -> None:
    happened(place)
    case = next(one for one in open_cases(place) if one.kind is HAPPENED[happened])
    if settled:
        settle(place, case.id, Settle(Choice.KEEP_AN_EYE, "не з’ясовано, хто приходив"))
    code = issue_next_month(place)
    with place.unit() as session:
        counter.hand_out(
            session, HandOut(uuid4(), code, place.world.place_id), actor=place.world.actor(), now=NEXT_MONTH
        )
    with place.unit() as session:
        given = session.scalars(select(Handout.kind).where(Handout.given_on >= local_date(NEXT_MONTH))).all()
    assert given == [HandoutKind.REGULAR]


def issue_next_month(place: Field) -> str:
    """A round of a new cycle, issued to the family whose case it is; its voucher's code."""
    world, first = place.world, local_date(NEXT_MONTH)
    worker = world.actor(Role.CASEWORKER)
    with place.unit() as session:
        cycle = CreateCycle(
            str(uuid4()), world.programme_id, "C2", "Ц2", "C2", first, first + timedelta(days=20)
        )
        cycle_id = rounds.create_cycle(session, cycle, actor=worker, now=NEXT_MONTH)
        lines = (SetLine(world.item_ids["RICE"], Basis.MEMBER, 100),)
        plan = PlanRound(
            str(uuid4()),
            cycle_id,
            world.place_id,
            "R2",
            first,
            first + timedelta(days=3),
            "9:00–16:00",
            lines,
        )
        round_id = rounds.create_round(session, plan, actor=worker, now=NEXT_MONTH)
        made.add_lot(session, world, "RICE", 5_000)
        family = session.scalars(select(Household.id).where(Household.registration_no == "H-0000000")).one()
        issue = IssueRound(round_id, household_ids=frozenset({family}), accept_shortage=True)
        assert rounds.issue_round(session, issue, actor=worker, now=NEXT_MONTH) == rounds.Issued(1, 0)
        [code] = open_voucher_codes(session, "R2")
    return code


@pytest.mark.parametrize("happened", [withdrawn_voucher, withdrawn_key])
def test_a_handout_on_a_withdrawn_paper_or_key_is_settled_by_a_person_with_a_reason(
    place: Field, happened: Callable[[Field], None]
) -> None:
    happened(place)
    (case,) = open_cases(place)
    settle(place, case.id, Settle(Choice.EXPLAINED, "телефон ще не знав, що папір замінили"))
    assert place.stock() == (1_500, 0, 500) and open_cases(place) == []
    with place.unit() as session:
        held = session.get_one(ReviewCase, case.id)
        assert (held.how, held.settled_by) == (Settlement.AS_IT_IS, "reader-777")
        assert session.scalars(select(Handout.kind)).all() == [HandoutKind.FIELD]


def test_the_goods_of_a_handout_on_a_withdrawn_paper_are_brought_back(place: Field) -> None:
    withdrawn_voucher(place)
    (case,) = open_cases(place)
    settle(place, case.id, Settle(Choice.GOODS_RETURNED, "родина повернула рис"))
    assert place.stock() == (2_000, 0, 0) and place.breaches() == []


@pytest.mark.parametrize(
    ("choice", "stock"), [(Choice.TAKEN_FROM_BOOK, (1_500, 0, 500)), (Choice.NOT_HANDED_OUT, (2_000, 0, 0))]
)
def test_what_a_withdrawn_phone_brought_is_read_and_settled(
    place: Field, choice: Choice, stock: tuple[int, int, int]
) -> None:
    withdrawn_phone(place)
    (case,) = open_cases(place)
    with place.unit() as session:
        story = services.read_kept(session, case.id, actor=reader(place), now=utc_now())
        assert story is not None and story.lines[0].units == 500 and story.serial == "R1-000000"
    assert place.stock() == (2_000, 0, 0), "nothing is posted before a person has read it"
    settle(place, case.id, Settle(choice, "телефон знайшовся, питали обох"))
    assert place.stock() == stock and place.breaches() == []
    assert Outcome.KEPT is place.bring(place.phones[0].events[-1]).outcome

"""A voucher's life after issuing: void, reprint, expire, and the counts that always close."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from aidtrack.audit.models import AuditEvent
from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueRound, ReprintVoucher, VoidVoucher
from aidtrack.distribution.errors import NotPossibleNow, ReasonMissing, RoundClosed
from aidtrack.distribution.invariants import CHECKS
from aidtrack.distribution.models import Round, RoundState, Voucher
from aidtrack.distribution.queries.printed import open_voucher_codes, printable_ids
from aidtrack.distribution.queries.rounds import reconciliation, round_by_id
from aidtrack.distribution.queries.vouchers import voucher_by_serial
from aidtrack.distribution.vouchers import Reconciliation, VoucherState
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import Forbidden, NotFound
from tests.distribution.rounds.conftest import NOW, Place, Unit, new_id, plan
from tests.support.kinds import on_sqlite


@pytest.fixture
def issued(unit: Unit, place: Place) -> list[int]:
    """The three vouchers, open."""
    with unit() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=NOW)
        return printable_ids(session, place.round)


def count(unit: Unit, place: Place) -> Reconciliation:
    with unit() as session:
        return reconciliation(session, place.round)


def state_of(unit: Unit, voucher_id: int) -> VoucherState:
    with unit() as session:
        return session.execute(select(Voucher.state).where(Voucher.id == voucher_id)).scalar_one()


def reprint(unit: Unit, place: Place, voucher_id: int, command_id: str | None = None) -> int:
    with unit() as session:
        command = ReprintVoucher(command_id or new_id(), voucher_id, "Загублено")
        return services.reprint_voucher(session, command, actor=place.actor(), now=NOW)


def void(unit: Unit, place: Place, voucher_id: int, reason: str = "Помилка") -> None:
    with unit() as session:
        services.void_voucher(session, VoidVoucher(voucher_id, reason), actor=place.actor(), now=NOW)


def collect(unit: Unit, voucher_id: int) -> None:
    """As handing out leaves it; handing out itself is tested elsewhere."""
    with unit() as session:
        session.execute(update(Voucher).where(Voucher.id == voucher_id).values(state=VoucherState.REDEEMED))


def test_a_reprint_kills_the_old_voucher_in_the_same_breath(
    unit: Unit, place: Place, issued: list[int]
) -> None:
    with unit() as session:
        old = list(open_voucher_codes(session, "Ж-1"))
    new = reprint(unit, place, issued[0])
    assert state_of(unit, issued[0]) is VoucherState.VOID
    assert state_of(unit, new) is VoucherState.ISSUED
    with unit() as session:
        codes = list(open_voucher_codes(session, "Ж-1"))
    assert len(codes) == 3
    assert len(set(codes) - set(old)) == 1
    assert count(unit, place) == Reconciliation(
        printed=4, void=1, redeemed=0, partly_redeemed=0, expired=0, open=3
    )


def test_a_reprint_sent_twice_makes_one_voucher(unit: Unit, place: Place, issued: list[int]) -> None:
    command_id = new_id()
    assert reprint(unit, place, issued[0], command_id) == reprint(unit, place, issued[0], command_id)
    assert count(unit, place).printed == 4


@on_sqlite
def test_a_collected_voucher_is_neither_voided_nor_reprinted(
    unit: Unit, place: Place, issued: list[int]
) -> None:
    collect(unit, issued[0])
    with pytest.raises(NotPossibleNow):
        void(unit, place, issued[0])
    with pytest.raises(NotPossibleNow):
        reprint(unit, place, issued[0])


def test_a_withdrawn_voucher_is_given_anew_once(unit: Unit, place: Place, issued: list[int]) -> None:
    void(unit, place, issued[0])
    assert state_of(unit, reprint(unit, place, issued[0])) is VoucherState.ISSUED
    with pytest.raises(NotPossibleNow):
        reprint(unit, place, issued[0])


def test_a_reason_is_asked_for_and_kept(unit: Unit, place: Place, issued: list[int]) -> None:
    with pytest.raises(ReasonMissing):
        void(unit, place, issued[0], " \n ")
    void(unit, place, issued[0], "  Сім’я\n виїхала ")
    with unit() as session:
        kept = session.execute(select(Voucher.void_reason).where(Voucher.id == issued[0])).scalar_one()
        logged = session.execute(
            select(AuditEvent.reason).where(AuditEvent.action == "voucher.void")
        ).scalar_one()  # fmt: skip
    assert kept == logged == "Сім’я виїхала"


def test_vouchers_past_their_last_day_expire_and_nothing_else(
    unit: Unit, place: Place, issued: list[int]
) -> None:
    collect(unit, issued[0])
    with unit() as session:
        last_evening = NOW + timedelta(days=4, hours=11)  # 23:00 in Kyiv
        assert services.expire_past_vouchers(session, actor=place.actor(), now=last_evening) == 0
    with unit() as session:
        next_morning = NOW + timedelta(days=4, hours=13)
        assert services.expire_past_vouchers(session, actor=place.actor(), now=next_morning) == 2
    assert count(unit, place) == Reconciliation(
        printed=3, void=0, redeemed=1, partly_redeemed=0, expired=2, open=0
    )


def test_closing_a_round_ends_its_open_vouchers(unit: Unit, place: Place, issued: list[int]) -> None:
    collect(unit, issued[0])
    void(unit, place, issued[1])
    with unit() as session:
        assert services.close_round(session, place.round, actor=place.actor(), now=NOW).expired == 1
    with unit() as session:
        assert round_by_id(session, place.round, actor=place.actor()).state is RoundState.CLOSED
    found = count(unit, place)
    assert found == Reconciliation(printed=3, void=1, redeemed=1, partly_redeemed=0, expired=1, open=0)
    assert found.closes
    with pytest.raises(RoundClosed):
        reprint(unit, place, issued[2])
    with unit() as session, pytest.raises(RoundClosed):
        services.close_round(session, place.round, actor=place.actor(), now=NOW)


def test_another_sites_voucher_is_like_a_missing_one(unit: Unit, place: Place, issued: list[int]) -> None:
    for voucher_id in (issued[0], 999_999):
        with unit() as session, pytest.raises(NotFound):
            services.void_voucher(
                session, VoidVoucher(voucher_id, "x"), actor=place.actor(elsewhere=True), now=NOW
            )
    with unit() as session, pytest.raises(NotFound):
        voucher_by_serial(session, "Ж-1-00001", actor=place.actor(elsewhere=True))
    with unit() as session, pytest.raises(Forbidden):
        services.void_voucher(
            session, VoidVoucher(issued[0], "x"), actor=place.actor(Role.WAREHOUSE), now=NOW
        )


def breaches(unit: Unit) -> list[str]:
    with unit() as session:
        return [breach.sentence for check in CHECKS for breach in check(session)]


def test_the_invariants_hold_through_a_vouchers_life(unit: Unit, place: Place, issued: list[int]) -> None:
    reprint(unit, place, issued[0])
    void(unit, place, issued[1])
    assert breaches(unit) == []


@on_sqlite
def test_a_voucher_collected_without_a_handout_is_found(unit: Unit, place: Place, issued: list[int]) -> None:
    collect(unit, issued[0])
    assert breaches(unit) == [f"voucher {issued[0]} counts as collected, but no handout on it stands"]


def test_a_count_that_does_not_close_is_found(unit: Unit, place: Place, issued: list[int]) -> None:
    with unit() as session:
        session.execute(text("DELETE FROM voucher WHERE id = :id"), {"id": issued[0]})
    assert breaches(unit) == [f"round {place.round}: 3 vouchers printed, but 2 issued and 0 void"]


def test_an_entitlement_of_another_round_is_found(unit: Unit, place: Place, issued: list[int]) -> None:
    with unit() as session:
        other = services.create_round(session, plan(place, "Ж-2"), actor=place.actor(), now=NOW)
        session.execute(update(Voucher).where(Voucher.id == issued[0]).values(round_id=other))
        session.execute(update(Round).where(Round.id == other).values(state=RoundState.OPEN))
    assert f"voucher {issued[0]} belongs to another round than its entitlement" in breaches(unit)

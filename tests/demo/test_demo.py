"""The demonstration tells the centre's report of 2022 to the gram, on both databases alike.

Each database is loaded once for all tests of this file; what a test writes it rolls back.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts import passwords
from aidtrack.accounts.demonstration import people_added_by
from aidtrack.accounts.errors import CentreExists
from aidtrack.accounts.models import Site, UserAccount
from aidtrack.app import create_app
from aidtrack.audit import INVARIANTS
from aidtrack.beneficiaries.household import age_on
from aidtrack.beneficiaries.models import Category, Household, Person, ProtectedCategory
from aidtrack.db import db, unit_of_work
from aidtrack.demo import DemoResult, load
from aidtrack.demo.stage import LABEL
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.receipts import Receipt
from aidtrack.distribution.handouts.services import hand_out
from aidtrack.distribution.models import (
    Eligibility,
    EligibilityStatus,
    Entitlement,
    Handout,
    HandoutLine,
    Round,
    RoundState,
    Voucher,
)
from aidtrack.distribution.services import plan_round
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.kinds import LotStatus, TransferState
from aidtrack.inventory.models import DonationLine, Donor, Item, Place, StockBalance, StockLot, Transfer
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, statement
from tests.conftest import config_for

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
YEAR = (date(2022, 1, 1), date(2022, 12, 31))
AUTUMN = (date(2022, 9, 1), date(2022, 12, 31))
EVER = (date(2022, 1, 1), NOW.date())


@dataclass(frozen=True)
class Loaded:
    """A database with the demonstration in it."""

    app: Flask
    result: DemoResult
    steps: list[tuple[str, int, int]]

    def statement(self, donor: str, days: tuple[date, date]) -> Statement:
        with self.app.app_context(), Session(db.engine) as session:
            asked = AskForStatement(donor, *days)
            return statement(session, asked, actor=system_actor("test"), now=NOW)

    def read(self, ask: Callable[[Session], object]) -> object:
        with self.app.app_context(), Session(db.engine) as session:
            return ask(session)


def _load(url: str, folder: Path) -> Loaded:
    app = create_app(config_for(url, folder))
    steps: list[tuple[str, int, int]] = []
    result = load(app, lambda what, done, total: steps.append((what, done, total)), now=NOW)
    return Loaded(app, result, steps)


def _let_go(loaded: Loaded) -> None:
    with loaded.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def on_sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    databases = request.getfixturevalue("sqlite_databases")
    with databases.fresh() as url:
        loaded = _load(url, tmp_path_factory.mktemp("demo"))
        yield loaded
        _let_go(loaded)


@pytest.fixture(scope="module")
def on_postgresql(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    databases = request.getfixturevalue("postgresql_databases")
    with databases.fresh() as url:
        loaded = _load(url, tmp_path_factory.mktemp("demo"))
        with loaded.app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")  # as a server does by itself after so many new rows
        yield loaded
        _let_go(loaded)


@pytest.fixture(params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    found = request.getfixturevalue(f"on_{request.param}")
    assert isinstance(found, Loaded)
    return found


@pytest.fixture
def session(loaded: Loaded) -> Iterator[Session]:
    with loaded.app.app_context(), Session(db.engine) as opened:
        yield opened


def _standing() -> tuple[object, ...]:
    """Conditions for handouts that were not undone."""
    undoing = aliased(Handout)
    return (
        Handout.reverses_id.is_(None),
        ~select(undoing.id).where(undoing.reverses_id == Handout.id).exists(),
    )


def _sites(session: Session) -> frozenset[int]:
    return frozenset(session.scalars(select(Site.id)))


# -- the report of 2022 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [AUTUMN, YEAR, EVER], ids=["autumn", "year", "ever"])
def test_the_statement_for_the_wfp_has_the_figures_of_the_report(
    loaded: Loaded, days: tuple[date, date]
) -> None:
    made = loaded.statement("WFP", days)
    assert {line.item.code: line.balance.received for line in made.lines} == {
        "RICE": 29_378_000,
        "FLOUR": 29_650_000,
        "OIL": 7_820_000,
    }
    assert made.reached is not None
    assert made.reached.households == 1_741


def test_the_statement_for_the_wfp_closes_with_a_remainder_and_losses_by_cause(loaded: Loaded) -> None:
    made = loaded.statement("WFP", AUTUMN)
    assert made.closes
    balances = {line.item.code: line.balance for line in made.lines}
    for balance in balances.values():
        assert balance.on_hand > 0
        assert balance.received == balance.handed_out + balance.lost + balance.on_hand
    assert dict(balances["RICE"].lost_by_cause) == {"storage": 18_000, "counting": 400}
    assert dict(balances["FLOUR"].lost_by_cause) == {"wetting": 12_500}
    assert dict(balances["OIL"].lost_by_cause) == {"spoilage": 2_760}


def test_some_families_came_twice_and_count_once(loaded: Loaded) -> None:
    reached = loaded.statement("WFP", AUTUMN).reached
    assert reached is not None
    assert reached.issues == 2_141
    assert reached.issues > reached.households


def test_a_family_whose_handout_stayed_undone_is_not_reached(session: Session) -> None:
    served = select(Handout.household_id).where(*_standing())  # type: ignore[arg-type]
    undone = select(Handout.household_id).where(Handout.reverses_id.is_not(None))
    never = session.scalars(
        undone.where(Handout.given_on < YEAR[1], Handout.household_id.not_in(served))
    ).all()
    assert len(never) == 1
    again = session.scalars(undone.where(Handout.household_id.in_(served))).all()
    assert len(again) == 4


def test_the_deliveries_of_the_wfp_are_kept_as_they_were_typed(session: Session) -> None:
    typed = session.scalars(
        select(DonationLine.as_typed)
        .join(StockLot, StockLot.id == DonationLine.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .where(Donor.code == "WFP")
        .order_by(DonationLine.id)
    ).all()
    assert typed[:3] == ["8,5 т", "360 мішків", "2,3 т"]
    assert "4,628 т" in typed
    assert len(typed) == 12


def test_1075_winter_kits_went_to_displaced_families_one_for_each_child_of_one_to_three(
    loaded: Loaded, session: Session
) -> None:
    (line,) = loaded.statement("MINRE", YEAR).lines
    assert (line.balance.received, line.balance.handed_out) == (1_075, 1_075)
    rows = session.execute(
        select(Handout.household_id, Handout.given_on, HandoutLine.units)
        .join(HandoutLine, HandoutLine.handout_id == Handout.id)
        .join(Item, Item.id == HandoutLine.item_id)
        .where(Item.code == "WINTER-1-3", *_standing())  # type: ignore[arg-type]
    ).all()
    households = [row.household_id for row in rows]
    born: dict[int, list[date | None]] = {}
    for household_id, birth_date in session.execute(
        select(Person.household_id, Person.birth_date).where(Person.household_id.in_(households))
    ):
        born.setdefault(household_id, []).append(birth_date)
    for household_id, given_on, units in rows:
        ages = [age_on(birth_date, given_on) for birth_date in born[household_id]]
        assert units == sum(1 for age in ages if age is not None and 1 <= age <= 3)
    displaced = set(session.scalars(select(Category.household_id).where(Category.kind == "idp")))
    assert set(households) <= displaced
    assert len(households) == len(set(households)) == 1_000


def test_65_food_kits_and_65_hygiene_kits_of_the_city_reached_130_persons(loaded: Loaded) -> None:
    made = loaded.statement("CITY", YEAR)
    assert {line.item.code: line.balance.handed_out for line in made.lines} == {
        "FOOD-KIT": 65,
        "HYGIENE-KIT": 65,
    }
    assert made.reached is not None
    assert made.reached.persons == 130


def test_400_families_got_diapers_and_infant_food_with_quantities(loaded: Loaded, session: Session) -> None:
    made = loaded.statement("LOCAL", YEAR)
    assert made.reached is not None
    assert made.reached.households == 400
    for line in made.lines:
        assert line.reached is not None
        assert line.reached.households == 400
    nothing = session.scalar(
        select(func.count())
        .select_from(HandoutLine)
        .join(Handout, Handout.id == HandoutLine.handout_id)
        .where(HandoutLine.units == 0)
    )
    assert nothing == 0


def test_every_donor_s_statement_closes(loaded: Loaded) -> None:
    for donor in ("WFP", "MINRE", "CITY", "LOCAL", "UNFPA", "NADIIA", "AUD"):
        made = loaded.statement(donor, EVER)
        assert made.lines, donor
        assert made.closes, donor


# -- the books -------------------------------------------------------------------------------------------


def test_every_invariant_holds(loaded: Loaded, session: Session) -> None:
    checks = loaded.app.extensions[INVARIANTS]
    assert checks
    assert [breach for check in checks for breach in check(session)] == []


def test_both_databases_get_the_same_papers(on_sqlite: Loaded, on_postgresql: Loaded) -> None:
    def papers(session: Session) -> list[list[object]]:
        return [
            list(session.execute(select(Household.registration_no).order_by(Household.id)).scalars()),
            [*session.execute(select(Voucher.serial, Voucher.typed_code).order_by(Voucher.id))],
            [*session.execute(select(StockLot.code, StockLot.batch).order_by(StockLot.id))],
            list(session.execute(select(Transfer.number).order_by(Transfer.id)).scalars()),
        ]

    one, other = on_sqlite.read(papers), on_postgresql.read(papers)
    assert one == other
    for donor in ("WFP", "MINRE", "CITY", "LOCAL"):
        first, second = on_sqlite.statement(donor, EVER), on_postgresql.statement(donor, EVER)
        assert [line.balance for line in first.lines] == [line.balance for line in second.lines]
        assert (first.reached, first.by_month) == (second.reached, second.by_month)


def test_a_centre_that_is_there_is_left_alone(loaded: Loaded) -> None:
    with pytest.raises(CentreExists):
        load(loaded.app, lambda what, done, total: None, now=NOW)


def test_progress_comes_to_its_end(loaded: Loaded) -> None:
    for what in {step[0] for step in loaded.steps}:
        done = [(at, total) for name, at, total in loaded.steps if name == what]
        assert done[-1][0] == done[-1][1] > 0
        assert done == sorted(done)


# -- nobody real, nothing secret --------------------------------------------------------------------------


def test_nobody_has_a_taxpayer_number_or_a_phone_that_could_ring(session: Session) -> None:
    assert session.scalar(select(func.count()).where(Person.tax_id_hash.is_not(None))) == 0
    assert session.scalar(select(func.count()).where(Person.document.is_not(None))) == 0
    phones = [phone for phone in session.scalars(select(Household.phone)) if phone is not None]
    assert len(phones) > 1_500
    assert all(phone.startswith("+38092000") and len(phone) == 13 for phone in phones)
    assert len(set(phones)) == len(phones)


def test_everybody_who_is_named_can_sign_in(loaded: Loaded, session: Session) -> None:
    hashes = dict(session.execute(select(UserAccount.login, UserAccount.password_hash)).all())
    assert {one.role for one in loaded.result.sign_ins} == {role.value for role in Role}
    for one in loaded.result.sign_ins:
        assert passwords.matches(one.password, hashes[one.login])
        assert one.password not in repr(one)
    first = {person.role: person.login for person in people_added_by(session, LABEL)}
    assert first[Role.CASEWORKER] == "caseworker"
    assert len(first) == len(Role)


# -- today ------------------------------------------------------------------------------------------------


def test_a_round_is_open_today_and_its_first_open_voucher_can_be_handed_out(loaded: Loaded) -> None:
    with loaded.app.app_context():
        with Session(db.engine) as session:
            codes = session.scalars(
                select(Voucher.typed_code)
                .join(Round, Round.id == Voucher.round_id)
                .where(Round.code == loaded.result.round_code, Voucher.state == VoucherState.ISSUED)
                .order_by(Voucher.id)
            ).all()
            place_id = session.scalars(select(Place.id).where(Place.code == loaded.result.place_code)).one()
            operator = system_actor("test", site_ids=_sites(session))
        assert len(codes) >= 40
        receipts: list[Receipt] = []
        with suppress(_NotKeptError), unit_of_work() as unit:  # all are given, so the stock covers them
            for code in codes:
                receipts.append(hand_out(unit, HandOut(uuid4(), code, place_id), actor=operator, now=NOW))
            raise _NotKeptError
    assert len(receipts) == len(codes)
    given = {"FOOD-KIT", "HYGIENE-KIT", "RICE", "BLANKET"}
    assert all({line.item_code for line in receipt.lines} == given for receipt in receipts)


class _NotKeptError(Exception):
    """Ends a unit of work so that nothing of it stays."""


def test_there_is_something_of_every_kind_to_look_at(session: Session) -> None:
    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]

    waiting = Eligibility.override_reason.is_not(None)
    assert count(Eligibility.status == EligibilityStatus.REFUSED, waiting) == 1
    assert count(Eligibility.status == EligibilityStatus.ELIGIBLE, waiting) == 1
    assert count(Eligibility.status == EligibilityStatus.REFUSED, ~waiting) == 12
    assert count(ProtectedCategory.id > 0) == 73
    assert count(Transfer.state == TransferState.DISPATCHED) == 1
    assert count(StockLot.status == LotStatus.QUARANTINED) == 1
    soon = date(NOW.year, NOW.month + 1, NOW.day)
    assert count(StockLot.expires_on.between(NOW.date(), soon), StockBalance.lot_id == StockLot.id) >= 1
    states = dict(session.execute(select(Voucher.state, func.count()).group_by(Voucher.state)).all())
    assert {state for state, number in states.items() if number} == set(VoucherState) - {VoucherState.PLANNED}
    assert count(Round.state == RoundState.PLANNED) == 1


def test_the_next_round_s_plan_can_be_looked_at(session: Session) -> None:
    planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
    actor = system_actor("test", site_ids=_sites(session))
    shown = plan_round(session, planned.id, on=planned.first_day, actor=actor)
    assert shown.households >= 1
    assert shown.lines


def test_the_second_site_sees_only_its_own_families(session: Session) -> None:
    numbers = session.scalars(select(Household.registration_no)).all()
    assert sum(number.startswith("NK-") for number in numbers) == 48
    assert sum(number.startswith("DN-") for number in numbers) == len(numbers) - 48
    elsewhere = (
        select(func.count())
        .select_from(Entitlement)
        .join(Household, Household.id == Entitlement.household_id)
        .join(Round, Round.id == Entitlement.round_id)
        .join(Place, Place.id == Round.place_id)
        .where(Place.site_id != Household.site_id)
    )
    assert session.scalar(elsewhere) == 0

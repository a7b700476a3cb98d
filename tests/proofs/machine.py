"""Random acts through the services, each beside the model; afterwards both must say the same.

Every act is tried whether or not it is allowed: a refusal must be the one the model names, and must change
nothing.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.distribution import commands as asked
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.services import hand_out, undo_handout
from aidtrack.distribution.models import Voucher
from aidtrack.distribution.services.vouchers import reprint_voucher, void_voucher
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import (
    ArrivedLine,
    DispatchTransfer,
    LotUnits,
    ReceivedLine,
    ReceiveDonation,
    ReceiveTransfer,
)
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.models import Programme
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from tests.proofs.bench import FIRST_UNITS, Bench, lot_of
from tests.proofs.books import sound_books
from tests.proofs.model import LOSS, SUSPENSE, TRANSIT, Given, Journey, Lot, Model, Paper
from tests.proofs.remembered import Remembered

ANY = st.integers(0, 1_000)  # which of the things there are
SIDE = st.booleans()
ONE_PERSONS = [cause for cause in LossCause if cause is not LossCause.THEFT]  # theft always waits for another
REASON = st.sampled_from(["коробка намокла", None])


class Machine(RuleBasedStateMachine):
    """One run on a fresh centre. `bench` and `checks` are set by the test."""

    bench: ClassVar[Bench]
    checks: ClassVar[list[Remembered]]
    steps: ClassVar[int] = 0
    refusals: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open(self) -> None:
        self.bench.reset()
        self.checked: object = None
        self.now = utc_now()
        here, there = self.bench.here, self.bench.there
        self.keeper, self.worker = here.actor(Role.WAREHOUSE), here.actor(Role.CASEWORKER)
        self.places = [here.place_id, there.place_id]
        self.items = list(here.item_ids.values())
        self.model = Model(here.programme_id, local_date(self.now), {self.items[0]: 500, self.items[1]: 3})
        codes = here.codes
        for family, (voucher_id, place) in enumerate(
            [(one, here.place_id) for one in here.voucher_ids]
            + [(one, there.place_id) for one in there.voucher_ids]
        ):
            self.model.papers[voucher_id] = Paper(voucher_id, codes[family], family, place)
        with unit_of_work() as session:
            self.other = session.scalars(select(Programme.id).where(Programme.code == "OTHER")).one()
        for donation, lot in self.bench.stock.items():
            self.received(donation, lot, FIRST_UNITS)

    def act(self, expected: str | None, service: Callable[[Session], Any]) -> Any:
        """Run it as an adapter does; what it gives, or None where it refused as expected."""
        refused = result = None
        try:
            with unit_of_work() as session:
                result = service(session)
        except DomainError as error:
            refused = error.code
        assert refused == expected, f"expected {expected}, was {refused}"
        if refused:
            self.refusals[refused] += 1
        return result

    # -- goods ---------------------------------------------------------------------------------------

    @rule(
        side=SIDE, item=SIDE, units=st.integers(1, 1_600), days=st.sampled_from([None, -1, 5, 30]),
        bound=st.sampled_from(["free", "ours", "theirs"]), donor=st.sampled_from(["WFP", "MINRE"]),
    )  # fmt: skip
    def receive(self, side: bool, item: bool, units: int, days: int | None, bound: str, donor: str) -> None:
        place, item_id = self.places[side], self.items[item]
        arrived = self.model.today - timedelta(days=2)
        expires = None if days is None else self.model.today + timedelta(days=days)
        programme = {"free": None, "ours": self.model.programme, "theirs": self.other}[bound]
        command = ReceiveDonation(
            command_id=str(uuid4()), place_id=place, donor_id=self.bench.here.donor_ids[donor], arrived_on=arrived,
            lines=(ReceivedLine(item_id, units, str(units), expires_on=expires),), programme_id=programme,
            earmarked=programme is not None,
        )  # fmt: skip
        donation = self.act(
            None, lambda s: stock.receive_donation(s, command, actor=self.keeper, now=self.now)
        )
        lot = Lot(lot_of(donation), item_id, expires, programme, arrived)
        self.received(donation, (lot, place), units)

    def received(self, donation: int, there: tuple[Lot, int], units: int) -> None:
        lot, place = there
        self.model.lots[lot.id] = lot
        self.model.move(lot.id, None, place, units)
        self.model.receipts[donation] = (lot.id, place, units)

    @precondition(lambda self: self.model.receipts)
    @rule(which=ANY)
    def return_receipt(self, which: int) -> None:
        donation = self.one_of(list(self.model.receipts), which)
        expected = self.model.judge_return(donation)
        self.act(
            expected,
            lambda s: stock.reverse_receipt(
                s, donation, reason="записано двічі", actor=self.keeper, now=self.now
            ),
        )
        if expected is None:
            lot, place, units = self.model.receipts[donation]
            self.model.move(lot, place, None, units)
            self.model.returned.add(donation)

    @precondition(lambda self: self.model.lots)
    @rule(from_=SIDE, to=SIDE, which=ANY, second=ANY, units=st.integers(1, 800))
    def dispatch(self, from_: bool, to: bool, which: int, second: int, units: int) -> None:
        source, target = self.places[from_], self.places[to]
        standing = [lot for lot in self.model.lots if self.model.stock[lot, source]] or list(self.model.lots)
        lots = {self.one_of(standing, which), self.one_of(standing, second)}
        sent = {lot: min(units, self.model.stock[lot, source] + units % 2) or 1 for lot in sorted(lots)}
        expected = self.model.judge_dispatch(source, target, sent)
        command = DispatchTransfer(
            str(uuid4()), source, target, tuple(LotUnits(*line) for line in sent.items())
        )
        transfer = self.act(
            expected, lambda s: stock.dispatch_transfer(s, command, actor=self.keeper, now=self.now)
        )
        if expected is None:
            self.model.journeys[transfer] = Journey(source, target, sent)
            for lot, number in sent.items():
                self.model.move(lot, source, TRANSIT, number)

    @precondition(lambda self: self.model.journeys)
    @rule(which=ANY, less=st.integers(-1, 40), cause=st.sampled_from([None, *ONE_PERSONS]), reason=REASON)
    def arrive(self, which: int, less: int, cause: LossCause | None, reason: str | None) -> None:
        under_way = [one for one, journey in self.model.journeys.items() if not journey.arrived]
        transfer = self.one_of(under_way or list(self.model.journeys), which)
        journey = self.model.journeys[transfer]
        less = less if less < 20 else 0
        units = {lot: max(0, sent - less) for lot, sent in journey.units.items()}
        expected = self.model.judge_arrival(journey, units, reason=bool(reason))
        lines = tuple(
            ArrivedLine(lot, number, cause if number < journey.units[lot] else None) for lot, number in units.items()
        )  # fmt: skip
        command = ReceiveTransfer(str(uuid4()), transfer, lines, reason)
        self.act(expected, lambda s: stock.receive_transfer(s, command, actor=self.keeper, now=self.now))
        if expected is None:
            journey.arrived = True
            for lot, number in units.items():
                self.model.move(lot, TRANSIT, journey.target, number)
                gone = journey.units[lot] - number
                self.model.move(lot, TRANSIT, LOSS if cause else SUSPENSE, gone)

    # -- the counter ---------------------------------------------------------------------------------

    @rule(
        which=ANY, right_place=st.sampled_from([True, True, True, False]),
        lowered=st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 501), st.integers(0, 4)), st.just((0, 0))),
        reason=REASON,
    )  # fmt: skip
    def hand_out(
        self, which: int, right_place: bool, lowered: tuple[int, int] | None, reason: str | None
    ) -> None:
        paper = self.one_of(list(self.model.papers.values()), which)
        place = paper.place if right_place else next(one for one in self.places if one != paper.place)
        smaller = dict(zip(self.items, lowered, strict=True)) if lowered else {}
        expected, picks = self.model.judge_handout(paper, place, smaller, reason=bool(reason))
        command = HandOut(uuid4(), paper.code, place, smaller, reason)
        receipt = self.act(expected, lambda s: hand_out(s, command, actor=self.keeper, now=self.now))
        if expected is None:
            assert not receipt.repeated
            partly = any(smaller.get(item, units) < units for item, units in self.model.due.items())
            given = Given(paper.id, place, picks, (paper.code, place, smaller, reason))
            self.model.hand_out(str(command.client_id), given, partly=partly)

    @precondition(lambda self: self.model.given)
    @rule(which=ANY, other_body=st.sampled_from([False, False, True]))
    def hand_out_again_with_the_same_id(self, which: int, other_body: bool) -> None:
        client_id = self.one_of(list(self.model.given), which)
        code, place, smaller, reason = self.model.given[client_id].asked
        command = HandOut(UUID(client_id), code, place, smaller, "інше" if other_body else reason)  # type: ignore[arg-type]
        expected = "command_reused" if other_body else None
        receipt = self.act(expected, lambda s: hand_out(s, command, actor=self.keeper, now=self.now))
        assert other_body or receipt.repeated

    @precondition(lambda self: self.model.given)
    @rule(which=ANY)
    def undo(self, which: int) -> None:
        client_id = self.one_of(list(self.model.given), which)
        given = self.model.given[client_id]
        expected = self.model.judge_undo(given)
        command = UndoHandout(uuid4(), UUID(client_id), "натиснуто помилково")
        self.act(expected, lambda s: undo_handout(s, command, actor=self.keeper, now=self.now))
        if expected is None:
            self.model.undo(given)

    # -- papers --------------------------------------------------------------------------------------

    @rule(which=ANY, anew=SIDE)
    def withdraw(self, which: int, anew: bool) -> None:
        """Void a paper, or print it anew."""
        paper = self.one_of(list(self.model.papers.values()), which)
        if anew:
            self.reprint(paper)
            return
        expected = self.model.judge_void(paper)
        command = asked.VoidVoucher(paper.id, "родина виїхала")
        self.act(expected, lambda s: void_voucher(s, command, actor=self.worker, now=self.now))
        if expected is None:
            paper.state = "void"

    def reprint(self, paper: Paper) -> None:
        expected = self.model.judge_reprint(paper)
        command = asked.ReprintVoucher(str(uuid4()), paper.id, "загублено")
        new = self.act(expected, lambda s: reprint_voucher(s, command, actor=self.worker, now=self.now))
        if expected is None:
            paper.state = "void"
            with unit_of_work() as session:
                code = session.scalars(select(Voucher.typed_code).where(Voucher.id == new)).one()
            self.model.papers[new] = Paper(new, code, paper.family, paper.place)

    @staticmethod
    def one_of(things: list[Any], which: int) -> Any:
        return things[which % len(things)]

    # -- after every act -----------------------------------------------------------------------------

    @invariant()
    def books_agree(self) -> None:
        """The model's stock, papers and handouts are the database's, and every registered invariant holds."""
        type(self).steps += 1
        version = self.bench.version()
        if version != self.checked:  # a refusal that wrote nothing leaves the books as they were found
            self.books = sound_books(self.checks)
            self.checked = version
        model, books = self.model, self.books
        back = sum(given.taken_back for given in model.given.values())
        assert books.held == model.held(), f"{books.held} is not {model.held()}"
        assert books.fold == model.everything(), f"{books.fold} is not {model.everything()}"
        assert books.papers == model.paper_states()
        assert (books.handouts["regular"], books.handouts["reversal"]) == (len(model.given), back)

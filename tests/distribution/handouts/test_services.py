"""Handing out and undoing, through the service, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from aidtrack.distribution import signing
from aidtrack.distribution.errors import (
    AlreadyCollected,
    BadSignature,
    QuantityRaised,
    ReasonNeeded,
    UndoTooLate,
    UnknownVoucher,
    VoucherRefused,
    WrongPlace,
)
from aidtrack.distribution.handouts import queries, services
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.receipts import Receipt
from aidtrack.inventory import ledger
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import CommandReused, DomainError, NotFound
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.world import World

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def world(unit: Unit) -> World:
    with unit() as session:
        world = made.small_centre(session, due=[("RICE", 500), ("OIL", 920)])
        made.add_vouchers(session, world, 3)
        return world


def order(world: World, n: int = 0, **changes: object) -> HandOut:
    arguments = {"client_id": uuid4(), "code": world.codes[n], "place_id": world.place_id, **changes}
    return HandOut(**arguments)  # type: ignore[arg-type]


def give(
    unit: Unit, world: World, command: HandOut, role: Role = Role.WAREHOUSE, *, elsewhere: bool = False
) -> Receipt:
    with unit() as session:
        return services.hand_out(
            session, command, actor=world.actor(role, elsewhere=elsewhere), now=utc_now()
        )


def stock(unit: Unit, world: World, **lots: int) -> dict[str, int]:
    with unit() as session:
        return {item: made.add_lot(session, world, item, units) for item, units in lots.items()}


def test_a_handout_moves_what_is_due_and_names_lots_and_donors(unit: Unit, world: World) -> None:
    lots = stock(unit, world, RICE=2_000, OIL=2_000)
    receipt = give(unit, world, order(world))
    assert [(line.item_code, line.units) for line in receipt.lines] == [("OIL", 920), ("RICE", 500)]
    assert all(part.donor_code == "WFP" for line in receipt.lines for part in line.parts)
    with unit() as session:
        assert ledger.balance(session, lot_id=lots["RICE"], place_id=world.place_id) == 1_500
        assert made.handed_out(session, lots["OIL"]) == 920


def test_soonest_expiry_goes_first_and_a_line_may_take_two_lots(unit: Unit, world: World) -> None:
    today = local_date(utc_now())
    with unit() as session:
        late = made.add_lot(session, world, "RICE", 5_000, expires_on=today + timedelta(days=90))
        soon = made.add_lot(session, world, "RICE", 300, expires_on=today + timedelta(days=9), donor="MINRE")
        made.add_lot(session, world, "OIL", 920)
    receipt = give(unit, world, order(world))
    rice = receipt.lines[1]
    assert {(part.donor_code, part.units) for part in rice.parts} == {("MINRE", 300), ("WFP", 200)}
    with unit() as session:
        assert (made.handed_out(session, soon), made.handed_out(session, late)) == (300, 200)


def test_an_expired_lot_is_refused_at_commit(unit: Unit, world: World) -> None:
    with unit() as session:
        made.add_lot(session, world, "RICE", 5_000, expires_on=local_date(utc_now()) - timedelta(days=1))
        made.add_lot(session, world, "OIL", 920)
    with pytest.raises(NotEnoughStock) as refused:
        give(unit, world, order(world))
    assert refused.value.facts["item"] == "RICE"


def test_the_same_client_id_has_one_effect_and_the_same_receipt(unit: Unit, world: World) -> None:
    lots = stock(unit, world, RICE=2_000, OIL=2_000)
    command = order(world)
    first, again = give(unit, world, command), give(unit, world, command)
    assert again.repeated and not first.repeated
    assert again.as_json() == first.as_json()
    with unit() as session:
        assert made.handed_out(session, lots["RICE"]) == 500


def test_the_same_client_id_with_another_body_is_a_conflict(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=2_000, OIL=2_000)
    command = order(world)
    give(unit, world, command)
    with pytest.raises(CommandReused):
        give(unit, world, order(world, 1, client_id=command.client_id))


def test_a_second_scan_says_when_and_where_it_was_collected(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=2_000, OIL=2_000)
    receipt = give(unit, world, order(world))
    with pytest.raises(AlreadyCollected) as refused:
        give(unit, world, order(world))
    assert refused.value.facts == {"at": receipt.at.isoformat(), "place": "Пункт P1"}


@on_sqlite
def test_quantities_only_go_down_and_then_need_a_reason(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=2_000, OIL=2_000)
    rice = world.item_ids["RICE"]
    with pytest.raises(QuantityRaised):
        give(unit, world, order(world, quantities={rice: 501}, reason="bag torn"))
    with pytest.raises(ReasonNeeded):
        give(unit, world, order(world, quantities={rice: 100}))
    receipt = give(unit, world, order(world, quantities={rice: 100}, reason="bag torn"))
    assert receipt.partial
    assert receipt.lines[1].units == 100 and receipt.lines[1].due_units == 500


def test_undo_brings_goods_back_and_opens_the_voucher_again(unit: Unit, world: World) -> None:
    lots = stock(unit, world, RICE=500, OIL=920)
    command = order(world)
    give(unit, world, command)
    undo = UndoHandout(client_id=uuid4(), handout_client_id=command.client_id, reason="wrong family")
    for _time in range(2):  # the second is a repeat of the same request
        with unit() as session:
            reversal = services.undo_handout(session, undo, actor=world.actor(), now=utc_now())
    assert reversal.kind == "reversal" and reversal.reverses == str(command.client_id) and reversal.repeated
    with unit() as session:
        assert ledger.balance(session, lot_id=lots["RICE"], place_id=world.place_id) == 500
    receipt = give(unit, world, order(world))
    assert not receipt.repeated
    # the first handout's receipt stays what it was
    with unit() as session:
        old = queries.receipt_for(session, str(command.client_id), actor=world.actor())
    assert old.kind == "regular"


def test_undo_after_the_short_while_takes_the_right_to_correct(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=500, OIL=920)
    command = order(world)
    give(unit, world, command)
    later = utc_now() + services.UNDO_WITHIN + timedelta(seconds=1)
    undo = UndoHandout(client_id=uuid4(), handout_client_id=command.client_id, reason="wrong family")
    with unit() as session, pytest.raises(UndoTooLate):
        services.undo_handout(session, undo, actor=world.actor(Role.CASEWORKER), now=later)
    with unit() as session:
        assert services.undo_handout(session, undo, actor=world.actor(), now=later).kind == "reversal"


@on_sqlite
def test_another_site_cannot_tell_a_voucher_from_a_missing_one(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=500, OIL=920)
    with pytest.raises(NotFound):
        give(unit, world, order(world), elsewhere=True)
    with unit() as session:
        other = world.actor(elsewhere=True)
        place = made._add(session, Place(
            code="X", kind=PlaceKind.POINT, site_id=world.other_site_id, name_uk="X", name_en="X"))  # fmt: skip
        with pytest.raises(UnknownVoucher):
            services.hand_out(session, order(world, place_id=place), actor=other, now=utc_now())


@on_sqlite
def test_a_voucher_is_for_its_round_and_place(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=500, OIL=920)
    with pytest.raises(WrongPlace):
        give(unit, world, order(world, place_id=world.other_place_id))


@on_sqlite
def test_the_typed_code_serves_like_the_qr_code(unit: Unit, world: World) -> None:
    stock(unit, world, RICE=500, OIL=920)
    typed = world.typed_codes[2]
    spaced = f"{typed[:3]}-{typed[3:6]} {typed[6:]}".lower()
    assert give(unit, world, order(world, code=spaced)).serial == "R1-000002"


@on_sqlite
@pytest.mark.parametrize("position", [5, 30, 60, 90, 120, 163])
def test_one_character_wrong_never_hands_out(unit: Unit, world: World, position: int) -> None:
    stock(unit, world, RICE=500, OIL=920)
    code = world.codes[0]
    wrong = code[:position] + ("A" if code[position] != "A" else "B") + code[position + 1 :]
    with pytest.raises(VoucherRefused):
        give(unit, world, order(world, code=wrong))


@on_sqlite
@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/voucher?id=1",
        "x" * 3_000,
        "<script>alert(1)</script>",
        "AID1:",
        "\x00\x01",
        "4820000000017",
    ],
)
def test_a_qr_code_of_something_else_is_refused_by_name(unit: Unit, world: World, text: str) -> None:
    with pytest.raises(DomainError) as refused:
        give(unit, world, order(world, code=text))
    assert refused.value.code != "refused" and refused.value.status < 500


@on_sqlite
def test_a_code_signed_by_nobody_here_is_refused(unit: Unit, world: World) -> None:
    forger = signing.new_private_key()
    claims = signing.decode(world.codes[0])[0]
    with pytest.raises(BadSignature):
        give(unit, world, order(world, code=signing.encode(claims, forger)))


@on_sqlite
def test_a_role_without_the_right_is_refused(unit: Unit, world: World) -> None:
    with pytest.raises(DomainError) as refused:
        give(unit, world, order(world), Role.DONOR_LIAISON)
    assert refused.value.code == "forbidden"

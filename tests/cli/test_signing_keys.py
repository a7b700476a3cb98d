"""The keys behind the vouchers from the command line, and the drill for the day one leaks."""

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.distribution.errors import VoidVoucher
from aidtrack.distribution.handouts import presented
from aidtrack.distribution.models import RationEntry, SigningKey, Voucher
from aidtrack.distribution.queries.printed import open_voucher_codes
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.vouchers import VoucherState
from tests.cli.conftest import Run
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.world import World

Work = Callable[[], AbstractContextManager[Session]]
FAMILIES = 12


@pytest.fixture
def work(on: str, environment: None, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Opens units of work on the command line's own database."""
    # the same in every run: places in the bit list come from it, and the world's vouchers have theirs already
    monkeypatch.setenv("AIDTRACK_DATA_KEY", base64.b64encode(bytes(range(32))).decode())
    app = create_app(load())

    class InTheApp:
        def __enter__(self) -> Session:
            self._context = app.app_context()
            self._context.push()
            self._unit = unit_of_work()
            return self._unit.__enter__()

        def __exit__(self, *failed: object) -> None:
            self._unit.__exit__(*failed)  # type: ignore[arg-type]
            db.session.remove()
            db.engine.dispose()
            self._context.pop()

    return InTheApp


@pytest.fixture
def world(work: Work) -> World:
    with work() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, FAMILIES)
        session.add(
            RationEntry(
                round_id=world.round_id, item_id=world.item_ids["RICE"], basis=Basis.HOUSEHOLD, units=500
            )
        )
    return world


def states(session: Session) -> dict[VoucherState, int]:
    rows = session.execute(select(Voucher.state, func.count()).group_by(Voucher.state))
    return {row[0]: row[1] for row in rows}


def test_after_a_leak_every_family_gets_a_new_paper(
    run: Run, work: Work, world: World, tmp_path: Path
) -> None:
    assert run("signing-key", "list").out.splitlines()[1].startswith("1\tR1\t")
    withdrawn = run("signing-key", "withdraw", "1", "--reason", "laptop stolen", "--yes")
    assert withdrawn.code == 0, withdrawn.err
    for text in (world.codes[0], world.typed_codes[0]):
        with work() as session, pytest.raises(VoidVoucher):
            presented.find(session, text, locked=False)
    folder = tmp_path / "sheets"
    done = run("signing-key", "reissue", "--output", str(folder))
    assert (done.code, done.out) == (0, f"R1\t{FAMILIES}\n")
    (sheet,) = folder.iterdir()
    assert sheet.stat().st_mode & 0o077 == 0
    printed = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(sheet))
    with work() as session:
        assert states(session) == {VoucherState.VOID: FAMILIES, VoucherState.ISSUED: FAMILIES}
        void = select(Voucher.voided_at).where(Voucher.state == VoucherState.VOID)
        assert None not in session.scalars(void).all()  # a handout made before that moment was a good one
        codes = list(open_voucher_codes(session, "R1"))
        assert not set(codes) & set(world.codes)
        for code in codes:
            found = presented.find(session, code, locked=False)
            assert found.serial in printed
        keys = session.execute(select(SigningKey.id, SigningKey.round_id).order_by(SigningKey.id)).all()
        assert [row.round_id for row in keys] == [world.round_id, world.round_id]
    assert run("signing-key", "reissue").out == ""  # nobody is left
    assert "laptop stolen" in run("signing-key", "list").out
    assert run("verify").code == 0


@on_sqlite
def test_what_was_collected_is_left_alone(run: Run, work: Work, world: World) -> None:
    with work() as session:
        session.get_one(Voucher, world.voucher_ids[0]).state = VoucherState.REDEEMED
    run("signing-key", "withdraw", "1", "--reason", "drill", "--yes")
    done = run("signing-key", "reissue")
    assert done.out == f"R1\t{FAMILIES - 1}\n", done.err
    with work() as session:
        assert states(session)[VoucherState.REDEEMED] == 1


@on_sqlite
def test_a_rotated_key_signs_what_comes_after_and_the_old_codes_stay_good(
    run: Run, work: Work, world: World
) -> None:
    assert "signs with key 2" in run("signing-key", "rotate", "R1").err
    with work() as session:
        assert presented.find(session, world.codes[0], locked=False).state is VoucherState.ISSUED


@on_sqlite
def test_refusals_are_one_line(run: Run, world: World) -> None:
    assert run("signing-key", "withdraw", "7", "--reason", "x", "--yes").line == "There is no signing key 7."
    assert run("signing-key", "withdraw", "1", "--reason", "  ", "--yes").code == 2
    assert run("signing-key", "rotate", "R9").code == 2
    run("signing-key", "withdraw", "1", "--reason", "x", "--yes")
    again = run("signing-key", "withdraw", "1", "--reason", "x", "--yes")
    assert again.line == "Signing key 1 was withdrawn before."

"""10 000 random acts against a plain-Python model, and a planted bug that the machine finds."""

from pathlib import Path
from unittest import mock

import pytest

from aidtrack.distribution.handouts import statements
from tests.proofs.share import work

EVERY_REFUSAL = frozenset({
    "already_collected", "void_voucher", "wrong_place", "quantity_raised", "nothing_handed_out", "reason_needed",
    "not_enough_stock", "command_reused", "voucher_state", "already_reversed", "same_place", "already_arrived",
    "more_than_sent", "reason_missing",
})  # fmt: skip
SHARES = 2  # of one test each, so that every core has something to do


@pytest.mark.parametrize("share", range(SHARES))
def test_ten_thousand_acts_on_sqlite(sqlite_url: str, tmp_path: Path, share: int) -> None:
    """Every invariant and the whole model are compared after each act."""
    its_steps = 10_000 // SHARES
    steps, refusals = work(sqlite_url, tmp_path, share, steps=its_steps, refusals=EVERY_REFUSAL)
    assert steps >= its_steps
    assert set(refusals) >= EVERY_REFUSAL


def test_five_hundred_acts_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    """The same machine on the other database; what only that one can do wrong is in tests/races."""
    steps, _refusals = work(postgresql_url, tmp_path, SHARES, steps=500)
    assert steps >= 500


def test_a_handout_that_forgets_its_paper_is_found(sqlite_url: str, tmp_path: Path) -> None:
    """The control: with a planted bug the machine fails."""
    forgetful = mock.patch.object(statements.SET_VOUCHER_STATE, "run", return_value=None)
    with pytest.raises((AssertionError, ExceptionGroup)):
        work(sqlite_url, tmp_path, SHARES + 1, steps=2_000, spoiled=forgetful)

"""10 000 random acts against a plain-Python model, and a planted bug that the machine finds."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest

from aidtrack.distribution.handouts import statements
from tests.proofs.share import STEPS_OF_A_RUN, work
from tests.support.databases import SqliteDatabases
from tests.support.product import ROOT

EVERY_REFUSAL = {
    "already_collected", "void_voucher", "wrong_place", "quantity_raised", "nothing_handed_out", "reason_needed",
    "not_enough_stock", "command_reused", "voucher_state", "already_reversed", "same_place", "already_arrived",
    "more_than_sent", "reason_missing",
}  # fmt: skip
SHARES = 2


@pytest.mark.timeout(400)
def test_ten_thousand_acts_on_sqlite(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    """Every invariant and the whole model are compared after each act."""
    runs = 10_000 // STEPS_OF_A_RUN // SHARES + 8  # some runs end early
    steps, refusals = 0, Counter[str]()
    with ExitStack() as stack:
        shares = []
        for number in range(SHARES):
            url = stack.enter_context(sqlite_databases.fresh())
            command = [sys.executable, "-m", "tests.proofs.share", url, str(tmp_path), str(number), str(runs)]
            shares.append(
                stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
            )
            stack.callback(shares[-1].kill)
        for share in shares:
            output, _ = share.communicate()
            assert share.returncode == 0, "the share's own complaint is on the screen"
            its_steps, its_refusals = json.loads(output)
            steps += its_steps
            refusals.update(its_refusals)
    assert steps >= 10_000
    assert set(refusals) >= EVERY_REFUSAL


@pytest.mark.timeout(400)
def test_a_thousand_acts_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    steps, _refusals = work(postgresql_url, tmp_path, 2, 13)
    assert steps >= 1_000


def test_a_handout_that_forgets_its_paper_is_found(sqlite_url: str, tmp_path: Path) -> None:
    """The control: with a planted bug the machine fails."""
    forgetful = mock.patch.object(statements.SET_VOUCHER_STATE, "run", return_value=None)
    with pytest.raises((AssertionError, ExceptionGroup)):
        work(sqlite_url, tmp_path, 3, 20, spoiled=forgetful)

"""The phone's own modules, under node, against the server: one story from the invitation to the ledger."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import Handout, HandoutKind
from aidtrack.distribution.phones.encoding import b64, from_b64
from aidtrack.distribution.services import supervisor_codes
from aidtrack.inventory.models import StockBalance, StockLot
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices import importing
from tests.scanner.devices.conftest import Hall
from tests.support.serving import served

STORY = Path(__file__).parents[2] / "js" / "support" / "story.mjs"


@pytest.fixture
def seen(hall: Hall, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the phone saw on its day."""
    node = shutil.which("node")
    assert node is not None, "the phone's modules need node to be tried"
    with hall.app.app_context(), unit_of_work() as session:
        made = supervisor_codes.make_code(
            session, actor=hall.manager.actor, site_id=hall.world.site_id, now=utc_now()
        )
    given, answer = tmp_path / "given.json", tmp_path / "answer.json"
    with served(hall.app) as url:
        story = {
            "url": url, "invitation": b64(hall.invite()), "codes": hall.world.codes, "typed": hall.world.typed_codes,
            "supervisor": {"supervisor": made.id, "code": made.code},
        }  # fmt: skip
        given.write_text(json.dumps(story))
        subprocess.run([node, str(STORY), str(given), str(answer)], check=True, timeout=1200)
        yield json.loads(answer.read_text())


def held(hall: Hall, item: str) -> int:
    """Base units of an item at the round's place, by the server's book."""
    with hall.app.app_context():
        found = read_session().scalars(
            select(StockBalance.units)
            .join(StockLot, StockLot.id == StockBalance.lot_id)
            .where(
                StockLot.item_id == hall.world.item_ids[item], StockBalance.place_id == hall.world.place_id
            )
        )
        return sum(found)


def test_a_phone_s_day_reaches_the_ledger_once(hall: Hall, seen: dict[str, Any]) -> None:
    lines = [["RICE", 500, 500, 1], ["OIL", 920, 920, 1]]
    assert sorted(seen["ready"].pop("lines")) == sorted(lines)
    assert seen["ready"] == {"code": "ready", "name": "Олена Т."}
    assert (seen["typed"]["code"], seen["typed"]["name"]) == ("ready", "Олена Т.")
    assert seen["without_code"] == "wrong_supervisor_code"
    assert seen["stock_before"] == 50_000
    # 500 went out and came back, 100 and 7 are gone
    assert seen["stock_offline"] == 49_893
    # a lost answer and a cut one took nothing from the phone and were counted once by the server
    assert [seen[run]["sent"] for run in ("dropped", "cut", "sent")] == [0, 0, 4]
    assert [seen[run]["left"] for run in ("dropped", "cut", "sent")] == [4, 4, 0]
    assert seen["sent"]["trouble"] is None and seen["sent"]["pack"] == "new"
    # the server keeps the supervisor's handout for a person to read, and the phone knows that the goods are gone
    assert seen["stock_online"] == 49_893
    assert seen["again"] == ["ready", "already_collected"]
    assert (seen["last"]["sent"], seen["last"]["outcomes"]) == (1, {"recorded": 1})
    assert seen["same"]["pack"] == "same"
    assert seen["status"]["unsent"] == {"count": 0, "oldest": None}
    assert [own["undone"] for own in seen["own"]] == [False, False, False, True]
    assert ["GET", "/sync/v1/pack", 304] in seen["calls"]
    with hall.app.app_context():
        kinds = [handout.kind for handout in read_session().scalars(select(Handout))]
    assert kinds.count(HandoutKind.REVERSAL) == 1
    assert held(hall, "RICE") == 50_000 - 100 - 500
    with hall.app.app_context():  # its file, brought by hand as well, changes nothing
        found = importing.opened(read_session(), from_b64(seen["file"]), actor=hall.manager.actor)
        (receipt,) = importing.take(found, actor=hall.manager.actor)
    assert receipt.outcome.value in ("recorded", "already_recorded")
    assert held(hall, "RICE") == 50_000 - 100 - 500

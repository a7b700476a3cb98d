"""Phones choose lots as the server does: both read tests/vectors/picks.json."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aidtrack.inventory.allocation import LotOnHand, Pick, available, plan_picks
from aidtrack.inventory.errors import NotEnoughStock

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "picks.json").read_text(encoding="utf-8")
)
ON = date.fromisoformat(VECTORS["on"])
PROGRAMMES = {"ours": 1, "other": 2, "free": None}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_lots_are_chosen_as_the_vectors_say(case: dict[str, Any]) -> None:
    # lots stand in the order of their numbers, as in a pack
    lots = [
        LotOnHand(
            lot_id=number,
            units=written["units"],
            expires_on=date.fromisoformat(written["expires_on"]) if written["expires_on"] else None,
            programme_id=PROGRAMMES[written["programme"]],
            earmarked=written["earmarked"],
            received_on=date.fromisoformat(written["received_on"]),
            usable=written["usable"],
        )
        for number, written in enumerate(case["lots"])
    ]
    ours = PROGRAMMES["ours"]
    assert available(lots, programme_id=ours, on=ON) == case["available"]
    if case["picks"] is None:
        with pytest.raises(NotEnoughStock):
            plan_picks(lots, units=case["units"], programme_id=ours, on=ON)
    else:
        expected = [
            Pick(next(n for n, lot in enumerate(case["lots"]) if lot["lot"] == pick["lot"]), pick["units"])
            for pick in case["picks"]
        ]
        assert plan_picks(lots, units=case["units"], programme_id=ours, on=ON) == expected

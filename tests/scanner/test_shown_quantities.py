"""The counter's script writes quantities itself; Python and JavaScript are held together by one file."""

import json
from pathlib import Path

from aidtrack.kernel.quantity import BaseUnit, show

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "shown_quantities.json"


def test_quantities_are_written_as_the_shared_file_says() -> None:
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
    assert len(cases) > 100
    for case in cases:
        assert show(case["units"], BaseUnit(case["unit"]), case["language"]) == case["shown"]

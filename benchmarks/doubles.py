"""How well doubles are found, in a made-up registry whose doubles are known, and what a look over it costs.

Over all its profiles in memory; and over a smaller one that is registered in a database, by the look that a caseworker
starts and by the warnings while the doubles are typed.
"""

import time
from typing import Any

from aidtrack.beneficiaries.likeness import find_pairs
from benchmarks import doubles_registered
from benchmarks.doubles_data import known

FAMILIES, DOUBLES = 100_000, 3_000
REGISTERED, REGISTERED_TWICE = 10_000, 500


def run(families: int = FAMILIES, doubles: int = DOUBLES) -> dict[str, Any]:
    made = known(families, doubles)
    people, homes = made.profiles(), made.homes()
    began = time.process_time()
    found = {(pair.low_id, pair.high_id) for pair in find_pairs(people, homes)}
    hits = len(found & made.doubles)
    in_memory = {
        "families": len(made.families), "persons": len(people), "known_doubles": len(made.doubles),
        "found_pairs": len(found), "recall": round(hits / len(made.doubles), 4),
        "precision": round(hits / len(found), 4), "cpu_s": round(time.process_time() - began, 1),
    }  # fmt: skip
    return {
        "in memory": in_memory,
        "registered in a database": doubles_registered.run(REGISTERED, REGISTERED_TWICE),
    }

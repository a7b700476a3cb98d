"""Every handout of every phone in the ledger exactly once, whatever order the phones come home in.

60 seeds in every run, 500 with AIDTRACK_FIELD_SEEDS=500; each in five more orders. SQLite plays all of them: outcomes
and books are worked out by the same code from the same rows, whichever database holds them, and a seed on PostgreSQL
costs three times as much. PostgreSQL plays every tenth, in two orders, so that each statement is met there too; what only it can
get wrong, two transactions at once, no seed can show, as one transaction holds a whole story: tests/races does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app
from sqlalchemy.orm import Session

from aidtrack.app import create_app
from aidtrack.db import db, unit_of_work
from aidtrack.distribution import signing
from aidtrack.distribution.field import events, handing, services
from aidtrack.distribution.phones.signatures import event_is_signed
from tests.conftest import config_for
from tests.proofs import field_bugs
from tests.proofs.field_clock import MONTH, NEVER_OFF
from tests.proofs.field_orders import play
from tests.proofs.field_parts import Broken
from tests.proofs.field_stage import Stage, set_up
from tests.proofs.field_story import Story

SEEDS = int(os.environ.get("AIDTRACK_FIELD_SEEDS", "60"))
SHARES = 4
OF_A_CONTROL = 12  # seeds within which a planted bug must show


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    databases = request.getfixturevalue(f"{request.param}_databases")
    folder: Path = tmp_path_factory.mktemp("field")
    with databases.fresh() as url:
        app = create_app(config_for(url, folder))
        with app.app_context(), verified_once():
            with unit_of_work() as session:
                made = set_up(session)
            yield made
            db.session.remove()
            db.engine.dispose()


@contextmanager
def verified_once() -> Iterator[None]:
    """What an event's text says and whether its signature holds is the same each time: each comes seven times and more."""
    keys = lru_cache(lambda point: _Key(signing.public_key_from_bytes(point)))
    with (
        mock.patch.object(events, "read", lru_cache(events.read)),
        mock.patch.object(services, "event_is_signed", lru_cache(event_is_signed)),
        mock.patch.object(signing, "decode", lru_cache(signing.decode)),
        mock.patch.object(handing, "_public_key", keys),
    ):
        yield


class _Key:
    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self.verify = lru_cache(key.verify)


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def sound(session: Session) -> None:
    checks = current_app.extensions["aidtrack_invariants"]
    breaches = [f"{breach.code}: {breach.sentence}" for check in checks for breach in check(session)]
    if breaches:
        raise Broken("; ".join(breaches))


@pytest.mark.parametrize("share", range(SHARES))
def test_every_handout_is_in_the_books_once_in_whatever_order(stage: Stage, share: int) -> None:
    seeds = shares_of(SEEDS if is_sqlite() else max(SHARES, SEEDS // 10))[share]
    orders = 5 if is_sqlite() else 2
    stories = [play(stage, seed, orders=orders, and_then=sound if seed % 5 == 0 else None) for seed in seeds]
    assert [in_other_orders(story) for story in stories] == [orders] * len(seeds)
    assert sum(len(story.facts) for story in stories) >= 5 * len(seeds)
    if is_sqlite():  # the clocks of a share are off by everything a clock can be off by
        off = {fact.off for story in stories for fact in story.facts.values()}
        assert min(off) < -MONTH * 0.9 and max(off) > MONTH * 0.9
        assert {one > NEVER_OFF for one in off if NEVER_OFF < abs(one) < MONTH / 2} == {True, False}
        for what in ("request", "reply"):
            cuts = [where for story in stories for kind, where in story.network.cuts if kind == what]
            assert len(cuts) >= len(seeds) // 2 and min(cuts) < 0.5 < max(cuts), what


def shares_of(seeds: int) -> list[range]:
    shares = [range(share, seeds, SHARES) for share in range(SHARES)]
    assert sorted(seed for share in shares for seed in share) == list(range(seeds))
    return shares


def in_other_orders(story: Story) -> int:
    """How often all its events were replayed, each time in another order."""
    assert all(set(order) == story.facts.keys() for order in story.orders)
    return len({tuple(order) for order in story.orders})


@pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bug", list(field_bugs.BUGS))
def test_a_planted_bug_is_found(stage: Stage, bug: str) -> None:
    with field_bugs.BUGS[bug].planted() as parts, pytest.raises(Broken, match=field_bugs.BUGS[bug].found):
        play_some(stage, parts)


def play_some(stage: Stage, parts: field_bugs.Parts) -> None:
    for seed in range(OF_A_CONTROL):
        play(stage, seed, server=parts.server, phone=parts.phone, orders=2)

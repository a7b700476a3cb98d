"""The made-up registry with known doubles in a database: looked through in bulk, and typed once more at a desk.

Registered by the registry's own service; found by the look over a site (`services.doubles`) and by the warning while
typing, as a caseworker has them. Nothing of it is told to them but what a family says of itself.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.commands import NewMember, RegisterHousehold
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import DoublesFound
from aidtrack.beneficiaries.services import doubles, register_many
from aidtrack.beneficiaries.services.while_typing import Typed, typed_doubles
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Actor, Role
from benchmarks.doubles_data import Entered, Known, known
from benchmarks.meter import Meter

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1, minutes=1)  # after which earlier looks do not count against a limit
Pairs = set[tuple[int, int]]


def enter(session: Session, made: Known, site_id: int, actor: Actor) -> list[int]:
    """Register the families in their order, whatever they look like; gives their ids."""
    return register_many(session, _commands(made, site_id), actor=actor, now=NOW)


def _commands(made: Known, site_id: int) -> Iterator[RegisterHousehold]:
    ids = random.Random(1)
    for family in made.families:
        yield RegisterHousehold(
            command_id=UUID(int=ids.getrandbits(128), version=4), site_id=site_id, settlement=family.settlement,
            phone=family.phone, address=family.address or None, go_on_reason="інша сім’я",
            members=tuple(
                NewMember(
                    one.surname, one.given_name, Sex.FEMALE if one.female else Sex.MALE, one.patronymic, one.born,
                    one.paper, is_head=number == 0,
                )
                for number, one in enumerate(family.people)
            ),
        )  # fmt: skip


def found_in_bulk(site_id: int, actor: Actor) -> dict[tuple[int, int], tuple[int, tuple[str, ...]]]:
    """Ids of families, the lower first, with points and reasons, as the look over the site left them to decide."""
    with unit_of_work() as session:
        run = doubles.begin_look(session, site_id, actor=actor, now=NOW)
    doubles.look_through(run, site_id)
    with unit_of_work() as session:
        rows = session.execute(
            select(DoublesFound.low_id, DoublesFound.high_id, DoublesFound.score, DoublesFound.reasons).where(
                DoublesFound.run_id == run
            )
        )
        return {(low, high): (score, tuple(reasons)) for low, high, score, reasons in rows}


def warned_of(family: Entered, besides: int, actor: Actor, now: datetime) -> set[int]:
    """Families shown while this one's people are typed, each with what the form holds by then."""
    shown: set[int] = set()
    for one in family.people:
        typed = Typed(
            one.surname, one.given_name, one.patronymic or "", one.born, Sex.FEMALE if one.female else Sex.MALE,
            one.paper or "", phone=family.phone or "", besides=besides,
        )  # fmt: skip
        with unit_of_work() as session:
            shown |= {found.household_id for found in typed_doubles(session, typed, actor=actor, now=now)}
    return shown


def shares(found: Pairs, truly: Pairs) -> dict[str, float]:
    hits = len(found & truly)
    return {
        "found_pairs": len(found), "recall": round(hits / len(truly), 4), "precision": round(hits / len(found), 4),
    }  # fmt: skip


def run(families: int, known_doubles: int) -> dict[str, Any]:
    from tempfile import TemporaryDirectory

    from aidtrack.db import upgrade
    from tests.support.postgres import running_server

    made = known(families, known_doubles)
    results: dict[str, Any] = {}
    with TemporaryDirectory(prefix="aiddoubles-") as folder:
        url = f"sqlite:///{folder}/doubles.sqlite3"
        upgrade(url)
        results["sqlite"] = _measure(url, Path(folder), made)
        with running_server() as server:
            upgrade(server)
            results["postgresql"] = _measure(server, Path(folder), made)
    return results


def _measure(url: str, folder: Path, made: Known) -> dict[str, Any]:
    from aidtrack.app import create_app
    from aidtrack.beneficiaries.services import seed_category_kinds
    from aidtrack.config import load
    from aidtrack.db import db
    from tests.support.people import add_person, add_site
    from tests.support.product import environment

    with create_app(load(environment(url, folder))).app_context():
        with unit_of_work() as session:
            seed_category_kinds(session)
            site_id = add_site(session, "DN")
            actor = add_person(session, Role.CASEWORKER, site_ids=[site_id]).actor
        with unit_of_work() as session:
            ids = enter(session, made, site_id, actor)
        truly = {(ids[low - 1], ids[high - 1]) for low, high in made.doubles}
        meter = Meter(url)
        with meter.measuring():
            in_bulk = found_in_bulk(site_id, actor)
        look = meter.of_one()
        warnings, typing = 0, Meter(url)
        wrong: Pairs = set()
        warned: Pairs = set()
        for turn, (low, high) in enumerate(sorted(made.doubles), 1):
            with typing.measuring():
                shown = warned_of(made.families[high - 1], ids[high - 1], actor, NOW + turn * HOUR)
            warnings += bool(shown)
            pairs = {(min(one, ids[high - 1]), max(one, ids[high - 1])) for one in shown}
            warned |= pairs & truly
            wrong |= pairs - truly
            assert low < high
        found = {
            "families": len(ids), "known_doubles": len(truly),
            "in_bulk": {**shares(set(in_bulk), truly), **{f"look_{name}": value for name, value in look.items()}},
            "while_typing": {
                **shares(warned | wrong, truly), "others_shown_for_each": round(len(wrong) / len(truly), 2),
                "typed_family_median_ms": typing.of_many()["median_ms"],
            },
        }  # fmt: skip
        db.session.remove()
        db.engine.dispose()
    return found

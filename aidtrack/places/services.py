"""Load the codifier, and group settlements into starosta districts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.places import queries
from aidtrack.places.commands import LoadCodifier, LoadPopulation, SaveDistrict
from aidtrack.places.errors import DistrictExists, FieldNeeded, SettlementElsewhere, UnknownSettlement
from aidtrack.places.models import DistrictSettlement, StarostaDistrict, Territory

KIND = "save_district"


def load_codifier(session: Session, command: LoadCodifier, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Add and bring up to date; gives how many were new and how many changed.

    A code that the new list no longer has stays: families registered there keep a place to live.
    """
    actor.require(Permission.PLACES_MANAGE)
    before = {
        row.code: tuple(row)
        for row in session.execute(
            select(
                Territory.code, Territory.category, Territory.name, Territory.oblast_code, Territory.raion_code,
                Territory.hromada_code, Territory.settlement_code,
            )
        )
    }  # fmt: skip
    wanted = {row.code: row for row in command.rows}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for row in wanted.values():
        above = (row.oblast_code, row.raion_code, row.hromada_code, row.settlement_code)
        columns = {
            "category": row.category, "name": row.name, "search_name": row.search_name, "oblast_code": above[0],
            "raion_code": above[1], "hromada_code": above[2], "settlement_code": above[3],
        }  # fmt: skip
        if row.code not in before:
            new.append({"code": row.code, **columns})
        elif before[row.code] != (row.code, row.category, row.name, *above):
            changed.append({"which": row.code, **columns})
    if new:
        session.execute(insert(Territory), new)
    if changed:
        table = Territory.__table__
        session.connection().execute(
            update(table).where(table.c.code == bindparam("which")),  # type: ignore[arg-type]
            changed,
        )
    audit.record(
        session, actor=actor, action="places.load_codifier", now=now,
        facts={"source": command.source, "rows": len(wanted), "new": len(new), "changed": len(changed)},
    )  # fmt: skip
    return len(new), len(changed)


def load_population(session: Session, command: LoadPopulation, *, actor: Actor, now: datetime) -> int:
    """Set how many people live where; gives how many places were known."""
    actor.require(Permission.PLACES_MANAGE)
    known = set(session.scalars(select(Territory.code))) & set(command.people)
    if known:
        table = Territory.__table__
        session.connection().execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.code == bindparam("which"))
            .values(population=bindparam("people")),
            [{"which": code, "people": command.people[code]} for code in sorted(known)],
        )
    audit.record(
        session, actor=actor, action="places.load_population", now=now,
        facts={"source": command.source, "places": len(known)},
    )  # fmt: skip
    return len(known)


def _needed(text: str, field: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise FieldNeeded(field=field)
    return line


def save_district(session: Session, command: SaveDistrict, *, actor: Actor, now: datetime) -> int:
    """Make a district or change one, with all its settlements; gives its id.

    Raises:
        UnknownSettlement: a code is not in the codifier, though one is loaded.
        SettlementElsewhere: a settlement lies in another district.
        DistrictExists: the code is taken.
    """
    actor.require(Permission.PLACES_MANAGE)
    body = {
        "code": command.code, "uk": command.name_uk, "en": command.name_en, "to": list(command.settlements),
        "id": command.district_id,
    }  # fmt: skip
    done = audit.already_done(session, command_id=str(command.command_id), kind=KIND, body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    code = _needed(command.code, "code")[:24]
    columns = {
        "code": code,
        "name_uk": _needed(command.name_uk, "name_uk"),
        "name_en": _needed(command.name_en or command.name_uk, "name_en"),
    }
    taken = session.scalar(select(StarostaDistrict.id).where(StarostaDistrict.code == code))
    if taken is not None and taken != command.district_id:
        raise DistrictExists
    wanted = set(command.settlements)
    _check(session, wanted, command.district_id)
    if command.district_id is None:
        district_id = int(
            session.execute(
                insert(StarostaDistrict).values(columns).returning(StarostaDistrict.id)
            ).scalar_one()
        )
    else:
        district_id = command.district_id
        queries.district(session, district_id)
        session.execute(update(StarostaDistrict).where(StarostaDistrict.id == district_id).values(columns))
        session.execute(delete(DistrictSettlement).where(DistrictSettlement.district_id == district_id))
    _put(session, district_id, wanted)
    audit.record(
        session, actor=actor, action="places.save_district", now=now, object_type="starosta_district",
        object_id=district_id, facts={"code": code, "settlements": len(wanted)},
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind=KIND, body=body, object_id=district_id, actor=actor,
        now=now,
    )  # fmt: skip
    return district_id


def _check(session: Session, codes: set[str], district_id: int | None) -> None:
    known = queries.settlements_by_code(session, codes)
    for code in sorted(codes):
        if code not in known:
            raise UnknownSettlement(written=code)
    rows = session.execute(
        select(DistrictSettlement.katottg, StarostaDistrict.id, StarostaDistrict.name_uk)
        .join(StarostaDistrict, StarostaDistrict.id == DistrictSettlement.district_id)
        .where(DistrictSettlement.katottg.in_(sorted(codes)))
    )
    for katottg, other, name in rows:
        if other != district_id:
            raise SettlementElsewhere(written=known[katottg].name, district=name)


def _put(session: Session, district_id: int, codes: Iterable[str]) -> None:
    rows = [{"katottg": code, "district_id": district_id} for code in sorted(codes)]
    if rows:
        session.execute(insert(DistrictSettlement), rows)


def remove_district(session: Session, district_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a district away; its settlements are in none then. Rules that name its code meet nobody there."""
    actor.require(Permission.PLACES_MANAGE)
    found = session.scalar(select(StarostaDistrict.code).where(StarostaDistrict.id == district_id))
    if found is None:
        raise NotFound
    session.execute(delete(DistrictSettlement).where(DistrictSettlement.district_id == district_id))
    session.execute(delete(StarostaDistrict).where(StarostaDistrict.id == district_id))
    audit.record(
        session, actor=actor, action="places.remove_district", now=now, object_type="starosta_district",
        object_id=district_id, facts={"code": found},
    )  # fmt: skip

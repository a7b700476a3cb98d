"""Cycles: made, and changed as far as papers allow."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.commands import CreateCycle, EditCycle
from aidtrack.distribution.errors import (
    CodeTaken,
    CycleIssued,
    DatesReversed,
    OthersRoundOutside,
    RoundOutside,
)
from aidtrack.distribution.models import Cycle, Round
from aidtrack.distribution.queries.rounds import CycleRow, cycle_by_id, is_issued
from aidtrack.inventory.models import Place, Programme
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import Forbidden, NotFound


def create_cycle(session: Session, command: CreateCycle, *, actor: Actor, now: datetime) -> int:
    """Add a cycle to a programme: whoever plans rounds or manages programmes may."""
    _require_planner(actor)
    body = asdict(command)
    before = audit.already_done(session, command_id=command.command_id, kind="cycle.create", body=body)
    if before is not None and before.object_id is not None:
        return before.object_id
    if command.ends_on < command.starts_on:
        raise DatesReversed(field="ends_on")
    if session.execute(select(Programme.id).where(Programme.id == command.programme_id)).scalar() is None:
        raise NotFound
    _check_cycle_code(session, command.programme_id, command.code, None)
    cycle_id: int = session.execute(
        insert(Cycle)
        .values(
            programme_id=command.programme_id, code=command.code, name_uk=command.name_uk, name_en=command.name_en,
            starts_on=command.starts_on, ends_on=command.ends_on,
        )
        .returning(Cycle.id)
    ).scalar_one()  # fmt: skip
    audit.record(
        session, actor=actor, action="cycle.create", object_type="cycle", object_id=cycle_id, now=now,
        facts={"code": command.code},
    )  # fmt: skip
    audit.mark_done(
        session, command_id=command.command_id, kind="cycle.create", body=body, object_id=cycle_id, actor=actor,
        now=now,
    )  # fmt: skip
    return cycle_id


def edit_cycle(session: Session, command: EditCycle, *, actor: Actor, now: datetime) -> None:
    """Change a cycle. Once vouchers were issued in it only its names and its last day can change.

    Its rounds always lie within its days, those of other sites too. Whoever issues or plans in it meanwhile
    waits for its row.

    Raises:
        DatesReversed, CodeTaken, CycleIssued, RoundOutside, NotFound.
    """
    _require_planner(actor)
    before = held_cycle(session, command.cycle_id)
    if command.ends_on < command.starts_on:
        raise DatesReversed(field="ends_on")
    stands = (before.code, before.starts_on) == (command.code, command.starts_on)
    if not stands and is_issued(session, before.id):
        raise CycleIssued
    _check_cycle_code(session, before.programme_id, command.code, before.id)
    _check_rounds_inside(session, before.id, command.starts_on, command.ends_on, actor=actor)
    was = {
        "code": before.code, "name_uk": before.cycle_name_uk, "name_en": before.cycle_name_en,
        "starts_on": before.starts_on, "ends_on": before.ends_on,
    }  # fmt: skip
    shall = {name: getattr(command, name) for name in was}
    changed = {name: [str(was[name]), str(shall[name])] for name in was if was[name] != shall[name]}
    if not changed:
        return
    session.execute(update(Cycle).where(Cycle.id == before.id).values(shall))
    audit.record(
        session,
        actor=actor,
        action="cycle.edit",
        object_type="cycle",
        object_id=before.id,
        now=now,
        facts=changed,
    )


def held_cycle(session: Session, cycle_id: int) -> CycleRow:
    """The cycle, read after its row is held: its days and its rounds' days are changed one after the other."""
    session.execute(select(Cycle.id).where(Cycle.id == cycle_id).with_for_update(key_share=True))
    return cycle_by_id(session, cycle_id)


def _require_planner(actor: Actor) -> None:
    if not (actor.can(Permission.ROUND_PLAN) or actor.can(Permission.PROGRAMME_MANAGE)):
        raise Forbidden(permission=Permission.ROUND_PLAN.value)


def _check_cycle_code(session: Session, programme_id: int, code: str, own_id: int | None) -> None:
    taken = session.execute(
        select(Cycle.id).where(Cycle.programme_id == programme_id, Cycle.code == code)
    ).scalar()
    if taken is not None and taken != own_id:
        raise CodeTaken(code=code)


def _check_rounds_inside(
    session: Session, cycle_id: int, starts_on: date, ends_on: date, *, actor: Actor
) -> None:
    outside = session.execute(
        select(Round.code, Round.first_day, Round.last_day, Place.site_id)
        .join(Place, Place.id == Round.place_id)
        .where(Round.cycle_id == cycle_id, or_(Round.first_day < starts_on, Round.last_day > ends_on))
        .order_by(Place.site_id.in_(actor.site_ids).desc(), Round.first_day, Round.id)
    ).first()
    if outside is None:
        return
    field = "starts_on" if outside.first_day < starts_on else "ends_on"
    if outside.site_id not in actor.site_ids:
        raise OthersRoundOutside(field=field)
    raise RoundOutside(
        field=field,
        round=outside.code,
        first_day=outside.first_day.isoformat(),
        last_day=outside.last_day.isoformat(),
    )

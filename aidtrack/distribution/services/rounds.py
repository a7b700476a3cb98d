"""Rounds: planned, changed while planned, copied, closed."""

import random
import secrets
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.commands import (
    CopyRound,
    EditRound,
    PlanRound,
    SetLine,
)
from aidtrack.distribution.errors import (
    CodeTaken,
    DatesReversed,
    OutsideCycle,
    RoundClosed,
    RoundNotPlanned,
    WrongBand,
    WrongPack,
)
from aidtrack.distribution.models import Cycle, RationEntry, Round, RoundState, Voucher
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id, set_lines
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.services.cycles import held_cycle
from aidtrack.distribution.services.expiry import expire_round
from aidtrack.inventory.models import REAL_PLACES, ItemPack, Place
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

SYSTEM_RANDOM = secrets.SystemRandom()


def create_round(
    session: Session, command: PlanRound, *, actor: Actor, now: datetime, rng: random.Random = SYSTEM_RANDOM
) -> int:
    """Plan a round with its entitlement set. Nothing is issued yet."""
    site_id = _site_of(session, command.place_id, actor)
    body = asdict(command)
    before = audit.already_done(session, command_id=command.command_id, kind="round.create", body=body)
    if before is not None and before.object_id is not None:
        return before.object_id
    _check_days(session, command.cycle_id, command.first_day, command.last_day)
    _check_code(session, command.code, None)
    _check_lines(session, command.lines)
    round_id: int = session.execute(
        insert(Round)
        .values(
            cycle_id=command.cycle_id, place_id=command.place_id, code=command.code, token_id=rng.getrandbits(32),
            first_day=command.first_day, last_day=command.last_day, hours=command.hours, state=RoundState.PLANNED,
            print_head_name=command.print_head_name, created_at=now, created_by=actor.label,
        )
        .returning(Round.id)
    ).scalar_one()  # fmt: skip
    _write_lines(session, round_id, command.lines)
    _record(session, "round.create", round_id, site_id, actor, now)
    audit.mark_done(
        session, command_id=command.command_id, kind="round.create", body=body, object_id=round_id, actor=actor,
        now=now,
    )  # fmt: skip
    return round_id


def edit_round(session: Session, command: EditRound, *, actor: Actor, now: datetime) -> None:
    """Change a round while nothing of it was issued: afterwards paper says what it says."""
    before = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.ROUND_PLAN, site_id=before.site_id)
    if before.state is not RoundState.PLANNED or _has_vouchers(session, command.round_id):
        raise RoundNotPlanned
    site_id = _site_of(session, command.place_id, actor)
    _check_days(session, before.cycle_id, command.first_day, command.last_day)
    _check_code(session, command.code, command.round_id)
    _check_lines(session, command.lines)
    session.execute(
        update(Round)
        .where(Round.id == command.round_id)
        .values(
            place_id=command.place_id, code=command.code, first_day=command.first_day, last_day=command.last_day,
            hours=command.hours, print_head_name=command.print_head_name,
        )
    )  # fmt: skip
    session.execute(delete(RationEntry).where(RationEntry.round_id == command.round_id))
    _write_lines(session, command.round_id, command.lines)
    _record(session, "round.edit", command.round_id, site_id, actor, now)


def copy_round(
    session: Session, command: CopyRound, *, actor: Actor, now: datetime, rng: random.Random = SYSTEM_RANDOM
) -> int:
    """Plan another round with the place, hours and goods of an earlier one."""
    model = round_by_id(session, command.round_id, actor=actor)
    lines = tuple(
        SetLine(line.item_id, line.basis, line.units, line.age_from, line.age_to, line.pack_id)
        for line in set_lines(session, model.id)
    )
    plan = PlanRound(
        command_id=command.command_id,
        cycle_id=command.cycle_id,
        place_id=model.place_id,
        code=command.code,
        first_day=command.first_day,
        last_day=command.last_day,
        hours=model.hours,
        lines=lines,
        print_head_name=model.print_head_name,
    )
    return create_round(session, plan, actor=actor, now=now, rng=rng)


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing a round did: vouchers nobody came with are expired."""

    expired: int


def close_round(session: Session, round_id: int, *, actor: Actor, now: datetime) -> Closed:
    """End a round: its open vouchers expire, and nothing more is issued in it."""
    round_ = locked_round(session, round_id, actor=actor)
    actor.require(Permission.ROUND_PLAN, site_id=round_.site_id)
    if round_.state is RoundState.CLOSED:
        raise RoundClosed
    expired = expire_round(session, round_, actor=actor, now=now)
    session.execute(update(Round).where(Round.id == round_id).values(state=RoundState.CLOSED))
    _record(session, "round.close", round_id, round_.site_id, actor, now, facts={"expired": expired})
    return Closed(expired)


def locked_round(session: Session, round_id: int, *, actor: Actor) -> RoundRow:
    """The round, read after its row and its cycle's are held: issuing, reprinting and closing queue here.

    A weaker lock than FOR UPDATE, because handing out refers to the round's row and must not wait.
    """
    cycle_id = session.execute(select(Round.cycle_id).where(Round.id == round_id)).scalar()
    if cycle_id is None:
        raise NotFound
    session.execute(select(Cycle.id).where(Cycle.id == cycle_id).with_for_update(key_share=True))
    session.execute(select(Round.id).where(Round.id == round_id).with_for_update(key_share=True))
    return round_by_id(session, round_id, actor=actor)


def _site_of(session: Session, place_id: int, actor: Actor) -> int:
    row = session.execute(select(Place.site_id, Place.kind).where(Place.id == place_id)).one_or_none()
    if row is None or row.kind not in REAL_PLACES:
        raise NotFound
    actor.require(Permission.ROUND_PLAN, site_id=row.site_id)
    site_id: int = row.site_id
    return site_id


def _check_days(session: Session, cycle_id: int, first_day: date, last_day: date) -> None:
    cycle = held_cycle(session, cycle_id)
    if last_day < first_day:
        raise DatesReversed
    if first_day < cycle.starts_on or last_day > cycle.ends_on:
        raise OutsideCycle(starts_on=cycle.starts_on.isoformat(), ends_on=cycle.ends_on.isoformat())


def _check_code(session: Session, code: str, own_id: int | None) -> None:
    taken = session.execute(select(Round.id).where(Round.code == code)).scalar()
    if taken is not None and taken != own_id:
        raise CodeTaken(code=code)


def _check_lines(session: Session, lines: tuple[SetLine, ...]) -> None:
    packs = [line.pack_id for line in lines if line.pack_id is not None]
    of_pack = {
        row.id: row.item_id
        for row in session.execute(select(ItemPack.id, ItemPack.item_id).where(ItemPack.id.in_(packs)))
    }
    for number, line in enumerate(lines, start=1):
        ages = [age for age in (line.age_from, line.age_to) if age is not None]
        banded = line.basis is Basis.AGE_BAND
        if banded != bool(ages) or ages != sorted(ages) or any(not 0 <= age <= 130 for age in ages):
            raise WrongBand(field=f"lines-{number - 1}-age_from", line=number)
        if line.pack_id is not None and of_pack.get(line.pack_id) != line.item_id:
            raise WrongPack(field=f"lines-{number - 1}-pack_id", line=number)


def _write_lines(session: Session, round_id: int, lines: tuple[SetLine, ...]) -> None:
    if lines:
        session.execute(insert(RationEntry), [{"round_id": round_id, **asdict(line)} for line in lines])


def _has_vouchers(session: Session, round_id: int) -> bool:
    return bool(session.execute(select(exists().where(Voucher.round_id == round_id))).scalar())


def _record(
    session: Session,
    action: str,
    round_id: int,
    site_id: int,
    actor: Actor,
    now: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    audit.record(
        session, actor=actor, action=action, object_type="round", object_id=round_id, site_id=site_id, now=now,
        facts=facts,
    )  # fmt: skip

"""What the counter shows for a code: green, amber or red, in words, with what is due."""

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.queries import HeadCard, head_card
from aidtrack.distribution.errors import AlreadyCollected, UnknownVoucher
from aidtrack.distribution.handouts import presented
from aidtrack.distribution.handouts.guessing import WRONG_CODES, note_wrong_code, slow_down
from aidtrack.distribution.handouts.presented import DueLine, FoundVoucher, LotRow
from aidtrack.distribution.rights.queries import proxy_allowed
from aidtrack.inventory.allocation import Pick, available, plan_picks
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.models import ItemPack
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass


class Tone(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class PickedLot:
    """A lot the goods would come from now, and how much of it."""

    row: LotRow
    units: int


@dataclass(frozen=True, slots=True)
class ScannedLine:
    """One due item with the lots it would be taken from; `short` base units are missing at this place.

    `packs` are the sizes the item comes in, base units: the steps by which less can be given.
    """

    due: DueLine
    lots: tuple[PickedLot, ...]
    short: int
    packs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scanned:
    """The answer to one scan. `refusal` says why not, `voucher` is there whenever the code was genuine."""

    tone: Tone
    refusal: DomainError | None = None
    voucher: FoundVoucher | None = None
    head: HeadCard | None = None
    lines: tuple[ScannedLine, ...] = ()


def scan(session: Session, code: str, *, place_id: int, actor: Actor, now: datetime) -> Scanned:
    """Judge a code at a place. Needs a unit of work: what it shows of a family is logged with it (I16).

    Refusals are part of the answer and not raised, so that the log row of a wrong code is kept.

    Raises:
        TooManyWrongCodes: this person typed or scanned too many wrong codes just now.
    """
    actor.require(Permission.VOUCHER_SCAN)
    slow_down(session, actor=actor, now=now)
    voucher = None
    try:
        voucher = presented.find(session, code, locked=False)
        if voucher.site_id not in actor.site_ids:
            voucher = None
            raise UnknownVoucher
        on = local_date(now)
        presented.require_open(session, voucher, on=on, place_id=place_id, language=actor.language)
    except DomainError as refusal:
        if isinstance(refusal, WRONG_CODES):
            note_wrong_code(session, refusal, actor=actor, now=now)
        tone = Tone.AMBER if isinstance(refusal, AlreadyCollected) else Tone.RED
        return Scanned(tone, refusal=refusal, voucher=voucher)
    lines = _lines(session, voucher, place_id=place_id, now=now)
    audit.record(
        session, actor=actor, action="read.head_card", object_type="household", object_id=voucher.household_id,
        site_id=voucher.site_id, now=now,
    )  # fmt: skip
    return Scanned(
        tone=Tone.RED if any(line.short for line in lines) else Tone.GREEN,
        refusal=_missing(lines),
        voucher=voucher,
        head=_head(session, voucher, on),
        lines=lines,
    )


def _head(session: Session, voucher: FoundVoucher, on: date) -> HeadCard:
    """Who is before the counter; nobody else is named where the rule lets only the family collect."""
    card = head_card(session, voucher.household_id, on)
    return card if proxy_allowed(session, voucher.programme_id, on) else replace(card, collectors=())


def _lines(
    session: Session, voucher: FoundVoucher, *, place_id: int, now: datetime
) -> tuple[ScannedLine, ...]:
    """What is due, from which lots; where stock is short, what there is."""
    rows = presented.lots_at(session, place_id=place_id, profile_id=voucher.profile_id)
    by_lot = {row.lot.lot_id: row for row in rows}
    due_lines = presented.due_lines(session, voucher.profile_id)
    packs = _packs(session, [due.item_id for due in due_lines])
    programme_id, on = voucher.programme_id, local_date(now)
    lines = []
    for due in due_lines:
        held = [row.lot for row in rows if row.item_id == due.item_id]
        units = min(due.units, available(held, programme_id=programme_id, on=on))
        picks: list[Pick] = []
        if units:
            picks = plan_picks(held, units=units, programme_id=programme_id, on=on)
        lots = tuple(PickedLot(by_lot[pick.lot_id], pick.units) for pick in picks)
        lines.append(ScannedLine(due, lots, short=due.units - units, packs=packs.get(due.item_id, ())))
    return tuple(lines)


def _packs(session: Session, item_ids: list[int]) -> dict[int, tuple[int, ...]]:
    sizes: dict[int, list[int]] = {}
    for item_id, units in session.execute(
        select(ItemPack.item_id, ItemPack.units).where(ItemPack.item_id.in_(item_ids))
    ):
        sizes.setdefault(item_id, []).append(units)
    return {item_id: tuple(sorted(units)) for item_id, units in sizes.items()}


def _missing(lines: tuple[ScannedLine, ...]) -> DomainError | None:
    for line in lines:
        if line.short:
            return NotEnoughStock(
                item=line.due.item_code,
                wanted=line.due.units,
                available=line.due.units - line.short,
                missing=line.short,
            )
    return None

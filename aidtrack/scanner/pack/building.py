"""A device's pack from what the database says, and the serial that tells whether anything changed."""

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from aidtrack.beneficiaries.queries import head_cards
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.rights.queries import proxy_allowed
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.devices.queries import PresentDevice
from aidtrack.scanner.pack import contents, rows
from aidtrack.scanner.pack.layout import assemble, bit_list


@dataclass(frozen=True, slots=True)
class Edition:
    """What a pack would say now, before its blobs are made. `given` is what it was made with."""

    serial: str
    head: dict[str, Any]
    families: str  # digest of what the families' rows depend on: the live vouchers and the names


def edition(session: Session, device: PresentDevice, *, actor: Actor) -> Edition | None:
    """The newest pack's serial and head; None before the round was made ready.

    The serial is a digest of everything a pack depends on, so the same facts have the same serial on every
    phone of the place and in every process.
    """
    given = contents.ready(session, device.round_id)
    if given is None:
        return None
    head = contents.head_facts(session, device, actor=actor, given=given)
    state = contents.state_of_vouchers(session, device.round_id)
    families = _digest([state["names"], *_apart_from_collecting(state["states"])])
    serial = f"R{device.round_id}P{device.place_id}-{_digest([head, state])[:12]}"
    return Edition(serial, head, families)


def _digest(said: object) -> str:
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _apart_from_collecting(states: list[tuple[str, int, int]]) -> list[object]:
    """Counts of the states; live ones together, since collecting a voucher leaves its row as it was."""
    live = [(count, last) for state, count, last in states if VoucherState(state) in contents.LIVE]
    others = [one for one in states if VoucherState(one[0]) not in contents.LIVE]
    return [sum(count for count, _ in live), max((last for _, last in live), default=0), others]


@dataclass(frozen=True, slots=True)
class Pack:
    serial: str
    body: bytes
    rows: int


def build(
    session: Session,
    device: PresentDevice,
    of: Edition,
    *,
    actor: Actor,
    now: datetime,
    held: frozenset[str] = frozenset(),
) -> Pack:
    """The bytes. Reading the names is logged by the caller, in the transaction that notes the pack."""
    found = contents.vouchers(session, device.round_id)
    largest = max((voucher.status_index for voucher in found), default=0)
    live = [voucher for voucher in found if voucher.state in contents.LIVE]
    blobs = {
        "void": bit_list(
            (one.status_index for one in found if one.state is VoucherState.VOID), largest=largest
        ),
        "collected": bit_list(
            (one.status_index for one in found if one.state in contents.COLLECTED), largest=largest
        ),
        "rows": _families(session, device, of, live, actor=actor, on=local_date(now)),
        "typed": rows.joined(contents.typed_rows(session, device.round_id)),
    }
    head = {**of.head, "serial": of.serial, "device": device.public_id, "issued_at": as_text(now)}
    return Pack(of.serial, assemble(head, blobs, held=held), len(live))


# by database and round: sealed rows, as they lie on every phone
_kept: WeakKeyDictionary[object, dict[int, tuple[str, bytes]]] = WeakKeyDictionary()
MOST_KEPT = 8


def _families(
    session: Session,
    device: PresentDevice,
    of: Edition,
    live: list[contents.VoucherOfRound],
    *,
    actor: Actor,
    on: date,
) -> bytes:
    """The rows blob; made anew only when a voucher or a name changed, since phones refresh all day."""
    kept = _kept.setdefault(session.get_bind(), {})
    round_ = round_by_id(session, device.round_id, actor=actor)
    others = proxy_allowed(session, round_.programme_id, on)
    key, (known, blob) = f"{of.families} {on} {others}", kept.get(device.round_id, ("", b""))
    if known == key and len(blob) == rows.ROW * len(live):
        return blob
    blob = rows.joined(_family_rows(session, live, round_.tag, on, others=others))
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[device.round_id] = (key, blob)
    return blob


def _family_rows(
    session: Session, live: list[contents.VoucherOfRound], tag: int, on: date, *, others: bool
) -> list[bytes]:
    """`others`: whether somebody besides the family may collect in this programme."""
    cards = head_cards(session, {voucher.household_id for voucher in live}, on)
    made = []
    for voucher in live:
        card = cards.get(voucher.household_id)
        if card is None:
            continue  # a family without a head has no name to show
        collectors = ", ".join(filter(None, map(shortened, card.collectors))) or None  # a row keeps what fits
        family = rows.FamilyRow(card.short_name, card.persons, collectors if others else None)
        made.append(rows.seal(rows.voucher_secret(voucher.public_id, tag), rows.family_content(family)))
    return made


def shortened(name: str | None) -> str | None:
    """A collector as papers write it, surname and initials: «Шевченко М. П.»."""
    if not name or not name.split():
        return None
    surname, *others = name.split()
    return " ".join([surname, *(f"{part[0]}." for part in others)])

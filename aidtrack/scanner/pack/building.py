"""A device's pack from what the database says, and the serial that tells whether anything changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from aidtrack.beneficiaries.queries import head_cards
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor
from aidtrack.scanner.devices.moments import as_text
from aidtrack.scanner.devices.queries import PresentDevice
from aidtrack.scanner.pack import contents, rows
from aidtrack.scanner.pack.layout import assemble, bit_list


@dataclass(frozen=True, slots=True)
class Edition:
    """What a pack would say now, before its blobs are made. `given` is what it was made with."""

    serial: str
    head: dict[str, Any]


def edition(session: Session, device: PresentDevice, *, actor: Actor) -> Edition | None:
    """The newest pack's serial and head; None before the round was made ready.

    The serial is a digest of everything a pack depends on, so the same facts have the same serial on every
    phone of the place and in every process.
    """
    given = contents.ready(session, device.round_id)
    if given is None:
        return None
    head = contents.head_facts(session, device, actor=actor, given=given)
    said = [head, contents.state_of_vouchers(session, device.round_id)]
    digest = sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return Edition(f"R{device.round_id}P{device.place_id}-{digest[:12]}", head)


def newest_serial(session: Session, device: PresentDevice, *, actor: Actor) -> str | None:
    """For the reply to events: whether it is worth asking for a pack."""
    found = edition(session, device, actor=actor)
    return found.serial if found is not None else None


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
        "rows": rows.joined(_family_rows(session, live, _tag(session, device, actor))),
        "typed": rows.joined(contents.typed_rows(session, device.round_id)),
    }
    head = {**of.head, "serial": of.serial, "device": device.public_id, "issued_at": as_text(now)}
    return Pack(of.serial, assemble(head, blobs, held=held), len(live))


def _tag(session: Session, device: PresentDevice, actor: Actor) -> int:
    return round_by_id(session, device.round_id, actor=actor).tag


def _family_rows(session: Session, live: list[contents.VoucherOfRound], tag: int) -> list[bytes]:
    cards = head_cards(session, {voucher.household_id for voucher in live})
    made = []
    for voucher in live:
        card = cards.get(voucher.household_id)
        if card is None:
            continue  # a family without a head has no name to show
        family = rows.FamilyRow(card.short_name, card.persons, shortened(card.proxy_name))
        made.append(rows.seal(rows.voucher_secret(voucher.public_id, tag), rows.family_content(family)))
    return made


def shortened(name: str | None) -> str | None:
    """A collector as papers write it, surname and initials: «Шевченко М. П.»."""
    if not name or not name.split():
        return None
    surname, *others = name.split()
    return " ".join([surname, *(f"{part[0]}." for part in others)])

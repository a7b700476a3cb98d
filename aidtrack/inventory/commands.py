"""What people ask of the stock rooms: frozen inputs, already read from text, not yet judged."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from aidtrack.inventory.kinds import LossCause, LotCondition, LotStatus, PlaceKind
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit


class _Command:
    """Inputs that carry a client's command id know their body: what makes two requests the same (I10)."""

    def body(self) -> Mapping[str, Any]:
        fields = asdict(self)  # type: ignore[call-overload]
        fields.pop("command_id", None)
        return dict(fields)


# -- receiving ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """One item of a consignment as the receiver counted it; `announced_units` is the donor's own figure."""

    item_id: int
    units: int
    as_typed: str
    announced_units: int | None = None
    batch: str | None = None
    expires_on: date | None = None
    condition: LotCondition = LotCondition.NEW


@dataclass(frozen=True, slots=True)
class ReceiveDonation(_Command):
    """A consignment that arrived at a place. `earmarked` binds the goods to `programme_id`."""

    command_id: str
    place_id: int
    donor_id: int
    arrived_on: date
    lines: tuple[ReceivedLine, ...]
    back_donor_id: int | None = None
    channel_id: int | None = None
    agreement_id: int | None = None
    programme_id: int | None = None
    earmarked: bool = False
    earmark_note: str | None = None
    waybill: str | None = None
    aid_code: str | None = None
    declaration_no: str | None = None
    note: str | None = None


# -- moving and losing -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LotUnits:
    """Base units of one lot."""

    lot_id: int
    units: int


@dataclass(frozen=True, slots=True)
class WriteOff(_Command):
    """Goods of one lot that are no longer there or no longer fit, with the cause."""

    command_id: str
    place_id: int
    lot_id: int
    units: int
    cause: LossCause
    reason: str


@dataclass(frozen=True, slots=True)
class DispatchTransfer(_Command):
    """Goods that leave one place for another; they are in transit until the receiver says what arrived."""

    command_id: str
    source_id: int
    target_id: int
    lines: tuple[LotUnits, ...]


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """What the receiver counted of one lot. A shortage has a cause, or waits in suspense to be explained."""

    lot_id: int
    units: int
    cause: LossCause | None = None


@dataclass(frozen=True, slots=True)
class ReceiveTransfer(_Command):
    """What arrived of a transfer: a line for every lot that was sent."""

    command_id: str
    transfer_id: int
    lines: tuple[ArrivedLine, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TransferAway(_Command):
    """Goods handed over to another organisation: they leave our books with a paper."""

    command_id: str
    place_id: int
    recipient: str
    lines: tuple[LotUnits, ...]


@dataclass(frozen=True, slots=True)
class CountLot(_Command):
    """What was found of one lot at one place; `expected_units` is what the counter's sheet was made from."""

    command_id: str
    place_id: int
    lot_id: int
    expected_units: int
    counted_units: int
    reason: str
    cause: LossCause = LossCause.COUNTING  # of a shortage; a surplus is always one of counting


@dataclass(frozen=True, slots=True)
class SettleDebt(_Command):
    """Units of a lot handed out beyond the book at a place, for which no delivery will ever come."""

    command_id: str
    place_id: int
    lot_id: int
    units: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetLotStatus:
    lot_id: int
    status: LotStatus
    reason: str


# -- catalogue ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaveDonor:
    code: str
    name_uk: str
    name_en: str
    edrpou: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SaveAgreement:
    donor_id: int
    number: str
    signed_on: date
    title_uk: str
    title_en: str
    valid_until: date | None = None
    needs_signature: bool = False


@dataclass(frozen=True, slots=True)
class SaveProgramme:
    """A programme with the agreements whose goods it hands out."""

    code: str
    name_uk: str
    name_en: str
    agreement_ids: tuple[int, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class SaveItem:
    """A kind of goods. Its base unit is chosen once and for ever."""

    code: str
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    density_g_per_l: int | None = None
    kcal_per_100g: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SavePack:
    item_id: int
    code: str
    name_uk: str
    name_en: str
    units: int


@dataclass(frozen=True, slots=True)
class SavePlace:
    """A warehouse, distribution point or van of one site."""

    code: str
    kind: PlaceKind
    site_id: int
    name_uk: str
    name_en: str
    address_uk: str | None = None
    katottg: str | None = None
    active: bool = True

"""The fixed vocabularies of stock: kinds of places and entries, causes of loss, condition and status of lots."""

from enum import StrEnum


class PlaceKind(StrEnum):
    WAREHOUSE = "warehouse"
    POINT = "point"
    VAN = "van"
    # virtual: the other end of a movement, never counted on a shelf
    SUPPLIER = "supplier"
    IN_TRANSIT = "in_transit"
    HANDED_OUT = "handed_out"
    LOSS = "loss"
    SUSPENSE = "suspense"
    TRANSFERRED_AWAY = "transferred_away"


REAL_PLACES = frozenset({PlaceKind.WAREHOUSE, PlaceKind.POINT, PlaceKind.VAN})
# goods here still exist and are ours: their balance is kept and never negative
HELD_PLACES = REAL_PLACES | {PlaceKind.IN_TRANSIT}

VIRTUAL_PLACE_IDS: dict[PlaceKind, int] = {
    PlaceKind.SUPPLIER: 1,
    PlaceKind.IN_TRANSIT: 2,
    PlaceKind.HANDED_OUT: 3,
    PlaceKind.LOSS: 4,
    PlaceKind.SUSPENSE: 5,
    PlaceKind.TRANSFERRED_AWAY: 6,
}
# ids of places whose balance is not kept; every place with another id is held
UNHELD_PLACE_IDS = frozenset(id_ for kind, id_ in VIRTUAL_PLACE_IDS.items() if kind not in HELD_PLACES)


class DonationState(StrEnum):
    ANNOUNCED = "announced"
    RECEIVED = "received"


class LotCondition(StrEnum):
    NEW = "new"
    USED = "used"
    DAMAGED = "damaged"


class LotStatus(StrEnum):
    USABLE = "usable"
    QUARANTINED = "quarantined"
    RECALLED = "recalled"


class EntryKind(StrEnum):
    RECEIPT = "receipt"
    HANDOUT = "handout"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    TRANSFER_AWAY = "transfer_away"
    LOSS = "loss"
    COUNT = "count"


class LossCause(StrEnum):
    TRANSPORT = "transport"
    STORAGE = "storage"
    SPOILAGE = "spoilage"
    INFESTATION = "infestation"
    WETTING = "wetting"
    EXPIRY = "expiry"
    THEFT = "theft"
    SHELLING = "shelling_or_fire"
    SAMPLING = "sampling"
    COUNTING = "counting"


class TransferState(StrEnum):
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"

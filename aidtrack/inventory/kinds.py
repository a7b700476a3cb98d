"""The fixed vocabularies of stock: kinds of places and entries, causes of loss, condition and status of lots.

`label` is what people read, an English msgid that adapters translate.
"""

from enum import StrEnum

from aidtrack.kernel.errors import N_


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

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


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

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


class LotStatus(StrEnum):
    USABLE = "usable"
    QUARANTINED = "quarantined"
    RECALLED = "recalled"

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


class EntryKind(StrEnum):
    RECEIPT = "receipt"
    HANDOUT = "handout"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    TRANSFER_AWAY = "transfer_away"
    LOSS = "loss"
    COUNT = "count"
    SHORTAGE = "shortage"  # goods handed out that the book did not hold there, and what pays for them later

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


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

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


class TransferState(StrEnum):
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"

    @property
    def label(self) -> str:
        return _LABELS[type(self)][self]


# by class: members of two vocabularies can be equal strings
_LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    PlaceKind: {
        PlaceKind.WAREHOUSE: N_("Warehouse"),
        PlaceKind.POINT: N_("Distribution point"),
        PlaceKind.VAN: N_("Van"),
        PlaceKind.SUPPLIER: N_("Supplier"),
        PlaceKind.IN_TRANSIT: N_("In transit"),
        PlaceKind.HANDED_OUT: N_("Handed out"),
        PlaceKind.LOSS: N_("Lost"),
        PlaceKind.SUSPENSE: N_("To be explained"),
        PlaceKind.TRANSFERRED_AWAY: N_("Given to others"),
    },
    LotCondition: {
        LotCondition.NEW: N_("New"),
        LotCondition.USED: N_("Used"),
        LotCondition.DAMAGED: N_("Damaged"),
    },
    LotStatus: {
        LotStatus.USABLE: N_("Usable"),
        LotStatus.QUARANTINED: N_("Quarantined"),
        LotStatus.RECALLED: N_("Recalled"),
    },
    EntryKind: {
        EntryKind.RECEIPT: N_("Receipt"),
        EntryKind.HANDOUT: N_("Handout"),
        EntryKind.DISPATCH: N_("Dispatch"),
        EntryKind.ARRIVAL: N_("Arrival"),
        EntryKind.TRANSFER_AWAY: N_("Transfer to others"),
        EntryKind.LOSS: N_("Loss"),
        EntryKind.COUNT: N_("Count"),
        EntryKind.SHORTAGE: N_("Shortage at a place"),
    },
    LossCause: {
        LossCause.TRANSPORT: N_("Damaged in transport"),
        LossCause.STORAGE: N_("Bad storage"),
        LossCause.SPOILAGE: N_("Spoilage"),
        LossCause.INFESTATION: N_("Infestation"),
        LossCause.WETTING: N_("Wetting"),
        LossCause.EXPIRY: N_("Past its expiry date"),
        LossCause.THEFT: N_("Theft"),
        LossCause.SHELLING: N_("Shelling or fire"),
        LossCause.SAMPLING: N_("Samples taken"),
        LossCause.COUNTING: N_("Count difference"),
    },
    TransferState: {
        TransferState.DISPATCHED: N_("On the way"),
        TransferState.ARRIVED: N_("Arrived"),
    },
}

"""Tables of the inventory: the catalogue (who gave, what, where) and the stock ledger."""

from aidtrack.inventory.kinds import (
    HELD_PLACES,
    REAL_PLACES,
    VIRTUAL_PLACE_IDS,
    DonationState,
    EntryKind,
    LossCause,
    LotCondition,
    LotStatus,
    PlaceKind,
    TransferState,
)
from aidtrack.inventory.models.catalogue import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    Place,
    Programme,
    ProgrammeAgreement,
)
from aidtrack.inventory.models.donations import Donation, DonationLine
from aidtrack.inventory.models.ledger import (
    LossAlone,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
    StockShortage,
    Transfer,
    TransferLine,
)

__all__ = [
    "HELD_PLACES",
    "REAL_PLACES",
    "VIRTUAL_PLACE_IDS",
    "Agreement",
    "Donation",
    "DonationLine",
    "DonationState",
    "Donor",
    "EntryKind",
    "Item",
    "ItemPack",
    "LossAlone",
    "LossCause",
    "LotCondition",
    "LotStatus",
    "Place",
    "PlaceKind",
    "Programme",
    "ProgrammeAgreement",
    "StockBalance",
    "StockEntry",
    "StockLot",
    "StockMove",
    "StockShortage",
    "Transfer",
    "TransferLine",
    "TransferState",
]

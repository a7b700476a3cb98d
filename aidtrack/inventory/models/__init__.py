"""Tables of the inventory: the catalogue (who gave, what, where) and the stock ledger."""

from aidtrack.inventory.models.catalogue import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    Place,
    PlaceKind,
    Programme,
    ProgrammeAgreement,
)
from aidtrack.inventory.models.donations import Donation, DonationLine, DonationState
from aidtrack.inventory.models.ledger import (
    EntryKind,
    LossCause,
    LotCondition,
    LotStatus,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
    Transfer,
    TransferLine,
    TransferState,
)

__all__ = [
    "Agreement",
    "Donation",
    "DonationLine",
    "DonationState",
    "Donor",
    "EntryKind",
    "Item",
    "ItemPack",
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
    "Transfer",
    "TransferLine",
    "TransferState",
]

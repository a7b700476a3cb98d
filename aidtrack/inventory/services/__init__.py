"""What can be done to stock and to the catalogue: authorise, lock, judge, record."""

from aidtrack.inventory.services.catalogue import (
    catalogue_code,
    item_bounds,
    save_agreement,
    save_donor,
    save_item,
    save_pack,
    save_place,
    save_programme,
)
from aidtrack.inventory.services.correcting import (
    count_lot,
    reverse_entry,
    reverse_receipt,
    set_lot_status,
    write_off,
)
from aidtrack.inventory.services.moving import dispatch_transfer, receive_transfer, transfer_away
from aidtrack.inventory.services.receiving import receive_donation, received_before

__all__ = [
    "catalogue_code",
    "count_lot",
    "dispatch_transfer",
    "item_bounds",
    "receive_donation",
    "receive_transfer",
    "received_before",
    "reverse_entry",
    "reverse_receipt",
    "save_agreement",
    "save_donor",
    "save_item",
    "save_pack",
    "save_place",
    "save_programme",
    "set_lot_status",
    "transfer_away",
    "write_off",
]

"""Reads of the inventory: frozen rows, already narrowed to what the actor may see."""

from aidtrack.inventory.queries.card import stock_card
from aidtrack.inventory.queries.stock import (
    available,
    lots_at,
    lots_for_update,
    on_hand,
    totals,
    usual_units,
)

__all__ = ["available", "lots_at", "lots_for_update", "on_hand", "stock_card", "totals", "usual_units"]

"""What can be done to stock and to the catalogue: authorise, lock, judge, record."""

from aidtrack.inventory.services.receiving import receive_donation

__all__ = ["receive_donation"]

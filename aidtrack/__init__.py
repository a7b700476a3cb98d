"""aidtrack: humanitarian aid followed from the donor's pallet to the family and back to the donor's report."""

__version__ = "0.1.0"

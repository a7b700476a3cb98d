"""Pages of cycles, rounds and vouchers."""

from aidtrack.distribution.views import cycles, printing, rounds, runs, vouchers
from aidtrack.distribution.views.blueprint import bp

__all__ = ["bp", "cycles", "printing", "rounds", "runs", "vouchers"]

"""What may be asked: kinds, papers, incomes. Frozen, parsed, not yet judged."""

from datetime import date
from uuid import UUID

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class SaveKind:
    """A kind of category. `code` and what it belongs to are fixed once it exists: families are marked by them."""

    code: str
    name_uk: str
    name_en: str
    of_household: bool = False
    protected: bool = False
    active: bool = True
    papers: tuple[str, ...] = ()
    new: bool = False


@dataclass(frozen=True, slots=True)
class SavePaper:
    """A kind of paper that proves a category, asked for between two days."""

    code: str
    name_uk: str
    name_en: str
    valid_from: date
    valid_until: date | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class RecordIncome:
    """What the whole family has in an average month, in kopiykas, as a paper of that day says."""

    command_id: UUID
    household_id: int
    total: int
    as_of: date
    valid_until: date | None = None
    evidence: str | None = None

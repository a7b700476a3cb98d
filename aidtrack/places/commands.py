"""What may be asked of this room."""

from collections.abc import Mapping
from uuid import UUID

from aidtrack.kernel.late import dataclass
from aidtrack.places.codifier import TerritoryRow


@dataclass(frozen=True, slots=True)
class LoadCodifier:
    """Bring the codifier in. Rows that are there are brought up to date; none is removed."""

    rows: tuple[TerritoryRow, ...]
    source: str


@dataclass(frozen=True, slots=True)
class LoadPopulation:
    """People by code; codes that are not loaded are passed over."""

    people: Mapping[str, int]
    source: str


@dataclass(frozen=True, slots=True)
class SaveDistrict:
    """A starosta district as a whole: what it is called and the settlements it has. `district_id` None: a new one."""

    command_id: UUID
    code: str
    name_uk: str
    name_en: str
    settlements: tuple[str, ...]  # codes
    district_id: int | None = None

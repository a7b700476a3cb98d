"""The kinds of categories a centre knows."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class CategoryKindRow:
    code: str
    name_uk: str
    name_en: str
    of_household: bool
    protected: bool
    active: bool = True  # offered for new entries

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_uk


_ALL = select(
    CategoryKind.code,
    CategoryKind.name_uk,
    CategoryKind.name_en,
    CategoryKind.of_household,
    CategoryKind.protected,
    CategoryKind.active,
)
_ORDINARY = _ALL.where(CategoryKind.protected.is_(False))


def category_kinds(session: Session, *, protected: bool = False) -> list[CategoryKindRow]:
    """All kinds in the order of their Ukrainian names; protected ones only when asked for."""
    rows = [CategoryKindRow(*row) for row in session.execute(_ALL if protected else _ORDINARY)]
    return sorted(rows, key=lambda row: row.name_uk)


def kinds(session: Session) -> dict[str, CategoryKindRow]:
    """Every kind by its code."""
    return {row.code: row for row in category_kinds(session, protected=True)}

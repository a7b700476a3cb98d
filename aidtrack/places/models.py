"""Territories of the official codifier, and the centre's own grouping of settlements."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, pk


class Territory(Base):
    """One row of KATOTTG: oblast (O), special city (K), raion (P), hromada (H), city (M), town (T, X), village (C),
    city district (B).

    The codes above it are kept with it, so that a settlement is shown with its hromada and raion by one look-up.
    """

    __tablename__ = "territory"
    __table_args__ = (CheckConstraint("population IS NULL OR population >= 0", name="population"),)
    code: Mapped[str] = mapped_column(String(19), primary_key=True)
    category: Mapped[str] = mapped_column(String(1))
    name: Mapped[str] = mapped_column(String(120))
    search_name: Mapped[str] = mapped_column(String(120), index=True)  # folded, see kernel.likeness
    oblast_code: Mapped[str | None] = mapped_column(String(19))
    raion_code: Mapped[str | None] = mapped_column(String(19))
    hromada_code: Mapped[str | None] = mapped_column(String(19), index=True)
    settlement_code: Mapped[str | None] = mapped_column(String(19))  # a city district's city
    population: Mapped[int | None]


class StarostaDistrict(Base):
    """A starosta district (старостинський округ): not in the codifier, named by the hromada itself."""

    __tablename__ = "starosta_district"
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name_uk: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))


class DistrictSettlement(Base):
    """A settlement lies in one district at most. The code need not be loaded: rules compare codes alone."""

    __tablename__ = "district_settlement"
    katottg: Mapped[str] = mapped_column(String(19), primary_key=True)
    district_id: Mapped[int] = mapped_column(
        ForeignKey("starosta_district.id", ondelete="CASCADE"), index=True
    )

"""Donors, agreements, programmes, items with packs, places."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, enum_type, pk, units, units_between
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS as VIRTUAL_PLACE_IDS
from aidtrack.inventory.kinds import PlaceKind as PlaceKind
from aidtrack.kernel.quantity import BaseUnit


class Donor(Base):
    """An organisation that gives, pays behind the giver (back donor) or passes on (channel)."""

    __tablename__ = "donor"
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    edrpou: Mapped[str | None] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)


class Agreement(Base):
    """The paper under which a donor gives: agreement, memorandum, act of a ministry."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("donor_id", "number"),)
    id: Mapped[pk]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(60))
    signed_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    title_uk: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    # whoever collects signs on the phone's screen
    needs_signature: Mapped[bool] = mapped_column(default=False, server_default=false())


class Programme(Base):
    """What goods are handed out for. Its eligibility rules and rounds live further right."""

    __tablename__ = "programme"
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)


class ProgrammeAgreement(Base):
    """An agreement whose goods this programme hands out."""

    __tablename__ = "programme_agreement"
    programme_id: Mapped[int] = mapped_column(
        ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True
    )
    agreement_id: Mapped[int] = mapped_column(
        ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True
    )


class Item(Base):
    """A kind of goods, counted in one base unit for ever."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("density_g_per_l IS NULL OR density_g_per_l BETWEEN 1 AND 30000", name="density"),
    )
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    base_unit: Mapped[BaseUnit] = mapped_column(enum_type(BaseUnit))
    density_g_per_l: Mapped[int | None] = mapped_column(Integer)  # litres of goods stocked by mass
    kcal_per_100g: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)


class ItemPack(Base):
    """A pack of one item: bag 25 kg, bottle 0.92 kg, carton of 12 pieces."""

    __tablename__ = "item_pack"
    __table_args__ = (UniqueConstraint("item_id", "code"), units_between("units"))
    id: Mapped[pk]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(24))
    name_uk: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    units: Mapped[units]


class Place(Base):
    """Where goods stand or where they went. Virtual places (one row a kind, no site) are made by migration."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint(
            "(site_id IS NULL) = (kind IN ('supplier','in_transit','handed_out','loss','suspense',"
            "'transferred_away'))",
            name="virtual_has_no_site",
        ),
    )
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[PlaceKind] = mapped_column(enum_type(PlaceKind))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    address_uk: Mapped[str | None] = mapped_column(String(300))
    katottg: Mapped[str | None] = mapped_column(String(19))
    active: Mapped[bool] = mapped_column(default=True)

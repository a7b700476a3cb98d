"""What a donor sent and what really arrived."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, enum_type, moment, pk, units, units_between
from aidtrack.inventory.kinds import DonationState


class Donation(Base):
    """One consignment. Donor, back donor and channel are three roles, not one field."""

    __tablename__ = "donation"
    id: Mapped[pk]
    number: Mapped[str] = mapped_column(String(32), unique=True)  # of the receipt act
    state: Mapped[DonationState] = mapped_column(enum_type(DonationState))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"), index=True)
    back_donor_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", ondelete="RESTRICT"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    earmarked: Mapped[bool] = mapped_column(default=False)  # only that programme may hand the goods out
    earmark_note: Mapped[str | None] = mapped_column(String(300))
    waybill: Mapped[str | None] = mapped_column(String(60))
    aid_code: Mapped[str | None] = mapped_column(String(60))
    declaration_no: Mapped[str | None] = mapped_column(String(60))
    arrived_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[moment]
    recorded_by: Mapped[str] = mapped_column(String(120))


class DonationLine(Base):
    """One item of a consignment: announced and arrived are two figures, both as typed and as read."""

    __tablename__ = "donation_line"
    __table_args__ = (
        units_between("units"),
        CheckConstraint(
            "announced_units IS NULL OR announced_units BETWEEN 1 AND 1000000000000", name="announced"
        ),
    )
    id: Mapped[pk]
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    units: Mapped[units]
    announced_units: Mapped[int | None] = mapped_column(BigInteger)
    as_typed: Mapped[str] = mapped_column(String(80))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), unique=True)

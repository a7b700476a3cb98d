"""The stock ledger: lots, entries with their movements, and the balances kept beside them."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Words, append_only, enum_type, local_day, moment, pk, units, units_between
from aidtrack.inventory.kinds import EntryKind, LossCause, LotCondition, LotStatus, TransferState


class StockLot(Base):
    """Goods of one item from one donation line: every unit in it has the same donor and expiry.

    Donor, agreement and programme are copied from the donation when the lot is made and never change
    (attribution is a recorded fact, DESIGN §1.2).
    """

    __tablename__ = "stock_lot"
    __table_args__ = (Index(None, "item_id", "expires_on"),)
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id", ondelete="RESTRICT"), index=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"), index=True)
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", ondelete="RESTRICT"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    earmarked: Mapped[bool] = mapped_column(default=False)
    batch: Mapped[str | None] = mapped_column(String(60))
    expires_on: Mapped[date | None] = mapped_column(Date)
    received_on: Mapped[date] = mapped_column(Date)
    condition: Mapped[LotCondition] = mapped_column(enum_type(LotCondition), default=LotCondition.NEW)
    status: Mapped[LotStatus] = mapped_column(enum_type(LotStatus), default=LotStatus.USABLE)


@append_only
class StockEntry(Base):
    """One document in the stock ledger. A correction is a new entry that names the one it reverses."""

    __tablename__ = "stock_entry"
    __table_args__ = (
        Index(
            "uq_stock_entry_reverses_id",
            "reverses_id",
            unique=True,
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index(None, "effective_on", "id"),
        CheckConstraint("reverses_id IS NULL OR reason IS NOT NULL", name="reversal_has_reason"),
    )
    id: Mapped[pk]
    kind: Mapped[EntryKind] = mapped_column(enum_type(EntryKind))  # a reversal keeps the kind it reverses
    document: Mapped[str] = mapped_column(String(40), index=True)
    effective_on: Mapped[local_day]  # local day at the site; reports go by it
    recorded_at: Mapped[moment]
    actor_label: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"))
    reason: Mapped[str | None] = mapped_column(Words(500))
    cause: Mapped[LossCause | None] = mapped_column(enum_type(LossCause))


@append_only
class StockMove(Base):
    """Some units of one lot leaving one place and entering another.

    Both legs stand in one row, so what leaves is what arrives by construction (docs/adr/0002).
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        units_between("units"),
        CheckConstraint("source_id <> target_id", name="moves_somewhere"),
        Index(None, "lot_id", "source_id"),
        Index(None, "lot_id", "target_id"),
    )
    id: Mapped[pk]
    entry_id: Mapped[int] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"))
    source_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    target_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    units: Mapped[units]


class StockBalance(Base):
    """What of a lot stands at a held place (I4: the fold of the ledger, kept in the same transaction)."""

    __tablename__ = "stock_balance"
    __table_args__ = (units_between("units", 0), Index(None, "place_id", "lot_id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    units: Mapped[units]


class StockShortage(Base):
    """What was handed out of a lot at a place beyond what the book held there, and nothing has paid for yet.

    The units stand in suspense as a debt of this lot and place; goods that come there pay it before they
    count as held, so balance and shortage are never both above zero (docs/adr/0010). The fold of the
    entries of kind `shortage`, kept in the same transaction.
    """

    __tablename__ = "stock_shortage"
    __table_args__ = (units_between("units", 0), Index(None, "place_id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    units: Mapped[units]


class LossAlone(Base):
    """Units of a lot that left the book of a place, or came to it, on one person's word.

    Each is too small for a second person; together they are not (docs/rules.md, Second person). What was lost on
    the way stands with the place that received the rest. What is reversed counts no more.
    """

    __tablename__ = "loss_alone"
    __table_args__ = (
        CheckConstraint("difference <> 0", name="differs"),
        Index(None, "place_id", "item_id", "on_day"),
    )
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("stock_entry.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    on_day: Mapped[local_day]
    difference: Mapped[int] = mapped_column(BigInteger)  # base units; below zero: missing


class Transfer(Base):
    """Goods on the way between two places: a note with two ends."""

    __tablename__ = "transfer"
    id: Mapped[pk]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[TransferState] = mapped_column(enum_type(TransferState))
    source_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    target_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    dispatch_entry_id: Mapped[int] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"))
    arrival_entry_id: Mapped[int | None] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"))
    dispatched_on: Mapped[local_day]
    recorded_at: Mapped[moment]


class TransferLine(Base):
    """One lot of a transfer: sent, and what the receiver typed on arrival."""

    __tablename__ = "transfer_line"
    __table_args__ = (units_between("units"),)
    id: Mapped[pk]
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id", ondelete="RESTRICT"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"))
    units: Mapped[units]
    arrived_units: Mapped[int | None] = mapped_column(BigInteger)
    cause: Mapped[LossCause | None] = mapped_column(enum_type(LossCause))

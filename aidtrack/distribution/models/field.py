"""What phones brought home: events as they were signed, what became of each, and what a person has to read."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import (
    Base,
    EncryptedText,
    Json,
    UtcDateTime,
    append_only,
    enum_type,
    local_day,
    moment,
    pk,
    units,
    units_between,
)
from aidtrack.distribution.field.outcomes import Outcome


class FieldEventType(StrEnum):
    HANDOUT = "handout"
    UNDO = "undo"
    WITHOUT_VOUCHER = "without_voucher"


class CameBy(StrEnum):
    SYNC = "sync"
    FILE = "file"


@append_only
class FieldEvent(Base):
    """An event that could be read, exactly as the phone signed it. Rows are added, never changed.

    The body holds the voucher's code and perhaps a drawn signature, so it is encrypted; `body_hash` is of the
    plain text. `est_at` is the phone's trusted time, `wall_at` what its clock showed.
    """

    __tablename__ = "field_event"
    __table_args__ = (
        Index(None, "device_id", "seq"),
        Index(
            "ix_field_event_of_event",
            "of_event",
            sqlite_where=text("of_event IS NOT NULL"),
            postgresql_where=text("of_event IS NOT NULL"),
        ),
        CheckConstraint("(type = 'undo') = (of_event IS NOT NULL)", name="undo_names_its_handout"),
        CheckConstraint(
            "(type = 'handout') = (entitlement_id IS NOT NULL)", name="handout_on_an_entitlement"
        ),
    )
    id: Mapped[pk]
    event_id: Mapped[str] = mapped_column(String(36), unique=True)  # the phone's UUID
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="RESTRICT"))
    seq: Mapped[int] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    body: Mapped[str] = mapped_column(EncryptedText("field_event.body"))
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    type: Mapped[FieldEventType] = mapped_column(enum_type(FieldEventType))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"), index=True)
    entitlement_id: Mapped[int | None] = mapped_column(ForeignKey("entitlement.id", ondelete="RESTRICT"))
    of_event: Mapped[str | None] = mapped_column(String(36))  # the handout that an undo takes back
    est_at: Mapped[moment]
    wall_at: Mapped[moment]
    received_at: Mapped[moment]
    came_by: Mapped[CameBy] = mapped_column(enum_type(CameBy))


class FieldOutcome(Base):
    """What an event is at present, in the light of all events known: a projection, made anew when one comes.

    The flags say what applies beside the outcome. `handout_id` is the handout the event made, or the online
    handout it turned out to be.
    """

    __tablename__ = "field_outcome"
    __table_args__ = (
        Index(
            "uq_field_outcome_first",
            "entitlement_id",
            unique=True,
            sqlite_where=text("first"),
            postgresql_where=text("first"),
        ),
        Index(None, "entitlement_id"),
        Index(None, "handout_id"),
        CheckConstraint("NOT first OR handout_id IS NOT NULL", name="first_has_a_handout"),
    )
    event_id: Mapped[int] = mapped_column(ForeignKey("field_event.id", ondelete="RESTRICT"), primary_key=True)
    entitlement_id: Mapped[int | None] = mapped_column(ForeignKey("entitlement.id", ondelete="RESTRICT"))
    handout_id: Mapped[int | None] = mapped_column(ForeignKey("handout.id", ondelete="RESTRICT"))
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    first: Mapped[bool]
    undone: Mapped[bool]
    late: Mapped[bool]
    withdrawn: Mapped[bool]
    short: Mapped[bool]
    partial: Mapped[bool]
    notes: Mapped[list[str]] = mapped_column(Json)
    changed_at: Mapped[moment]


class FieldTake(Base):
    """Units of a lot that a field handout took at a place; `short` where the book did not hold them.

    Of the handouts on a lot and place the latest by `(est_at, uid)` carry the shortage, whoever came home last.
    """

    __tablename__ = "field_take"
    __table_args__ = (units_between("units"), Index(None, "lot_id", "place_id", "est_at"))
    event_id: Mapped[int] = mapped_column(ForeignKey("field_event.id", ondelete="RESTRICT"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    units: Mapped[units]
    est_at: Mapped[moment]
    uid: Mapped[str] = mapped_column(String(36))
    standing: Mapped[bool]
    short: Mapped[bool]


class FieldQuarantine(Base):
    """What was sent as an event and could not be taken as one: kept raw and encrypted for a person to read."""

    __tablename__ = "field_quarantine"
    __table_args__ = (Index(None, "device_id"), Index(None, "event_id"))
    id: Mapped[pk]
    raw: Mapped[str] = mapped_column(EncryptedText("field_quarantine.raw"))
    raw_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[str | None] = mapped_column(String(36))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="RESTRICT"))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    # of the device that brought it
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    received_at: Mapped[moment]
    came_by: Mapped[CameBy] = mapped_column(enum_type(CameBy))


class CaseKind(StrEnum):
    EXTRA = "extra"
    WITHDRAWN = "withdrawn"
    LATE = "late"
    COUNT_NEEDED = "count_needed"
    KEPT = "kept"
    NOTED = "noted"  # recorded, with something a supervisor should know
    GAP = "gap"  # numbers missing in a device's sequence


class Settlement(StrEnum):
    AS_IT_IS = "as_it_is"  # read, and nothing more is to be done
    ACTED = "acted"  # something was done elsewhere: counted, printed anew, talked to
    ENTERED = "entered"  # a kept handout was entered by hand
    BY_ITSELF = "by_itself"  # what it was about is no longer so


class ReviewCase(Base):
    """Something a person reads and settles with a reason. Nothing waits for it."""

    __tablename__ = "review_case"
    __table_args__ = (
        Index(None, "site_id", "settled_at"),
        Index(
            "uq_review_case_gap",
            "device_id",
            unique=True,
            sqlite_where=text("kind = 'gap'"),
            postgresql_where=text("kind = 'gap'"),
        ),
        CheckConstraint(
            "(CASE WHEN event_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN quarantine_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN kind = 'gap' THEN 1 ELSE 0 END) = 1",
            name="about_one_thing",
        ),
        CheckConstraint(
            "(settled_at IS NULL) = (how IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL)",
            name="settled_by_somebody",
        ),
        CheckConstraint(
            "how IS NULL OR how = 'by_itself' OR reason IS NOT NULL", name="settled_for_a_reason"
        ),
    )
    id: Mapped[pk]
    kind: Mapped[CaseKind] = mapped_column(enum_type(CaseKind))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="RESTRICT"))
    event_id: Mapped[int | None] = mapped_column(
        ForeignKey("field_event.id", ondelete="RESTRICT"), unique=True
    )
    quarantine_id: Mapped[int | None] = mapped_column(
        ForeignKey("field_quarantine.id", ondelete="RESTRICT"), unique=True
    )
    happened_on: Mapped[local_day]
    opened_at: Mapped[moment]
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settled_by_id: Mapped[int | None] = mapped_column(BigInteger)
    how: Mapped[Settlement | None] = mapped_column(enum_type(Settlement))
    reason: Mapped[str | None] = mapped_column(String(500))

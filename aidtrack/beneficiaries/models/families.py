"""What becomes of families: who may collect, what changed, ends, doubles that were judged, merges."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.beneficiaries.happenings import EndedAs, Happening, MergeState
from aidtrack.db import Base, EncryptedText, Json, UtcDateTime, enum_type, local_day, moment, pk

LIVE_MERGE = "state IN ('proposed', 'approved')"


class Collector(Base):
    """Somebody besides the head who may collect for a family, from one day to another.

    The name keeps the purpose of the column it had when a family had one collector, so that what was
    encrypted then is read on.
    """

    __tablename__ = "collector"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(EncryptedText("household.proxy"))
    document: Mapped[str | None] = mapped_column(EncryptedText("collector.document"))
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)
    added_at: Mapped[moment]
    added_by: Mapped[str] = mapped_column(String(120))


class FamilyEvent(Base):
    """Something that happened to a family: what, since which day, recorded when and by whom.

    What it was before stands in `details`, which identifies and is encrypted. Persons are named by number, so
    that a name is kept in one place.
    """

    __tablename__ = "family_event"
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    kind: Mapped[Happening] = mapped_column(enum_type(Happening))
    on_day: Mapped[local_day]
    at: Mapped[moment]
    who: Mapped[str] = mapped_column(String(120))
    details: Mapped[str | None] = mapped_column(EncryptedText("family_event.details"))  # JSON


class HouseholdEnd(Base):
    """A family that is none any more: joined into another, or a second registration of it. Its past stays."""

    __tablename__ = "household_end"
    __table_args__ = (CheckConstraint("successor_id <> household_id", name="leads_elsewhere"),)
    household_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), primary_key=True
    )
    ended_on: Mapped[local_day]
    ended_as: Mapped[EndedAs] = mapped_column(enum_type(EndedAs))
    successor_id: Mapped[int | None] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), index=True
    )


class PersonAlias(Base):
    """A person registered twice: the row of the merged family, and the one that goes on."""

    __tablename__ = "person_alias"
    __table_args__ = (CheckConstraint("same_as_id <> person_id", name="leads_elsewhere"),)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    same_as_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)


class HouseholdMerge(Base):
    """Two registrations of one family: proposed by one person, approved by another (I17), undone if need be.

    `choices` says field by field what goes on and which persons are the same; `before` what both were, for
    undoing. `effects` keeps what other rooms did, by numbers alone.
    """

    __tablename__ = "household_merge"
    __table_args__ = (
        Index(
            "uq_household_merge_loser",
            "loser_id",
            unique=True,
            sqlite_where=text(LIVE_MERGE),
            postgresql_where=text(LIVE_MERGE),
        ),
        CheckConstraint("survivor_id <> loser_id", name="two_families"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="maker_is_not_checker"),
        CheckConstraint("decided_by <> proposed_by", name="maker_is_not_checker_by_name"),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) OR state = 'withdrawn'", name="decided_by_somebody"
        ),
    )
    id: Mapped[pk]
    survivor_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    loser_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    state: Mapped[MergeState] = mapped_column(enum_type(MergeState))
    reason: Mapped[str] = mapped_column(EncryptedText("household_merge.reason", owner="survivor_id"))
    choices: Mapped[str] = mapped_column(
        EncryptedText("household_merge.choices", owner="survivor_id")
    )  # JSON
    before: Mapped[str | None] = mapped_column(
        EncryptedText("household_merge.before", owner="survivor_id")
    )  # JSON
    effects: Mapped[dict[str, object] | None] = mapped_column(Json)
    survivor_version: Mapped[int]
    loser_version: Mapped[int]
    proposed_by: Mapped[str] = mapped_column(String(120))
    proposed_by_id: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[moment]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(120))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_reason: Mapped[str | None] = mapped_column(
        EncryptedText("household_merge.undo_reason", owner="survivor_id")
    )


class NotSame(Base):
    """Somebody looked and said: two families, not one. Asked no more, until it is taken back."""

    __tablename__ = "not_same"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="each_pair_once"),
        Index(
            "uq_not_same_standing",
            "low_id",
            "high_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: Mapped[pk]
    low_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    high_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[str] = mapped_column(EncryptedText("not_same.reason", owner="low_id"))
    said_by: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[moment]
    undone_by: Mapped[str | None] = mapped_column(String(120))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DoublesRun(Base):
    """One look over a site's registry for families registered twice: what a person may ask for again."""

    __tablename__ = "doubles_run"
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    started_at: Mapped[moment]
    started_by: Mapped[str] = mapped_column(String(120))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_at: Mapped[int] = mapped_column(default=0)  # persons


class DoublesFound(Base):
    """A pair a run put before people: how alike, and why, in codes that name nobody."""

    __tablename__ = "doubles_found"
    __table_args__ = (CheckConstraint("low_id < high_id", name="each_pair_once"),)
    run_id: Mapped[int] = mapped_column(ForeignKey("doubles_run.id", ondelete="CASCADE"), primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), primary_key=True)
    high_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    score: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(Json)

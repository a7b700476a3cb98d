"""Rules of programmes: versions in force, drafts, and what trying one out has shown."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Json, UtcDateTime, enum_type, local_day, moment, pk


class ProgrammeRule(Base):
    """A dated version of a programme's eligibility rule: a tree of conditions, as data, and its terms."""

    __tablename__ = "programme_rule"
    __table_args__ = (UniqueConstraint("programme_id", "version"),)
    id: Mapped[pk]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    version: Mapped[int]
    valid_from: Mapped[local_day]
    rule: Mapped[dict[str, object]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))
    terms: Mapped[dict[str, object] | None] = mapped_column(Json)  # see rights.terms


class DraftState(StrEnum):
    OPEN = "open"
    IN_FORCE = "in_force"
    DROPPED = "dropped"


class RuleDraft(Base):
    """A rule being written: saved, changed and tried out, and in force for nobody."""

    __tablename__ = "rule_draft"
    id: Mapped[pk]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    rule: Mapped[dict[str, object]] = mapped_column(Json)
    terms: Mapped[dict[str, object] | None] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[DraftState] = mapped_column(enum_type(DraftState), default=DraftState.OPEN)
    # the version it became
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("programme_rule.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(default=1)  # grows with every change: two people at once are noticed
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))


class TrialPurpose(StrEnum):
    DRAFT = "draft"  # a draft against the version in force
    MARKS = "marks"  # standing marks against the version in force
    QUALIFY = "qualify"  # families without a mark against the version in force


class TrialState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class RuleTrial(Base):
    """One walk of a rule over all families of some sites: how far it is, and what it counted."""

    __tablename__ = "rule_trial"
    id: Mapped[pk]
    purpose: Mapped[TrialPurpose] = mapped_column(enum_type(TrialPurpose))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("rule_draft.id", ondelete="RESTRICT"))
    digest: Mapped[str] = mapped_column(String(64))  # of the rule tried: a draft changed since is another
    on_day: Mapped[date] = mapped_column(Date)
    site_ids: Mapped[list[int]] = mapped_column(Json)
    protected: Mapped[bool]  # whether protected categories were among the facts
    state: Mapped[TrialState] = mapped_column(enum_type(TrialState), default=TrialState.RUNNING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, object] | None] = mapped_column(Json)
    started_at: Mapped[moment]
    started_by: Mapped[str] = mapped_column(String(120))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RuleTrialChange(Base):
    """A family for whom the trial found something to do: it comes in, or falls out for a first reason."""

    __tablename__ = "rule_trial_change"
    trial_id: Mapped[int] = mapped_column(ForeignKey("rule_trial.id", ondelete="CASCADE"), primary_key=True)
    household_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    comes_in: Mapped[bool]
    code: Mapped[str | None] = mapped_column(String(40))

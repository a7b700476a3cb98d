"""What stands for a family's privacy: its key, and later the grounds, requests and dates of keeping."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, UtcDateTime


class FamilyKey(Base):
    """A household's own key, sealed by the site's data key. Emptied, it takes all that was sealed under it along."""

    __tablename__ = "household_key"
    __table_args__ = (
        CheckConstraint("(sealed IS NULL) = (destroyed_at IS NOT NULL)", name="sealed_or_destroyed"),
    )
    household_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

"""Files being brought in, and what people said about them once: which column is what, which word means what."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, EncryptedText, Json, moment, pk


class ImportState(StrEnum):
    UPLOADED = "uploaded"  # nobody said yet what its columns are
    CHECKING = "checking"  # a dry run is on its way, or was when its server stopped
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    FORGOTTEN = "forgotten"  # the file is gone; what came of it is kept


class ImportFile(Base):
    """One uploaded file. Its contents lie encrypted in the instance folder and open only with `key`."""

    __tablename__ = "import_file"
    id: Mapped[pk]
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    layout: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(EncryptedText("import_file.name"))  # people write names into file names
    size: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    key: Mapped[str | None] = mapped_column(EncryptedText("import_file.key"))  # None: the contents are gone
    reading: Mapped[dict[str, Any] | None] = mapped_column(Json)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(Json)
    options: Mapped[dict[str, Any] | None] = mapped_column(Json)
    counts: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16), default=ImportState.UPLOADED)
    uploaded_at: Mapped[moment]
    uploaded_by: Mapped[str] = mapped_column(String(120))


class ImportMapping(Base):
    """Which column was what, the last time a file with these very headings came to this layout."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("site_id", "layout", "shape_hash"),)
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    layout: Mapped[str] = mapped_column(String(40))
    shape_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))


class ImportMeaning(Base):
    """What a word of a list (settlement, category, item, unit) means, confirmed once by a person.

    Lists hold the centre's own words only, never anything of a family.
    """

    __tablename__ = "import_meaning"
    __table_args__ = (UniqueConstraint("site_id", "list_name", "written"),)
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    list_name: Mapped[str] = mapped_column(String(40))
    written: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))

"""The database: one base for all mappings, one door for transactions, settings for both engines."""

from aidtrack.db.append_only import APPEND_ONLY, append_only
from aidtrack.db.base import Base, db
from aidtrack.db.migrate import downgrade, upgrade
from aidtrack.db.sealing import for_household, open_words, seal_words
from aidtrack.db.session import read_session, unit_of_work
from aidtrack.db.types import (
    SEALED_FOR,
    EncryptedText,
    Json,
    UtcDateTime,
    Words,
    enum_type,
    local_day,
    moment,
    pk,
    text_code,
    units,
    units_between,
)

__all__ = [
    "APPEND_ONLY",
    "SEALED_FOR",
    "Base",
    "EncryptedText",
    "Json",
    "UtcDateTime",
    "Words",
    "append_only",
    "db",
    "downgrade",
    "enum_type",
    "for_household",
    "local_day",
    "moment",
    "open_words",
    "pk",
    "read_session",
    "seal_words",
    "text_code",
    "unit_of_work",
    "units",
    "units_between",
    "upgrade",
]

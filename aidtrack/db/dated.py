"""Lists that a centre edits and records keep: an entry holds from one day to another under one name.

Its words are never changed once a record carries them: new words are a new entry, and the old one ends the day
before. The rooms say which day is the newest on which a record carries it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Date, String, func, inspect, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidtrack.db.types import local_day
from aidtrack.kernel.errors import N_, DomainError, NotFound


class EntryExists(DomainError):
    """Two entries with one name and no end could not be told apart on a page."""

    code = "entry_exists"
    field = "name_uk"
    text = N_("An entry with this name is there already.")


class EntryInUse(DomainError):
    """Facts: `valid_from`, the first day that can be chosen."""

    code = "entry_in_use"
    field = "valid_from"
    text = N_("What was recorded carries these words. Choose %(valid_from)s or a later day.")


class EntryEndsBeforeItBegins(DomainError):
    code = "entry_ends_before_it_begins"
    field = "valid_until"
    text = N_("The entry would end before it begins.")


class NameMissing(DomainError):
    code = "name_missing"
    field = "name_uk"
    text = N_("Write the name.")


class NameTooLong(DomainError):
    """Facts: `most`."""

    code = "name_too_long"
    text = N_("Too long: at most %(most)s characters.")


class Dated:
    """What rows and mappings of such a list can be asked."""

    __slots__ = ()
    name_uk: Any
    name_en: Any
    valid_from: Any
    valid_until: Any

    def name(self, language: str) -> str:
        return str(self.name_en if language == "en" else self.name_uk)

    def holds_on(self, day: date) -> bool:
        return bool(self.valid_from <= day and (self.valid_until is None or day <= self.valid_until))


class DatedEntry(Dated):
    """The columns of such a list."""

    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(120))  # the law or order it comes from
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)

    def same_list(self) -> ColumnElement[bool]:
        """The entries that stand beside this one; a table of several lists says which."""
        return true()


class Words(Protocol):
    """What the commands of both rooms bring."""

    @property
    def name_uk(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def source(self) -> str | None: ...


Entry = TypeVar("Entry", bound=DatedEntry)


def locked(session: Session, mapping: type[Entry], key: object) -> Entry:
    entry = session.get(mapping, key, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotFound
    return entry


def add(session: Session, entry: Entry, words: Words) -> Entry:
    """A new entry at the end of its list."""
    _put(session, entry, words)
    entry.valid_from = words.valid_from
    last = session.scalar(select(func.max(type(entry).position)).where(entry.same_list()))
    entry.position = (last or 0) + 1
    session.add(entry)
    session.flush()
    return entry


def reword(
    session: Session, entry: Entry, words: Words, *, newest: date | None, follower: Callable[[], Entry]
) -> Entry:
    """Give an entry new words from a day on; itself, or the entry that follows it and takes its place.

    Words that begin on the same day are a correction, which only an entry without records may have.

    Raises:
        EntryInUse: a record carries the words on that day or after it.
    """
    first = entry.valid_from if newest is None else max(entry.valid_from, newest + timedelta(days=1))
    if words.valid_from < first:
        raise EntryInUse(valid_from=first.isoformat())
    if entry.valid_until is not None and entry.valid_until < words.valid_from:
        raise EntryEndsBeforeItBegins(field="valid_from")
    if words.valid_from == entry.valid_from:
        _put(session, entry, words)
        session.flush()
        return entry
    until, entry.valid_until = entry.valid_until, words.valid_from - timedelta(days=1)
    session.flush()
    following = follower()
    _put(session, following, words)
    following.valid_from, following.valid_until, following.position = words.valid_from, until, entry.position
    session.add(following)
    session.flush()
    return following


def end(session: Session, entry: DatedEntry, valid_until: date | None, *, newest: date | None) -> None:
    """The entry cannot be chosen after a day any more; None takes its end back."""
    if valid_until is None:
        _require_new(session, entry, entry.name_uk)
    elif valid_until < entry.valid_from:
        raise EntryEndsBeforeItBegins
    elif newest is not None and valid_until < newest:
        raise EntryInUse(field="valid_until", valid_from=newest.isoformat())
    entry.valid_until = valid_until
    session.flush()


def _put(session: Session, entry: DatedEntry, words: Words) -> None:
    name_uk = _line(entry, "name_uk", words.name_uk)
    name_en = _line(entry, "name_en", words.name_en)
    if not name_uk or not name_en:
        raise NameMissing(field="name_en" if name_uk else "name_uk")
    _require_new(session, entry, name_uk)
    entry.name_uk, entry.name_en, entry.source = (
        name_uk,
        name_en,
        _line(entry, "source", words.source) or None,
    )


def _line(entry: DatedEntry, field: str, text: str | None) -> str:
    """One line without control characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())
    most = inspect(type(entry)).columns[field].type.length
    if len(line) > most:
        raise NameTooLong(field=field, most=most)
    return line


def _require_new(session: Session, entry: DatedEntry, name_uk: str) -> None:
    mapping = type(entry)
    same = select(mapping).where(entry.same_list(), mapping.name_uk == name_uk, mapping.valid_until.is_(None))
    with session.no_autoflush:
        if any(other is not entry for other in session.scalars(same.limit(2))):
            raise EntryExists

"""Whom a time is kept for: everybody, surnames from one letter to another, or families of a category."""

import unicodedata

from aidtrack.kernel.late import dataclass

ALPHABET = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"
_PLACE = {letter: place for place, letter in enumerate(ALPHABET)}
# Latin letters that slipped into Cyrillic names, and letters of neighbours' alphabets, by the nearest of ours
_READ_AS = str.maketrans("ABCEHIKMOPTXYЁЫЭЪЎ", "АВСЕНІКМОРТХУЕИЕЬУ")


@dataclass(frozen=True, slots=True)
class Window:
    """`letters` two capitals ("АК": from А to К, ends included) or empty; `category` a code or empty."""

    letters: str = ""
    category: str = ""


EVERYBODY = Window()


@dataclass(frozen=True, slots=True)
class Family:
    """What a window asks of a family: the first letter of the head's surname and its ordinary categories."""

    letter: str = ""
    categories: frozenset[str] = frozenset()


def letter_of(surname: str) -> str:
    """The first letter of a surname among the 33, or nothing where it begins with none of them.

    A surname written in Latin letters throughout begins with none; a single Latin letter that looks like a
    Cyrillic one, before Cyrillic letters, is taken for that.
    """
    letters = [c for c in unicodedata.normalize("NFC", surname).upper() if c.isalpha()]
    if not letters or not any("\u0400" <= c <= "\u04ff" for c in letters):
        return ""
    first = letters[0].translate(_READ_AS)
    return first if first in _PLACE else ""


def letters_between(first: str, last: str) -> str:
    """The window's two letters as stored; raises ValueError where they are not two letters in order."""
    pair = first.strip().upper() + last.strip().upper()
    if len(pair) != 2 or any(letter not in _PLACE for letter in pair) or _PLACE[pair[0]] > _PLACE[pair[1]]:
        raise ValueError(pair)
    return pair


def fits(window: Window, family: Family) -> bool:
    """A family whose surname begins with no Ukrainian letter is shut out by no letters."""
    first, last = (_PLACE[letter] for letter in window.letters or "АЯ")
    if window.letters and family.letter and not first <= _PLACE[family.letter] <= last:
        return False
    return not window.category or window.category in family.categories

"""Words that look the same on paper: case, spaces, apostrophes and letters of the other alphabet aside.

Source: docs/rules.md#importing (the centre's own papers hide Latin letters in Cyrillic words)
"""

import re
import unicodedata
from functools import lru_cache

APOSTROPHES = "'\u2019\u02bc`\u00b4\u2018\u2032\u02b9\u02bb\""
_APOSTROPHES = re.compile(f"[{APOSTROPHES}]")
_SPACES = re.compile(r"[\s\-\u2010-\u2015\u2212_.,;:()/№#*]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(f"[^\\W\\d_]+(?:[{APOSTROPHES}][^\\W\\d_]+)*")
LATIN_LOOKS = "AaBCcEeHIiKMOoPpTXxYy"
CYRILLIC_LOOKS = "АаВСсЕеНІіКМОоРрТХхУу"
_TO_CYRILLIC = str.maketrans(LATIN_LOOKS, CYRILLIC_LOOKS)
_TO_LATIN = str.maketrans(CYRILLIC_LOOKS, LATIN_LOOKS)


def mended_letters(text: str) -> str:
    """The text with Latin letters hidden in Cyrillic words written as Cyrillic, and the other way round.

    A word is mended only when all of its foreign letters look like letters of the script that most of its
    letters belong to; anything else stays as it is.
    """
    if not (_CYRILLIC.search(text) and _LATIN.search(text)):
        return text
    return _WORD.sub(lambda found: _mended(found.group()), text)


def _mended(word: str) -> str:
    cyrillic, latin = len(_CYRILLIC.findall(word)), len(_LATIN.findall(word))
    if not cyrillic or not latin:
        return word
    if cyrillic >= latin:
        made = word.translate(_TO_CYRILLIC)
        return word if _LATIN.search(made) else made
    made = word.translate(_TO_LATIN)
    return word if _CYRILLIC.search(made) else made


def folded(text: str) -> str:
    """The same for every way of writing one word or name; empty where there is neither letter nor digit."""
    return text.lower() if text.isascii() and text.isalnum() else _folded(text)


@lru_cache(maxsize=5000)  # a register writes «ж» a hundred thousand times
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = mended_letters(_APOSTROPHES.sub("", plain))
    if _CYRILLIC.search(plain):  # «c» alone beside Cyrillic words is the Cyrillic letter
        plain = " ".join(
            word.translate(_TO_CYRILLIC) if len(word) <= 2 and not _LATIN.search(word.translate(_TO_CYRILLIC))
            else word
            for word in plain.split()
        )  # fmt: skip
    return " ".join(_SPACES.sub(" ", plain.casefold()).split())

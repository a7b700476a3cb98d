"""Names as they are typed by many hands: one key, and tokens for a blind search.

The centre's own papers mix three apostrophes in one file and hide Latin letters inside Cyrillic words
(«Cпеціалізованої» with a Latin C), and the same person is «Шевченко Олена» on one paper and
"Olena Shevchenko" in a passport. The key is the Ukrainian romanisation of 2010 in lower case, so all of
these meet. It only proposes: a person decides who is the same.

Source: docs/rules.md#names (CMU resolution 55 of 27.01.2010 for the letters)
"""

import re
import unicodedata

MIN_PREFIX = 3
MAX_PREFIX = 10  # longer beginnings add nothing to a search and would make the index grow

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_APOSTROPHES = re.compile(r"['\u2019\u02bc`\u00b4\u2018\u2032\u02b9\"*]")
_WORD_BREAKS = re.compile(r"[\s\-\u2010-\u2015\u2212.,;()_/]+")
_LATIN_LOOKS = "AaBCcEeHIiKMOoPpTXxYy"
_CYRILLIC_LOOKS = str.maketrans(_LATIN_LOOKS, "АаВСсЕеНІіКМОоРрТХхУу")
_ALL_LOOK_CYRILLIC = re.compile(f"[{_LATIN_LOOKS}]+")

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z",
    "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ь": "", "ю": "iu", "я": "ia",
    # letters of neighbours' alphabets that stand in papers brought from elsewhere
    "ё": "io", "ы": "y", "э": "e", "ъ": "", "ў": "u", "ј": "i", "ѕ": "dz",
}  # fmt: skip
_LATIN_AT_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya", "ё": "yo"}


def romanise(word: str) -> str:
    """One Cyrillic word in Latin letters by the rule of 2010, lower case, apostrophes gone."""
    letters = _APOSTROPHES.sub("", unicodedata.normalize("NFC", word).lower())
    written: list[str] = []
    for place, letter in enumerate(letters):
        if letter == "г" and place and letters[place - 1] == "з":
            written.append("gh")  # зг is zgh, because zh is ж
        elif place == 0 and letter in _LATIN_AT_START:
            written.append(_LATIN_AT_START[letter])
        else:
            written.append(_LATIN.get(letter, letter))
    return "".join(written)


def key_words(text: str) -> list[str]:
    """The words of a name as compared, in their own order."""
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFC", text))
    some_cyrillic = bool(_CYRILLIC.search(folded))
    words: list[str] = []
    for word in _WORD_BREAKS.split(folded):
        # a Latin word among Cyrillic ones is folded only when every letter of it could be a slip
        if _CYRILLIC.search(word) or (some_cyrillic and _ALL_LOOK_CYRILLIC.fullmatch(word)):
            words.append(romanise(word.translate(_CYRILLIC_LOOKS)))
        else:
            plain = unicodedata.normalize("NFKD", word.casefold())
            words.append("".join(letter for letter in plain if not unicodedata.combining(letter)))
    return [word for word in words if word]


def name_key(text: str) -> str:
    """The same for every way of writing one name: script, case, apostrophes, order and spacing aside."""
    return " ".join(sorted(key_words(text)))


def name_tokens(text: str, min_prefix: int = MIN_PREFIX) -> set[str]:
    """Every beginning of every word of the name, for the search index; short words stand whole."""
    return {
        word[:length]
        for word in key_words(text)
        for length in range(min(min_prefix, len(word)), min(len(word), MAX_PREFIX) + 1)
    }


def search_tokens(text: str) -> set[str]:
    """What to look up for typed words: a name is found when it has all of these among its `name_tokens`.

    Beginnings shorter than `MIN_PREFIX` find only words of just that length.
    """
    return {word[:MAX_PREFIX] for word in key_words(text)}

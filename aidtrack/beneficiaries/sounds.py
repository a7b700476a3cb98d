"""Names as they sound: «Олена», «Елена» and "Olena" are one, and a slip of the pen stays near.

Source: docs/rules.md#doubles
"""

from functools import lru_cache

from aidtrack.beneficiaries.matching import key_words

_CLASSES = (
    ("shch", "s"), ("sch", "s"), ("tch", "s"), ("zh", "s"), ("kh", "h"), ("ch", "s"), ("sh", "s"), ("ts", "s"), ("gh", "h"),
    ("ph", "v"), ("ck", "k"), ("dz", "s"), ("dj", "s"), ("cz", "s"), ("rz", "s"), ("sz", "s"), ("th", "t"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {"g": "h", "x": "h", "w": "v", "f": "v", "b": "b", "c": "k", "q": "k", "z": "s", "j": ""}
)
_SILENT = frozenset("aeiouy")
# names that one person carries in two languages and whose consonants differ
_TWINS = {"nikolai": "mykola", "nikolay": "mykola", "anna": "hanna", "filipp": "pylyp", "stefan": "stepan",
          "aleksei": "oleksii", "feodor": "fedir", "fiodor": "fedir", "nikita": "mykyta", "elizaveta": "yelyzaveta",
          "grigorii": "hryhorii", "yegor": "yehor", "dmitrii": "dmytro", "mihail": "mykhailo",
          "mikhail": "mykhailo", "pavel": "pavlo", "piotr": "petro", "petr": "petro",
          "konstantin": "kostiantyn"}  # fmt: skip


@lru_cache(maxsize=200_000)
def words(text: str) -> tuple[str, ...]:
    """The words of one part of a name, in Latin letters."""
    return tuple(key_words(text))


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """The consonants as they sound, so that «Олена», «Елена» and "Olena" are one: what a block is made of."""
    word = _TWINS.get(word, word)
    for letters, sound in _CLASSES:
        word = word.replace(letters, sound)
    sounds: list[str] = []
    for letter in word.translate(_LETTERS):
        if letter not in _SILENT and (not sounds or sounds[-1] != letter):
            sounds.append(letter)
    return "".join(sounds) or word[:1]


@lru_cache(maxsize=400_000)
def alike(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """0 to 100 for one part of a name; 100 is the same sound or spelling."""
    if not one or not other:
        return 0
    if one == other:
        return 100
    if len(one) != len(other) or len(one) > 1:  # a half of a double surname
        best = max((_word(a, b) for a in one for b in other if len(a) > 2 and len(b) > 2), default=0)
        return min(best, 94)
    return _word(one[0], other[0])


@lru_cache(maxsize=400_000)
def _word(one: str, other: str) -> int:
    if one == other:
        return 100
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) <= 2:  # an initial
        return 80 if longer.startswith(shorter) else 0
    if skeleton(one) == skeleton(other) and len(skeleton(one)) > 1:
        return 96
    from rapidfuzz.distance import DamerauLevenshtein

    away = DamerauLevenshtein.distance(one, other)
    if away == 1 and len(shorter) > 3:
        return 90
    if away == 2 and len(shorter) > 6:
        return 82
    return min(74, round(100 * (1 - away / len(longer))))

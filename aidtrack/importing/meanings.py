"""What words of lists mean: as the list spells them, or as a person once said and the list still allows."""

from collections.abc import Mapping

from aidtrack.importing.errors import MeaningGone, MeaningUnknown
from aidtrack.importing.layouts import Words
from aidtrack.kernel.late import dataclass

LEAVE_OUT = "-"  # the meaning of a word that stands for nothing


@dataclass(slots=True)
class Unknown:
    """A word of a list that nobody has explained: how often it stands, and where first."""

    list_name: str
    written: str
    times: int = 0
    row: int = 0


class Meanings:
    """One list as a run finds it: its spellings, and what people said that still holds."""

    def __init__(self, words: Words | None, confirmed: Mapping[str, str]) -> None:
        self._spellings = words.spellings if words is not None else {}
        self._said = {word: meaning for word, meaning in confirmed.items() if allows(words, meaning)}
        self._gone = confirmed.keys() - self._said.keys()

    def of(self, word: str) -> str:
        """Never guessed.

        Raises:
            MeaningUnknown: nobody has said it.
            MeaningGone: somebody did, and what was meant has left the list since.
        """
        found = self._said.get(word) or self._spellings.get(word) or self._spellings.get(word.casefold())
        if found is None:
            raise MeaningGone if word in self._gone else MeaningUnknown
        return found


def allows(words: Words | None, meaning: str) -> bool:
    """Whether a word of this list may mean that. A list too long to show is judged where its values are read."""
    if words is None:
        return True
    if meaning == LEAVE_OUT:
        return words.optional
    return words.suggest is not None or meaning in codes_of(words)


def codes_of(words: Words | None) -> frozenset[str]:
    return frozenset(code for code, _shown in words.choices) if words is not None else frozenset()

"""Tables with a column for each thing they count: what a heading suggests, and what a person said of a column."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from aidtrack.importing.errors import ThingOfColumnUnknown, UnitOfColumnUnknown
from aidtrack.importing.layouts import Context, Layout, Things, Words
from aidtrack.importing.mapping import field_of, target_of, things_of
from aidtrack.importing.meanings import codes_of
from aidtrack.importing.reading import column_letter
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded

NEAR = 80  # of 100; below it a name is no suggestion
MOST_NEAR = 3
_UNIT_BEHIND = re.compile(r"(.+?)[\s,;(\[/]+([^\s,;()\[\]/]+)[)\]]?")

Said = tuple[str, str]  # thing and unit, as a person wrote them


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a column might count. Only a name spelled as the list has it, or but for case and look-alikes, fills in."""

    thing: str = ""  # as shown: «Рис (RICE)»
    unit: str = ""
    code: str = ""
    near: tuple[str, ...] = ()


class Counting:
    """One layout's list of things, for the person who brings a table in."""

    def __init__(self, session: Session, context: Context, kind: Layout) -> None:
        column = kind.counted
        assert column is not None and column.things is not None
        self.field = column.name
        self._things: Things = column.things
        list_name = kind.field(column.things.word).words or ""
        words = kind.words(session, context).get(list_name, Words(()))
        self._codes, self._spellings = codes_of(words), words.spellings
        self._shown = dict(words.choices)
        self._folded = _only_once(words)
        self._fits = column.things.fits(session, context)
        self.shown = tuple(shown for _code, shown in words.choices)
        self.units = tuple(column.things.units(session, context))

    def suggested(self, heading: str) -> Suggested:
        """Of a heading like «Рис, кг»."""
        for name, unit in self._readings(heading):
            code = self._code(name) or self._folded.get(folded(name), "")
            if code and (not unit or self._fits(code, unit)):
                return Suggested(self._shown[code], unit, code)
        return Suggested(near=self._near(heading))

    def kept(self, thing: str, unit: str) -> Suggested:
        """Of a column that was explained before; a thing that has left the list is asked for anew."""
        return Suggested(self._shown.get(thing, ""), unit, thing)

    def said(self, mapping: Mapping[int, str], things: Mapping[int, Said]) -> dict[int, str]:
        """The mapping with what each column counts.

        Raises:
            ThingOfColumnUnknown, UnitOfColumnUnknown: naming the column.
        """
        found = dict(mapping)
        before = things_of(mapping)
        for column, target in mapping.items():
            if field_of(target) != self.field:
                continue
            written, unit = things.get(column) or before.get(column, ("", "", ""))[1:]
            code = self._code(written.strip())
            if code is None:
                raise ThingOfColumnUnknown(column=column_letter(column))
            unit = " ".join(unit.split())
            if not unit or not self._fits(code, unit):
                raise UnitOfColumnUnknown(column=column_letter(column))
            found[column] = target_of(self.field, code, unit)
        return found

    def _code(self, written: str) -> str | None:
        if written in self._codes:
            return written
        for code, shown in self._shown.items():
            if written == shown:
                return code
        return self._spellings.get(written) or self._spellings.get(written.casefold())

    def _readings(self, heading: str) -> list[tuple[str, str]]:
        parted = _UNIT_BEHIND.fullmatch(heading)
        return [(heading, ""), *([(parted.group(1).strip(), parted.group(2))] if parted else [])]

    def _near(self, heading: str) -> tuple[str, ...]:
        from rapidfuzz import fuzz, process

        found = process.extract(
            folded(heading), {spelling: folded(spelling) for spelling in self._spellings},
            scorer=fuzz.token_set_ratio, score_cutoff=NEAR, limit=MOST_NEAR * 6,
        )  # fmt: skip
        codes = dict.fromkeys(self._spellings[spelling] for _folded, _likeness, spelling in found)
        return tuple(self._shown[code] for code in list(codes)[:MOST_NEAR])


def _only_once(words: Words) -> dict[str, str]:
    """Spellings without case and look-alike letters, those that lead to one thing alone."""
    found: dict[str, set[str]] = {}
    for spelling, code in words.spellings.items():
        found.setdefault(folded(spelling), set()).add(code)
    return {spelling: codes.pop() for spelling, codes in found.items() if len(codes) == 1}


def suggestions(
    counting: Counting, headings: Sequence[str], mapping: Mapping[int, str], *, remembered: bool
) -> dict[int, Suggested]:
    """By column: what was said of it before, or what its heading suggests where it is nothing else."""
    before = things_of(mapping)
    found: dict[int, Suggested] = {}
    for column, heading in enumerate(headings):
        if column in before:
            _field, thing, unit = before[column]
            found[column] = counting.kept(thing, unit)
        elif column not in mapping and heading and not remembered:
            found[column] = counting.suggested(heading)
    return found

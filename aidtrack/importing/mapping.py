"""Which column is what: guessed from headings, said by a person, remembered."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from aidtrack.importing.errors import ColumnTwice, FieldNotMapped
from aidtrack.importing.layouts import Column, Layout
from aidtrack.kernel.likeness import folded

LIKE_ENOUGH = 88  # of 100; below it a heading stays unmapped and a person chooses
_NUMBER = re.compile(r"\b(\d{1,2})\b|(\d{1,2})$")
MOST_PARTS = 40

# column -> "field"; "field#2", the second part's; "field@RICE@кг", a column that counts one thing in one unit
Mapping_ = dict[int, str]


def names_of(field: Column, translate: Callable[[str], str]) -> set[str]:
    return {folded(one) for one in (field.label, translate(field.label), field.name, *field.synonyms)}


class Guesser:
    """Knows a layout's headings in both languages."""

    def __init__(self, layout: Layout, translate: Callable[[str], str]) -> None:
        self._fields = [(field, names_of(field, translate)) for field in layout.fields]
        self._tags = {
            synonym.replace(" ", ""): field.name
            for field in layout.fields
            for synonym in field.synonyms
            if synonym.startswith("#")
        }

    def knows(self, heading: str) -> bool:
        return self._exact(heading) is not None

    def guess(self, headings: Sequence[str], tags: Sequence[str] = ()) -> Mapping_:
        """A target for each column that is surely or very probably one; each target once."""
        found: Mapping_ = {}
        used: set[str] = set()

        def take(column: int, target: str | None) -> None:
            if target is not None and target not in used and column not in found:
                found[column] = target
                used.add(target)

        for column, heading in enumerate(headings):
            take(column, self._exact(heading))
        for column, tag in enumerate(tags):
            take(column, self._tags.get(tag.replace(" ", "")))
        for column, heading in enumerate(headings):
            if column not in found and heading:
                take(column, self._alike(heading))
        return found

    def _exact(self, heading: str) -> str | None:
        plain, number = _numbered(heading)
        whole = folded(heading)
        for field, names in self._fields:
            if whole in names:
                return field.name
        for field, names in self._fields:
            if number and field.repeats and plain in names:
                return f"{field.name}#{number}"
        return None

    def _alike(self, heading: str) -> str | None:
        from rapidfuzz import fuzz

        plain, number = _numbered(heading)
        best, most = None, float(LIKE_ENOUGH)
        for field, names in self._fields:
            for name in names:
                if len(name) < 4:
                    continue
                likeness = fuzz.token_sort_ratio(plain, name)
                if likeness > most:
                    best, most = field, likeness
        if best is None:
            return None
        return f"{best.name}#{number}" if number and best.repeats else best.name


def _numbered(heading: str) -> tuple[str, int]:
    """A heading without its number: «Прізвище члена сім'ї 2» and 2."""
    text = folded(heading)
    match = _NUMBER.search(text)
    if match is None:
        return text, 0
    number = int(match.group(1) or match.group(2))
    plain = " ".join((text[: match.start()] + " " + text[match.end() :]).split())
    return plain, number if 1 <= number <= MOST_PARTS else 0


def checked(
    mapping: Mapping[int, str], layout: Layout, *, width: int, constants: Collection[str] = ()
) -> Mapping_:
    """The mapping, if something can be brought in by it.

    Raises:
        FieldNotMapped, ColumnTwice: naming the field.
    """
    known = {field.name: field for field in layout.fields}
    found: Mapping_ = {}
    for column, target in sorted(mapping.items()):
        name, part = field_of(target), target.partition("#")[2]
        if not target or name not in known or not 0 <= column < width:
            continue
        if known[name].things is not None:
            found[column] = target  # several columns may count the same thing
            continue
        if part and (not known[name].repeats or not part.isdecimal() or not 1 <= int(part) <= MOST_PARTS):
            continue
        if target in found.values():
            raise ColumnTwice(label=known[name].label)
        found[column] = target
    mapped = {field_of(target) for target in found.values()} | set(constants)
    for field in layout.fields:
        if field.needed and field.name not in mapped and not mapped & set(field.instead):
            raise FieldNotMapped(label=field.label)
    return found


def parts_of(mapping: Mapping[int, str]) -> list[int]:
    """Numbers of the parts that stand beside each other in one row; empty where each row is a part."""
    return sorted(
        {int(target.partition("#")[2]) for target in mapping.values() if "#" in target and "@" not in target}
    )


def field_of(target: str) -> str:
    """The field's name alone."""
    return target.partition("@")[0].partition("#")[0]


def target_of(name: str, thing: str, unit: str) -> str:
    """How a column is remembered that counts one thing; codes of things hold no @."""
    return f"{name}@{thing}@{unit}"


def things_of(mapping: Mapping[int, str]) -> dict[int, tuple[str, str, str]]:
    """Columns that count one thing each: field, thing, unit."""
    parted = {column: tuple(target.split("@", 2)) for column, target in sorted(mapping.items())}
    return {column: (one[0], one[1], one[2]) for column, one in parted.items() if len(one) == 3}

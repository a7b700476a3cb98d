"""Find what people would read in the wrong language.

    python tools/i18n.py             say everything that is wrong
    python tools/i18n.py missing     print the missing entries as PO, by the file that uses them

English is the language of the source. Ukrainian stands in aidtrack/translations/uk/LC_MESSAGES, one PO
file per room; together they are one catalogue. tests/test_translations.py runs the same checks.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "aidtrack" / "translations" / "uk" / "LC_MESSAGES"
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "_l": None, "N_": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# without one of them a file marks nothing; to take it apart costs a hundred times this
MARKS = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\s*\(|{{%-?\s*trans\b")
PLACE = re.compile(r"%\((\w+)\)[#0\- +]?\d*(?:\.\d+)?[a-zA-Z]|%%")
UKRAINIAN_FORMS = 3

# Words that are the same in every language, or name a language in itself.
UNTRANSLATED = {
    "aidtrack",
    "English",
    "Українська",
    "CSV",
    "XLSX",
    "PDF",
    "QR",
    "JSON",
    "API",
    "ID",
    "uk",
    "en",
}
SPOKEN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "label"}

Key = tuple[str, str | None]  # msgid (singular), context


@dataclass(frozen=True)
class Use:
    """Where the source shows a text."""

    file: str
    line: int
    plural: str | None


@cache
def uses() -> dict[Key, list[Use]]:
    """Every text the Python files and the templates mark for translation."""
    found: dict[Key, list[Use]] = defaultdict(list)
    for folder, pattern, method in (("aidtrack", "*.py", "python"), ("templates", "*.html", "jinja2")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if MARKS.search(path.read_text(encoding="utf-8")):
                for line, message, context in _marked(path, method):
                    texts: tuple[str, ...] = (message,) if isinstance(message, str) else message
                    if texts[0]:
                        plural = texts[1] if len(texts) > 1 else None
                        use = Use(path.relative_to(ROOT).as_posix(), line, plural)
                        found[texts[0], context].append(use)
    return found


def _marked(path: Path, method: str) -> Iterator[tuple[int, Any, str | None]]:
    options = {"encoding": "utf-8", "trimmed": "true", "silent": "false"}
    for line, message, _comments, context in extract_from_file(method, path, KEYWORDS, options=options):
        yield line, message, context


def catalogues() -> dict[str, Catalog]:
    """The Ukrainian PO files by name, without `.po`."""
    read = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            read[path.stem] = read_po(file, locale="uk")
    return read


def entries(catalog: Catalog) -> Iterator[tuple[Key, Message]]:
    for message in catalog:
        if message.id:
            singular = message.id if isinstance(message.id, str) else message.id[0]
            yield (singular, message.context), message


def missing(found: dict[Key, list[Use]], read: dict[str, Catalog]) -> dict[Key, list[Use]]:
    known = {key for catalog in read.values() for key, _ in entries(catalog)}
    return {key: places for key, places in found.items() if key not in known}


def places_of(text: str) -> set[str]:
    return {match.group(0) for match in PLACE.finditer(text)} - {"%%"}


def entry_faults(name: str, message: Message, found: dict[Key, list[Use]]) -> Iterator[str]:
    """What is wrong with one translation."""
    originals = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    where = f"{name}.po: {originals[0]!r}"
    uses_of = found.get((originals[0], message.context), [])
    if message.fuzzy:
        yield f"{where} is marked fuzzy"
    if not uses_of:
        yield f"{where} is used nowhere"
    if len(originals) > 1 and len(strings) != UKRAINIAN_FORMS:
        yield f"{where} needs {UKRAINIAN_FORMS} plural forms"
    if any(use.plural and len(originals) == 1 for use in uses_of):
        yield f"{where} is used with a plural but translated without"
    allowed = set().union(*map(places_of, originals))
    for string in strings:
        if not string.strip():
            yield f"{where} has an empty translation"
        elif len(originals) == 1 and places_of(string) != allowed:
            yield f"{where} and its translation differ in places: {sorted(allowed ^ places_of(string))}"
        elif not places_of(string) <= allowed:
            yield f"{where} has unknown places in its translation: {sorted(places_of(string) - allowed)}"


def catalogue_faults() -> list[str]:
    """Texts without a translation, broken translations, and texts translated in two rooms."""
    found, read = uses(), catalogues()
    faults = [
        f"{places[0].file}:{places[0].line}: {key[0]!r} has no translation"
        for key, places in missing(found, read).items()
    ]
    homes: dict[Key, list[str]] = defaultdict(list)
    for name, catalog in read.items():
        if catalog.num_plurals != UKRAINIAN_FORMS:
            faults.append(f"{name}.po: its header must speak of {UKRAINIAN_FORMS} plural forms")
        for key, message in entries(catalog):
            homes[key].append(name)
            faults += entry_faults(name, message, found)
    faults += [f"{key[0]!r} stands in {', '.join(names)}" for key, names in homes.items() if len(names) > 1]
    return faults


# --- Texts that were never marked -------------------------------------------------------------------


class _Spoken(HTMLParser):
    """Collects what a person reads or hears in a page: text, and attributes that are spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code")
        spoken = SPOKEN_ATTRIBUTES | ({"value"} if tag == "input" and ("type", "submit") in attrs else set())
        self.texts += [(self.getpos()[0], value) for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if self._silent <= 0:
            self.texts.append((self.getpos()[0], data))


def _blank(match: re.Match[str]) -> str:
    """Nothing, on as many lines: line numbers stay true."""
    return "\n" * match.group(0).count("\n") or " "


def bare_words(template: str) -> list[tuple[int, str]]:
    """Words of a template that no translation can reach, with their lines."""
    without = re.sub(r"{%-?\s*trans\b.*?endtrans\s*-?%}", _blank, template, flags=re.DOTALL)
    without = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", _blank, without, flags=re.DOTALL)
    parser = _Spoken()
    parser.feed(without)
    return [
        (line, text.strip())
        for line, text in parser.texts
        if set(re.findall(r"[^\W\d_]{2,}", text)) - UNTRANSLATED
    ]


def _shown(node: ast.AST) -> list[ast.expr]:
    """The expressions of a node that reach a person: a flashed text, a field's label, an error's sentence."""
    if isinstance(node, ast.Call):
        name = str(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
        shown = name == "flash" or (name.endswith("Field") and name != "HiddenField")
        return node.args[:1] if shown else []
    if isinstance(node, ast.ClassDef):
        plain = [part for part in node.body if isinstance(part, ast.Assign)]
        return [part.value for part in plain if getattr(part.targets[0], "id", "") == "text"]
    return []


# what `_shown` looks for; most files have none of it, and to take one apart costs a hundred times this
SHOWS = re.compile(r"\bflash\s*\(|Field\s*\(|\btext\s*=")


def bare_strings(source: str) -> list[tuple[int, str]]:
    """Python strings given to people without being marked, with their lines."""
    if not SHOWS.search(source):
        return []
    return [
        (shown.lineno, ast.unparse(shown))
        for node in ast.walk(ast.parse(source))
        for shown in _shown(node)
        if isinstance(shown, ast.JoinedStr | ast.Constant) and re.search(r"[^\W\d_]{2,}", ast.unparse(shown))
    ]


def unmarked() -> list[str]:
    faults = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for line, text in bare_words(path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(ROOT)}:{line}: {text!r} is not marked for translation")
    for path in sorted((ROOT / "aidtrack").rglob("*.py")):
        for line, text in bare_strings(path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(ROOT)}:{line}: {text} is not marked for translation")
    return faults


def print_missing() -> None:
    by_file: dict[str, Catalog] = defaultdict(Catalog)
    for (singular, context), places in missing(uses(), catalogues()).items():
        plural = next((use.plural for use in places if use.plural), None)
        text = (singular, plural) if plural else singular
        by_file[places[0].file].add(text, context=context, locations=[(use.file, use.line) for use in places])
    for file, catalog in sorted(by_file.items()):
        print(f"\n# ===== {file}", flush=True)
        write_po(sys.stdout.buffer, catalog, omit_header=True, width=105)
        sys.stdout.buffer.flush()


def main() -> int:
    if "missing" in sys.argv:
        print_missing()
        return 0
    faults = catalogue_faults() + unmarked()
    print("\n".join(faults) or "every text is translated")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())

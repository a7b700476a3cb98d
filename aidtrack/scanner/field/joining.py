"""The phone's modules as one file: fifty small requests cost a slow line a second more than their bytes do.

Modules stay as they are written; each becomes a function of its own, after those it imports. Only the forms that
our modules use are known, and anything else is refused when the file is made, not on somebody's phone.
"""

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from aidtrack.web.assets import without_comments

_FROM = r'\s*from\s+"(\.{1,2}/[^"]+)";[ \t]*$'
_NAMED = re.compile(r"^import\s*\{([^}]*)\}" + _FROM, re.MULTILINE)
_WHOLE = re.compile(r"^import\s*\*\s*as\s+(\w+)" + _FROM, re.MULTILINE)
_DECLARED = re.compile(r"^export\s+((?:async\s+)?(?:function\*?|const|let|class)\s+(\w+))", re.MULTILINE)
_LISTED = re.compile(r"^export\s*\{([^}]*)\};[ \t]*$", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export|await)\b.*$", re.MULTILINE)


class CannotJoin(ValueError):
    """A module uses a form that this does not know, or two modules import each other."""


def imports_of(script: str) -> list[str]:
    """What a module names, as it names it."""
    return [found[-1] for found in (*_NAMED.findall(script), *_WHOLE.findall(script))]


def in_order(folder: Path, entry: str) -> list[str]:
    """A module and all it imports, each after those it needs.

    Raises:
        CannotJoin: two modules import each other.
    """
    order: list[str] = []
    open_: list[str] = []

    def visit(path: str) -> None:
        if path in order:
            return
        if path in open_:
            raise CannotJoin(f"{path} imports itself: {' > '.join([*open_, path])}")
        open_.append(path)
        for named in imports_of((folder / path).read_text(encoding="utf-8")):
            visit(normpath(join(dirname(path), named)))
        open_.pop()
        order.append(path)

    visit(entry)
    return order


@cache
def joined(folder: Path, entry: str, _digest: str) -> str:
    """One module with the exports of `entry`.

    Raises:
        CannotJoin
    """
    order = in_order(folder, entry)
    names = {path: f"m{place}" for place, path in enumerate(order)}
    parts = []
    for path in order:
        body, exports = _body(folder, path, names)
        given = ", ".join(name if name == as_ else f"{as_}: {name}" for name, as_ in exports)
        parts.append(f"const {names[path]} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n")
        last = [as_ for _name, as_ in exports]
    if last:
        parts.append(f"export const {{ {', '.join(last)} }} = {names[entry]};\n")
    return "".join(parts)


def _body(folder: Path, path: str, names: dict[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """A module's text as a function's, and what it gives: (name inside, name outside)."""
    text = without_comments((folder / path).read_text(encoding="utf-8"))

    def known(named: str) -> str:
        return names[normpath(join(dirname(path), named))]

    text = _NAMED.sub(lambda found: f"const {{{_renamed(found[1])}}} = {known(found[2])};", text)
    text = _WHOLE.sub(lambda found: f"const {found[1]} = {known(found[2])};", text)
    exports = [(name, name) for _whole, name in _DECLARED.findall(text)]
    text = _DECLARED.sub(r"\1", text)
    for listed in _LISTED.findall(text):
        for one in filter(None, (part.strip() for part in listed.split(","))):
            inside, _as, outside = one.partition(" as ")
            exports.append((inside.strip(), (outside or inside).strip()))
    text = _LISTED.sub("", text)
    left = _LEFT.search(text)
    if left:
        raise CannotJoin(f"{path}: {left.group()}")
    return _without_indentation(text), exports


def _without_indentation(text: str) -> str:
    """Lines without what stands before them: 13 kB less for a slow phone to read. Not inside a text of many lines."""
    lines, inside = [], False
    for line in text.splitlines():
        if inside or line.strip():
            lines.append(line if inside else line.strip())
        inside ^= line.count("`") % 2 == 1
    return "\n".join(lines)


def _renamed(listed: str) -> str:
    """`a, b as c` of an import as `a, b: c` of a pattern."""
    return (
        " "
        + ", ".join(part.strip().replace(" as ", ": ") for part in listed.split(",") if part.strip())
        + " "
    )

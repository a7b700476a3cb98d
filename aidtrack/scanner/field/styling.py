"""The phone's style sheets as one file, without the rules that nothing on its page could ever use.

A slow phone on a slow line pays for every rule twice: loading it and comparing it. A rule is left out only if each of
its selectors names an element, class or attribute whose name stands nowhere, neither in the page nor in its script.
"""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TEXT = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_STEP = re.compile(rf"{_TEXT}|[{{}}]", re.DOTALL)
_INSIDE = re.compile(r"\([^()]*\)")
_NAMED = re.compile(r"(?:^|(?<=[\s>+~]))([a-z][a-z0-9]*)|[.#]([\w-]+)|\[([\w-]+)(?:[~|^$*]?=\"?([\w-]+))?")
_PSEUDO = re.compile(r"::?[a-z-]+")
LOOKED_INTO = ("@media", "@supports")


def words_of(*texts: str) -> frozenset[str]:
    """Every word that might be an element's, a class's or an attribute's name."""
    return frozenset(word for text in texts for word in _WORD.findall(text))


def used(sheet: str, words: frozenset[str]) -> str:
    """The sheet without comments and without rules that nothing named by `words` could use."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return "".join(_kept(sheet, words))


def _kept(sheet: str, words: frozenset[str]) -> Iterator[str]:
    for head, body in _rules(sheet):
        if not body:
            yield head
        elif head.startswith(LOOKED_INTO):
            inner = "".join(_kept(body, words))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            selectors = [one for one in _selectors(head) if _may_match(one, words)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """What stands before braces, and what stands in them; a statement without braces has no body."""
    start = opened = depth = 0
    for found in _STEP.finditer(sheet):
        if found[0] == "{":
            depth += 1
            if depth == 1:
                opened = found.start()
        elif found[0] == "}":
            depth -= 1
            if depth == 0:
                *statements, head = sheet[start:opened].split(";")
                yield from ((f"{statement.strip()};", "") for statement in statements if statement.strip())
                yield head.strip(), sheet[opened + 1 : found.start()].strip()
                start = found.end()


def _selectors(head: str) -> Iterator[str]:
    """The list's members: a comma between brackets belongs to one of them."""
    depth = start = 0
    for place, character in enumerate(head):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            yield head[start:place]
            start = place + 1
    yield head[start:]


def _may_match(selector: str, words: frozenset[str]) -> bool:
    """What stands in brackets of `:not` or `:is` is no demand, and asks for nothing here."""
    plain, before = selector, ""
    while plain != before:
        plain, before = _INSIDE.sub("", plain), plain
    plain = _PSEUDO.sub("", plain)
    return all(name in words for names in _NAMED.findall(plain) for name in names if name)

"""Which files the phone's page is made of: found by reading what its modules import, so that no list can go stale."""

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from flask import current_app

from aidtrack.web.assets import asset, digest

PAGE = "js/field/page/main.js"
BACKGROUND = "js/field/page/background.js"  # what the worker sends when the page is closed
STYLES = ("vendor/pico.min.css", "app.css", "counter.css", "field.css")
READER = ("vendor/barcode-detector.js", "vendor/zxing_reader.wasm")
ICONS = ("icon.svg", "icons/app-192.png", "icons/app-512.png", "icons/app-mask-512.png")

_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*?"(\.{1,2}/[^"]+)"', re.MULTILINE)


@cache
def _modules(folder: Path, entry: str, _digest: str) -> tuple[str, ...]:
    """A module and everything it imports, each once, the deepest last."""
    found = [entry]
    for path in found:  # grows while it is read
        for named in _IMPORT.findall((folder / path).read_text(encoding="utf-8")):
            target = normpath(join(dirname(path), named))
            if target not in found:
                found.append(target)
    return tuple(found)


def modules(entry: str = PAGE) -> tuple[str, ...]:
    """Paths below `static/` of a module and all that it imports."""
    assert current_app.static_folder is not None
    return _modules(Path(current_app.static_folder), entry, digest())


def addresses() -> list[str]:
    """Everything the page needs without a network, but for the page itself."""
    both = dict.fromkeys((*modules(PAGE), *modules(BACKGROUND)))
    return [asset(path) for path in (*STYLES, *both, *READER, *ICONS)]

"""Which files the phone's page is made of."""

from functools import cache
from pathlib import Path

from flask import current_app, url_for

from aidtrack.scanner.field.joining import joined
from aidtrack.scanner.field.styling import used, words_of
from aidtrack.web.assets import asset, digest, plain_css

# The page's script, and what its worker sends when the page is closed.
SCRIPTS = {"page": "js/field/page/main.js", "background": "js/field/page/background.js"}
STYLES = ("vendor/pico.min.css", "app.css", "counter.css", "field.css")
READER = ("vendor/barcode-detector.js", "vendor/zxing_reader.wasm")
ICONS = ("icon.svg", "icons/app-192.png", "icons/app-512.png", "icons/app-mask-512.png")


def script(name: str) -> str:
    """The text of a script with all its modules."""
    assert current_app.static_folder is not None
    return joined(Path(current_app.static_folder), SCRIPTS[name], digest())


def address(name: str) -> str:
    return url_for("field.script", build=digest(), name=name)


def style(markup: str) -> str:
    """The style sheets of the page, without what neither its markup nor its script could use."""
    assert current_app.static_folder is not None
    return _styles(Path(current_app.static_folder), words_of(markup, script("page")), digest())


@cache
def _styles(folder: Path, words: frozenset[str], _digest: str) -> str:
    return "\n".join(plain_css(used((folder / path).read_text(encoding="utf-8"), words)) for path in STYLES)


def style_address() -> str:
    return url_for("field.style", build=digest())


def early() -> str:
    """The page's `Link` header: the browser asks for these while the page itself still comes."""
    return f"<{address('page')}>; rel=modulepreload, <{style_address()}>; rel=preload; as=style"


def addresses() -> list[str]:
    """Everything the page needs without a network, but for the page itself."""
    return [*(asset(path) for path in (*READER, *ICONS)), style_address(), address("page")]

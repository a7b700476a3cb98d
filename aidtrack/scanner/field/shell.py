"""Which files the phone's page is made of."""

from pathlib import Path

from flask import current_app, url_for

from aidtrack.scanner.field.joining import joined
from aidtrack.web.assets import asset, digest

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


def addresses() -> list[str]:
    """Everything the page needs without a network, but for the page itself."""
    return [*(asset(path) for path in (*STYLES, *READER, *ICONS)), address("page")]

"""A real Chromium for stories: found on the machine, with a camera that shows what the test wants."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import qrcode
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.support import patience

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--process-per-site",  # a test's page finds the process that its predecessor warmed up
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # grants the camera
)
# No page of a test lives long enough to win back what the optimising compilers take from the processor.
# Only for tests: where speed is measured the browser must be a whole one.
SPARING = ("--js-flags=--no-opt --no-maglev --single-threaded-gc",)
# Whatever a page is to show is waited for as long as this: only a fault takes so long, on however busy a machine.
PATIENCE = 1000 * patience.SECONDS
expect.set_options(timeout=PATIENCE)
DESK: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 360, "height": 740}

# One browser, many vouchers: the camera is a canvas on which a test draws a QR matrix.
CANVAS_CAMERA = """
const canvas = document.createElement("canvas");
canvas.width = 640; canvas.height = 480;
const pen = canvas.getContext("2d");
const clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, 640, 480); pen.fillStyle = "#000"; };
clear();
window.__show = (matrix) => {
  clear();
  const size = Math.floor(440 / matrix.length);
  matrix.forEach((row, y) => row.forEach((dark, x) =>
    dark && pen.fillRect(100 + x * size, 20 + y * size, size, size)));
};
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  setInterval(() => pen.fillRect(0, 0, 1, 1), 100);
  return canvas.captureStream(15);
};
"""

# A page gives the server 15 seconds to answer and lets a verdict rest after 45 or 120. On a machine whose processor is
# taken away for minutes both pass before a test has looked.
UNHURRIED = """{
  const later = window.setTimeout;
  window.setTimeout = (what, ms, ...rest) => later(what, [15_000, 45_000, 120_000].includes(ms) ? 16 * ms : ms, ...rest);
}"""

TAKES_KEYS = """() => {
  const first = document.querySelector("[autofocus]");
  return document.readyState === "complete" && (first === null || document.activeElement !== document.body);
}"""
# Each key says when it went down: a scanner's pace is steady, however busy the machine that runs the test.
HEARS_KEYS = """(text) => {
  const start = performance.now();
  const strokes = [...text].map((key) => /[A-Z]/.test(key) ? {key, code: `Key${key}`, shiftKey: true}
    : /[0-9]/.test(key) ? {key, code: `Digit${key}`}
    : {":": {key, code: "Semicolon", shiftKey: true}, "-": {key, code: "Minus"}}[key]);
  for (const [place, how] of [...strokes, {key: "Enter", code: "Enter"}].entries()) {
    const stroke = new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...how});
    Object.defineProperty(stroke, "timeStamp", {value: start + place * 2});
    document.activeElement.dispatchEvent(stroke);
  }
}"""
UKRAINIAN_KEYS = dict(zip("QWERTYUIOPASDFGHJKLZXCVBNM", "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬ", strict=True))


def find_chromium() -> str:
    """The browser that start.py found or installed; run alone, the one on the PATH."""
    found = os.environ.get("AIDTRACK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise RuntimeError(
            "no Chromium: `python3 start.py test` installs one, or name it in AIDTRACK_CHROMIUM"
        )
    return found


def launch(playwright: Playwright, *flags: str) -> Browser:
    """A browser of its own, with more flags than all of ours have: SPARING, a certificate's, a film's."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])


class Film:
    """What the browser's own camera sees: a film of one frame, read again and again while the browser runs.

    So a test holds up one thing after another by writing the frame anew. Five frames a second cost a tenth of
    what a camera's thirty do, and a hand is no faster.
    """

    WIDTH, HEIGHT = 320, 240

    def __init__(self, folder: Path) -> None:
        self.file = folder / "camera.y4m"
        self.show(Image.new("L", (1, 1), "white"))

    @property
    def flag(self) -> str:
        return f"--use-file-for-fake-video-capture={self.file.resolve()}"

    def show(self, picture: Image.Image) -> None:
        """Hold a picture before the camera, as large as it fits."""
        frame = Image.new("L", (self.WIDTH, self.HEIGHT), "white")
        larger = min(self.WIDTH / picture.width, self.HEIGHT / picture.height)
        fitting = picture.convert("L").resize((int(picture.width * larger), int(picture.height * larger)))
        frame.paste(fitting, ((self.WIDTH - fitting.width) // 2, (self.HEIGHT - fitting.height) // 2))
        grey = bytes([128]) * (self.WIDTH * self.HEIGHT // 2)  # both colour planes
        head = f"YUV4MPEG2 W{self.WIDTH} H{self.HEIGHT} F5:1 Ip A1:1 C420jpeg\nFRAME\n"
        # in place: the browser keeps the file open
        with self.file.open("r+b" if self.file.exists() else "wb") as film:
            film.write(head.encode() + frame.tobytes() + grey)

    def show_code(self, text: str) -> None:
        drawn = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
        drawn.add_data(text)
        matrix = drawn.get_matrix()
        picture = Image.new("L", (len(matrix), len(matrix)))
        picture.putdata([0 if dark else 255 for row in matrix for dark in row])
        self.show(picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST))


def open_context(browser: Browser, *, phone: bool = False, **options: Any) -> BrowserContext:
    """A person's browser in Ukraine, at a desk or with the narrowest phone we promise to serve."""
    chosen = {
        "locale": "uk-UA",
        "timezone_id": "Europe/Kyiv",
        "viewport": PHONE if phone else DESK,
        "reduced_motion": "reduce",  # nothing is looked at, or pressed, while it is on its way
        **options,
    }
    context = browser.new_context(has_touch=phone, **chosen)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(CANVAS_CAMERA)
    context.add_init_script(UNHURRIED)
    return context


def show_to_camera(page: Page, matrix: Sequence[Sequence[bool]]) -> None:
    """Hold a QR code, as `qrcode`'s get_matrix() gives it, before the page's camera."""
    page.evaluate("matrix => window.__show(matrix)", [list(map(bool, row)) for row in matrix])


def scan(page: Page, text: str) -> None:
    """Scan a code where it does not matter how keys come into a page: all of them in one message.

    From a keyboard on they come with `type_like_scanner`, which takes a message for each.
    """
    patience.until(lambda: page.evaluate(TAKES_KEYS), "a page that takes keys")
    page.evaluate(HEARS_KEYS, text)


def type_like_scanner(page: Page, text: str, *, ukrainian_layout: bool = False) -> None:
    """Send a code as a USB scanner does: key positions in quick order, ended by Enter.

    With the Ukrainian layout switched on, the same keys carry Cyrillic letters. Every key says when it went
    down: a scanner's pace is steady, however busy the machine that runs the test. That keys come up again
    is not told: no page listens to it, and each of 166 keys would cost another message.

    A page that has just been opened shows its text before it takes keys; nobody scans so early.
    """
    patience.until(lambda: page.evaluate(TAKES_KEYS), "a page that takes keys")
    session = page.context.new_cdp_session(page)
    start = time.time()
    for place, character in enumerate(text):
        key = UKRAINIAN_KEYS.get(character, character) if ukrainian_layout else character
        shift = 8 if character.isalpha() or character == ":" else 0
        if character.isalpha():
            code = f"Key{character}"
        elif character.isdigit():
            code = f"Digit{character}"
        else:
            code = {":": "Semicolon", "-": "Minus"}[character]
            key = "Ж" if ukrainian_layout and character == ":" else key
        stroke = {"code": code, "key": key, "modifiers": shift, "timestamp": start + place * 0.002}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, **stroke})
    enter = {
        "code": "Enter",
        "key": "Enter",
        "windowsVirtualKeyCode": 13,
        "timestamp": start + len(text) * 0.002,
    }
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", **enter})
    session.detach()


class Watch:
    """Notes what must not happen on any page: a script error, a breach of the CSP, a foreign host."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.origins: set[str] = set()
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("console", self._hear)
        context.on("request", self._see)

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:", "about:")):
            self.complaints.append(f"asked a foreign host: {request.url}")
        elif request.url.startswith("http://"):
            self.origins.add("/".join(request.url.split("/")[:3]))


class KeptContext:
    """One context for test after test: a new one would compile every script again.

    Between two tests it loses its pages, cookies and storages. The last page stays, empty, so that the
    renderer's process lives on.
    """

    def __init__(self, browser: Browser, *, phone: bool = False) -> None:
        self.context = open_context(browser, phone=phone)
        self._watch = Watch(self.context)
        self._holder: Page | None = None

    def take_back(self) -> list[str]:
        """Empty it; what the watch has to complain of since the last time."""
        context = self.context
        pages = [page for page in context.pages if page is not self._holder]
        if pages:
            for page in [*pages[:-1], *([self._holder] if self._holder else [])]:
                page.close()
            self._holder = pages[-1]
        context.set_offline(False)
        context.unroute_all(behavior="wait")
        context.clear_cookies()
        context.clear_permissions()
        if self._holder is not None:
            self._forget_storages(self._holder)
        complaints, self._watch.complaints = self._watch.complaints, []
        return complaints

    def _forget_storages(self, page: Page) -> None:
        page.unroute_all(behavior="wait")
        page.goto("about:blank")
        session = self.context.new_cdp_session(page)
        for origin in self._watch.origins:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self._watch.origins = set()

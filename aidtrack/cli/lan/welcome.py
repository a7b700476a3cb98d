"""The page a phone opens first, over plain HTTP: the authority to install, and the way to the counter."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import qrcode
from flask import Flask, render_template
from flask_babel import force_locale
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage

from aidtrack.kernel.late import dataclass

CERTIFICATE_PATH = "/aidtrack.crt"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What stands on the page: addresses and the authority's fingerprint. No secret, nobody's data."""

    page_url: str
    counter_url: str
    fingerprint: str


def page(app: Flask, welcome: Welcome) -> bytes:
    """The page in both languages, complete in itself."""
    parts = []
    with app.test_request_context():
        for speaks in ("uk", "en"):
            with force_locale(speaks):
                parts.append(
                    Markup(  # noqa: S704  our own template's output
                        render_template(
                            "lan/steps.html", speaks=speaks, welcome=welcome, certificate=CERTIFICATE_PATH
                        )
                    )
                )
        whole = render_template(
            "lan/page.html",
            parts=parts,
            page_code=_code(welcome.page_url),
            counter_code=_code(welcome.counter_url),
            welcome=welcome,
        )
    return whole.encode()


def _code(text: str) -> Markup:
    drawn: str = qrcode.make(text, image_factory=SvgPathImage).to_string(encoding="unicode")
    return Markup(drawn)  # noqa: S704  drawn by the library: paths and numbers


def serve(host: str, port: int, answers: Mapping[str, tuple[str, bytes]]) -> ThreadingHTTPServer:
    """Answer these paths (content type, body) and no others, in a thread of this process."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "aidtrack", ""

        def do_GET(self) -> None:
            found = answers.get(self.path)
            kind, body = found or ("text/plain; charset=utf-8", b"404")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Who asked is nobody's business."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="welcome", daemon=True).start()
    return server

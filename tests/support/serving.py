"""Serve an application to a browser from a thread of the test, and the accessibility rules beside it."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_FILE_PATH
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support import patience

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AXE = "/axe.min.js"
_used: list[int] = []  # the port of this process: a browser keeps what it compiled by address
_silent: set[socket.socket] = set()  # connections on which nothing was asked so far


class _Handler(WSGIRequestHandler):
    def setup(self) -> None:
        super().setup()
        _silent.add(self.connection)

    def parse_request(self) -> bool:
        _silent.discard(self.connection)
        return super().parse_request()

    def finish(self) -> None:
        _silent.discard(self.connection)
        super().finish()


def _with_axe(app: Flask) -> "WSGIApplication":
    """The browser keeps what it compiled of a script that it fetched, and not of one that it is told to run."""
    script = AXE_FILE_PATH.read_bytes()

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != AXE:
            return app(environ, start)
        headers = [("Content-Type", "text/javascript"), ("Cache-Control", "max-age=86400, immutable")]
        start("200 OK", [*headers, ("Content-Length", str(len(script)))])
        return [script]

    return answer


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve on a free port of this machine; gives the address without a slash at its end.

    It is the same port each time where that is possible. Every request is answered when the block has ended.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", _used[0] if _used else 0))
        except OSError:
            listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        port = listening.getsockname()[1]
        server = make_server(
            "127.0.0.1", port, _with_axe(app), threaded=True, request_handler=_Handler, fd=listening.fileno()
        )
    _used[:] = [port]
    before = set(threading.enumerate())
    thread = threading.Thread(target=server.serve_forever, name="served", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        # a browser connects in advance, and keeps such a connection for a minute without a word
        for connection in list(_silent):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        thread.join(timeout=patience.SECONDS)
        for request in set(threading.enumerate()) - before:
            if "process_request" in request.name:
                request.join(timeout=patience.SECONDS)

"""Servers by the dozen: one process imports the product and forks a server each time it is asked.

A start costs tenths of a second instead of seconds, which is what a test needs that kills thirty of them.
What runs in the fork is the product's own `aidtrack serve`.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.product import ROOT, environment, free_port

STARTS_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the leader of a process group of its own."""

    pid: int
    port: int
    log: Path

    def kill(self) -> None:
        """End it at once, as a power cut does; returns when nothing listens any more."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + STARTS_WITHIN
        while _answers(self.port) and time.monotonic() < deadline:
            time.sleep(0.005)


class Nursery:
    """Speaks to the process that forks. Kills at its end whatever was started and still runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Server] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def start(self, url: str, *, port: int | None = None, application: str | None = None) -> Server:
        """Fork a server for that database; `application` names a module whose `app` is served instead."""
        assert self._process.stdin is not None and self._process.stdout is not None
        number = len(self._started)
        port = port or free_port()
        log = self._folder / f"server-{number}.log"
        instance = self._folder / "instance"
        instance.mkdir(exist_ok=True)
        order = {
            "port": port,
            "log": str(log),
            "application": application,
            "environment": environment(url, instance),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        answer = self._process.stdout.readline()
        assert answer, "the nursery is gone"
        server = Server(int(answer), port, log)
        self._started.append(server)
        return server

    def wait_for(self, server: Server) -> None:
        """Return when it answers. Started first and waited for later, several servers start side by side."""
        deadline = time.monotonic() + STARTS_WITHIN
        while not _answers(server.port):
            if time.monotonic() > deadline or not _alive(server.pid):
                raise RuntimeError(f"the server did not start:\n{server.log.read_text(errors='replace')}")
            time.sleep(0.01)

    @contextmanager
    def serving(self, url: str, count: int, *, application: str | None = None) -> Iterator[list[int]]:
        """That many servers on one database, started side by side; gives their ports."""
        servers = [self.start(url, application=application) for _ in range(count)]
        try:
            for server in servers:
                self.wait_for(server)
            yield [server.port for server in servers]
        finally:
            for server in servers:
                server.kill()
                print(server.log.read_text(errors="replace"))  # pytest shows it with a failure

    def close(self) -> None:
        for server in self._started:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
        self._process.kill()
        self._process.communicate()


@contextmanager
def nursery() -> Iterator[Nursery]:
    with tempfile.TemporaryDirectory(prefix="aidnursery-") as folder:
        opened = Nursery(Path(folder))
        try:
            yield opened
        finally:
            opened.close()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/api/v1/stock")  # refused without a token, before any work
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# -- the forking process -----------------------------------------------------------------------------


def _serve(port: int, log: str, application: str | None, environment: dict[str, str]) -> None:
    """In the fork: become a process group and a server, with nothing left of the parent's pipes."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    if application is None:
        from aidtrack.cli import main

        main(["serve", "--port", str(port)])
    else:
        from granian.constants import Interfaces
        from granian.server import Server as Granian

        Granian(
            f"{application}:app", port=port, interface=Interfaces.WSGI, blocking_threads=8, websockets=False
        ).serve()


def _forking() -> None:
    import granian.server  # noqa: F401

    import aidtrack.cli.checking
    import aidtrack.cli.serving  # noqa: F401
    from aidtrack.app import create_app
    from aidtrack.config import load

    # rooms import their views when an application is made; this one is never used
    with tempfile.TemporaryDirectory() as folder:
        create_app(load(environment(f"sqlite:///{folder}/never.sqlite3", Path(folder))))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no waiting for
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _serve(**json.loads(line))
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    _forking()

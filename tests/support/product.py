"""The product's own server in processes of its own, for races, crashes and measurements."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_KEY = "YmVuY2htYXJrcyBvbmx5LCBuZXZlciBhbnl3aGVyZSE="
SECRET_KEY = "for tests and measurements only, nowhere else"
STARTS_WITHIN = 90.0


def environment(url: str, instance: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIDTRACK_")}
    return {
        **kept,
        "AIDTRACK_DATABASE_URL": url,
        "AIDTRACK_SECRET_KEY": SECRET_KEY,
        "AIDTRACK_DATA_KEY": DATA_KEY,
        "AIDTRACK_INSTANCE": str(instance),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    url: str,
    *,
    workers: int = 1,
    threads: int = 8,
    application: str = "aidtrack.wsgi:app",
    port: int | None = None,
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run granian as `aidtrack serve` does, on that database; gives the port and the process.

    `application` names another WSGI application for controls that take a guarantee away.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="aidserve-") as folder:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", application,
        ]  # fmt: skip
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                command, cwd=ROOT, env=environment(url, Path(folder)), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            _wait(port, server, Path(folder, "log"))
            yield port, server
        finally:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            print(Path(folder, "log").read_text(errors="replace"))  # pytest shows it with a failure


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/api/v1/openapi.json")
            connection.getresponse().read()
            connection.close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.05)
        else:
            return

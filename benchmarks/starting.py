"""How long a newcomer waits: from a fresh clone to the first page, the demonstration's load alone, and a second start.

The fresh start installs from whatever package index this machine reaches, which is most of it.

python -m benchmarks.starting
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.product import ROOT, free_port

FRESH_WITHIN, AGAIN_WITHIN = 1800, 120


def _run(command: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def _first_page(env: dict[str, str], root: Path = ROOT, within: float = AGAIN_WITHIN) -> float:
    """Seconds from `python3 start.py` to an answered sign-in page; what is installed is found as it is."""
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, str(root / "start.py")], cwd=root, env={**env, "AIDTRACK_PORT": str(port)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while time.perf_counter() - began < within:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/sign-in")
                status = connection.getresponse().status
                connection.close()
            except OSError:
                time.sleep(0.02)
            else:
                assert status == 200, status
                return time.perf_counter() - began
        raise RuntimeError(f"no page within {within} seconds")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _fresh(kept: dict[str, str], folder: Path) -> float:
    """A clone with nothing installed, on a database that is not there yet."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    return _first_page(kept, clone, FRESH_WITHIN)


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="aidstart-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIDTRACK_")}
        fresh = _fresh(kept, Path(folder))
        env = {**kept, "AIDTRACK_ENV": "development", "AIDTRACK_INSTANCE": str(Path(folder, "instance"))}
        aidtrack = [sys.executable, "-m", "aidtrack.cli"]
        _run([*aidtrack, "db", "upgrade"], env)
        load = _run([*aidtrack, "demo"], env)
        starts = sorted(_first_page(env) for _time in range(3))
    return {
        "fresh_start_to_first_page_s": round(fresh, 1),
        "demo_load_s": round(load, 1),
        "second_start_to_first_page_s": round(starts[1], 1),
    }


if __name__ == "__main__":
    print(json.dumps(run()))

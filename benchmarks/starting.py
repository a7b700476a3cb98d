"""How long a newcomer waits: the demonstration's load, and a start on a filled database to its first page.

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

from tests.support.product import ROOT

PORT = 8000  # `aidtrack start` has this one address


def _run(command: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def _first_page(env: dict[str, str]) -> float:
    """Seconds from `python3 start.py` to an answered sign-in page; what is installed is found as it is."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "start.py")], cwd=ROOT, env=env, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while time.perf_counter() - began < 120:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
                connection.request("GET", "/sign-in")
                status = connection.getresponse().status
                connection.close()
            except OSError:
                time.sleep(0.02)
            else:
                assert status == 200, status
                return time.perf_counter() - began
        raise RuntimeError("no page within two minutes")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def run() -> dict[str, Any]:
    """Needs port 8000 free."""
    with tempfile.TemporaryDirectory(prefix="aidstart-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIDTRACK_")}
        env = {**kept, "AIDTRACK_ENV": "development", "AIDTRACK_INSTANCE": str(Path(folder))}
        aidtrack = [sys.executable, "-m", "aidtrack.cli"]
        _run([*aidtrack, "db", "upgrade"], env)
        load = _run([*aidtrack, "demo"], env)
        starts = sorted(_first_page(env) for _time in range(3))
    return {"demo_load_s": round(load, 1), "second_start_to_first_page_s": round(starts[1], 1)}


if __name__ == "__main__":
    print(json.dumps(run()))

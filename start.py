#!/usr/bin/env python3
"""Start aidtrack, or run all its tests, on a machine that has nothing but Python 3.11 or newer.

    python3 start.py                     install into .venv, then run the application
    python3 start.py test                install what the tests need, then run every check and test
    python3 start.py test ARGUMENT ...   run only pytest, with these arguments

Standard library only, because it runs before anything is installed: see tools/installing.py for what it installs,
and tools/testing.py for what it tests.
"""

from __future__ import annotations

import os
import subprocess
import sys


def start() -> int:
    """Hand over to the application: it migrates, loads the demonstration into an empty database, serves."""
    from tools.installing import ON_WINDOWS, PYTHON, ROOT, install_product, keep_compiled

    install_product()
    keep_compiled()
    command = [str(PYTHON), "-m", "aidtrack.cli", "start"]
    os.chdir(ROOT)
    # Keys for a trial are made and kept in instance/; a production server names its own environment.
    os.environ.setdefault("AIDTRACK_ENV", "development")
    sys.stdout.flush()
    if ON_WINDOWS:
        return subprocess.run(command).returncode
    os.execv(command[0], command)  # noqa: S606  in our place, so that signals reach the server itself
    raise AssertionError("execv does not return")


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  the reason for this check is that the reader has an older one
        print(f"aidtrack needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    from tools.installing import CannotGoOn  # not before it is known that this Python can read it

    try:
        if not arguments:
            return start()
        if arguments[0] == "test":
            from tools.testing import test

            return test(arguments[1:])
    except CannotGoOn as error:
        print(f"aidtrack: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(__doc__)
    return 0 if arguments[0] in ("-h", "--help", "help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

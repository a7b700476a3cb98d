#!/usr/bin/env python3
"""Start aidtrack, or run all its tests, on a machine that has nothing but Python 3.11 or newer.

    python3 start.py                     install into .venv, then run the application
    python3 start.py test                install what the tests need, then run every check and test
    python3 start.py test ARGUMENT ...   run only pytest, with these arguments

Standard library only, because it runs before anything is installed. What it installs is named, with
hashes, in requirements/*.lock; nothing is fetched when those files are the ones installed last.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BUILD = ROOT / "build"
REQUIREMENTS = ROOT / "requirements"
ON_WINDOWS = os.name == "nt"
SCRIPTS = VENV / ("Scripts" if ON_WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if ON_WINDOWS else "python")
SYSTEM_PROGRAMS = Path("/usr/bin")
# shared out by tests/support/parallel.py; a process that dies ends the run: the others would wait for its tests
IN_PARALLEL = ["-n", "3", "--max-worker-restart=0"]
# The browser without a desk's window does the same for a third less of the processor's time.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


class CannotGoOn(Exception):
    """Something this script cannot mend; the message says what the person can do."""


def say(text: str) -> None:
    print(f"aidtrack: {text}", flush=True)


def run_quietly(command: list[str | Path], doing: str) -> None:
    """Run a command whose output matters only when it fails."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise CannotGoOn(f"{doing} failed:\n{done.stdout.strip()[-4000:] or 'it says nothing'}")


# --- Installing -------------------------------------------------------------------------------------


def fingerprint(*files: Path) -> str:
    """What an installation depends on: the files, the version of Python and the place of the tree."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_installed(name: str, wanted: str) -> bool:
    stamp = VENV / f".installed-{name}"
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted


def stamp_installed(name: str, wanted: str) -> None:
    (VENV / f".installed-{name}").write_text(wanted, encoding="ascii")


def may_use_apt() -> bool:
    return not ON_WINDOWS and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    say(f"installing {' '.join(packages)} with apt-get …")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run_quietly([*environment, "apt-get", "update"], "apt-get update")
    run_quietly(
        [*environment, "apt-get", "install", "-y", "--no-install-recommends", *packages], "apt-get install"
    )


def quickest_python() -> Path:
    """The Python that .venv is made with: this one, unless somebody compiled it here without optimising it.

    Version managers do so by default. The system's own Python of the same version takes an eighth less of the
    processor's time, in the tests and in the product. AIDTRACK_PYTHON names another.
    """
    named = os.environ.get("AIDTRACK_PYTHON")
    if named:
        return Path(named)
    import sysconfig  # a start that installs nothing does not wait for it

    own = SYSTEM_PROGRAMS / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    configured = sysconfig.get_config_var("CONFIG_ARGS") or ""
    compiled_here = "--prefix=" in configured and "--prefix=/usr'" not in configured
    slow = compiled_here and "--enable-optimizations" not in configured
    return own if slow and own.exists() else Path(sys.executable)


def make_venv() -> None:
    wanted = fingerprint(REQUIREMENTS / "installer.lock")
    if is_installed("installer", wanted):
        return
    python = quickest_python()
    try:
        import ensurepip  # Debian ships Python without it
    except ImportError:
        if not may_use_apt():
            raise CannotGoOn(
                "this Python has no ensurepip; install your system's python3-venv package"
            ) from None
        apt_install("python3-venv")
        python = Path(sys.executable)
    say(f"making the virtual environment .venv with {python} …")
    if python == Path(sys.executable):
        # In a process of its own: ensurepip may have been installed a moment ago.
        run_quietly([python, "-m", "venv", "--clear", VENV], "making .venv")
    else:  # it may be without ensurepip, so it gets pip from ours
        run_quietly([python, "-m", "venv", "--clear", "--without-pip", VENV], "making .venv")
        pip = next(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
        run_quietly([PYTHON, pip / "pip", "install", "--no-index", "-q", pip], "installing pip")
    try:
        pip_install("--require-hashes", "-r", REQUIREMENTS / "installer.lock")
    except CannotGoOn:
        say("the fast installer is not to be had here; pip does it, more slowly")
    stamp_installed("installer", wanted)


def pip_install(*arguments: str | Path) -> None:
    run_quietly(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", *arguments], "pip install"
    )


def install(*arguments: str | Path) -> None:
    """Install with uv, and with pip where uv is absent or does not get through (pip knows local mirrors)."""
    uv = SCRIPTS / ("uv.exe" if ON_WINDOWS else "uv")
    if uv.exists():
        try:
            # The machine's own certificates: behind an institution's proxy no others will do.
            run_quietly(
                [uv, "pip", "install", "--system-certs", "--python", PYTHON, *arguments], "uv pip install"
            )
            return
        except CannotGoOn as error:
            say(f"the fast installer gave up ({str(error).splitlines()[1]}); pip does it, more slowly")
    pip_install(*arguments)


def install_lock(name: str, purpose: str) -> None:
    lock = REQUIREMENTS / f"{name}.lock"
    wanted = fingerprint(lock)
    if is_installed(name, wanted):
        return
    say(f"installing {purpose} ({lock.relative_to(ROOT)}) …")
    install("--require-hashes", "-r", lock)
    stamp_installed(name, wanted)


def install_product() -> None:
    make_venv()
    install_lock("run", "what aidtrack needs")
    wanted = fingerprint(ROOT / "pyproject.toml", REQUIREMENTS / "run.in")
    if not is_installed("package", wanted):
        install("--no-deps", "--no-build-isolation", "-e", ROOT)
        stamp_installed("package", wanted)


def keep_compiled() -> None:
    """Let Python keep what it compiles: half of every start, and of every test's process, would go into it again.

    Where the machine forbids it to write beside the sources, as containers often do, it writes into .venv.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "bytecode"))


# --- Running the application ------------------------------------------------------------------------


def start() -> int:
    """Hand over to the application: it migrates, loads the demonstration into an empty database, serves."""
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


# --- What the tests need from the machine -----------------------------------------------------------


def playwright_chromium() -> str | None:
    asked = subprocess.run(
        [
            PYTHON,
            "-c",
            "from playwright.sync_api import sync_playwright as p\n"
            "with p() as play: print(play.chromium.executable_path)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    path = Path(asked.stdout.strip())
    shells = path.parents[2].glob("chromium_headless_shell-*/*/*headless*shell")
    found = next((one for one in (*shells, path) if one.is_file()), None)
    return str(found) if found else None


def find_chromium() -> str:
    named = os.environ.get("AIDTRACK_CHROMIUM")
    if named:
        return named
    on_path = (shutil.which(name) for name in CHROMIUM_NAMES)
    found = next(filter(None, on_path), None) or playwright_chromium()
    if found:
        return found
    if may_use_apt():
        for name in ("chromium-headless-shell", "chromium"):
            try:
                apt_install(name)
            except CannotGoOn as error:
                say(str(error))
            found = shutil.which(name)
            if found:
                return found
    say("installing Chromium with playwright …")
    with_system_libraries = ["--with-deps"] if may_use_apt() else []
    run_quietly(
        [PYTHON, "-m", "playwright", "install", *with_system_libraries, "chromium"], "playwright install"
    )
    found = playwright_chromium()
    if not found:
        raise CannotGoOn("no Chromium: install one and name it in AIDTRACK_CHROMIUM")
    return found


def find_node() -> str | None:
    found = shutil.which("node")
    if not found and may_use_apt():
        try:
            apt_install("nodejs")
        except CannotGoOn as error:
            say(str(error))
        found = shutil.which("node")
    return found


# --- Running the tests ------------------------------------------------------------------------------


@dataclass
class Outcome:
    name: str
    passed: int
    failed: int
    seconds: float


def timed(
    name: str, command: list[str | Path], environment: dict[str, str], *, aside: bool = False
) -> tuple[int, str, float]:
    """Run a step; answer exit code, output and seconds.

    Args:
        aside: others run at the same time, so what it prints is shown when it has ended.
    """
    if not aside:
        print(f"\n--- {name}", flush=True)
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if not aside:
                print(line, end="", flush=True)
    output = "".join(lines)
    if aside:
        print(f"\n--- {name}\n{output}", end="", flush=True)
    return process.returncode, output, time.monotonic() - began


def check(name: str, command: list[str | Path], environment: dict[str, str]) -> Outcome:
    code, _, seconds = timed(name, command, environment, aside=True)
    return Outcome(name, int(code == 0), int(code != 0), seconds)


def javascript_units(node: str | None, environment: dict[str, str]) -> Outcome:
    if node is None:
        say("the JavaScript units need Node.js 18 or newer on the PATH; please install it")
        return Outcome("node --test", 0, 1, 0.0)
    # Files by name: what node makes of a folder differs from version to version.
    files = sorted((ROOT / "tests" / "js").rglob("*.test.*js"))
    if not files:
        say("no JavaScript units found under tests/js")
        return Outcome("node --test", 0, 1, 0.0)
    code, output, seconds = timed("node --test", [node, "--test", *files], environment, aside=True)
    counts = dict(re.findall(r"^\S+ (pass|fail) (\d+)$", output, re.MULTILINE))
    failed = int(counts.get("fail", 0))
    return Outcome("node --test", int(counts.get("pass", 0)), failed or int(code != 0), seconds)


def compile_tests(environment: dict[str, str]) -> None:
    """Let one process compile the tests before several begin: at the same time each would compile all of them."""
    wanted = fingerprint(REQUIREMENTS / "test.lock")
    if not is_installed("compiled-tests", wanted):
        collect: list[str | Path] = [PYTHON, "-m", "pytest", "--collect-only", "-q"]
        subprocess.run(
            collect, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        stamp_installed("compiled-tests", wanted)


def python_tests(arguments: list[str], environment: dict[str, str]) -> Outcome:
    report = BUILD / "pytest.xml"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [PYTHON, "-m", "pytest", f"--junit-xml={report}", *arguments]
    code, _, seconds = timed("pytest", command, environment)
    passed = failed = 0
    if report.exists():
        from xml.etree import ElementTree  # the application's start does not wait for it

        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314  our own file
            total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            passed, failed = passed + max(total - skipped - bad, 0), failed + bad
    return Outcome("pytest", passed, failed or int(code != 0), seconds)


def test(arguments: list[str]) -> int:
    install_product()
    install_lock("test", "what the tests need")
    keep_compiled()
    BUILD.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIDTRACK_CHROMIUM": find_chromium(),
        "PYTHONUTF8": "1",
    }
    if arguments:
        return int(python_tests(arguments, environment).failed > 0)
    node = find_node()
    tool: list[str | Path] = [PYTHON, "-m"]

    def checks() -> list[Outcome]:
        return [
            check("ruff check", [*tool, "ruff", "check"], environment),
            check("ruff format", [*tool, "ruff", "format", "--check"], environment),
            check("lint-imports", [SCRIPTS / "lint-imports"], environment),
            javascript_units(node, environment),
            check("mypy", [*tool, "mypy"], environment),
        ]

    from concurrent.futures import ThreadPoolExecutor  # the application's start does not wait for it

    # Beside the Python tests, which often wait for a browser or a disk.
    with ThreadPoolExecutor(1) as aside:
        checked = aside.submit(checks)
        compile_tests(environment)
        tested = python_tests(IN_PARALLEL, environment)
        outcomes = [*checked.result(), tested]
    print("\n--- summary")
    for one in outcomes:
        print(f"{one.name:<14} {one.seconds:7.1f} s   {one.passed:5} passed {one.failed:5} failed")
    failed = sum(one.failed for one in outcomes)
    print(f"{sum(one.passed for one in outcomes)} passed, {failed} failed", flush=True)
    return int(failed > 0)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  the reason for this check is that the reader has an older one
        print(f"aidtrack needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    try:
        if not arguments:
            return start()
        if arguments[0] == "test":
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

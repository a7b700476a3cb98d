"""Runs every check and test, with what they need from the machine. Standard library only."""

import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools.installing import (
    PYTHON,
    ROOT,
    SCRIPTS,
    CannotGoOn,
    apt_install,
    install_lock,
    install_product,
    keep_compiled,
    may_use_apt,
    run_quietly,
    say,
)

BUILD = ROOT / "build"
IN_PARALLEL = ["--processes", "3"]  # tests/support/parallel.py
# The browser without a desk's window does the same for a third less of the processor's time.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)

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


# --- Running them ------------------------------------------------------------------------------------


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


def python_tests(arguments: list[str], environment: dict[str, str]) -> Outcome:
    report = BUILD / "pytest.xml"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [PYTHON, "-m", "pytest", f"--junit-xml={report}", *arguments]
    code, _, seconds = timed("pytest", command, environment)
    passed = failed = 0
    if report.exists():
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
    # writing a cache takes a tenth of the check; `make types` writes one, which is then kept up here too
    uncached = [] if (ROOT / ".mypy_cache").exists() else [f"--cache-dir={os.devnull}"]

    def checks() -> list[Outcome]:
        return [
            check("ruff check", [*tool, "ruff", "check"], environment),
            check("ruff format", [*tool, "ruff", "format", "--check"], environment),
            check("lint-imports", [SCRIPTS / "lint-imports"], environment),
            javascript_units(node, environment),
            check("mypy", [*tool, "mypy", *uncached], environment),
        ]

    # Beside the Python tests, which often wait for a browser or a disk.
    with ThreadPoolExecutor(1) as aside:
        checked = aside.submit(checks)
        tested = python_tests(IN_PARALLEL, environment)
        outcomes = [*checked.result(), tested]
    print("\n--- summary")
    for one in outcomes:
        print(f"{one.name:<14} {one.seconds:7.1f} s   {one.passed:5} passed {one.failed:5} failed")
    failed = sum(one.failed for one in outcomes)
    print(f"{sum(one.passed for one in outcomes)} passed, {failed} failed", flush=True)
    return int(failed > 0)

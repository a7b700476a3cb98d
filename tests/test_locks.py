"""Locks name packages, versions and hashes, and no file of the tree names a place to fetch them from."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tools import vendor
from tools.hatch_dependencies import read_dependencies

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
ADDRESS = re.compile(r"[a-z+]+://|index-url|find-links", re.IGNORECASE)
REGISTRY = re.compile(
    # Put together from parts, so that this file does not name one either.
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs"),
            ("npmjs", "org"),
            ("registry", "yarnpkg"),
            ("cdn", "jsdelivr"),
            ("fastly", "jsdelivr"),
            ("unpkg", "com"),
            ("cdnjs", "cloudflare"),
            ("proxy", "golang"),
            ("astral", "sh"),
        )
    ),
    re.IGNORECASE,
)


def requirements(lock: Path) -> list[str]:
    """Each requirement of a lock as one line, its hashes with it."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]).lower()


def test_there_are_locks_for_running_testing_and_installing() -> None:
    assert [lock.name for lock in LOCKS] == ["installer.lock", "run.lock", "test.lock"]


@pytest.mark.parametrize("lock", [*LOCKS, vendor.LOCK], ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert ADDRESS.findall(lock.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    loose = [
        line
        for line in requirements(lock)
        if not re.fullmatch(r"[\w.\-\[\]]+==\S+( *;[^\n]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", line)
    ]
    assert loose == []


@pytest.mark.parametrize("name", ["installer", "run", "test"])
def test_everything_asked_for_is_locked(name: str) -> None:
    asked = {name_of(line) for line in read_dependencies(ROOT / "requirements" / f"{name}.in")}
    locked = {name_of(line) for line in requirements(ROOT / "requirements" / f"{name}.lock")}
    assert asked - locked == set()


def test_both_locks_agree_on_every_version() -> None:
    run, test = (
        {name_of(line): line.split()[0] for line in requirements(ROOT / "requirements" / f"{name}.lock")}
        for name in ("run", "test")
    )
    assert {
        name: (run[name], test[name]) for name in run.keys() & test.keys() if run[name] != test[name]
    } == {}


def test_no_tracked_file_names_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    naming = {
        str(file.relative_to(ROOT)): found
        for file in files
        if file.is_file() and (found := REGISTRY.findall(file.read_bytes().decode("utf-8", "ignore")))
    }
    assert naming == {}


def test_vendored_files_are_the_locked_ones() -> None:
    assert vendor.differences() == []


def test_a_changed_vendored_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in vendor.VENDOR.rglob("*"):
        if file.is_file():
            copy = tmp_path / file.relative_to(vendor.VENDOR)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(file.read_bytes())
    (tmp_path / "htmx.min.js").write_text("changed")
    (tmp_path / "idb.js").unlink()
    (tmp_path / "other.js").write_text("unknown")
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "VENDOR.lock.json")
    assert vendor.differences() == [
        "htmx.min.js is not the file in the lock",
        "idb.js is missing",
        "other.js is not in the lock",
    ]


def test_every_vendored_package_says_its_licence() -> None:
    for entry in json.loads(vendor.LOCK.read_text(encoding="utf-8")):
        assert entry["licence"]
        assert (vendor.VENDOR / entry["licence_file"]).stat().st_size > 300


def test_what_runs_here_is_what_is_locked() -> None:
    differing = {}
    for line in requirements(ROOT / "requirements" / "run.lock"):
        requirement, _, rest = line.partition(" ")
        if ";" in rest:  # for other systems or Python versions
            continue
        name, _, wanted = requirement.partition("==")
        if version(name) != wanted:
            differing[name] = (wanted, version(name))
    assert differing == {}, sys.executable

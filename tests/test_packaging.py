"""A wheel carries everything the product needs: templates, migrations, static files, translations."""

import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from aidtrack import __version__
from aidtrack.db.bundled import bundled
from tools.hatch_dependencies import read_dependencies

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built by the back-end that is installed here, without fetching anything."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return message_from_bytes(wheel.read(f"aidtrack-{__version__}.dist-info/METADATA"))


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        # what a neighbour is compiling at this moment too
        and not (path.suffix == ".mo" or path.name.startswith(".messages-"))
    }


@pytest.mark.parametrize("name", ["templates", "migrations"])
def test_the_wheel_bundles_what_stands_beside_the_package(wheel: zipfile.ZipFile, name: str) -> None:
    prefix = f"aidtrack/_bundled/{name}/"
    inside = {entry.removeprefix(prefix) for entry in wheel.namelist() if entry.startswith(prefix)}
    assert {entry for entry in inside if "__pycache__" not in entry} == files_below(ROOT / name)
    assert inside


def test_the_wheel_holds_the_whole_package(wheel: zipfile.ZipFile) -> None:
    inside = {entry.removeprefix("aidtrack/") for entry in wheel.namelist()}
    assert files_below(ROOT / "aidtrack") - inside == set()


def test_templates_and_migrations_are_found_inside_a_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = "from aidtrack.db.bundled import bundled; print(bundled('templates'), bundled('migrations'))"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    inside = tmp_path / "aidtrack" / "_bundled"
    assert found.stdout.split() == [str(inside / "templates"), str(inside / "migrations")]


def test_templates_are_found_beside_a_checkout() -> None:
    assert bundled("templates") == ROOT / "templates"


def test_the_wheel_asks_for_what_run_in_names(metadata: Message) -> None:
    asked = metadata.get_all("Requires-Dist") or []
    assert len(asked) == len(read_dependencies(ROOT / "requirements" / "run.in"))
    assert not [line for line in asked if line.startswith(("hatchling", "editables"))]


def test_one_version_everywhere(metadata: Message) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Version"] == project["version"] == __version__


def test_the_command_is_installed_with_the_package(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"aidtrack-{__version__}.dist-info/entry_points.txt").decode()
    assert "aidtrack = aidtrack.cli:main" in entry_points

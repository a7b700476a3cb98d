"""What makes a start short, told without a clock: clocks differ from machine to machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.product import environment
from tools import installing

MOST_MODULES = (
    1500  # each is a file to find and to run: before raising this, look what could wait for its first use
)
MOST_DATACLASSES = 100  # the methods of each are compiled; those of `aidtrack.kernel.late` wait for their use
WAIT_FOR_THEIR_USE = (
    "pandas", "numpy", "xlsxwriter", "openpyxl", "reportlab", "pypdfium2", "PIL", "qrcode", "alembic", "psycopg",
    "rich", "pygments", "phonenumbers", "stdnum", "rapidfuzz", "cryptography.x509",
)  # fmt: skip


def test_a_second_process_finds_compiled_what_the_first_one_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setattr(installing, "VENV", tmp_path / "venv")
    installing.keep_compiled()
    (tmp_path / "imported.py").write_text("", encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import imported"], cwd=tmp_path, env=os.environ, check=True)
    assert [file.name.split(".")[0] for file in (tmp_path / "venv").rglob("imported.*.pyc")] == ["imported"]
    assert not (tmp_path / "__pycache__").exists()


def test_a_machine_that_lets_python_write_beside_its_sources_keeps_its_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    installing.keep_compiled()
    assert "PYTHONPYCACHEPREFIX" not in os.environ


@pytest.mark.parametrize(
    ("configured", "taken"),
    [
        ("'--prefix=/home/a/.pyenv/versions/3.11.7' '--enable-shared'", "the system's"),
        ("'--prefix=/home/a/.pyenv/versions/3.11.7' '--enable-optimizations'", "this one"),
        ("'--enable-shared' '--prefix=/usr' '--with-system-expat'", "this one"),
        (None, "this one"),  # as on Windows
    ],
)
def test_a_python_compiled_without_optimising_gives_way_to_the_systems_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, configured: str | None, taken: str
) -> None:
    systems = tmp_path / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    systems.touch()
    monkeypatch.delenv("AIDTRACK_PYTHON", raising=False)
    monkeypatch.setattr(installing, "SYSTEM_PROGRAMS", tmp_path)
    monkeypatch.setattr("sysconfig.get_config_var", {"CONFIG_ARGS": configured}.get)
    assert installing.quickest_python() == (systems if taken == "the system's" else Path(sys.executable))
    systems.unlink()
    assert installing.quickest_python() == Path(sys.executable)
    monkeypatch.setenv("AIDTRACK_PYTHON", "/opt/mine/python3")
    assert installing.quickest_python() == Path("/opt/mine/python3")


def told_by(program: str, tmp_path: Path) -> Any:
    """What a new process prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_command_line_loads_nothing_large_before_it_knows_the_command(tmp_path: Path) -> None:
    program = """
import json, sys
before = set(sys.modules)
from aidtrack.cli import commands
commands()
found = {name.split(".")[0] for name in set(sys.modules) - before}
others = found - set(sys.stdlib_module_names)
print(json.dumps(sorted(name for name in others if not name.startswith("_"))))  # a platform's own of Python
"""
    assert told_by(program, tmp_path) == ["aidtrack", "click"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a server's process has done by its first page, and what of the API is described before and after asking."""
    program = """
import dataclasses
written, write = [], dataclasses._process_class
def counted(one, *arguments, **options):
    written.append(one.__qualname__)
    return write(one, *arguments, **options)
dataclasses._process_class = counted
import gc, json, sys
from aidtrack.cli import serving
from aidtrack.config import load
app = serving.application(load(), 0)
done = {"modules": list(sys.modules), "frozen": gc.get_freeze_count(), "dataclasses": list(written)}
done["described"] = sum(len(one._docs) for one in app.blueprints.values() if hasattr(one, "_docs"))
done["paths"] = len(app.test_client().get("/api/v1/openapi.json").json["paths"])
print(json.dumps(done))
"""
    return told_by(program, tmp_path_factory.mktemp("server"))


def test_a_server_loads_what_its_first_page_needs_and_passes_over_it_when_collecting(started: Any) -> None:
    assert [name for name in WAIT_FOR_THEIR_USE if name in started["modules"]] == []
    assert len(started["modules"]) <= MOST_MODULES
    assert started["frozen"] > 100_000


def test_a_server_writes_the_methods_of_few_dataclasses(started: Any) -> None:
    assert 0 < len(started["dataclasses"]) <= MOST_DATACLASSES


def test_the_api_is_described_when_it_is_asked_for_and_not_before(started: Any) -> None:
    assert started["described"] == 0
    assert started["paths"] > 50

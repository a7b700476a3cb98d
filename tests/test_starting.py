"""What makes a start short, told without a clock: clocks differ from machine to machine."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.product import ROOT


@pytest.fixture(scope="module")
def starter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("starter", ROOT / "start.py")
    assert spec is not None and spec.loader is not None
    starter = importlib.util.module_from_spec(spec)
    sys.modules["starter"] = starter  # dataclasses look their module up
    spec.loader.exec_module(starter)
    return starter


def test_a_second_process_finds_compiled_what_the_first_one_imported(
    starter: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setattr(starter, "VENV", tmp_path / "venv")
    starter.keep_compiled()
    (tmp_path / "imported.py").write_text("", encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import imported"], cwd=tmp_path, env=os.environ, check=True)
    assert [file.name.split(".")[0] for file in (tmp_path / "venv").rglob("imported.*.pyc")] == ["imported"]
    assert not (tmp_path / "__pycache__").exists()


def test_a_machine_that_lets_python_write_beside_its_sources_keeps_its_ways(
    starter: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    starter.keep_compiled()
    assert "PYTHONPYCACHEPREFIX" not in os.environ

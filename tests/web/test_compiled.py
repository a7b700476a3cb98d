"""What templates were compiled to is found again by the next process, and never when it is out of date."""

import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from aidtrack.web.compiled import CompiledTemplates


@pytest.fixture(autouse=True)
def may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("templates", "kept"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates" / "page.html").write_text("A page for {{ 'all'|whom }}.", encoding="utf-8")
    (tmp_path / "filters.py").write_text("first", encoding="utf-8")
    return tmp_path


def shown(place: Path, *, says: str = "all") -> tuple[str, int]:
    """The page as a new process shows it, and how many templates that compiled."""
    compiled = 0

    class Counting(Environment):
        def compile(self, *arguments: Any, **named: Any) -> Any:
            nonlocal compiled
            compiled += 1
            return super().compile(*arguments, **named)

    cache = CompiledTemplates(place / "kept", (str(place / "filters.py"),))
    environment = Counting(loader=FileSystemLoader(place / "templates"), bytecode_cache=cache)
    environment.filters["whom"] = lambda _text: says
    return environment.get_template("page.html").render(), compiled


def test_a_second_process_compiles_nothing(place: Path) -> None:
    assert shown(place) == ("A page for all.", 1)
    assert shown(place) == ("A page for all.", 0)


def test_a_changed_template_is_compiled_anew(place: Path) -> None:
    shown(place)
    (place / "templates" / "page.html").write_text("Another page.", encoding="utf-8")
    assert shown(place) == ("Another page.", 1)


def test_a_changed_filter_is_heeded_where_it_was_worked_out_for_a_constant(place: Path) -> None:
    shown(place)
    (place / "filters.py").write_text("second", encoding="utf-8")
    assert shown(place, says="everyone") == ("A page for everyone.", 1)


def test_a_folder_that_cannot_be_written_does_no_harm(place: Path) -> None:
    (place / "kept").rmdir()
    assert shown(place) == ("A page for all.", 1)


def test_nothing_is_written_where_python_may_not_write_either(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    shown(place)
    assert list((place / "kept").iterdir()) == []

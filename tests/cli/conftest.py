"""The command line as an operator uses it, in this process: arguments in, exit code and two streams out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from aidtrack.accounts.passwords import use_cheap_hashing
from aidtrack.app import create_app
from aidtrack.cli import main
from aidtrack.config import Config, new_data_key
from aidtrack.db.vault import Vault, use_vault


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line of a refusal."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("aidtrack: ")
        return lines[0].removeprefix("aidtrack: ")


Run = Callable[..., Ran]
Watched = Callable[[bool], None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server's environment with its secrets, without a database yet."""
    monkeypatch.setenv("AIDTRACK_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("AIDTRACK_DATA_KEY", new_data_key())
    monkeypatch.setenv("AIDTRACK_INSTANCE", str(tmp_path / "instance"))


@pytest.fixture
def made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One application for all commands of a test under one configuration: making it is most of a command's time."""
    made: dict[Config, Flask] = {}

    def create(config: Config) -> Flask:
        if config not in made:
            made[config] = create_app(config)
        use_vault(Vault.of(config))
        return made[config]

    monkeypatch.setattr("aidtrack.app.create_app", create)
    use_cheap_hashing()


@pytest.fixture
def run(environment: None, made_once: None, capsys: pytest.CaptureFixture[str]) -> Run:
    def runs(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, captured.out, captured.err)

    return runs


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Standard error as somebody's terminal from now on, or a pipe again."""

    def watch(whether: bool) -> None:
        if whether:
            monkeypatch.setenv("FORCE_COLOR", "1")
        else:
            monkeypatch.delenv("FORCE_COLOR")

    return watch


@pytest.fixture
def on(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated, empty database of each kind, named in the environment."""
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def centre(on: str, run: Run) -> str:
    """The same with a centre, the site DN and an administrator."""
    made = run("set-up", "--name-uk", "Центр", "--name-en", "Centre", "--site", "DN")
    assert made.code == 0, made.err
    return on

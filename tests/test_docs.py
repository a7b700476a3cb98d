"""What the documents name exists: variables, commands, files, words of the glossary."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from aidtrack import cli
from aidtrack.beneficiaries.services.kinds import KINDS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
# made when benchmarks are run and when somebody installs
MADE_LATER = {"benchmarks/RESULTS.md"}
FOLDERS = (
    "docs/",
    "aidtrack/",
    "tests/",
    "tools/",
    "templates/",
    "requirements/",
    "benchmarks/",
    "migrations/",
)
PO_FILES = sorted((ROOT / "aidtrack" / "translations" / "uk" / "LC_MESSAGES").glob("*.po"))


def sources() -> Iterator[str]:
    for path in chain.from_iterable((ROOT / part).rglob("*.py") for part in ("tools", "aidtrack", "tests")):
        if path != Path(__file__):
            yield path.read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    """Every command by its whole name: «voucher codes», «keys»."""
    found: dict[str, click.Command] = {}
    for command in cli.commands():
        parts = command.commands if isinstance(command, click.Group) else {}
        found[str(command.name)] = command
        found.update({f"{command.name} {name}": part for name, part in parts.items()})
    return found


def documented_variables() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md")]
    return set(re.findall(r"`(AIDTRACK_[A-Z_]+)`", "\n".join(texts)))


def test_every_variable_that_is_read_is_documented() -> None:
    read = set(re.findall(r"[\"'](AIDTRACK_[A-Z_]*[A-Z])[\"']", "\n".join(sources())))
    assert "AIDTRACK_DATA_KEY" in read
    assert read - documented_variables() == set()


def test_every_documented_variable_is_read() -> None:
    text = "\n".join(sources())
    assert {name for name in documented_variables() if f'"{name}"' not in text} == set()


def test_every_command_the_readme_names_exists() -> None:
    known = commands()
    named = re.findall(
        r"\baidtrack ([a-z][a-z-]*(?: [a-z]+)?)", "\n".join(code_of(ROOT / "README.md")), re.MULTILINE
    )
    assert "voucher codes" in named
    unknown = {name for name in named if name not in known and name.split()[0] not in known}
    in_groups = {
        name for name in named if isinstance(known.get(name.split()[0]), click.Group) and name not in known
    }
    assert unknown | in_groups == set()


def test_the_readme_names_every_command() -> None:
    text = "\n".join(code_of(ROOT / "README.md"))
    leaves = {name for name, command in commands().items() if not isinstance(command, click.Group)}
    assert {name for name in leaves if f"aidtrack {name}" not in text} == set()


def test_every_option_the_readme_gives_a_command_exists() -> None:
    known = commands()
    wrong = []
    for line in re.findall(r"\baidtrack ([a-z][^\n`]*--[^\n`]*)", "\n".join(code_of(ROOT / "README.md"))):
        words = line.split()
        command = known.get(" ".join(words[:2])) or known[words[0]]
        options = {option for param in command.params for option in param.opts} | {"--help"}
        wrong += [(command.name, word) for word in words if word.startswith("--") and word not in options]
    assert wrong == []


def code_of(path: Path) -> Iterator[str]:
    """What stands in backticks or in a block of code."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    yield from blocks
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("document", NAMES)
def test_every_link_leads_to_a_file(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("document", NAMES)
def test_every_file_that_is_named_exists(document: str) -> None:
    named = {
        word.rstrip("/")
        for code in code_of(ROOT / document)
        for word in re.findall(r"[\w./-]+", code)
        if word.startswith(FOLDERS) and word not in MADE_LATER and not word.endswith("-")
    }
    missing = {name for name in named if not (ROOT / name).exists() and not list(ROOT.glob(f"{name}-*.md"))}
    assert {name for name in missing if "*" not in name and "<" not in name} == set()


def test_decisions_are_numbered_without_a_gap_and_their_titles_carry_the_number() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    wrong = [path.name for path in files if not path.read_text("utf-8").startswith(f"# {path.name[:4]}: ")]
    assert wrong == []


def glossary() -> list[tuple[str, str, str]]:
    rows = re.findall(r"^\| (.+) \| (.+) \| `(.+)` \|$", (ROOT / "docs/glossary.md").read_text("utf-8"), re.M)
    return [(uk, en, name) for uk, en, name in rows]


def test_the_glossary_gives_each_word_as_the_pages_do() -> None:
    pairs = {
        (uk, en)
        for path in PO_FILES
        for en, uk in re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', path.read_text("utf-8"), re.M)
    }
    pairs |= {(kind.name_uk, kind.name_en) for kind in KINDS}
    rows = glossary()
    assert len(rows) > 60
    assert [(uk, en) for uk, en, _ in rows if (uk, en.removesuffix(" (protected)")) not in pairs] == []


def test_the_glossary_names_what_stands_in_the_code() -> None:
    words = set(re.findall(r"\w+", "\n".join(sources())))
    assert [name for _, _, name in glossary() if name not in words] == []
    assert {kind.code for kind in KINDS} <= {name for _, _, name in glossary()}

"""The shape of the house: plain rules stay plain, files stay short, every room keeps to its contract."""

import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 350
FORBIDDEN = ("flask", "sqlalchemy", "wtforms", "pandas")
PURE = (
    "aidtrack.kernel",
    "aidtrack.importing.cells",
    "aidtrack.importing.shape",
    "aidtrack.places.codifier",
    "aidtrack.inventory.allocation",
    "aidtrack.inventory.counting",
    "aidtrack.inventory.kits",
    "aidtrack.beneficiaries.cases.commands",
    "aidtrack.beneficiaries.cases.rules",
    "aidtrack.beneficiaries.condition_checks",
    "aidtrack.beneficiaries.conditions",
    "aidtrack.beneficiaries.eligibility",
    "aidtrack.beneficiaries.household",
    "aidtrack.beneficiaries.happenings",
    "aidtrack.beneficiaries.likeness",
    "aidtrack.beneficiaries.matching",
    "aidtrack.beneficiaries.reasons",
    "aidtrack.beneficiaries.sounds",
    "aidtrack.distribution.rations",
    "aidtrack.distribution.vouchers",
    "aidtrack.distribution.signing",
    "aidtrack.distribution.field.events",
    "aidtrack.distribution.field.outcomes",
    "aidtrack.distribution.phones",
    "aidtrack.scanner.pack.layout",
    "aidtrack.scanner.pack.rows",
    "aidtrack.scanner.devices.files",
    "aidtrack.distribution.slots.arrivals",
    "aidtrack.distribution.slots.placing",
    "aidtrack.distribution.slots.shifting",
    "aidtrack.distribution.slots.times",
    "aidtrack.distribution.slots.windows",
    "aidtrack.feedback.figures",
    "aidtrack.feedback.working_days",
)


@pytest.fixture(scope="module")
def contracts() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"]: contract for contract in project["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("aidtrack", include_external_packages=True, cache_dir=None)


def test_pure_modules_reach_no_framework(graph: grimp.ImportGraph) -> None:
    chains = {}
    for module in filter(graph.modules.__contains__, PURE):
        for forbidden in filter(graph.modules.__contains__, FORBIDDEN):
            chain = graph.find_shortest_chain(module, forbidden, as_packages=True)
            if chain:
                chains[module] = " -> ".join(chain)
    assert chains == {}


def test_the_contract_names_every_pure_module(graph: grimp.ImportGraph, contracts: dict[str, Any]) -> None:
    present = {module for module in PURE if module in graph.modules}
    contract = contracts["Rules are plain Python"]
    assert set(contract["source_modules"]) == present
    assert set(contract["forbidden_modules"]) == set(FORBIDDEN)


def test_every_room_keeps_the_order_of_its_files(graph: grimp.ImportGraph, contracts: dict[str, Any]) -> None:
    rooms = {module for module in graph.find_children("aidtrack") if f"{module}.services" in graph.modules}
    assert rooms <= set(contracts["A room's files import only towards its rules"]["containers"])


def test_a_file_holds_one_idea() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "aidtrack").rglob("*.py")
    }
    assert {path: number for path, number in lines.items() if number > MOST_LINES} == {}

"""How several processes share the tests out: a file's tests stay together, so its fixtures are made once."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Files whose tests are worth separating: what they share is little beside what each of them costs.
EACH_ALONE = ("tests/proofs/test_state_machine.py",)
EACH_DATABASE_ALONE = ("tests/proofs/", "tests/races/", "tests/scanner/devices/test_packs.py")


def belongs_to(nodeid: str) -> str:
    """The group of tests that one process runs in one go.

    pytest-xdist's own `loadgroup` cannot be used: it writes the group to a private attribute that pytest
    no longer reads, and scatters every test without a word (pytest 9.2 with pytest-xdist 3.8).
    """
    file = nodeid.partition("::")[0]
    if file in EACH_ALONE:
        return nodeid
    if file.startswith(EACH_DATABASE_ALONE):
        return f"{file} on postgresql" if "postgresql" in nodeid else file
    return file


class ByFile(LoadScopeScheduling):
    """Hands groups out in the order of collection: the longest come first (tests/conftest.py)."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # else the files with most tests would go first

    def _split_scope(self, nodeid: str) -> str:
        return belongs_to(nodeid)

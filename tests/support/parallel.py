"""How several processes share the tests out: `--processes 3`.

The tests are collected once, in one process, which then forks: what it has imported, collected and prepared is there
in each of its children. (pytest-xdist's workers each start from nothing.) A file's tests stay together, so its
fixtures are made once.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any

import pytest
from _pytest.config import create_terminal_writer
from _pytest.nodes import Node

# Files whose tests are worth separating: what they share is little beside what each of them costs.
EACH_ALONE = ("tests/proofs/test_state_machine.py",)
EACH_DATABASE_ALONE = ("tests/proofs/", "tests/races/", "tests/scanner/devices/test_packs.py")
# Folders whose files share what is dear to make: they stay together.
TOGETHER = ("tests/visibility/",)

Group = list[pytest.Item]


def belongs_to(nodeid: str) -> str:
    """The group of tests that one process runs in one go."""
    file = nodeid.partition("::")[0]
    for folder in TOGETHER:
        if file.startswith(folder):
            return folder
    if file in EACH_ALONE:
        return nodeid
    if file.startswith(EACH_DATABASE_ALONE):
        return f"{file} on postgresql" if "postgresql" in nodeid else file
    return file


def groups_of(items: list[pytest.Item]) -> list[Group]:
    """In the order of collection: the longest come first (tests/conftest.py)."""
    groups: dict[str, Group] = {}
    for item in items:
        groups.setdefault(belongs_to(item.nodeid), []).append(item)
    return list(groups.values())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=1, help="share the tests out among so many processes")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """In place of pytest's own loop, where several processes are asked for and to be had."""
    option = session.config.option
    if option.processes < 2 or option.collectonly or session.testsfailed or not hasattr(os, "fork"):
        return None
    _Run(session, groups_of(session.items)).in_children(option.processes)
    return True


class _Run:
    """The groups of a run, which its processes take one after the other.

    A process that dies ends the run, since nobody else would run what it had taken.
    """

    def __init__(self, session: pytest.Session, groups: list[Group]) -> None:
        self._session = session
        self._hook: Any = session.config.hook
        self._groups = groups
        self._fork = multiprocessing.get_context("fork")
        self._taken = self._fork.Value("i", 0)  # shared by the processes, as is
        self._ended = self._fork.Event()

    def in_children(self, count: int) -> None:
        self._session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all
        sys.stdout.flush()
        children: dict[Connection, ForkProcess] = {}
        for _ in range(count):
            here, there = self._fork.Pipe(duplex=False)
            child = self._fork.Process(target=self._in_a_child, args=(there,))
            child.start()
            there.close()  # so that the end of the child is the end of what it says
            children[here] = child
        try:
            why = self._listen(children)
        finally:
            self._ended.set()
            for child in children.values():
                child.join()
        if why:
            self._session.shouldfail = why  # what the summary says
            raise self._session.Failed(why)

    def _listen(self, children: dict[Connection, ForkProcess]) -> str:
        """Until all have ended; says why the run failed as a whole."""
        why = ""
        while children:
            for here in wait(list(children)):
                assert isinstance(here, Connection)
                try:
                    told = here.recv()
                except EOFError:
                    child = children.pop(here)
                    child.join()
                    why = why or (f"a process ended with {child.exitcode}" if child.exitcode else "")
                else:
                    report = self._hook.pytest_report_from_serializable(
                        config=self._session.config, data=told
                    )
                    self._hook.pytest_runtest_logreport(report=report)
                    why = why or str(self._session.shouldfail or "")
                if why:
                    self._ended.set()
        return why

    # -- in a child ----------------------------------------------------------------------------------

    def _in_a_child(self, parent: Connection) -> None:
        config = self._session.config
        capture = config.pluginmanager.getplugin("capturemanager")
        assert capture is not None
        capture.stop_global_capturing()  # into files of its own: the parent's have one position for all who write
        capture.start_global_capturing()
        capture.suspend_global_capture()
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(_Told(config, parent.send), "terminalreporter")
        try:
            for item, following in self._in_turn():
                self._hook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            self._session._setupstate.teardown_exact(None)

    def _in_turn(self) -> Iterator[tuple[pytest.Item, Node]]:
        """Tests and what comes after them.

        After a group's last test that is the session itself, in place of a test of a group which nobody has
        taken yet: of the fixtures only the session's stay.
        """
        while (number := self._next_number()) < len(self._groups):
            group = self._groups[number]
            for item, following in zip(group, [*group[1:], self._session], strict=True):
                if self._ended.is_set():
                    return
                yield item, following

    def _next_number(self) -> int:
        with self._taken.get_lock():
            number: int = self._taken.value
            self._taken.value = number + 1
        return number


class _Told:
    """In a child's place of the terminal: what a test came to is said to the parent, who prints it."""

    def __init__(self, config: pytest.Config, say: Callable[[Any], None]) -> None:
        self._config = config
        self._say = say
        self._tw = create_terminal_writer(config, sys.__stderr__)  # for the last words of a test that hangs

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook: Any = self._config.hook
        self._say(hook.pytest_report_to_serializable(config=self._config, report=report))

"""Progress on standard error for whatever may take longer than two seconds; nothing where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Report(Protocol):
    """How work says how far it is: `report("Handouts", 120, 1741)`."""

    def __call__(self, what: str, done: int, total: int, /) -> None: ...


@contextmanager
def bars() -> Iterator[Report]:
    """A bar for each thing reported, in the order they come."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:  # a nightly job's log wants one line, not a picture of a bar
        yield lambda what, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    # rich would send to its own stream whatever is printed meanwhile: lines for a file must reach the file
    shown = Progress(*columns, console=console, redirect_stdout=sys.stdout.isatty())

    def report(what: str, done: int, total: int, /) -> None:
        if not tasks:
            shown.start()  # not before: what has nothing to tell leaves no empty line
        if what not in tasks:
            tasks[what] = shown.add_task(what, total=total or None)
        shown.update(tasks[what], completed=done, total=total or None)

    try:
        yield report
    finally:
        if tasks:
            shown.stop()


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A moving sign for work whose end cannot be told."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield

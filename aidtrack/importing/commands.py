"""What may be asked of this room."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any
from uuid import UUID

from aidtrack.importing.reading import Choice
from aidtrack.kernel.late import dataclass


class Mode(StrEnum):
    ALL = "all"  # all or nothing
    GOOD = "good"  # the good rows now, the rest as a file to mend


@dataclass(frozen=True, slots=True)
class Upload:
    """A file comes in, for one kind of table. Nothing of it is brought in yet."""

    command_id: UUID
    site_id: int
    layout: str
    name: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MapColumns:
    """How the file is read and which column is what."""

    uid: str
    mapping: Mapping[int, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)  # by field: the same for all rows
    choice: Choice = field(default_factory=Choice)
    header_row: int | None = None
    header_rows: int | None = None
    things: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # column -> what it counts, its unit


@dataclass(frozen=True, slots=True)
class ConfirmWords:
    """What words of lists mean, said by a person: (list, as written) -> meaning."""

    uid: str
    meanings: Mapping[tuple[str, str], str]

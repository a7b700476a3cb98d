"""What `aidtrack verify` finds when something that must always hold does not."""

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken invariant: its number or name (`I4`), and a sentence that says where."""

    code: str
    sentence: str

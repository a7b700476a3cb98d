"""A line of a case's story, and the place where rooms to the right hang theirs in."""

from datetime import date

from aidtrack.kernel.late import dataclass

STORY = "aidtrack_case_story"  # in app.extensions: [(session, household id) -> list[StoryLine]]
APPEAL, ACT, SITTING, MARK = range(4)  # of things of one day, in which order they happened


@dataclass(frozen=True, slots=True)
class StoryLine:
    """What happened on a day, in words already translated. `state` is a word with its tone."""

    on: date
    order: int
    what: str
    details: tuple[str, ...] = ()
    state: tuple[str, str] | None = None
    url: str | None = None


def in_order(lines: list[StoryLine]) -> list[StoryLine]:
    return sorted(lines, key=lambda line: (line.on, line.order))

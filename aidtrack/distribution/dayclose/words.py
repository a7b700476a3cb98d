"""States of a close in words: a text to translate and the tone of its badge."""

from aidtrack.distribution.models import DayState
from aidtrack.kernel.errors import N_

DAY_STATES: dict[DayState, tuple[str, str]] = {
    DayState.COUNTING: (N_("Being counted"), "info"),
    DayState.COMPARED: (N_("Counted, not closed"), "info"),
    DayState.WAITING: (N_("Waits for a second person"), "warn"),
    DayState.CLOSED: (N_("Day closed"), "good"),
    DayState.REOPENED: (N_("Reopened"), "neutral"),
}

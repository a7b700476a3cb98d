"""Words of feedback for pages and files."""

from aidtrack.feedback.commands import Channel, Outcome, State
from aidtrack.kernel.errors import N_

CHANNELS: dict[Channel, str] = {
    Channel.DESK: N_("at the desk"),
    Channel.PHONE: N_("by phone"),
    Channel.BOX: N_("paper box"),
    Channel.LETTER: N_("letter or e-mail"),
    Channel.WEB: N_("public page"),
}
STATES: dict[State, tuple[str, str]] = {
    State.NEW: (N_("new"), "info"),
    State.IN_WORK: (N_("in work"), "neutral"),
    State.ANSWERED: (N_("answered"), "good"),
    State.CLOSED: (N_("closed"), "neutral"),
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.JUSTIFIED: N_("justified"),
    Outcome.PARTLY: N_("partly justified"),
    Outcome.NOT_JUSTIFIED: N_("not justified"),
    Outcome.NO_FINDING: N_("nothing to find out"),
}
MARKS: dict[int, str] = {
    5: N_("5 — very good"),
    4: N_("4 — good"),
    3: N_("3 — so-so"),
    2: N_("2 — bad"),
    1: N_("1 — very bad"),
}
WEEKDAYS: dict[str, str] = {
    "1": N_("Monday"),
    "2": N_("Tuesday"),
    "3": N_("Wednesday"),
    "4": N_("Thursday"),
    "5": N_("Friday"),
    "6": N_("Saturday"),
    "7": N_("Sunday"),
}
HISTORY: dict[str, str] = {
    "feedback.receive": N_("received from the public page"),
    "feedback.record": N_("recorded"),
    "feedback.assign": N_("given to a colleague"),
    "feedback.answer": N_("answered"),
    "feedback.close": N_("closed"),
    "feedback.reopen": N_("opened again"),
    "feedback.change": N_("corrected"),
}

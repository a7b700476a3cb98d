"""Words of bookable times for pages and papers."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from aidtrack.distribution.slots.times import clock
from aidtrack.kernel.errors import N_
from aidtrack.web.filters import day as shown_day

STANDINGS: dict[str, tuple[str, str]] = {
    "waiting": (N_("waits"), "neutral"),
    "called": (N_("called"), "info"),
    "served": (N_("served"), "good"),
    "missed": (N_("did not come"), "warn"),
}


def span(starts: int, ends: int) -> str:
    """«9:00–9:30»."""
    return f"{clock(starts)}–{clock(ends)}"


def when(day: date, starts: int, ends: int) -> str:
    return f"{shown_day(day)}, {span(starts, ends)}"


def whom(letters: str, category: str, kinds: dict[str, str]) -> str:
    """For whom a time is kept; nothing for everybody."""
    parts = []
    if letters:
        parts.append(_("surnames %(first)s–%(last)s", first=letters[0], last=letters[1]))
    if category:
        parts.append(kinds.get(category, category))
    return ", ".join(parts)


def for_templates() -> dict[str, Any]:
    return {"span": span, "clock": clock, "standings": STANDINGS}

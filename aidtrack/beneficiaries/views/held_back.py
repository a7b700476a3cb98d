"""Doubles of a form's family, shown as far as one may look; where the hour's looks are used up, words instead.

A form is never given up for that: what was typed stays, and more looks are asked for in another tab.
"""

from flask import url_for
from flask_babel import gettext as _

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.errors import PossibleDuplicate, TooManyChecks
from aidtrack.beneficiaries.privacy.errors import AskedForReason, NoMoreNow
from aidtrack.beneficiaries.queries.search import FoundHousehold
from aidtrack.db import unit_of_work
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.web.access import current_actor
from aidtrack.web.problems import translate

NoLook = (AskedForReason, NoMoreNow, TooManyChecks)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What stands where doubles would: why they are not shown, and where more looks are asked for."""

    title: str
    message: str
    url: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Doubles:
    found: tuple[FoundHousehold, ...] = ()
    held_back: HeldBack | None = None


def held_back(error: DomainError) -> HeldBack:
    """The words for one of `NoLook`."""
    title = _("Whether such a family is registered already is not shown now")
    if not isinstance(error, AskedForReason):
        return HeldBack(title, translate(error), None, None)
    return HeldBack(title, translate(error), url_for("privacy.go_on", form=1), _("Say why in a new tab"))


def doubles_of(error: PossibleDuplicate) -> Doubles:
    """The families that stopped a form, with their heads' names."""
    try:
        with unit_of_work() as session:
            found = services.show_doubles(
                session, error.facts["households"], actor=current_actor(), now=utc_now()
            )
    except NoLook as refused:
        return Doubles(held_back=held_back(refused))
    return Doubles(found)

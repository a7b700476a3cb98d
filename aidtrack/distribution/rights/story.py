"""What the story of a family's case tells of its rights: marks, refusals, ends."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.story import MARK, StoryLine
from aidtrack.beneficiaries.cases.words import period_text
from aidtrack.distribution.models import EligibilityStatus
from aidtrack.distribution.rights.views.blueprint import marks_of, programmes
from aidtrack.kernel.clock import local_date
from aidtrack.web.i18n import language


def lines(session: Session, household_id: int) -> list[StoryLine]:
    """Each mark on the day it was made; a mark that waits for a second person says so."""
    names = {one.id: one.name(language()) for one in programmes(session)}
    found = []
    for mark in marks_of(session, household_id):
        state = (_("eligible"), "good")
        if mark.waits:
            state = (_("waits for a second person"), "warn")
        elif mark.status is EligibilityStatus.REFUSED:
            state = (_("refused"), "bad")
        elif mark.status is EligibilityStatus.ENDED:
            state = (_("ended"), "neutral")
        details = (period_text(mark.valid_from, mark.valid_until),)
        programme = names.get(mark.programme_id, "—")
        title = _("Programme: %(name)s", name=programme)
        found.append(StoryLine(local_date(mark.marked_at), MARK, title, details, state))
    return found

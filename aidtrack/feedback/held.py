"""What the house holds of what a family said under its name, and how it forgets who that was."""

from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.feedback import queries
from aidtrack.feedback.models import Feedback
from aidtrack.feedback.services.keeping import empty
from aidtrack.feedback.words import CHANNELS, STATES
from aidtrack.kernel.actor import Actor, system_actor
from aidtrack.kernel.errors import N_
from aidtrack.web.filters import day


def read_as(session: Session, household_id: int, language: str, actor: Actor) -> list[Held]:
    kinds = queries.kinds(session)
    with force_locale(language):
        return [
            Held(
                f"{row.number}, {day(row.received_on, language)}",
                tuple(
                    (label, value)
                    for label, value in (
                        (_("What it is about"), kinds[row.kind].name(language)),
                        (_("How it came"), _(CHANNELS[row.channel])),
                        (_("Message"), row.text),
                        (_("Name"), row.writer_name),
                        (_("Phone"), row.writer_phone),
                        (_("State"), _(STATES[row.state][0])),
                        (_("Answer"), row.answer),
                    )
                    if value
                ),
            )
            for row in queries.of_household(session, household_id, actor)
        ]


def read(session: Session, household_id: int, language: str) -> list[Held]:
    """Everything, for nobody in particular."""
    site_ids = frozenset(
        session.scalars(select(Feedback.site_id).where(Feedback.household_id == household_id))
    )
    return read_as(session, household_id, language, system_actor("holdings", site_ids=site_ids))


def erase(session: Session, household_id: int, now: datetime) -> int:
    """Words and names go and the family is no longer named; the entry stays as a count."""
    ids = list(session.scalars(select(Feedback.id).where(Feedback.household_id == household_id)))
    return empty(session, ids, now)


def lively(session: Session, household_ids: list[int], since: date) -> set[int]:
    """Families that said something under their name on that day or later."""
    statement = select(Feedback.household_id).where(
        Feedback.household_id.in_(household_ids), Feedback.received_on >= since
    )
    return {household_id for household_id in session.scalars(statement) if household_id is not None}


HOLDING = Holding(
    N_("Feedback and complaints"), read, erase, order=60, tables=frozenset({"feedback"}), read_as=read_as
)

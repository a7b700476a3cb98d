"""Start-page cards: what waits for a second person, what is due, and who looked at very many families."""

from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from aidtrack.beneficiaries.models import ErasureRequest, IdentifierExport, RequestState
from aidtrack.beneficiaries.privacy import budget
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web.registry import CardLink, HomeCard

LATELY = timedelta(days=7)


def cards(actor: Actor) -> HomeCard | None:
    """Nothing where nothing waits: a card that always stands there is read by nobody."""
    session, facts = read_session(), []
    sites = sorted(actor.site_ids)
    if actor.can(Permission.HOUSEHOLD_WRITE):
        waiting = select(func.count()).where(
            ErasureRequest.site_id.in_(sites), ErasureRequest.state == RequestState.ASKED,
            ErasureRequest.asked_by != actor.label,
        )  # fmt: skip
        if erasures := session.scalar(waiting):
            facts.append((_("Erasing waits for a second person"), str(erasures)))
    if actor.can(Permission.IDENTIFIERS_APPROVE):
        files = select(func.count()).where(
            IdentifierExport.site_id.in_(sites), IdentifierExport.state == RequestState.ASKED,
            IdentifierExport.asked_by != actor.label,
        )  # fmt: skip
        if exports := session.scalar(files):
            facts.append((_("Files with names wait for a second person"), str(exports)))
    if actor.can(Permission.PRIVACY_MANAGE):
        went_on = budget.went_on(session, actor, since=utc_now() - LATELY)
        if went_on:
            facts.append((_("Went past the limit of families in an hour, this week"), str(len(went_on))))
    if not facts:
        return None
    link = CardLink(_("Data protection"), url_for("privacy.index"), main=True)
    return HomeCard(_("Data protection"), links=(link,), facts=tuple(facts), order=28, tone="warn")

"""Whose installation this is, and its sites."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts import queries
from aidtrack.accounts.commands import AddSite, SetUpCentre
from aidtrack.accounts.errors import CentreExists, SiteTaken
from aidtrack.accounts.models import Centre, Site
from aidtrack.kernel.actor import Actor, Permission


def set_up_centre(session: Session, command: SetUpCentre, *, actor: Actor, now: datetime) -> Centre:
    """Write the one row that says whose installation this is, with the tag its vouchers will carry.

    Raises:
        CentreExists: there is one; a second tag would make our own vouchers foreign.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    if queries.centre(session) is not None:
        raise CentreExists()
    made = Centre(
        name_uk=command.name_uk,
        name_en=command.name_en,
        edrpou=command.edrpou,
        deployment_tag=secrets.token_bytes(4),
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="accounts.set-up-centre",
        object_type="centre",
        object_id=made.id,
        now=now,
    )
    return made


def add_site(session: Session, command: AddSite, *, actor: Actor, now: datetime) -> Site:
    """Add a branch of the centre.

    Raises:
        SiteTaken
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    if session.scalar(select(Site.id).where(Site.code == command.code)) is not None:
        raise SiteTaken(site=command.code)
    made = Site(
        code=command.code,
        name_uk=command.name_uk,
        name_en=command.name_en,
        time_zone=command.time_zone,
        katottg=command.katottg,
    )
    session.add(made)
    session.flush()
    audit.record(
        session, actor=actor, action="accounts.add-site", object_type="site", object_id=made.id,
        site_id=made.id, facts={"code": made.code}, now=now,
    )  # fmt: skip
    return made
